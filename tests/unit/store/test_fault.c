/* tests/unit/store/test_fault.c -- a workload is run again and again, and each time another
 * operation on the file fails. What was committed must be there, nothing half, and memory must
 * show what the file holds.
 */
#include "fixture.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "fault_vfs.h"

/* ---- what an account holds, as text ---------------------------------------------------------- */

static enum err add_message(struct account *a, struct buf *out, const struct messages *m,
                            uint32_t i)
{
    struct buf body;
    uint64_t sum = 0;
    enum err err;

    buf_init(&body, 4 << 20);
    err = body_read(a, m->body[i], m->size[i], 0, UINT64_MAX, &body);
    for (size_t k = 0; k < body.n; k++)
        sum = sum * 31 + (uint8_t)body.p[body.head + k];
    buf_addf(out, " %u/%u/%u/%zu/%llx", uid_at(m->map, i), m->flags[i], m->keywords[i], body.n,
             (unsigned long long)sum);
    buf_release(&body);
    return err;
}

static enum err describe(struct account *a, struct buf *out)
{
    size_t n;
    struct folder *const *f = account_folders(a, &n);

    buf_clear(out);
    if (n == 0) /* there is an INBOX: it died before it had read the folders again */
        return ERR_IO;
    for (size_t i = 0; i < n; i++) {
        struct messages *m;

        buf_addf(out, "\n%.*s %u %u %u %u:", SLICE_ARG(f[i]->name), f[i]->uidnext, f[i]->messages,
                 f[i]->unseen, f[i]->deleted);
        TRY(folder_messages(f[i], &m));
        for (uint32_t k = 0; k < m->n; k++)
            TRY(add_message(a, out, m, k));
    }
    account_subscriptions(a, &n);
    buf_addf(out, "\nsubscriptions %zu\n", n);
    return ERR_OK;
}

/* ---- the workload ---------------------------------------------------------------------------- */

static struct folder *find(struct account *a, const char *name)
{
    return folder_find(a, slice_of_str(name));
}

static enum err append_to(struct account *a, const char *name, size_t octets)
{
    uint32_t uid;

    return try_append(a, find(a, name), "s", octets, 0, &uid);
}

static enum err flag_all(struct account *a, const char *name, uint8_t flags)
{
    struct messages *m;
    uint64_t t = account_tick(a);
    uint32_t id;
    bool changed;

    TRY(keyword_id(a, SLICE("Work"), true, &id));
    TRY(folder_messages(find(a, name), &m));
    for (uint32_t i = 0; i < m->n; i++)
        TRY(message_store(find(a, name), i, STORE_ADD, flags, &id, 1, t, &changed));
    return ERR_OK;
}

static enum err move_first(struct account *a, const char *from, const char *to)
{
    struct messages *m;
    uint32_t uid, first;
    uint64_t t = account_tick(a);

    TRY(folder_messages(find(a, from), &m));
    if (m->n == 0)
        return ERR_OK;
    uid = uid_at(m->map, 0);
    TRY(messages_copy(find(a, from), &uid, 1, find(a, to), t, &first));
    return messages_expunge(find(a, from), &uid, 1, t);
}

static enum err try_idle(struct account *a)
{
    bool more = true;

    for (int i = 0; i < 20 && more; i++)
        TRY(account_idle_step(a, &more));
    return ERR_OK;
}

static enum err create_if_not(struct account *a, const char *name)
{
    return find(a, name) != NULL ? ERR_OK : folder_create(a, slice_of_str(name), 0, NULL);
}

enum { STEPS = 14 };

static enum err step(struct account *a, int i)
{
    switch (i) {
    case 0:
    case 1:
    case 2:
        return append_to(a, "INBOX", 3000);
    case 3:
        return append_to(a, "Archive", 600000);
    case 4:
        return flag_all(a, "INBOX", FLAG_SEEN);
    case 5:
        return move_first(a, "INBOX", "Archive");
    case 6:
        return create_if_not(a, "A/B/C");
    case 7:
        TRY(create_if_not(a, "A/B/C"));
        TRY(append_to(a, "A/B/C", 500));
        return folder_rename(find(a, "A/B"), SLICE("Z"));
    case 8:
        return move_first(a, "Archive", "Sent");
    case 9:
        return find(a, "Z/C") != NULL ? folder_delete(find(a, "Z/C")) : ERR_OK;
    case 10:
        return subscription_set(a, SLICE("Z"), true);
    case 11:
        return flag_all(a, "Sent", FLAG_DELETED);
    case 12:
        return append_to(a, "INBOX", 100000);
    default:
        return append_to(a, "Sent", 300);
    }
}

/* Every other step in a bracket of its own, behind another one that must survive or fail with it.
 */
static enum err run_step(struct account *a, int i)
{
    enum err err;

    if (i % 2 == 0)
        return step(a, i);
    TRY(append_to(a, "Drafts", 200));
    TRY(account_savepoint(a));
    err = step(a, i);
    if (err == ERR_OK)
        return account_release(a);
    account_undo(a);
    return err;
}

struct run {
    struct account *a;
    struct buf committed; /* what the account held after the last good commit */
    struct buf now;
    bool dead;     /* the account answers nothing more */
    int failed_at; /* the first step whose commit, or whose idle work, failed; -1 none */
};

/* A read that fails once may be tried again. */
static enum err look(struct run *r)
{
    enum err err = describe(r->a, &r->now);

    return err != ERR_OK && !fault.stays ? describe(r->a, &r->now) : err;
}

static void look_again(struct run *r)
{
    if (look(r) != ERR_OK)
        r->dead = true;
    else
        assert_slice(buf_slice(&r->now), buf_slice(&r->committed));
}

static void one_step(struct run *r, int i)
{
    enum err err = run_step(r->a, i);

    if (err == ERR_OK)
        err = account_commit(r->a);
    else
        account_rollback(r->a);
    if (err == ERR_OK && look(r) == ERR_OK) {
        buf_clear(&r->committed);
        buf_add_slice(&r->committed, buf_slice(&r->now));
    } else {
        look_again(r);
    }
    if (!r->dead && try_idle(r->a) != ERR_OK)
        look_again(r);
    if (fault.failed > 0 && r->failed_at < 0)
        r->failed_at = i;
}

/* ---- one round ------------------------------------------------------------------------------- */

static char template[300], database[300];
static struct buf golden[STEPS]; /* what the account holds after each step when nothing fails */

static void copy_file(const char *from, const char *to)
{
    static char octets[1 << 20];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t n;

    assert_true(in != NULL && out != NULL);
    n = fread(octets, 1, sizeof(octets), in);
    assert_true(n > 0 && n < sizeof(octets));
    assert_int_equal(fwrite(octets, 1, n, out), n);
    assert_int_equal(fclose(in) + fclose(out), 0);
}

static void fresh_copy(void)
{
    char wal[310];

    snprintf(wal, sizeof(wal), "%s-wal", database);
    (void)unlink(wal);
    copy_file(template, database);
}

static enum err open_run(struct fixture *x, struct run *r)
{
    *r = (struct run){.failed_at = -1};
    buf_init(&r->committed, 1 << 20);
    buf_init(&r->now, 1 << 20);
    fault.count = fault.failed = 0;
    if (account_open(x->root, SLICE("anna"), &r->a) == ERR_OK)
        return ERR_OK;
    r->failed_at = 0;
    return fault.stays ? ERR_IO : account_open(x->root, SLICE("anna"), &r->a);
}

static void run_all(struct fixture *x, struct run *r, bool keep_golden)
{
    if (open_run(x, r) == ERR_OK && look(r) == ERR_OK) {
        buf_add_slice(&r->committed, buf_slice(&r->now));
        for (int i = 0; i < STEPS && !r->dead; i++) {
            one_step(r, i);
            if (keep_golden)
                buf_add_slice(&golden[i], buf_slice(&r->now));
        }
    }
    account_close(&r->a);
}

/* Without faults: does the file hold what was committed, or, where the disk stayed broken and the
 * outcome of one commit is open, either side of it? */
static void verify(struct fixture *x, struct run *r)
{
    bool stayed = fault.stays;
    int i = r->failed_at;

    fault.at = 0;
    assert_ok(account_open(x->root, SLICE("anna"), &r->a));
    assert_ok(describe(r->a, &r->now));
    if (!stayed || i < 0 || !slice_eq(buf_slice(&r->now), buf_slice(&golden[i])))
        if (r->committed.n > 0)
            assert_slice(buf_slice(&r->now), buf_slice(&r->committed));
    assert_sound(r->a);
    assert_ok(try_idle(r->a));
    assert_sound(r->a);
    account_close(&r->a);
    buf_release(&r->committed);
    buf_release(&r->now);
}

static long one_round(struct fixture *x, enum fault_kind kind, bool stays, long at)
{
    struct run r;

    fresh_copy();
    fault = (struct fault){.kind = kind, .stays = stays, .at = at};
    run_all(x, &r, false);
    assert_true(stays || !r.dead);
    at = fault.failed;
    verify(x, &r);
    return at;
}

/* Operations are sampled so that the test takes seconds: ROOST_FAULT_PACE=1 tries each. */
static long pace(long operations)
{
    const char *text = getenv("ROOST_FAULT_PACE");
    uint64_t v;

    if (text != NULL && slice_to_u64(slice_of_str(text), 1000000, &v) && v > 0)
        return (long)v;
    return operations / 60 + 1;
}

static long operations; /* of a run in which nothing fails */

static void every_operation(struct fixture *x, enum fault_kind kind, bool stays)
{
    long at = kind * 3 + stays + 1, tried = 0;

    for (; one_round(x, kind, stays, at) > 0; tried++)
        at += pace(operations);
    print_message("%ld of %ld operations\n", tried, at);
    assert_true(tried >= 30);
}

static void an_io_error(void **state)
{
    every_operation(*state, FAULT_IO, false);
}

static void a_full_disk(void **state)
{
    every_operation(*state, FAULT_FULL, false);
}

static void a_disk_that_stays_broken(void **state)
{
    every_operation(*state, FAULT_IO, true);
}

static void a_disk_that_stays_full(void **state)
{
    every_operation(*state, FAULT_FULL, true);
}

static int setup(void **state)
{
    struct fixture *x;
    struct run r;

    fault_install();
    (void)fixture_setup(state);
    x = *state;
    snprintf(template, sizeof(template), "%s/template.db", x->root);
    snprintf(database, sizeof(database), "%s", x->a->path);
    account_close(&x->a);
    copy_file(database, template);
    for (int i = 0; i < STEPS; i++)
        buf_init(&golden[i], 1 << 20);
    fault = (struct fault){0};
    run_all(x, &r, true);
    operations = fault.count;
    verify(x, &r);
    log_init("test", LOG_LEVEL_ERROR + 1); /* thousands of errors, all expected */
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_io_error),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(a_disk_that_stays_broken),
        cmocka_unit_test(a_disk_that_stays_full),
    };

    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
