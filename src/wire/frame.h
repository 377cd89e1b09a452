/* wire/frame.h -- cutting an input stream into commands, and nothing else.
 *
 * A command is one or more lines; a line that ends in a literal header is followed by the
 * literal's octets and then by more of the same command (RFC 9051 sections 2.2.1 and 4.3,
 * RFC 7888). The framer knows lines, literal headers and limits. It reads no grammar, does no
 * I/O and holds no octets: it remembers how far it has looked into the caller's buffer, so
 * the work is linear in the input however it is split.
 *
 *     for (;;) switch (frame_scan(&f, unread input)) {
 *     case FRAME_MORE:      read more, behind what is there;
 *     case FRAME_COMPLETE:  run in[0 .. f.command_octets); consume them; frame_reset(&f);
 *     case FRAME_LITERAL:   one of
 *         frame_literal_inline(&f)   its octets become part of the command (send "+ " first if
 *                                    f.literal.sync);
 *         divert                     take in[0 .. f.prefix_octets), consume it, take the next
 *                                    f.literal.size octets off the stream yourself, then
 *                                    frame_reset(&f) and scan the rest of the command;
 *         frame_refuse(&f)           answer NO or BAD, then drain;
 *     case FRAME_TOOLONG:
 *     case FRAME_JUNK:      answer BAD (or close), then frame_refuse(&f) and drain;
 *     }
 *     drain:  status = frame_drain(&f, unread input, &drop); consume drop octets;
 *             repeat on FRAME_MORE; on FRAME_COMPLETE the next command begins there.
 */
#ifndef ROOST_WIRE_FRAME_H
#define ROOST_WIRE_FRAME_H

#include "wire/literal.h"

enum frame_status {
    FRAME_MORE,     /* no decision yet: call again with more octets behind the same ones */
    FRAME_COMPLETE, /* command_octets is set; the octets include the line end (CRLF or LF) */
    FRAME_LITERAL,  /* literal and prefix_octets are set; the caller decides */
    FRAME_TOOLONG,  /* a line or the command is above its limit */
    FRAME_JUNK,     /* NUL outside a literal: not IMAP */
};

/* Where we are in a possible literal header; drawn in frame.c. */
enum frame_phase {
    FRAME_TEXT,
    FRAME_TILDE,
    FRAME_BRACE,
    FRAME_DIGITS,
    FRAME_PLUS,
    FRAME_CLOSED,
    FRAME_CLOSED_CR,
};

struct frame {
    size_t line_max_octets;    /* of one line, line end included, literals not counted */
    size_t command_max_octets; /* of one command, its inline literals included */

    size_t command_octets;  /* FRAME_COMPLETE: the command is in[0 .. command_octets) */
    size_t prefix_octets;   /* FRAME_LITERAL: the command so far, header and line end included */
    struct literal literal; /* FRAME_LITERAL: what is announced */

    /* State. */
    size_t at;      /* octets of the input already looked at (or promised, inside a literal) */
    size_t line_at; /* where the current line began */
    uint64_t skip;  /* draining: octets of a literal still to be dropped */
    enum frame_phase phase;
    struct literal header; /* the header being read */
    bool at_literal;       /* the last answer was FRAME_LITERAL */
};

/* Limits in octets; both at least 64. */
void frame_init(struct frame *f, size_t line_max_octets, size_t command_max_octets);

/* Begin a new command at the front of the input. The limits stay. */
void frame_reset(struct frame *f);

/* `in` is all unread input, beginning with the same octets as at the last call since
 * frame_reset, perhaps with more behind. */
enum frame_status frame_scan(struct frame *f, struct slice in);

/* After FRAME_LITERAL: the octets will arrive in the input and belong to the command. False,
 * nothing changed, when that would pass command_max_octets. */
must_use bool frame_literal_inline(struct frame *f);

/* The command that is being scanned will not be run: its rest is to be dropped by frame_drain.
 * After FRAME_LITERAL a sender that waits for "+ " is taken at its word that it sends nothing
 * more (RFC 9051 section 4.3), one that does not wait has its literal dropped as well. */
void frame_refuse(struct frame *f);

/* Drops the rest of a refused command. *drop is what the caller must consume from the front of
 * `in` now, whatever the answer. FRAME_COMPLETE: the refused command is gone and `f` is reset.
 * FRAME_MORE: everything was dropped; call again with the input that follows. */
enum frame_status frame_drain(struct frame *f, struct slice in, size_t *drop);

#endif
