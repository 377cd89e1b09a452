/* wire/lex.h -- the tokens of IMAP over one complete command, or one complete part of one.
 *
 * Source: RFC 9051 section 9 (rev1: RFC 3501 section 9). Each production is one function that
 * moves `at` past what it read. Common to all:
 *
 *     Owns:    nothing. Slices borrow from the framed command, or from the arena where an
 *              escape had to be removed from a quoted string.
 *     Returns: ERR_SYNTAX  `at` stands on the offending octet (for the log and the BAD line).
 *              ERR_LIMIT   the token is longer than the maximum the caller stated.
 *              ERR_NOMEM   the arena is at its cap.
 *              Unless ERR_OK outputs are untouched and the arena is as it was.
 *
 * The whole-argument parsers of this room (fetch.h, search.h, ...) begin on the first octet of
 * their argument, the space before it already taken, and stop just past it; after the last
 * argument of a command the caller calls lex_end.
 */
#ifndef ROOST_WIRE_LEX_H
#define ROOST_WIRE_LEX_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/literal.h"

struct lex {
    struct slice in;
    size_t at; /* 0..in.n: the next octet to read */
    bool utf8; /* quoted strings may hold UTF-8 (rev2, UTF8=ACCEPT); else only ASCII */
};

static inline struct lex lex_of(struct slice command, bool utf8)
{
    return (struct lex){.in = command, .utf8 = utf8};
}

/* The next octet, 0..255, or -1 behind the last one. */
static inline int lex_peek(const struct lex *in)
{
    return in->at < in->in.n ? (unsigned char)in->in.p[in->at] : -1;
}

/* The octets not read yet. */
static inline struct slice lex_rest(const struct lex *in)
{
    return slice_sub(in->in, in->at, in->in.n);
}

/* Read `c` if it is next. */
static inline bool lex_accept(struct lex *in, char c)
{
    if (lex_peek(in) != (unsigned char)c)
        return false;
    in->at++;
    return true;
}

must_use enum err lex_expect(struct lex *in, char c);

/* Exactly one space (RFC 9051 section 9, note 2). */
must_use enum err lex_space(struct lex *in);

/* Nothing but the line end (CRLF or LF, or none) is left. */
must_use enum err lex_end(struct lex *in);

/* Read the whole of the next atom if it is `keyword`, without regard to case. */
bool lex_accept_atom(struct lex *in, struct slice keyword);

/* NIL, as an atom. */
bool lex_accept_nil(struct lex *in);

/* Classes of RFC 9051 section 9, for one octet 0..255 (false for -1). */
bool lex_is_atom_char(int c);
bool lex_is_astring_char(int c);
bool lex_is_list_char(int c); /* list-char: atom, "%", "*", "]" */

/* tag: 1 to LEX_TAG_OCTETS_MAX astring characters, no "+". */
enum { LEX_TAG_OCTETS_MAX = 255 };
must_use enum err lex_tag(struct lex *in, struct slice *out);

/* 1 to max_octets atom characters. */
must_use enum err lex_atom(struct lex *in, size_t max_octets, struct slice *out);

/* "\" atom, the atom with 1 to max_octets: flag-extension, use-attr, a label. *out begins with the
 * backslash. */
must_use enum err lex_backslash_atom(struct lex *in, size_t max_octets, struct slice *out);

/* A word of letters, digits, "." and "-": the name part of a fetch attribute, where an atom
 * would swallow the "[" that follows. */
must_use enum err lex_word(struct lex *in, size_t max_octets, struct slice *out);

/* string: quoted or literal (the literal's octets are in the frame). Never a NUL inside. */
must_use enum err lex_string(struct lex *in, struct arena *a, size_t max_octets, struct slice *out);

/* string or NIL (out->p == NULL). */
must_use enum err lex_nstring(struct lex *in, struct arena *a, size_t max_octets,
                              struct slice *out);

/* Atom characters and "]", or string. */
must_use enum err lex_astring(struct lex *in, struct arena *a, size_t max_octets,
                              struct slice *out);

/* list-mailbox: list characters, or string. */
must_use enum err lex_list_mailbox(struct lex *in, struct arena *a, size_t max_octets,
                                   struct slice *out);

/* A literal whose octets are in the frame. *binary (may be NULL: then "~" is refused) tells
 * literal8, in which alone NUL is allowed. */
must_use enum err lex_literal(struct lex *in, size_t max_octets, struct slice *out, bool *binary);

/* A literal header and its line end, which must be the last thing in the input: what the framer
 * has cut off before a literal that is taken off the stream. */
must_use enum err lex_literal_header(struct lex *in, struct literal *out);

/* number: 0..4294967295. nz-number: without a leading zero, from 1. number64: up to 2^63-1. */
must_use enum err lex_number(struct lex *in, uint32_t *out);
must_use enum err lex_nz_number(struct lex *in, uint32_t *out);
must_use enum err lex_number64(struct lex *in, uint64_t *out);
must_use enum err lex_nz_number64(struct lex *in, uint64_t *out);

#endif
