/* imap/search.h -- what the commands that look for messages share. search_walk.c goes through the
 * mailbox and gathers what matches, search_match.c decides whether a message does,
 * search_columns.c where its columns tell, search_score.c how well, search_text.c reads a message's
 * text for them, search_answer.c writes SEARCH and ESEARCH and saves "$".
 */
#ifndef ROOST_IMAP_SEARCH_H
#define ROOST_IMAP_SEARCH_H

#include "imap/internal.h"
#include "mime/fold.h"
#include "mime/fuzzy.h"
#include "wire/search.h"

enum {
    SEARCH_HEADER_OCTETS_MAX = 16 << 20,
    SEARCH_READ_OCTETS = 32 * 1024,
    SEARCH_BODY_KEYS_MAX = 50,    /* BODY and TEXT: each reads the whole message, in one step */
    SEARCH_FILTER_PASSES_MAX = 3, /* filters within filters (RFC 5466 section 3.1) */
    SEARCH_FUZZY_KEYS_MAX = 50,   /* fuzzy strings: each costs 17 KiB */
    SEARCH_LABEL_KEYS_MAX = 50,   /* X-GM-LABELS: each sorts a mailbox, before the first step */
};

/* What it costs to ask: children of AND and OR are asked cheapest first. */
enum match_cost { COST_COLUMN, COST_ROW, COST_HEADER, COST_BODY, MATCH_COSTS };

/* A search key made ready: numbers resolved, strings converted and folded. */
struct matcher {
    const struct search_key *key;
    struct matcher *child, *next; /* by cost */
    struct matcher *needle_next;  /* all that own a needle */
    struct needle needle;
    enum collation collation; /* the needle's */
    enum gist_field field;    /* HEADER: the one it asks; GIST_FIELDS: another */
    uint64_t hits_of;         /* the first of the bodies that hit tells of; UINT64_MAX: none */
    uint64_t hit[GIST_BODIES / 64]; /* bit i: it is in that field of the i-th */
    struct fuzzy *fuzzy;            /* a string below FUZZY; in the arena */
    unsigned likeness;              /* how well the text at hand fits it, 0..100 */
    bool scored;                    /* it, or some key below it, is fuzzy */
    struct seq_set set;
    struct seq_range *room; /* to resolve a set with "*" anew, in each mailbox searched */
    bool uid;
    int64_t least, most;    /* dates, ages, sizes, mod-sequences: what matches */
    uint32_t keyword;       /* id, 0: unknown, matches nothing */
    uint64_t object;        /* email or thread id, 0: nobody's, matches nothing; */
    struct body_set bodies; /* those it names, as long as they are not too new */
    enum match_cost cost;
};

/* One message being looked at; what was read of it is kept for the next key, and the room for the
 * next message. */
struct candidate {
    struct imap_session *s;
    const struct view *view; /* it is in: the session's, unless told otherwise */
    const struct messages *m;
    uint32_t index; /* in the view */
    uint32_t k;     /* in m */
    struct gist_reader gists;
    bool has_read; /* of the disk, since the last look at the clock */
    bool has_parts, has_header;
    struct buf parts;             /* a copy of the part table */
    struct buf header;            /* raw */
    struct buf raw, text, folded; /* a piece: as it is, decoded, as it is compared */
    enum err error; /* the first failure of the store; the match is then meaningless */
};

/* Make the tree for a program. ERR_BADCHARSET, ERR_SYNTAX (a string that is not in its charset),
 * ERR_NOMEM, ERR_LIMIT, ERR_UIDREQUIRED. *needles is a list for matcher_release, also after an
 * error. */
must_use enum err matcher_new(struct imap_session *s, struct arena *a,
                              const struct search_program *program, struct matcher **out,
                              struct matcher **needles);
/* Ask of the messages of another view from now on: numbers mean those there, "$" none unless it
 * is the selected mailbox. */
void matcher_rebind(struct imap_session *s, struct matcher *t, const struct view *v);
void matcher_release(struct matcher *needles);

void candidate_init(struct candidate *c, struct imap_session *s, const struct messages *m);
void candidate_release(struct candidate *c);
/* Look at the message at view index `index`, live index k. */
void candidate_set(struct candidate *c, uint32_t index, uint32_t k);

/* Days since 1970 of INTERNALDATE as its own zone shows it. */
int32_t candidate_internal_day(const struct candidate *c);

/* ---- search_columns.c: what needs no more than columns --------------------------------------- */

/* Messages that stand side by side both in the view and in struct messages. */
struct block {
    uint32_t index, k; /* of the first, there and here */
    uint32_t n;        /* 1..BLOCK_MESSAGES_MAX */
};
enum { BLOCK_MESSAGES_MAX = 64 };

/* Which of the `wanted` messages of the block match: bit i is message i. t->cost is COST_COLUMN. */
uint64_t matcher_ask_columns(const struct matcher *t, struct candidate *c, const struct block *b,
                             uint64_t wanted);
/* Set t's range from its key; `now` in seconds since 1970. */
void matcher_make_range(struct matcher *t, int64_t now);

/* ---- search_match.c, search_score.c ---------------------------------------------------------- */

bool matcher_matches(struct matcher *t, struct candidate *c);
/* How well it matches (RFC 6203 section 4): 0 not at all, else 1..100. What is not below a FUZZY
 * matches or not, and does not count. */
unsigned matcher_score(struct matcher *t, struct candidate *c);

/* ---- search_walk.c: going through the mailbox ---------------------------------------------- */

/* View indices, on the heap. They stay right as long as no expunge is told. */
struct match_list {
    uint32_t *index; /* n of them; ascending as long as nobody sorts them */
    size_t n, cap;
};

/* How well a message matched a search with FUZZY. */
struct match_score {
    uint32_t index; /* in the view */
    uint32_t score; /* 1..100 */
};

/* One command's search: of the selected mailbox, or of others one after the other. */
struct search_walk {
    const struct search_program *program; /* what is asked for; the caller's */
    uint64_t modseq;                      /* the selected folder's HIGHESTMODSEQ when it began */
    struct matcher *tree, *needles;
    const struct view *view; /* the mailbox: the selected one's, or what rebind was given */
    uint32_t next;           /* view index to go on with */
    struct match_list found;
    struct match_score *score; /* on the heap, ascending: as many as were found, if scored */
    size_t scores, scores_cap;
    size_t told;      /* while j->in_line: numbers of the answer that have been written, */
    uint64_t highest; /* and the MODSEQ at its end; 0: none */
};
/* Make it ready for `program`, whose filters are put in place, and which lives as long as the walk.
 * ERR_SYNTAX, ERR_NOTFOUND, ERR_BADCHARSET, with the job's refusal set where there is more to say;
 * else as matcher_new. search_walk_end is needed also after an error. */
must_use enum err search_walk_begin(struct imap_session *s, struct job *j, struct search_walk *w,
                                    struct search_program *program);
/* Look only at the highest messages if there are more than message_limit, of those that keys like
 * UID leave; the tagged answer says so (RFC 9738 section 3.1). Between begin and the first step. */
void search_walk_limit(struct imap_session *s, struct job *j, struct search_walk *w);
/* The same for what is no use in part: ERR_LIMIT, with the job's refusal set. */
must_use enum err search_walk_whole(struct imap_session *s, struct job *j, struct search_walk *w);
/* Begin anew in another mailbox; what was found is forgotten. The view is the caller's. */
void search_walk_rebind(struct imap_session *s, struct search_walk *w, const struct view *v);
/* One step. ERR_MORE: call again. A mailbox that is gone has no messages. */
must_use enum err search_walk_step(struct imap_session *s, struct job *j, struct search_walk *w);
/* The score of the message found at that view index; 0 if the search is not fuzzy. */
unsigned search_walk_score(const struct search_walk *w, uint32_t index);
void search_walk_end(struct search_walk *w);

/* ---- search_filter.c ------------------------------------------------------------------------ */

/* Put each FILTER's keys where it stands. ERR_NOTFOUND and ERR_BADCHARSET: j->refusal says it. */
must_use enum err search_put_filters(struct imap_session *s, struct job *j,
                                     struct search_program *program);

/* ---- search_answer.c ------------------------------------------------------------------------ */

/* How to tell what was found, in the order in which it stands in the walk's list. */
struct search_answer {
    struct search_walk *walk;
    const char *name;   /* of the response without RETURN: "SEARCH", "SORT"; NULL: always ESEARCH */
    bool sorted;        /* the list is not in mailbox order; ESEARCH only if RETURN asks for it */
    bool uid;           /* UIDs instead of sequence numbers, and "UID" in ESEARCH */
    bool names_mailbox; /* in ESEARCH (RFC 7377 section 2.1) */
};
/* One step: after ERR_MORE call again with the same, and nothing else before, for j->in_line. */
must_use enum err search_answer(struct imap_session *s, struct job *j,
                                const struct search_answer *x);
/* A SAVE that fails empties "$" (RFC 5182 section 2.1): returns `e`. */
enum err search_saved(struct imap_session *s, const struct search_program *p, enum err e);

/* search_text.c; on a failure of the store c->error is set and the answer is false. Where the exact
 * text is not found t->likeness tells of the fuzzy one. */
bool candidate_sent_day(struct candidate *c, int32_t *day); /* false: it has none, too */
bool text_in_header(struct candidate *c, struct matcher *t);
bool text_in_body(struct candidate *c, struct matcher *t);
bool text_anywhere(struct candidate *c, struct matcher *t);

#endif
