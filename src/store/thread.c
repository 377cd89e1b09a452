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
 * that a delivery dirties no page of it. What is newer is in memory (thread_recent.c). Of ids the
 * first to come counts, of subjects the last. Keys outlive their body: a thread goes on when its
 * beginning was purged. A message leaves at most THREAD_KEYS_MAX of them, about 20 octets each.
 */
#include "mime/fold.h"
#include "mime/mime.h"
#include "store/thread.h"

enum {
    REFERENCES_MAX = 20, /* looked at: the last 19 and the first */
    IN_REPLY_TO_MAX = 4,
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

void thread_keys_of_row(sqlite3_stmt *q, int column, struct thread_keys *k)
{
    thread_keys_make(k, sql_slice(q, column), sql_slice(q, column + 1), sql_slice(q, column + 2),
                     sql_slice(q, column + 3));
}

/* ---- the choice ------------------------------------------------------------------------------ */

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
    *thread = thread_key_is_subject(key) ? thread_recent_find(a, key) : 0;
    if (*thread == 0)
        TRY(table_find(a, key, thread));
    if (*thread == 0)
        *thread = thread_recent_find(a, key);
    return ERR_OK;
}

enum err thread_choose(struct account *a, const struct thread_keys *k, bool is_reply,
                       uint64_t email_id, uint64_t *thread)
{
    TRY(thread_recent_load(a));
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
