/* store/gist.h -- the insides of the gists, for gist.c, which makes them, and gist_read.c.
 *
 * A gist is what searches and sorts of whole mailboxes ask of 256 neighbouring bodies, one row of
 * the table a column:
 *
 *     GIST_DATES         256 sent_instants of 8 octets, then 256 sent_days of 4
 *     1 + a GIST_ field  256 octets, each a GIST_KIND_; 256 ends of 2 octets; the texts
 *
 * Numbers are little endian; text i goes from the end of the one before (the first from 0) to its
 * own, counted from the first text.
 */
#ifndef ROOST_STORE_GIST_H
#define ROOST_STORE_GIST_H

#include "store/internal.h"

enum {
    GIST_BLOCK_ROWS = 8, /* gist.id = body.id / GIST_BODIES * GIST_BLOCK_ROWS + column */
    GIST_DATES = 0,      /* the column; those of fields stand behind it */
    GIST_COLUMNS = 1 + GIST_FIELDS,
    GIST_TEXT_OCTETS_MAX = 255, /* so that an end fits in 2 octets */
    GIST_DATES_OCTETS = GIST_BODIES * 12,
    GIST_TEXTS_AT = GIST_BODIES * 3,
    GIST_OCTETS_MAX = GIST_TEXTS_AT + GIST_BODIES * GIST_TEXT_OCTETS_MAX,
};

enum gist_kind {
    GIST_KIND_NONE, /* no such field; no such body */
    GIST_KIND_TEXT,
    GIST_KIND_ASK, /* the message tells: too long, or there are several */
};

/* A piece of background work: what is missing below the bodies still arriving. */
must_use enum err gist_step(struct account *a, uint64_t until_us, bool *did);
/* The body goes: no gist may hold any of it. */
must_use enum err gist_drop(struct account *a, uint64_t body);
must_use enum err gist_check(struct account *a, struct buf *findings);

#endif
