/* imap/sort.h -- SORT and THREAD in five files: cmd_sort.c and cmd_thread.c run, sort.c compares,
 * order.c puts in order, thread.c makes the trees and thread_write.c tells them.
 *
 * Both look for messages as SEARCH does (search.h), read the sort columns of the folder as far as
 * they have not been read, and then work on live indices: those of struct messages.
 */
#ifndef ROOST_IMAP_SORT_H
#define ROOST_IMAP_SORT_H

#include "imap/order.h"
#include "imap/search.h"
#include "wire/sort.h"

/* The columns a program compares by, texts as the collation has them: bits for
 * folder_sort_load. */
unsigned sort_columns_of(const struct sort_program *p, enum collation collation);

/* One step of loading columns of the selected mailbox. ERR_MORE: call again. */
must_use enum err sort_load(struct imap_session *s, struct job *j, unsigned set);

/* Put the live indices live[0..n), ascending, in the program's order; the columns are loaded. */
void sort_live(const struct sort_program *p, enum collation collation, const struct messages *m,
               const struct sort_columns *columns, uint32_t *live, size_t n);

/* The same of what a walk has found, which it leaves in order, those expunged meanwhile left out:
 * in steps, since a large mailbox takes long. Zeroed before the first. */
struct sort_run {
    struct order order;
    size_t left;          /* criteria, the one at work included, plus 1; 0: not begun */
    bool passing, sorted; /* keys have been taken, passes follow; it is done */
};
/* ERR_MORE: call again. */
must_use enum err sort_step(struct imap_session *s, struct job *j, struct sort_run *r,
                            const struct sort_program *p, enum collation collation,
                            struct search_walk *w);
void sort_run_release(struct sort_run *r);

/* ---- thread.c, thread_write.c ---------------------------------------------------------------- */

#define THREAD_NONE UINT32_MAX

/* Trees of the nodes 0..n-1, which are messages, and n..nodes-1, which are dummies: parents that
 * nobody has seen; these stand only at the top, above two children or more. */
struct thread_forest {
    uint32_t n, nodes;
    uint32_t root;   /* the first tree, or THREAD_NONE; the others follow by `next` */
    uint32_t *up;    /* the parent */
    uint32_t *first; /* the first child; its siblings follow by `next` */
    uint32_t *next;
};

void thread_forest_release(struct thread_forest *f);

/* Thread the messages live[0..n), ascending. The columns SORT_SENT, and by algorithm SORT_SUBJECT
 * (ORDEREDSUBJECT), SORT_THREAD (REFS), or both and SORT_REPLY (REFERENCES) are loaded, subjects
 * as the collation has them, by which they are equal or not (RFC 5255 section 4.2). Linear,
 * but for sorting out references that go in circles: those have a budget, and a mailbox beyond it
 * gets flatter trees.
 *
 * It goes in steps. The columns are given anew with each, as they may have moved; what they say of
 * these messages is the same until messages go, when it has to begin again. `f` and `live` are the
 * caller's and stay. thread_end in any case. */
struct threads;
struct threads *thread_begin(struct thread_forest *f, enum thread_algorithm algorithm,
                             enum collation collation, const struct sort_columns *columns,
                             const uint32_t *live, size_t n);
/* false: it was the last. */
bool thread_step(struct threads *t, const struct sort_columns *columns);
void thread_end(struct threads **t);
unsigned thread_columns_of(enum thread_algorithm algorithm, enum collation collation);

/* "(2)(3 6 (4 23)(44 7 96))" (RFC 5256 section 4); number[i] is what node i is called. Writes as
 * many trees, from *root on, which becomes the next, THREAD_NONE behind the last. */
void thread_write(struct buf *out, const struct thread_forest *f, const uint32_t *number,
                  uint32_t *root, unsigned trees);

#endif
