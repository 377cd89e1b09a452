/* tests/unit/store/test_random.c -- random commands, some taken back, beside three checks: what is
 * taken back leaves no trace, the database is sound, and a client that applies folder_changes to
 * what it knew shows what the folder holds (from the ring and from the database alike).
 */
#include "fixture.h"

#include "base/buf.h"
#include "base/mem.h"

enum { COMMANDS = 1500, UIDS_MAX = 20000 };

static uint64_t seed = 0x2545f4914f6cdd1d; /* fixed: a failure happens again */

static uint32_t below(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

/* ---- what is there --------------------------------------------------------------------------- */

static void describe(struct account *a, struct buf *out)
{
    size_t n;
    struct folder *const *f = account_folders(a, &n);

    buf_clear(out);
    for (size_t i = 0; i < n; i++) {
        struct messages *m;

        buf_addf(out, "\n%.*s %u %llu %u %u %u %llu %u:", SLICE_ARG(f[i]->name), f[i]->uidnext,
                 (unsigned long long)f[i]->highestmodseq, f[i]->messages, f[i]->unseen,
                 f[i]->deleted, (unsigned long long)f[i]->size_octets, f[i]->has_children);
        assert_ok(folder_messages(f[i], &m));
        for (uint32_t k = 0; k < m->n; k++)
            buf_addf(out, " %u/%u/%u/%llu", uid_at(m->map, k), m->flags[k], m->keywords[k],
                     (unsigned long long)m->modseq[k]);
    }
    assert_false(out->overflowed);
}

/* ---- a client of INBOX ----------------------------------------------------------------------- */

struct client {
    bool there[UIDS_MAX];
    uint64_t modseq;
};

static void apply(struct client *c, const struct change *change, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(change[i].uid < UIDS_MAX && change[i].modseq > c->modseq);
        assert_true(i == 0 || change[i].modseq >= change[i - 1].modseq);
        if (change[i].kind != CHANGE_FLAGS)
            c->there[change[i].uid] = change[i].kind == CHANGE_NEW;
    }
}

static void assert_shows(const struct client *c, struct folder *f)
{
    struct messages *m;
    uint32_t n = 0;

    assert_ok(folder_messages(f, &m));
    for (uint32_t uid = 0; uid < UIDS_MAX; uid++)
        n += c->there[uid];
    assert_int_equal(n, m->n);
    for (uint32_t i = 0; i < m->n; i++)
        assert_true(c->there[uid_at(m->map, i)]);
}

static void sync_client(struct client *c, struct folder *f, bool from_database)
{
    struct arena arena;
    struct change *change;
    size_t n;
    uint64_t floor = state_of(f)->ring.floor;

    arena_init(&arena, 1 << 24);
    if (from_database)
        state_of(f)->ring.floor = UINT64_MAX;
    assert_ok(folder_changes(f, c->modseq, &arena, &change, &n));
    state_of(f)->ring.floor = floor;
    apply(c, change, n);
    c->modseq = f->highestmodseq;
    arena_clear(&arena);
    assert_shows(c, f);
}

/* ---- commands -------------------------------------------------------------------------------- */

static struct folder *any_folder(struct account *a)
{
    size_t n;
    struct folder *const *f = account_folders(a, &n);
    struct folder *one = below(2) == 0 ? f[0] : f[below((uint32_t)n)];

    return one->noselect ? f[0] : one;
}

/* Some UIDs of the folder, ascending; *n of them. */
static uint32_t *some(struct folder *f, size_t *n)
{
    struct messages *m;
    uint32_t *uids, odds = 1 + below(20);

    assert_ok(folder_messages(f, &m));
    uids = mem_calloc((size_t)m->n + 1, sizeof(*uids));
    *n = 0;
    for (uint32_t i = 0; i < m->n; i++)
        if (below(odds) == 0)
            uids[(*n)++] = uid_at(m->map, i);
    return uids;
}

static void store_some(struct account *a, struct folder *f)
{
    char name[8] = {'k', (char)('a' + below(20))};
    struct messages *m;
    uint64_t t = account_tick(a);
    uint32_t id, odds = 1 + below(10);
    bool changed;

    assert_ok(keyword_id(a, slice_of_str(name), true, &id));
    assert_ok(folder_messages(f, &m));
    for (uint32_t i = 0; i < m->n; i++)
        if (below(odds) == 0)
            assert_ok(message_store(f, i, (enum store_action)below(3), (uint8_t)below(32), &id,
                                    below(2), t, &changed));
}

static void change_folders(struct account *a)
{
    static const char *const names[] = {"a", "a/b", "a/b/c", "b", "b/c", "c/a"};
    struct slice name = slice_of_str(names[below(6)]), to = slice_of_str(names[below(6)]);
    struct folder *f = folder_find(a, name);
    enum err err;

    if (f == NULL)
        err = folder_create(a, name, 0, NULL);
    else
        err = below(2) == 0 ? folder_delete(f) : folder_rename(f, to);
    assert_true(err == ERR_OK || err == ERR_EXISTS || err == ERR_CANNOT || err == ERR_HASCHILDREN);
}

static void command(struct fixture *x)
{
    struct folder *f = any_folder(x->a), *to = any_folder(x->a);
    uint32_t *uids, first;
    size_t n;

    switch (below(8)) {
    case 0:
    case 1:
    case 2:
        append(x, f, "m", 200 + below(3) * 500, (uint8_t)below(32));
        return;
    case 3:
    case 4:
        store_some(x->a, f);
        return;
    case 5:
        change_folders(x->a);
        return;
    default:
        break;
    }
    uids = some(f, &n);
    if (n < 200 && below(2) == 0)
        assert_ok(messages_copy(f, uids, n, to, account_tick(x->a), &first));
    if (below(3) > 0)
        assert_ok(messages_expunge(f, uids, n, account_tick(x->a)));
    free(uids);
}

static void bracket(struct fixture *x, struct buf *before, struct buf *after)
{
    bool undo = below(4) == 0;

    if (undo)
        describe(x->a, before);
    assert_ok(account_savepoint(x->a));
    for (uint32_t i = 0; i <= below(3); i++)
        command(x);
    if (!undo) {
        assert_ok(account_release(x->a));
        return;
    }
    account_undo(x->a);
    describe(x->a, after);
    assert_slice(buf_slice(after), buf_slice(before));
}

static void idle_a_little(struct account *a)
{
    bool more = true;

    for (int i = 0; i < 5 && more; i++)
        assert_ok(account_idle_step(a, &more));
}

static void finish(struct fixture *x, struct buf *committed, struct buf *now)
{
    uint32_t how = below(8);

    if (how == 0) {
        account_rollback(x->a);
        describe(x->a, now);
        assert_slice(buf_slice(now), buf_slice(committed));
    } else {
        assert_ok(account_commit(x->a));
        describe(x->a, committed);
    }
    if (how == 1)
        idle_a_little(x->a);
    if (how == 2) {
        state_of(inbox(x))->stale = 100000; /* a snapshot is due */
        idle_a_little(x->a);
    }
    if (how <= 3) {
        fixture_reopen(x);
        describe(x->a, now);
        assert_slice(buf_slice(now), buf_slice(committed));
    }
}

static void random_commands(void **state)
{
    struct fixture *x = *state;
    struct client *c = mem_new(struct client), *d = mem_new(struct client);
    struct buf committed, now, before;

    buf_init(&committed, 64 << 20);
    buf_init(&now, 64 << 20);
    buf_init(&before, 64 << 20);
    describe(x->a, &committed);
    for (int i = 0; i < COMMANDS; i++) {
        bracket(x, &before, &now);
        if (below(3) > 0)
            continue;
        finish(x, &committed, &now);
        sync_client(c, inbox(x), false);
        if (below(5) == 0)
            sync_client(d, inbox(x), true);
        if (below(10) == 0)
            assert_sound(x->a);
    }
    account_rollback(x->a);
    assert_sound(x->a);
    buf_release(&committed);
    buf_release(&now);
    buf_release(&before);
    free(c);
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_commands, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
