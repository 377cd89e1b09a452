/* imap/fetch.h -- FETCH in four files: cmd_fetch.c walks the messages, fetch_item.c writes what is
 * not a section, fetch_piece.c finds what a section means in one message, fetch_send.c writes it,
 * in steps.
 */
#ifndef ROOST_IMAP_FETCH_H
#define ROOST_IMAP_FETCH_H

#include "imap/gmail.h"
#include "mime/decode.h"
#include "mime/header.h"
#include "mime/usual.h"
#include "wire/fetch.h"

enum {
    FETCH_HEADER_OCTETS_MAX = 16 << 20,
    FETCH_HEADER_KEPT_OCTETS = 64 * 1024, /* a buffer larger than this is not kept for the next */
    FETCH_READ_OCTETS = 64 * 1024,
};

/* What a section item is in one message: a place in the body's octets and what to do with them. */
enum piece_kind {
    PIECE_NIL,    /* there is no such part */
    PIECE_RANGE,  /* octets [at, at + n) as they are */
    PIECE_FIELDS, /* the chosen fields of the header at [at, at + n), or at its beginning */
    PIECE_DECODE, /* BINARY: octets [at, at + n) decoded give `decoded` octets */
    PIECE_NUMBER, /* BINARY.SIZE: `decoded` */
};
struct piece {
    enum piece_kind kind;
    enum mime_cte cte;
    uint64_t at, n, decoded;
};

/* A section item, and all that can be said of it before the first message. */
struct fetch_section {
    const struct fetch_item *item;
    struct slice label;        /* " BODY[HEADER.FIELDS (To)] " */
    struct header_names names; /* of HEADER.FIELDS and HEADER.FIELDS.NOT */
    uint64_t usual;            /* HEADER.FIELDS: they may be packed already (mime/usual.h) */
    struct piece piece;        /* in the message at work */
};

/* The header of the message at work, and what is chosen of it. */
struct fetch_header {
    struct buf octets, chosen;
};

/* A literal on its way out. */
struct sending {
    uint64_t left;                /* octets of it still to be written */
    uint64_t at, n;               /* octets of the body still to be read */
    uint64_t skip;                /* decoded octets to drop first (BINARY partial) */
    struct mime_decoder *decoder; /* NULL: octets as they are; owned */
    struct buf decoded;
};

struct fetch_job {
    struct fetch_list list;
    struct target target;
    struct seq_set named; /* of which VANISHED tells, whatever page is fetched */
    unsigned want;        /* BODY_WANT_ bits: what the items need of a body */
    bool uid;
    bool begun; /* the first step has been */
    /* The message at work. */
    bool in_message;
    size_t begun_at; /* where in the output it begins; SIZE_MAX: some of it may be sent */
    uint32_t index;  /* in the view */
    struct message_row row;
    bool seen_now; /* this FETCH has set \Seen */
    struct fetch_section *section;
    size_t sections;
    size_t item; /* the next section to write */
    struct fetch_header header;
    struct label_map labels;
    bool any; /* something stands inside the parentheses */
    bool sending_now;
    struct sending sending;
};

/* Make f->section of f->list. ERR_NOMEM. */
must_use enum err fetch_sections_make(struct fetch_job *f, struct arena *a);
/* The same for one item; its label is not made. */
must_use enum err fetch_section_make(struct fetch_section *x, const struct fetch_item *item,
                                     struct arena *a);
/* Find the pieces of this message. `b` may be empty when no item needs it. ERR_UNKNOWN_CTE,
 * ERR_CORRUPT. */
must_use enum err fetch_find_pieces(struct fetch_job *f, const struct body *b);
/* The same for one section item of a message of `size` octets. */
must_use enum err fetch_find_piece(const struct fetch_item *item, const struct body *b,
                                   uint64_t size, struct piece *out);
/* Clip [0, *n) to the item's partial; it begins at *skip. */
void fetch_clip(const struct fetch_item *item, uint64_t *skip, uint64_t *n);
void fetch_header_init(struct fetch_header *h);
void fetch_header_release(struct fetch_header *h);
/* Read the header at x->piece of a body of `size` octets, no more than FETCH_HEADER_OCTETS_MAX, and
 * leave the chosen fields in h->chosen. */
must_use enum err fetch_read_fields(struct account *a, uint64_t body, uint32_t size,
                                    const struct fetch_section *x, struct fetch_header *h);
/* What these items together need of a body, as BODY_WANT_ bits. */
unsigned fetch_list_want(const struct fetch_list *list);
/* The same for an item that is no section. */
unsigned fetch_item_want(enum fetch_kind kind);
/* Everything asked for that is no section: "UID 7 FLAGS (\\Seen)". `b` is empty when no item needs
 * it. */
void fetch_write_items(struct imap_session *s, struct fetch_job *f, const struct body *b);

/* Begin section i: label and literal header, or the whole answer if it is short. */
must_use enum err fetch_send_begin(struct imap_session *s, struct job *j, size_t i);
/* Go on with the literal; ERR_MORE when the output is full. */
must_use enum err fetch_send(struct imap_session *s, struct job *j);
void fetch_send_release(struct sending *x);

#endif
