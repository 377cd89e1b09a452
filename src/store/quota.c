/* store/quota.c -- limits on what an account holds (RFC 9208), and what it holds.
 *
 * The sums over all folders are kept beside the folders' own counts: message_count moves both.
 * Whatever reads folders anew or buries one forgets the sums, and the next question adds the
 * folders up again. An account without limits is never asked.
 *
 * What was expunged and is only kept for retention counts nowhere: the user cannot get rid of it.
 */
#include "store/internal.h"

enum { STORAGE_UNIT_OCTETS = 1024 };

void quota_forget(struct account *a)
{
    a->quota.limits_known = a->quota.sums_known = false;
}

void quota_forget_sums(struct account *a)
{
    a->quota.sums_known = false;
}

void quota_count(struct account *a, int64_t octets, int messages)
{
    a->quota.octets += (uint64_t)octets;
    a->quota.messages += (uint64_t)(int64_t)messages;
}

static void add_up(struct account *a)
{
    struct quota *q = &a->quota;

    if (q->sums_known)
        return;
    q->octets = q->messages = 0;
    for (size_t i = 0; i < a->n_folders; i++) {
        q->octets += a->folders[i]->size_octets;
        q->messages += a->folders[i]->messages;
    }
    q->sums_known = true;
}

static uint64_t count_mailboxes(const struct account *a)
{
    uint64_t n = 0;

    for (size_t i = 0; i < a->n_folders; i++)
        n += !a->folders[i]->noselect;
    return n;
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void set_limit(struct quota *q, struct slice resource, uint64_t most)
{
    for (size_t i = 0; i < QUOTA_RESOURCES; i++)
        if (slice_eq(resource, quota_resource_name((enum quota_resource)i)))
            q->most[i] = most;
}

static enum err load_limits(struct account *a)
{
    scoped_query sqlite3_stmt *s = NULL;
    bool row;

    if (a->quota.limits_known)
        return ERR_OK;
    for (size_t i = 0; i < QUOTA_RESOURCES; i++)
        a->quota.most[i] = QUOTA_NO_LIMIT;
    TRY(sql_query(a, &s, QUOTAS));
    for (;;) {
        TRY(sql_step(a, s, &row));
        if (!row)
            break;
        set_limit(&a->quota, sql_slice(s, 0), (uint64_t)sqlite3_column_int64(s, 1));
    }
    a->quota.limits_known = true;
    return ERR_OK;
}

static enum err write_limits(struct account *a, const uint64_t most[QUOTA_RESOURCES])
{
    TRY(sql_run(a, QUOTAS_DELETE));
    for (size_t i = 0; i < QUOTA_RESOURCES; i++) {
        if (most[i] != QUOTA_NO_LIMIT)
            TRY(sql_run(a, QUOTA_INSERT, T(quota_resource_name((enum quota_resource)i)),
                        I(most[i])));
    }
    return ERR_OK;
}

enum err quota_set(struct account *a, const uint64_t most[QUOTA_RESOURCES])
{
    TRY(change_begin(a));
    quota_forget(a);
    return change_end(a, write_limits(a, most));
}

enum err quota_get(struct account *a, struct quota_state state[QUOTA_RESOURCES])
{
    TRY(load_limits(a));
    add_up(a);
    for (size_t i = 0; i < QUOTA_RESOURCES; i++)
        state[i].most = a->quota.most[i];
    state[QUOTA_STORAGE].used = (a->quota.octets + STORAGE_UNIT_OCTETS - 1) / STORAGE_UNIT_OCTETS;
    state[QUOTA_MESSAGE].used = a->quota.messages;
    state[QUOTA_MAILBOX].used = count_mailboxes(a);
    return ERR_OK;
}

/* ---- asking ---------------------------------------------------------------------------------- */

enum err quota_check(struct account *a, uint64_t messages, uint64_t octets)
{
    const struct quota *q = &a->quota;

    TRY(load_limits(a));
    if (q->most[QUOTA_STORAGE] == QUOTA_NO_LIMIT && q->most[QUOTA_MESSAGE] == QUOTA_NO_LIMIT)
        return ERR_OK;
    add_up(a);
    if (q->messages + messages > q->most[QUOTA_MESSAGE])
        return ERR_OVERQUOTA;
    if ((q->octets + octets + STORAGE_UNIT_OCTETS - 1) / STORAGE_UNIT_OCTETS >
        q->most[QUOTA_STORAGE])
        return ERR_OVERQUOTA;
    return ERR_OK;
}

enum err quota_check_copies(struct folder *from, const uint32_t *uids, size_t n)
{
    struct messages *m;
    uint64_t octets = 0;

    TRY(folder_messages(from, &m));
    for (size_t i = 0; i < n; i++) {
        uint32_t k = uid_map_lower(m->map, m->n, uids[i]);

        octets += k < m->n && uid_at(m->map, k) == uids[i] ? m->size[k] : 0;
    }
    return quota_check(from->account, n, octets);
}

enum err quota_check_mailboxes(struct account *a)
{
    TRY(load_limits(a));
    if (a->quota.most[QUOTA_MAILBOX] == QUOTA_NO_LIMIT)
        return ERR_OK;
    return count_mailboxes(a) < a->quota.most[QUOTA_MAILBOX] ? ERR_OK : ERR_OVERQUOTA;
}
