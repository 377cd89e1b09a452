/* imap/context.h -- results that stay current: RETURN (UPDATE) of RFC 5267.
 *
 * A context is the search of a command that has ended: its program, and the UIDs of its results in
 * their order. It learns from the one change log, by a cursor of its own, since the view passes
 * over what the session itself has done; what is told is the difference to the list. It keeps the
 * comparator it was made with, in its keys' needles as in its order: RFC 5267 knows of no
 * COMPARATOR, RFC 5255 of no contexts, and a list that answers a command stays what it was.
 *
 * Three files: context.c makes and ends them, context_tell.c tells, context_fetch.c has fetched
 * what UPDATE asked of new messages, before they are told.
 */
#ifndef ROOST_IMAP_CONTEXT_H
#define ROOST_IMAP_CONTEXT_H

#include "imap/sort.h"

enum {
    CONTEXTS_MAX = 10,                  /* of a session; RFC 5267 section 4.3.1: at least one */
    CONTEXT_RESULTS_MAX = 1000000,      /* of all contexts of a session: 4 MiB */
    CONTEXT_FETCHES_AT_ONCE_MAX = 1000, /* messages of one job */
    CONTEXT_KEYS_AT_ONCE_MAX = 50000,   /* messages whose sort keys are read to place one */
};

struct context {
    struct context *next;
    struct arena arena; /* the job's, and its text: tree and sort live in them */
    char *text;
    struct slice tag;
    bool uid;
    struct matcher *tree, *needles;
    const struct sort_program *sort; /* NULL: SEARCH */
    enum collation collation;        /* of the sort */
    struct slice fetch;              /* "(UID FLAGS)": of new results; in text; n 0: nothing */
    uint32_t fetch_from;             /* messages below have been fetched, or need not be */
    uint32_t *result;                /* UIDs, n of them, in the order of the answer */
    size_t n;
};

struct contexts {
    struct context *first;
    uint64_t modseq;  /* all changes up to here are in the results */
    uint32_t uidnext; /* and all messages below */
    struct buf due;   /* " 7:9,12 (UID FLAGS)": to be fetched before more is told; n 0: nothing */
};

/* What a command with UPDATE found. */
struct context_source {
    struct search_walk *walk;        /* its tree and what it found are taken over */
    const struct sort_program *sort; /* NULL: SEARCH; in the job's arena */
    enum collation collation;        /* of the sort */
    bool uid;
};

/* Before a command runs: ERR_SYNTAX, with the job's refusal set, if it asks for UPDATE with a tag
 * that has one already (RFC 5267 section 4.3). */
must_use enum err context_check(struct imap_session *s, struct job *j,
                                const struct search_program *p);
/* After it has answered OK: keep its results current from now on, or say NOUPDATE (section
 * 4.3.1). Takes the job's arena. */
void context_add(struct imap_session *s, struct job *j, const struct context_source *source);
void context_free(struct context **c);
/* Its keys, asked of the message at view index `at`, live index k; refresh before the first. An
 * error is left in the candidate. */
must_use enum err context_refresh(struct imap_session *s, struct context *c);
bool context_matches(const struct context *c, struct candidate *x, uint32_t at, uint32_t k);
/* context_fetch.c: whether new results are to be fetched before they are told. */
bool contexts_await_fetch(struct imap_session *s, const struct messages *m);
/* "* NO [NOUPDATE "tag"] why" */
void context_write_noupdate(struct imap_session *s, struct slice tag, const char *why);

#endif
