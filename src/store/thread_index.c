/* store/thread_index.c -- the tables that trail the bodies: thread_key, in which thread.c looks,
 * and object_id, in which SEARCH finds bodies by EMAILID and THREADID (RFC 8474 section 6).
 *
 * Keys and ids are random, so writing them as messages come would dirty a page each. Instead some
 * thousand bodies are read first, in order, what they leave is sorted, and then written from one
 * end of each table to the other in pieces, so that a page is dirtied once for many rows. Only the
 * last piece moves account.threaded, up to which both tables are complete. Writing a row again
 * changes nothing, so whatever stops in the midst just begins again.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/thread.h"

enum {
    GATHER_BODIES_MAX = 4096,
    GATHER_ROWS_MAX = 16384, /* 384 KiB a table */
    PIECE_US = 1000,         /* of a commit of an account that is never idle */
    GATHER_AT_A_TIME = 50,   /* bodies read between two looks at the clock, */
    WRITE_AT_A_TIME = 200,   /* and rows written */
};

unsigned thread_index_due = 256;

void thread_index_cancel(struct account *a)
{
    free(a->gather.key);
    free(a->gather.object);
    a->gather = (struct thread_gather){0};
}

size_t thread_index_memory(const struct account *a)
{
    return (a->gather.cap_keys + a->gather.cap_objects) * sizeof(struct thread_row);
}

/* ---- gathering ------------------------------------------------------------------------------- */

static void add(struct thread_row **rows, size_t *n, size_t *cap, int64_t key, uint64_t value)
{
    if (*n == *cap) {
        *cap = *cap > 0 ? *cap * 2 : 64;
        *rows = mem_resize(*rows, *cap, sizeof(**rows));
    }
    (*rows)[*n] = (struct thread_row){.key = key, .value = (int64_t)value, .order = *n};
    ++*n;
}

static void gather_key(struct thread_gather *g, int64_t key, uint64_t thread)
{
    add(&g->key, &g->n_keys, &g->cap_keys, key, thread);
}

static void gather_row(struct thread_gather *g, sqlite3_stmt *q)
{
    uint64_t body = (uint64_t)sqlite3_column_int64(q, 0);
    int64_t thread = sqlite3_column_int64(q, 1);
    struct thread_keys k;

    thread_keys_of_row(q, 2, &k);
    for (size_t i = 0; i < k.n; i++)
        gather_key(g, k.id[i], (uint64_t)thread);
    if (k.subject != 0)
        gather_key(g, k.subject, (uint64_t)thread);
    add(&g->object, &g->n_objects, &g->cap_objects, sqlite3_column_int64(q, 6), body);
    add(&g->object, &g->n_objects, &g->cap_objects, -thread, body);
    g->upto = body;
    g->bodies++;
}

/* Bodies may come to be in another order than their ids were given out in: stop below those that
 * are still arriving. */
static enum err gather_some(struct account *a, bool *end)
{
    scoped_query sqlite3_stmt *q = NULL;
    struct thread_gather *g = &a->gather;
    uint64_t from = g->upto > a->threaded ? g->upto : a->threaded;
    bool row;

    *end = false;
    TRY(sql_query(a, &q, THREAD_OLDEST, I(from), I(arrivals_lowest(a)), I(GATHER_AT_A_TIME)));
    for (int i = 0; i < GATHER_AT_A_TIME; i++) {
        TRY(sql_step(a, q, &row));
        if (!row) {
            *end = true;
            return ERR_OK;
        }
        gather_row(g, q);
    }
    *end = g->bodies >= GATHER_BODIES_MAX ||
           g->n_keys + (size_t)GATHER_AT_A_TIME * THREAD_KEYS_MAX > GATHER_ROWS_MAX;
    return ERR_OK;
}

static int compare(const void *pa, const void *pb)
{
    const struct thread_row *a = pa, *b = pb;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static enum err gather(struct account *a, uint64_t until_us)
{
    struct thread_gather *g = &a->gather;

    while (!g->sorted && clock_mono_us() < until_us) {
        TRY(gather_some(a, &g->sorted));
        if (!g->sorted)
            continue;
        if (g->n_keys > 0)
            qsort(g->key, g->n_keys, sizeof(*g->key), compare);
        if (g->n_objects > 0)
            qsort(g->object, g->n_objects, sizeof(*g->object), compare);
    }
    return ERR_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum err write_row(struct account *a, size_t i)
{
    struct thread_gather *g = &a->gather;
    const struct thread_row *r;

    if (i >= g->n_keys) {
        r = &g->object[i - g->n_keys];
        return sql_run(a, OBJECT_INSERT, I(r->key), I(r->value));
    }
    r = &g->key[i];
    if (thread_key_is_subject(r->key))
        return sql_run(a, THREAD_SUBJECT_SET, I(r->key), I(r->value));
    return sql_run(a, THREAD_KEY_ADD, I(r->key), I(r->value));
}

static enum err write_some(struct account *a)
{
    struct thread_gather *g = &a->gather;
    size_t all = g->n_keys + g->n_objects;
    size_t end = all - g->written < WRITE_AT_A_TIME ? all : g->written + WRITE_AT_A_TIME;

    for (; g->written < end; g->written++)
        TRY(write_row(a, g->written));
    return ERR_OK;
}

/* Both tables hold what the bodies gathered leave. */
static enum err finish(struct account *a)
{
    bool all = a->gather.bodies < GATHER_BODIES_MAX;
    int64_t next;

    TRY(sql_run(a, ACCOUNT_THREADED, I(a->gather.upto)));
    a->threaded = a->gather.upto;
    thread_index_cancel(a);
    if (!all)
        return ERR_OK;
    TRY(sql_value(a, &next, 0, BODY_ABOVE, I(a->threaded)));
    if (next == 0)
        thread_caught_up(a);
    return ERR_OK;
}

static enum err write(struct account *a, uint64_t until_us)
{
    struct thread_gather *g = &a->gather;

    while (g->written < g->n_keys + g->n_objects) {
        if (clock_mono_us() >= until_us)
            return ERR_OK;
        TRY(write_some(a));
    }
    return finish(a);
}

/* ---- doors ----------------------------------------------------------------------------------- */

enum err thread_index_step(struct account *a, uint64_t until_us, bool *did)
{
    if (a->gather.bodies == 0 && a->body_last - a->threaded < thread_index_due)
        return ERR_OK;
    TRY(gather(a, until_us));
    if (a->gather.bodies == 0) {
        thread_index_cancel(a);
        return ERR_OK;
    }
    *did = true;
    if (!a->gather.sorted)
        return ERR_OK;
    TRY(change_begin(a));
    return change_end(a, write(a, until_us));
}

enum err thread_index_piece(struct account *a)
{
    uint64_t until_us = clock_mono_us() + PIECE_US;

    TRY(gather(a, until_us));
    if (a->gather.bodies == 0) /* what comes next is still arriving */
        thread_index_cancel(a);
    return a->gather.sorted ? write(a, until_us) : ERR_OK;
}

enum err thread_index_all(struct account *a)
{
    thread_index_cancel(a);
    do {
        TRY(gather(a, UINT64_MAX));
        if (a->gather.bodies == 0) {
            thread_index_cancel(a);
            return ERR_OK;
        }
        TRY(write(a, UINT64_MAX));
    } while (!a->thread.known || a->thread.young.n + a->thread.old.n > 0);
    return ERR_OK;
}

enum err thread_index_drop(struct account *a, uint64_t body)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    if (body > a->threaded)
        thread_index_cancel(a); /* it may be among those gathered */
    TRY(sql_query(a, &q, BODY_IDS, I(body)));
    TRY(sql_step(a, q, &row));
    if (!row) /* it never came to be */
        return ERR_OK;
    TRY(sql_run(a, OBJECT_DELETE, I(sqlite3_column_int64(q, 0)), I(body)));
    return sql_run(a, OBJECT_DELETE, I(-sqlite3_column_int64(q, 1)), I(body));
}

enum err bodies_with_id(struct account *a, uint64_t id, bool is_thread, struct arena *arena,
                        struct body_set *out)
{
    scoped_query sqlite3_stmt *q = NULL;
    int64_t key = is_thread ? -(int64_t)id : (int64_t)id, n;
    bool row;

    TRY(sql_value(a, &n, 0, OBJECT_COUNT, I(key)));
    *out = (struct body_set){.complete = a->threaded};
    out->body = arena_array(arena, uint64_t, (size_t)n);
    if (out->body == NULL)
        return ERR_NOMEM;
    TRY(sql_query(a, &q, OBJECT_BODIES, I(key)));
    while (out->n < (size_t)n) {
        TRY(sql_step(a, q, &row));
        if (!row)
            break;
        out->body[out->n++] = (uint64_t)sqlite3_column_int64(q, 0);
    }
    return ERR_OK;
}

bool body_set_has(const struct body_set *set, uint64_t body)
{
    size_t low = 0, high = set->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (set->body[mid] < body)
            low = mid + 1;
        else
            high = mid;
    }
    return low < set->n && set->body[low] == body;
}
