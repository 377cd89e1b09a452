/* imap/search.h -- SEARCH in three files: cmd_search.c runs and answers, search_match.c decides
 * whether a message matches, search_text.c reads a message's text for it.
 */
#ifndef ROOST_IMAP_SEARCH_H
#define ROOST_IMAP_SEARCH_H

#include "imap/internal.h"
#include "mime/fold.h"
#include "wire/search.h"

enum {
    SEARCH_HEADER_OCTETS_MAX = 16 << 20,
    SEARCH_READ_OCTETS = 32 * 1024,
    SEARCH_BODY_KEYS_MAX = 50, /* BODY and TEXT: each reads the whole message, in one step */
};

/* What it costs to ask: children of AND and OR are asked cheapest first. */
enum match_cost { COST_COLUMN, COST_ROW, COST_HEADER, COST_BODY };

/* A search key made ready: numbers resolved, strings converted and folded. */
struct matcher {
    const struct search_key *key;
    struct matcher *child, *next; /* by cost */
    struct matcher *needle_next;  /* all that own a needle */
    struct needle needle;
    struct seq_set set;
    bool uid;
    uint32_t keyword; /* id, 0: unknown, matches nothing */
    enum match_cost cost;
};

/* One message being looked at; what was read of it is kept for the next key. */
struct candidate {
    struct imap_session *s;
    const struct messages *m;
    uint32_t index; /* in the view */
    uint32_t k;     /* in m */
    bool loaded;    /* the four below */
    int32_t sent_day;
    uint64_t header_at, header_n;
    struct buf parts; /* a copy of the part table */
    bool has_header;
    struct buf header; /* raw */
    enum err error;    /* the first failure of the store; the match is then meaningless */
};

/* Make the tree for a program. ERR_BADCHARSET, ERR_SYNTAX (a string that is not in its charset),
 * ERR_NOMEM, ERR_LIMIT. *needles is a list for matcher_release, also after an error. */
must_use enum err matcher_new(struct imap_session *s, struct arena *a,
                              const struct search_program *program, struct matcher **out,
                              struct matcher **needles);
void matcher_release(struct matcher *needles);

void candidate_init(struct candidate *c, struct imap_session *s, const struct messages *m);
void candidate_release(struct candidate *c);
/* Look at the message at view index `index`, live index k. */
void candidate_set(struct candidate *c, uint32_t index, uint32_t k);

bool matcher_matches(struct matcher *t, struct candidate *c);

/* search_text.c; on a failure of the store c->error is set and the answer is false. */
bool candidate_load(struct candidate *c);
bool text_in_header(struct candidate *c, struct matcher *t);
bool text_in_body(struct candidate *c, struct needle *n);
bool text_anywhere(struct candidate *c, struct needle *n);

#endif
