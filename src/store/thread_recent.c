/* store/thread_recent.c -- the thread keys of bodies that are not in the table thread_key yet.
 *
 * They are made from the bodies themselves when first needed after opening, and noted from then on.
 * Idle steps empty them. An account that is never idle fills them: then those there are (`old`) are
 * frozen, each commit takes a piece of them to the table (thread_index.c) and new ones go elsewhere
 * (`young`), so that a page of the table is dirtied once for some ten thousand messages and nobody
 * waits for more than a piece.
 *
 * What is undone is taken out again by what stood there before. Where that is not known, all is
 * forgotten, and made from the bodies again.
 */
#include "base/mem.h"
#include "store/thread.h"

enum {
    UNDO_MAX = 16384,          /* 256 KiB */
    RECENT_BODIES_MAX = 65536, /* read at most when it is made anew: the newest */
};

unsigned thread_keys_most = 60000;

/* ---- a table of keys ------------------------------------------------------------------------- */

/* Where the key is, or the empty place where it would be. */
static struct thread_slot *slot_of(const struct thread_slots *r, int64_t key)
{
    size_t at = (size_t)((uint64_t)key * 0x9e3779b97f4a7c15 >> 20);

    while (r->at[at % r->n_slots].key != 0 && r->at[at % r->n_slots].key != key)
        at++;
    return &r->at[at % r->n_slots];
}

static void grow(struct thread_slots *r)
{
    struct thread_slots old = *r;

    r->n_slots = old.n_slots > 0 ? old.n_slots * 2 : 64;
    r->at = mem_calloc(r->n_slots, sizeof(*r->at));
    for (size_t i = 0; i < old.n_slots; i++)
        if (old.at[i].key != 0)
            *slot_of(r, old.at[i].key) = old.at[i];
    free(old.at);
}

static uint64_t find(const struct thread_slots *r, int64_t key)
{
    return r->n > 0 ? slot_of(r, key)->thread : 0;
}

static void empty(struct thread_slots *r)
{
    free(r->at);
    *r = (struct thread_slots){0};
}

/* ---- noting and taking back ------------------------------------------------------------------ */

static void note_undo(struct thread_recent *r, int64_t key, uint64_t before)
{
    if (r->n_undo == UNDO_MAX)
        r->lost = true;
    if (r->lost)
        return;
    if (r->n_undo == r->cap_undo) {
        r->cap_undo = r->cap_undo > 0 ? r->cap_undo * 2 : 64;
        r->undo = mem_resize(r->undo, r->cap_undo, sizeof(*r->undo));
    }
    r->undo[r->n_undo++] = (struct thread_slot){.key = key, .thread = before};
}

/* Of ids the first to come stays, of subjects the last. `newer`: than all that is there already. */
static void put(struct thread_recent *r, int64_t key, uint64_t thread, bool newer)
{
    struct thread_slot *s;

    if (key == 0)
        return;
    if (r->young.n * 2 >= r->young.n_slots)
        grow(&r->young);
    s = slot_of(&r->young, key);
    if (s->thread != 0 && thread_key_is_subject(key) != newer)
        return;
    if (newer)
        note_undo(r, key, s->thread);
    r->young.n += s->key == 0;
    *s = (struct thread_slot){.key = key, .thread = thread};
}

static void put_all(struct thread_recent *r, const struct thread_keys *k, uint64_t thread,
                    bool newer)
{
    for (size_t i = 0; i < k->n; i++)
        put(r, k->id[i], thread, newer);
    put(r, k->subject, thread, newer);
}

/* A key that was new keeps its place, without a thread. */
static void take_back(struct thread_recent *r, size_t upto)
{
    while (r->n_undo > upto) {
        struct thread_slot was = r->undo[--r->n_undo];

        slot_of(&r->young, was.key)->thread = was.thread;
    }
}

/* From the newest body backwards. Behind RECENT_BODIES_MAX, which only an account of version 1 has,
 * keys are not known before the idle steps get there. */
enum err thread_recent_load(struct account *a)
{
    scoped_query sqlite3_stmt *q = NULL;
    struct thread_keys k;
    bool row;

    if (a->thread.known)
        return ERR_OK;
    TRY(sql_query(a, &q, THREAD_NEWEST, I(a->threaded), I(RECENT_BODIES_MAX)));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row || a->thread.young.n + THREAD_KEYS_MAX > 2 * (size_t)thread_keys_most)
            break;
        thread_keys_of_row(q, 2, &k);
        put_all(&a->thread, &k, (uint64_t)sqlite3_column_int64(q, 1), false);
    }
    a->thread.known = true;
    a->thread.lost = true; /* what the running transaction has brought is among them */
    return ERR_OK;
}

uint64_t thread_recent_find(const struct account *a, int64_t key)
{
    const struct thread_slots *first = &a->thread.old, *second = &a->thread.young;
    uint64_t thread;

    if (thread_key_is_subject(key)) {
        first = &a->thread.young;
        second = &a->thread.old;
    }
    thread = find(first, key);
    return thread != 0 ? thread : find(second, key);
}

static bool full(const struct account *a)
{
    return a->thread.young.n + a->thread.old.n + THREAD_KEYS_MAX > 2 * (size_t)thread_keys_most;
}

enum err thread_note(struct account *a, const struct thread_keys *k, uint64_t thread)
{
    if (full(a))
        TRY(thread_index_all(a));
    if (!full(a)) /* else something slow is arriving */
        put_all(&a->thread, k, thread, true);
    return ERR_OK;
}

/* ---- with the transaction -------------------------------------------------------------------- */

void thread_forget(struct account *a)
{
    empty(&a->thread.young);
    empty(&a->thread.old);
    free(a->thread.undo);
    a->thread = (struct thread_recent){0};
    thread_index_cancel(a);
}

void thread_caught_up(struct account *a)
{
    empty(&a->thread.young);
    empty(&a->thread.old);
    a->thread.known = a->thread.lost = true;
}

void thread_command_begins(struct account *a)
{
    a->thread.n_before = a->thread.n_undo;
}

void thread_undone(struct account *a, bool whole)
{
    if (a->thread.lost) {
        thread_forget(a);
        return;
    }
    take_back(&a->thread, whole ? 0 : a->thread.n_before);
    if (whole)
        thread_index_cancel(a);
}

bool thread_behind(const struct account *a)
{
    return a->thread.old.n > 0;
}

void thread_committed(struct account *a)
{
    struct thread_recent *r = &a->thread;

    r->lost = false;
    r->n_undo = r->n_before = 0;
    if (r->cap_undo > UNDO_MAX / 16) {
        free(r->undo);
        r->undo = NULL;
        r->cap_undo = 0;
    }
    if (a->threaded >= r->old_upto)
        empty(&r->old);
    if (r->old.n == 0 && r->young.n > thread_keys_most) {
        r->old = r->young;
        r->old_upto = a->body_last;
        r->young = (struct thread_slots){0};
    }
}

size_t thread_memory(const struct account *a)
{
    const struct thread_recent *r = &a->thread;

    return (r->young.n_slots + r->old.n_slots + r->cap_undo) * sizeof(struct thread_slot) +
           thread_index_memory(a);
}
