/* store/thread.h -- threads (RFC 8474 section 5.2) within the room: thread.c decides which thread a
 * message belongs to, thread_index.c keeps the tables that trail the bodies.
 */
#ifndef ROOST_STORE_THREAD_H
#define ROOST_STORE_THREAD_H

#include "store/internal.h"

enum { THREAD_KEYS_MAX = 26 }; /* own id, 20 of References, 4 of In-Reply-To, subject */

struct thread_keys {
    int64_t id[THREAD_KEYS_MAX - 1]; /* n of them, in the order in which they are asked */
    size_t n;
    int64_t subject; /* 0: none */
};

/* The ids as struct body has them: without angle brackets, a space between. */
void thread_keys_make(struct thread_keys *k, struct slice message_id, struct slice in_reply_to,
                      struct slice references, struct slice base_subject);
/* The same from four columns that begin at `column`: message_id, in_reply_to, refs, base_subject.
 */
void thread_keys_of_row(sqlite3_stmt *q, int column, struct thread_keys *k);

/* Made of a base subject: the last to come counts. Otherwise of an id, of which the first does. */
bool thread_key_is_subject(int64_t key);

/* The thread of a message that enters now and would begin the thread `email_id`. */
must_use enum err thread_choose(struct account *a, const struct thread_keys *k, bool is_reply,
                                uint64_t email_id, uint64_t *thread);

/* ---- thread_recent.c */

/* From so many keys in memory on commits write them, too; tests have less. */
extern unsigned thread_keys_most;

must_use enum err thread_recent_load(struct account *a);
/* 0: not known. */
uint64_t thread_recent_find(const struct account *a, int64_t key);
/* A message has entered: its body row is written. */
must_use enum err thread_note(struct account *a, const struct thread_keys *k, uint64_t thread);

/* Know nothing but what the database says. */
void thread_forget(struct account *a);
/* The table holds the keys of all bodies. */
void thread_caught_up(struct account *a);
/* What is noted from here on may be taken back without the rest, */
void thread_command_begins(struct account *a);
/* and is, or all since the last commit. */
void thread_undone(struct account *a, bool whole);
void thread_committed(struct account *a);
/* Keys wait for commits to write them. */
bool thread_behind(const struct account *a);
size_t thread_memory(const struct account *a);

/* ---- thread_index.c */

/* From so many new bodies on it is worth the pages; tests have less. */
extern unsigned thread_index_due;

/* A piece of background work; *did: there was some. Begins a transaction if it writes. */
must_use enum err thread_index_step(struct account *a, uint64_t until_us, bool *did);
/* A piece of it with a commit, within its change. */
must_use enum err thread_index_piece(struct account *a);
/* All that can be done now, within a change. */
must_use enum err thread_index_all(struct account *a);
/* The body goes, if it ever was: nothing may name it any more. */
must_use enum err thread_index_drop(struct account *a, uint64_t body);
void thread_index_cancel(struct account *a);
size_t thread_index_memory(const struct account *a);

#endif
