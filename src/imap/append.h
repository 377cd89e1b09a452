/* imap/append.h -- APPEND in four files: cmd_append.c begins, ends and abandons it, append_line.c
 * reads its grammar from the stream, append_literal.c takes messages off the stream,
 * append_url.c copies from messages that are there already.
 *
 * Between literals the command is lines, and each literal ends one:
 *
 *             +----------------- the line goes on, or has ended ---------------+
 *             v                                                                |
 *     LINE -> PARSE --+- a literal's header -> LITERAL -- all its octets ------+
 *      ^              +- a URL --------------> COPY ----- all its octets ------+
 *      |              +- nothing left, and nothing is missing -> END
 *      +--- nothing left, more must follow
 *
 * Whatever fails, the client's next command is found where it begins: append_abandon.
 */
#ifndef ROOST_IMAP_APPEND_H
#define ROOST_IMAP_APPEND_H

#include "imap/internal.h"
#include "wire/append.h"

enum {
    APPEND_MESSAGES_MAX = 10000, /* of one command (RFC 3502): they become visible in one step */
};

enum append_stage { APPEND_LINE, APPEND_PARSE, APPEND_LITERAL, APPEND_COPY, APPEND_END };

/* What may stand where the line is read next. */
enum append_expect {
    EXPECT_MESSAGE,       /* a message, its space taken */
    EXPECT_MESSAGE_END,   /* a space and another message, or the end */
    EXPECT_PART,          /* a part of CATENATE, its space or parenthesis taken */
    EXPECT_PART_END,      /* a space and another part, or ")" */
    EXPECT_UTF8_END,      /* the ")" of a message that was UTF8 (~{n} */
    EXPECT_UTF8_PART_END, /* of such a part */
};

/* Octets of a message that is there already. */
struct append_source {
    uint64_t body;
    uint32_t size; /* of the body */
    uint64_t at, left;
};

/* Where in the message's header its octets have got to. */
enum append_header { HEADER_LINE_BEGIN, HEADER_LINE, HEADER_PASSED };

/* One message, as it will be adopted. */
struct append_item {
    struct arrival *arrival;
    enum append_header header;
    bool eight_bit;                /* its header holds octets above 0x7F */
    struct append_options options; /* in the job's arena */
};

struct append_job {
    struct slice key; /* XIMPORT */
    uint32_t uid;     /* REPLACE: the message that goes, and its octets; 0: APPEND */
    uint32_t uid_octets;
    bool single; /* only one message may come */
    struct slice mailbox;
    struct folder *folder;

    enum append_stage stage;
    enum append_expect expect;
    struct lex line; /* what is being read: the job's text at first, then of line_text */
    char *line_text; /* owned; NULL: the job's text */
    bool open;       /* the line ends in the header of a literal that has not been reached */
    struct literal tail;

    struct append_item *item; /* n of them, owned; the last is being made */
    size_t n, cap;
    uint64_t limit;         /* octets a message of this mailbox may have */
    uint64_t size;          /* octets announced for the message being made, */
    uint64_t announced;     /* and for all of the command's */
    struct literal literal; /* LITERAL */
    uint64_t left;          /* octets of it still to come */
    bool catenate;          /* the message is made of parts */
    bool is_url;            /* the literal is a URL, put together in: */
    struct buf url;
    struct append_source source; /* COPY */
    bool nul;                    /* in a plain literal: refused when the command is complete */
};

/* append_line.c: read on. LINE: ERR_MORE (j->wants_input) until a line is there. PARSE: one
 * element, which chooses the next stage. */
must_use enum err append_take_line(struct imap_session *s, struct job *j, struct append_job *a);
must_use enum err append_parse_element(struct imap_session *s, struct job *j, struct append_job *a);

/* append_literal.c: a message begins; n octets of it are announced (before they are invited); it
 * is complete; others follow it. Errors are the command's answer. */
must_use enum err append_message_begin(struct imap_session *s, struct job *j, struct append_job *a);
must_use enum err append_announce(struct imap_session *s, struct append_job *a, uint64_t n);
must_use enum err append_message_end(struct imap_session *s, struct job *j, struct append_job *a);
must_use enum err append_message_wait(struct append_job *a);
/* Octets of the message. */
must_use enum err append_write(struct imap_session *s, struct append_job *a, struct slice octets);
/* The literal in a->literal is next: invite it if its sender waits. */
void append_literal_begin(struct imap_session *s, struct append_job *a);
/* LITERAL: what is there of it; ERR_MORE. */
must_use enum err append_receive(struct imap_session *s, struct job *j, struct append_job *a);

/* append_url.c: find what the URL names; it is copied from then on. */
must_use enum err append_url_begin(struct imap_session *s, struct job *j, struct append_job *a,
                                   struct slice url);
/* COPY: some more; ERR_MORE when the step is full. */
must_use enum err append_copy(struct imap_session *s, struct job *j, struct append_job *a);

#endif
