/* store/subscription.c -- SUBSCRIBE and UNSUBSCRIBE (RFC 9051 sections 6.3.7, 6.3.8): by name,
 * whether a mailbox of that name exists or not. All names are held in memory, by key.
 */
#include "base/mem.h"
#include "store/internal.h"

static size_t lower(const struct subscriptions *s, struct slice key)
{
    size_t lo = 0, hi = s->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (name_cmp(s->key[mid], key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool holds(const struct subscriptions *s, size_t i, struct slice key)
{
    return i < s->n && slice_eq(s->key[i], key);
}

/* Takes both slices. */
static void insert_at(struct subscriptions *s, size_t i, struct slice name, struct slice key)
{
    if (s->n == s->cap) {
        s->cap = s->cap > 0 ? s->cap * 2 : 16;
        s->name = mem_resize(s->name, s->cap, sizeof(struct slice));
        s->key = mem_resize(s->key, s->cap, sizeof(struct slice));
    }
    memmove(&s->name[i + 1], &s->name[i], (s->n - i) * sizeof(struct slice));
    memmove(&s->key[i + 1], &s->key[i], (s->n - i) * sizeof(struct slice));
    s->name[i] = name;
    s->key[i] = key;
    s->n++;
}

static void remove_at(struct subscriptions *s, size_t i)
{
    name_free(&s->name[i], &s->key[i]);
    s->n--;
    memmove(&s->name[i], &s->name[i + 1], (s->n - i) * sizeof(struct slice));
    memmove(&s->key[i], &s->key[i + 1], (s->n - i) * sizeof(struct slice));
}

void subscriptions_release(struct account *a)
{
    struct subscriptions *s = &a->subs;

    for (size_t i = 0; i < s->n; i++)
        name_free(&s->name[i], &s->key[i]);
    free(s->name);
    free(s->key);
    *s = (struct subscriptions){0};
}

enum err subscriptions_load(struct account *a)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    subscriptions_release(a);
    TRY(sql_query(a, &q, SUBSCRIPTIONS));
    for (;;) {
        struct slice name, key;

        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        name = sql_slice(q, 0);
        key = sql_slice(q, 1);
        insert_at(&a->subs, lower(&a->subs, key), slice_of(mem_dup_slice(name), name.n),
                  slice_of(mem_dup_slice(key), key.n));
    }
}

static enum err write(struct account *a, struct slice name, struct slice key, bool subscribed)
{
    uint64_t modseq = account_tick(a);

    a->subs_txn = true;
    a->subs_command = a->subs_command || a->in_command;
    if (subscribed)
        TRY(sql_run(a, SUBSCRIPTION_INSERT, T(name), T(key)));
    else
        TRY(sql_run(a, SUBSCRIPTION_DELETE, T(key)));
    return event_log(a, subscribed ? EVENT_SUBSCRIBE : EVENT_UNSUBSCRIBE, modseq, 0, name,
                     SLICE_NULL);
}

/* Takes both slices in any case. */
static enum err set(struct account *a, struct slice name, struct slice key, bool subscribed)
{
    size_t i = lower(&a->subs, key);
    enum err err = ERR_OK;

    if (holds(&a->subs, i, key) != subscribed) {
        if (subscribed && a->subs.n >= STORE_FOLDERS_MAX)
            err = ERR_LIMIT;
        else if ((err = change_begin(a)) == ERR_OK)
            err = change_end(a, write(a, name, key, subscribed));
        if (err == ERR_OK && subscribed) {
            insert_at(&a->subs, i, name, key);
            return ERR_OK;
        }
        if (err == ERR_OK)
            remove_at(&a->subs, i);
    }
    name_free(&name, &key);
    return err;
}

enum err subscription_set(struct account *a, struct slice name, bool subscribed)
{
    struct slice canonical, key;

    TRY(name_canonical(name, &canonical, &key));
    return set(a, canonical, key, subscribed);
}

bool subscription_has(struct account *a, struct slice name)
{
    struct slice canonical, key;
    bool has;

    if (name_canonical(name, &canonical, &key) != ERR_OK)
        return false;
    has = holds(&a->subs, lower(&a->subs, key), key);
    name_free(&canonical, &key);
    return has;
}

const struct slice *account_subscriptions(struct account *a, size_t *n)
{
    *n = a->subs.n;
    return a->subs.name;
}

size_t subscriptions_below(struct account *a, struct slice name, size_t *n)
{
    char bound[STORE_NAME_OCTETS_MAX * 4]; /* NFC may be longer than the name */
    struct slice canonical, key;
    size_t first = 0;

    *n = 0;
    if (name_canonical(name, &canonical, &key) != ERR_OK)
        return 0;
    if (key.n < sizeof(bound)) {
        memcpy(bound, key.p, key.n);
        bound[key.n] = '/';
        first = lower(&a->subs, slice_of(bound, key.n + 1));
        bound[key.n] = '/' + 1;
        *n = lower(&a->subs, slice_of(bound, key.n + 1)) - first;
    }
    name_free(&canonical, &key);
    return first;
}
