/* store/thread.c -- which thread a message belongs to (THREADID, RFC 8474 section 5.2).
 *
 * Decided once, when the message enters, and never changed: two threads that turn out to be one
 * stay two. The first of these that gives a thread decides:
 *
 *   1. The message's own id, known if an answer to it came first, or another copy of it.
 *   2. The ids of References, from the last one (its parent) backwards, then those of In-Reply-To.
 *   3. For a reply or a forward by its subject (RFC 5256 section 2.1): the newest message with the
 *      same base subject, case aside. Nothing for an empty one.
 *   4. None: it begins a thread, which is named by its own EMAILID.
 *
 * An id, or a base subject, is known as a key, a digest of 63 bits. The table thread_key holds the
 * keys of all bodies up to account.threaded; idle steps bring it up to date (thread_index.c), so
 * that a delivery dirties no page of it. What is newer is in memory (struct thread_recent), made
 * from the bodies themselves when first needed after opening. Of ids the first to come counts, of
 * subjects the last. Keys outlive their body: a thread goes on when its beginning was purged. A
 * message leaves at most THREAD_KEYS_MAX of them, about 20 octets each.
 */
#include "base/mem.h"
#include "mime/fold.h"
#include "mime/mime.h"
#include "store/thread.h"

enum {
    REFERENCES_MAX = 20, /* looked at: the last 19 and the first */
    IN_REPLY_TO_MAX = 4,
    RECENT_KEYS_MAX = 8192,   /* 256 KiB; then they are written, whoever waits */
    RECENT_BODIES_MAX = 1000, /* read at most when it is made anew: the newest */
};

/* ---- keys ------------------------------------------------------------------------------------ */

enum key_kind { KEY_ID = 0, KEY_SUBJECT = 1 }; /* the lowest bit of a key */

bool thread_key_is_subject(int64_t key)
{
    return (key & 1) == KEY_SUBJECT;
}

/* FNV-1a, for ever the same; never 0. */
static int64_t digest(struct slice s, enum key_kind kind)
{
    uint64_t h = 0xcbf29ce484222325;

    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (uint8_t)s.p[i]) * 0x100000001b3;
    h = (h ^ h >> 32) & (INT64_MAX - 1);
    return (int64_t)((h > 0 ? h : 2) | (uint64_t)kind);
}

static int64_t subject_key(struct slice base_subject)
{
    struct buf folded;
    int64_t key;

    if (base_subject.n == 0)
        return 0;
    buf_init(&folded, (size_t)MIME_KEY_OCTETS_MAX * 18);
    text_fold(COLLATION_UNICODE, base_subject, &folded);
    key = digest(buf_slice(&folded), KEY_SUBJECT);
    buf_release(&folded);
    return key;
}

static void add_id(struct thread_keys *k, struct slice id)
{
    if (id.n > 0)
        k->id[k->n++] = digest(id, KEY_ID);
}

/* Cut off the first word, or the last. */
static struct slice first_word(struct slice *ids)
{
    struct slice word = slice_sub(*ids, 0, slice_find(*ids, ' '));

    *ids = slice_sub(*ids, word.n + 1, ids->n);
    return word;
}

static struct slice last_word(struct slice *ids)
{
    size_t at = ids->n;
    struct slice word;

    while (at > 0 && ids->p[at - 1] != ' ')
        at--;
    word = slice_sub(*ids, at, ids->n);
    *ids = slice_sub(*ids, 0, at > 0 ? at - 1 : 0);
    return word;
}

void thread_keys_make(struct thread_keys *k, struct slice message_id, struct slice in_reply_to,
                      struct slice references, struct slice base_subject)
{
    struct slice rest = references;

    *k = (struct thread_keys){.subject = subject_key(base_subject)};
    add_id(k, message_id);
    for (int i = 0; i < REFERENCES_MAX - 1 && rest.n > 0; i++)
        add_id(k, last_word(&rest));
    if (rest.n > 0)
        add_id(k, first_word(&rest));
    rest = in_reply_to;
    for (int i = 0; i < IN_REPLY_TO_MAX && rest.n > 0; i++)
        add_id(k, first_word(&rest));
}

/* ---- the keys of bodies that are not in the table yet -------------------------------------------
 */

/* Where the key is, or the empty place where it would be. */
static struct thread_slot *slot_of(const struct thread_recent *r, int64_t key)
{
    size_t at = (size_t)((uint64_t)key * 0x9e3779b97f4a7c15 >> 20);

    while (r->slot[at % r->n_slots].key != 0 && r->slot[at % r->n_slots].key != key)
        at++;
    return &r->slot[at % r->n_slots];
}

static void grow(struct thread_recent *r)
{
    struct thread_recent old = *r;

    r->n_slots = old.n_slots > 0 ? old.n_slots * 2 : 64;
    r->slot = mem_calloc(r->n_slots, sizeof(*r->slot));
    for (size_t i = 0; i < old.n_slots; i++)
        if (old.slot[i].key != 0)
            *slot_of(r, old.slot[i].key) = old.slot[i];
    free(old.slot);
}

/* Of ids the first to come stays, of subjects the last. `newer`: than all that is there already. */
static void put(struct thread_recent *r, int64_t key, uint64_t thread, bool newer)
{
    struct thread_slot *s;

    if (key == 0)
        return;
    if (r->n * 2 >= r->n_slots)
        grow(r);
    s = slot_of(r, key);
    if (s->key != 0 && thread_key_is_subject(key) != newer)
        return;
    if (s->key == 0)
        r->n++;
    *s = (struct thread_slot){.key = key, .thread = thread};
}

static void put_all(struct thread_recent *r, const struct thread_keys *k, uint64_t thread,
                    bool newer)
{
    for (size_t i = 0; i < k->n; i++)
        put(r, k->id[i], thread, newer);
    put(r, k->subject, thread, newer);
}

static uint64_t recent_find(const struct thread_recent *r, int64_t key)
{
    return r->n > 0 ? slot_of(r, key)->thread : 0;
}

void thread_forget(struct account *a)
{
    free(a->thread.slot);
    a->thread = (struct thread_recent){0};
    thread_index_cancel(a);
}

void thread_caught_up(struct account *a)
{
    free(a->thread.slot);
    a->thread = (struct thread_recent){.known = true};
}

void thread_keys_of_row(sqlite3_stmt *q, int column, struct thread_keys *k)
{
    thread_keys_make(k, sql_slice(q, column), sql_slice(q, column + 1), sql_slice(q, column + 2),
                     sql_slice(q, column + 3));
}

/* From the newest body backwards. Behind RECENT_BODIES_MAX, which only an account of version 1 and
 * a crash in the midst of an import have, keys are not known before the idle steps get there. */
static enum err recent_load(struct account *a)
{
    scoped_query sqlite3_stmt *q = NULL;
    struct thread_keys k;
    bool row;

    TRY(sql_query(a, &q, THREAD_NEWEST, I(a->threaded), I(RECENT_BODIES_MAX)));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row || a->thread.n + THREAD_KEYS_MAX > RECENT_KEYS_MAX)
            break;
        thread_keys_of_row(q, 2, &k);
        put_all(&a->thread, &k, (uint64_t)sqlite3_column_int64(q, 1), false);
    }
    a->thread.known = true;
    return ERR_OK;
}

/* ---- the choice -------------------------------------------------------------------------------
 */

static enum err table_find(struct account *a, int64_t key, uint64_t *thread)
{
    int64_t found;

    TRY(sql_value(a, &found, 0, THREAD_KEY_GET, I(key)));
    *thread = (uint64_t)found;
    return ERR_OK;
}

/* The table is the older: it is asked first for an id and last for a subject. 0: not known. */
static enum err key_find(struct account *a, int64_t key, uint64_t *thread)
{
    *thread = thread_key_is_subject(key) ? recent_find(&a->thread, key) : 0;
    if (*thread == 0)
        TRY(table_find(a, key, thread));
    if (*thread == 0)
        *thread = recent_find(&a->thread, key);
    return ERR_OK;
}

enum err thread_choose(struct account *a, const struct thread_keys *k, bool is_reply,
                       uint64_t email_id, uint64_t *thread)
{
    if (!a->thread.known)
        TRY(recent_load(a));
    for (size_t i = 0; i < k->n; i++) {
        TRY(key_find(a, k->id[i], thread));
        if (*thread != 0)
            return ERR_OK;
    }
    if (is_reply && k->subject != 0) {
        TRY(key_find(a, k->subject, thread));
        if (*thread != 0)
            return ERR_OK;
    }
    *thread = email_id;
    return ERR_OK;
}

enum err thread_note(struct account *a, const struct thread_keys *k, uint64_t thread)
{
    if (a->thread.n + THREAD_KEYS_MAX > RECENT_KEYS_MAX)
        TRY(thread_index_all(a));
    if (a->thread.n + THREAD_KEYS_MAX <= RECENT_KEYS_MAX) /* else something slow is arriving */
        put_all(&a->thread, k, thread, true);
    return ERR_OK;
}

size_t thread_memory(const struct account *a)
{
    return a->thread.n_slots * sizeof(struct thread_slot) + thread_index_memory(a);
}
