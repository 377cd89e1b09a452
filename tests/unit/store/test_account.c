/* tests/unit/store/test_account.c -- opening, locking, transactions, the clock. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static void names_of_accounts(void **state)
{
    static const struct {
        struct slice name;
        bool valid;
    } row[] = {
        {{"anna", 4}, true},      {{"anna@example.org", 16}, true},
        {{"", 0}, false},         {{".", 1}, false},
        {{"..", 2}, false},       {{".anna", 5}, false},
        {{"a/b", 3}, false},      {{"a\\b", 3}, false},
        {{"a\0b", 3}, false},     {{"a\nb", 3}, false},
        {{"\xc3\xa4", 2}, true},  {{"\xc3", 1}, false},
        {{"\xc2\x85", 2}, false}, {{"a b", 3}, true},
        {{"\x7f", 1}, false},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        if (account_name_valid(row[i].name) != row[i].valid)
            fail_msg("row %zu", i);
}

static void create_and_open(void **state)
{
    struct fixture *x = *state;
    struct account *b = NULL;
    struct stat st;
    size_t n;

    assert_err(account_create(x->root, SLICE("anna")), EXISTS);
    assert_err(account_create(x->root, SLICE("../anna")), SYNTAX);
    assert_err(account_open(x->root, SLICE("berta"), &b), NOTFOUND);
    account_folders(x->a, &n);
    assert_int_equal(n, 6);
    account_subscriptions(x->a, &n);
    assert_int_equal(n, 6);
    assert_slice(account_folders(x->a, &n)[0]->name, SLICE("INBOX"));
    assert_slice(account_folders(x->a, &n)[1]->name, SLICE("Archive"));
    assert_int_equal(folder_find(x->a, SLICE("Junk"))->special_use, SPECIAL_USE_JUNK);
    assert_int_equal(stat(x->a->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_null(sql_prepare_all(x->a));
    assert_sound(x->a);
}

/* Another process, and another opening in this one. */
static void one_at_a_time(void **state)
{
    struct fixture *x = *state;
    struct account *b = NULL;
    int status;
    pid_t child;

    assert_err(account_open(x->root, SLICE("anna"), &b), INUSE);
    assert_err(account_remove(x->root, SLICE("anna")), INUSE);
    child = fork();
    if (child == 0)
        _exit(account_open(x->root, SLICE("anna"), &b) == ERR_INUSE ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void commit_and_reopen(void **state)
{
    struct fixture *x = *state;
    uint64_t modseq;

    assert_false(account_dirty(x->a));
    assert_int_equal(append(x, inbox(x), "one", 300, FLAG_SEEN), 1);
    assert_int_equal(append(x, inbox(x), "two", 300000, 0), 2);
    assert_true(account_dirty(x->a));
    assert_ok(account_commit(x->a));
    assert_false(account_dirty(x->a));
    modseq = account_modseq(x->a);
    assert_int_equal(append(x, inbox(x), "three", 300, 0), 3); /* not committed */
    fixture_reopen(x);
    assert_string_equal(shown(inbox(x)), "1:1 2:0");
    assert_int_equal(inbox(x)->messages, 2);
    assert_int_equal(inbox(x)->unseen, 1);
    assert_int_equal(inbox(x)->uidnext, 3);
    assert_true(account_tick(x->a) > modseq);
    assert_sound(x->a);
}

static void rollback(void **state)
{
    struct fixture *x = *state;

    append(x, inbox(x), "one", 300, 0);
    assert_ok(account_commit(x->a));
    append(x, inbox(x), "two", 300, 0);
    assert_ok(folder_create(x->a, SLICE("New/Sub"), 0, NULL));
    account_rollback(x->a);
    assert_string_equal(shown(inbox(x)), "1:0");
    assert_null(folder_find(x->a, SLICE("New")));
    assert_int_equal(append(x, inbox(x), "two", 300, 0), 2);
    assert_ok(account_commit(x->a));
    assert_string_equal(shown(inbox(x)), "1:0 2:0");
    assert_sound(x->a);
}

/* Commands of one transaction: the middle one is taken back. */
static void undo_one_command(void **state)
{
    struct fixture *x = *state;
    struct folder *made, *kept = inbox(x);
    struct messages *m;
    bool changed;
    uint32_t id, set;

    assert_ok(account_savepoint(x->a));
    append(x, kept, "one", 300, 0);
    append(x, kept, "two", 300, 0);
    assert_ok(account_release(x->a));

    assert_ok(account_savepoint(x->a));
    assert_ok(folder_create(x->a, SLICE("Gone"), 0, &made));
    append(x, made, "inside", 300, 0);
    assert_ok(folder_messages(kept, &m));
    assert_ok(keyword_id(x->a, SLICE("Tmp"), true, &id));
    assert_ok(message_store(kept, 0, STORE_ADD, FLAG_SEEN, &id, 1, account_tick(x->a), &changed));
    assert_true(changed);
    assert_ok(messages_expunge(kept, (uint32_t[]){2}, 1, account_tick(x->a)));
    assert_string_equal(shown(kept), "1:1");
    account_undo(x->a);
    assert_true(made->gone);
    assert_int_equal(made->name.n, 0);
    assert_string_equal(shown(kept), "1:0 2:0");
    assert_int_equal(kept->messages, 2);
    assert_ok(keyword_id(x->a, SLICE("Tmp"), false, &id));
    assert_int_equal(id, 0);

    assert_ok(account_savepoint(x->a));
    assert_ok(folder_messages(kept, &m));
    assert_ok(keyword_id(x->a, SLICE("Other"), true, &id));
    assert_ok(message_store(kept, 1, STORE_ADD, FLAG_SEEN, &id, 1, account_tick(x->a), &changed));
    set = m->keywords[1];
    assert_slice(keyword_set_text(x->a, set), SLICE(" Other"));
    assert_ok(account_release(x->a));
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_string_equal(shown(inbox(x)), "1:0 2:1");
    assert_null(folder_find(x->a, SLICE("Gone")));
    assert_sound(x->a);
}

static void the_only_command_is_undone(void **state)
{
    struct fixture *x = *state;

    assert_ok(account_savepoint(x->a));
    append(x, inbox(x), "one", 300, 0);
    account_undo(x->a);
    assert_ok(account_commit(x->a));
    assert_string_equal(shown(inbox(x)), "");
    assert_sound(x->a);
}

/* A tick that changed nothing is not given out again after a crash either. */
static void ticks_are_never_reused(void **state)
{
    struct fixture *x = *state;
    uint64_t t = 0;

    for (int i = 0; i < 10000; i++)
        t = account_tick(x->a);
    assert_true(account_dirty(x->a));
    assert_ok(account_commit(x->a));
    assert_false(account_dirty(x->a));
    fixture_reopen(x);
    assert_true(account_tick(x->a) > t);
}

static void newer_is_refused(void **state)
{
    struct fixture *x = *state;
    struct account *b = NULL;

    assert_int_equal(sqlite3_exec(x->a->db, "PRAGMA user_version = 99", NULL, NULL, NULL), 0);
    account_close(&x->a);
    assert_err(account_open(x->root, SLICE("anna"), &b), NEWER);
}

static void foreign_is_refused(void **state)
{
    struct fixture *x = *state;
    struct account *b = NULL;

    assert_int_equal(sqlite3_exec(x->a->db, "PRAGMA application_id = 7", NULL, NULL, NULL), 0);
    account_close(&x->a);
    assert_err(account_open(x->root, SLICE("anna"), &b), CORRUPT);
}

static enum err count_name(void *ctx, struct slice name)
{
    (void)name;
    ++*(int *)ctx;
    return ERR_OK;
}

static void remove_and_list(void **state)
{
    struct fixture *x = *state;
    int n = 0;

    assert_false(account_exists(x->root, SLICE("berta")));
    assert_false(account_exists(x->root, SLICE("../accounts")));
    assert_ok(account_create(x->root, SLICE("berta")));
    assert_true(account_exists(x->root, SLICE("berta")));
    assert_ok(account_each(x->root, count_name, &n));
    assert_int_equal(n, 2);
    account_close(&x->a);
    assert_ok(account_remove(x->root, SLICE("anna")));
    assert_err(account_open(x->root, SLICE("anna"), &x->a), NOTFOUND);
    assert_ok(account_create(x->root, SLICE("anna"))); /* twice in one second */
    assert_ok(account_remove(x->root, SLICE("anna")));
    n = 0;
    assert_ok(account_each(x->root, count_name, &n));
    assert_int_equal(n, 1);
}

static off_t wal_octets(const struct fixture *x)
{
    scoped_free char *wal = mem_calloc(strlen(x->a->path) + 5, 1);
    struct stat st;

    memcpy(wal, x->a->path, strlen(x->a->path));
    memcpy(wal + strlen(wal), "-wal", 5);
    assert_int_equal(stat(wal, &st), 0);
    return st.st_size;
}

/* A commit that makes its file longer costs twice as much: the first two do, behind the others room
 * is made, seldom. What stands behind the frames is no frame when the account is opened again. */
static void the_wal_grows_ahead(void **state)
{
    struct fixture *x = *state;
    int grew = 0, made = 0;

    assert_ok(account_checkpoint(x->a, true));
    for (int i = 0; i < 130; i++) {
        off_t before = wal_octets(x), after;

        append(x, inbox(x), "one", 4000, 0);
        assert_ok(account_commit(x->a));
        after = wal_octets(x);
        grew += after != before;
        account_work_off(x->a);
        assert_false(account_owes_work(x->a));
        made += wal_octets(x) != after;
        assert_true(i > 0 || made == 0); /* a lone delivery leaves nothing to do */
    }
    print_message("commits that grew the WAL: %d, rooms made: %d\n", grew, made);
    assert_in_range(grew, 1, 6);
    assert_in_range(made, 1, 16);
    fixture_reopen(x);
    assert_int_equal(inbox(x)->messages, 130);
    append(x, inbox(x), "one", 4000, 0);
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_int_equal(inbox(x)->messages, 131);
    assert_sound(x->a);
}

/* A busy account reuses its WAL, an idle one has none worth reading at the next opening. */
static void idle_cuts_the_wal(void **state)
{
    struct fixture *x = *state;
    bool more = true;

    for (int i = 0; i < 1000; i++) {
        append(x, inbox(x), "one", 4000, 0);
        assert_ok(account_commit(x->a));
        account_work_off(x->a);
    }
    assert_in_range(wal_octets(x), 1 << 20, 6 << 20);
    for (int i = 0; more && i < 100; i++)
        assert_ok(account_idle_step(x->a, &more));
    assert_int_equal(wal_octets(x), 0);
}

/* What it took to open counts, and what is read later. */
static void effort_is_counted(void **state)
{
    struct fixture *x = *state;
    uint64_t opened_us;
    struct messages *m;

    fixture_reopen(x);
    opened_us = account_effort_us(x->a);
    assert_in_range(opened_us, 1, 10 * 1000 * 1000);
    for (int i = 0; i < 500; i++)
        append(x, inbox(x), "one", 100, 0);
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    opened_us = account_effort_us(x->a);
    assert_ok(folder_messages(inbox(x), &m));
    assert_true(account_effort_us(x->a) > opened_us);
}

static int begun, ended;

static void count_begin(void)
{
    begun++;
}

static void count_end(void)
{
    ended++;
}

/* Whether a page is cold the kernel decides; what is begun is ended, and what is read is right. */
static void reads_that_wait_are_told(void **state)
{
    struct fixture *x = *state;
    struct store_waits before = store_waits;
    int fd;

    append(x, inbox(x), "one", 400000, 0);
    assert_ok(account_commit(x->a));
    assert_ok(account_checkpoint(x->a, true));
    fd = open(x->a->path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    close(fd);
    store_waits = (struct store_waits){count_begin, count_end};
    fixture_reopen(x);
    assert_sound(x->a);
    store_waits = before;
    print_message("reads that waited: %d\n", begun);
    assert_int_equal(begun, ended);
}

/* Nor does it grow for ever when nobody works off what commits leave. */
static void commits_bound_the_wal(void **state)
{
    struct fixture *x = *state;
    bool owed = false;

    for (int i = 0; i < 1000; i++) {
        append(x, inbox(x), "one", 4000, 0);
        assert_ok(account_commit(x->a));
        owed |= account_owes_work(x->a);
    }
    assert_true(owed);
    assert_in_range(wal_octets(x), 1, 10 << 20);
    account_work_off(x->a);
    assert_false(account_owes_work(x->a));
    assert_sound(x->a);
}

/* DESIGN: a delivery dirties at most 8 pages. */
static void few_pages_a_delivery(void **state)
{
    struct fixture *x = *state;
    int most = 0, total = 0, page, high;

    for (int i = 0; i < 20; i++)
        append(x, inbox(x), "warm", 4000, 0);
    assert_ok(account_commit(x->a));
    for (int i = 0; i < 200; i++) {
        sqlite3_db_status(x->a->db, SQLITE_DBSTATUS_CACHE_WRITE, &page, &high, 1);
        append(x, inbox(x), "delivery", 4000, 0);
        assert_ok(account_commit(x->a));
        sqlite3_db_status(x->a->db, SQLITE_DBSTATUS_CACHE_WRITE, &page, &high, 1);
        total += page;
        if (page > most)
            most = page;
    }
    print_message("pages a delivery: %.2f, at most %d\n", total / 200.0, most);
    assert_true(total <= 8 * 200);
    assert_true(most <= 12); /* when a leaf splits */
}

/* A part of the message that begins behind its end. */
static void check_tells_of_parts(void **state)
{
    struct fixture *x = *state;
    struct buf findings;

    append(x, inbox(x), "s", 500, 0);
    append(x, inbox(x), "t", 500, 0);
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
    assert_int_equal(sqlite3_exec(x->a->db,
                                  "UPDATE body SET parts = CAST(substr(parts, 1, 56) || x'FFFF' || "
                                  "substr(parts, 59) AS BLOB) WHERE id = 2",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    buf_init(&findings, 1 << 20);
    assert_ok(account_check(x->a, &findings));
    assert_slice(buf_slice(&findings), SLICE("body whose parts are not inside it (body): 2\n"));
    buf_release(&findings);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_accounts),
        WITH(create_and_open),
        WITH(one_at_a_time),
        WITH(commit_and_reopen),
        WITH(rollback),
        WITH(undo_one_command),
        WITH(the_only_command_is_undone),
        WITH(ticks_are_never_reused),
        WITH(newer_is_refused),
        WITH(foreign_is_refused),
        WITH(remove_and_list),
        WITH(effort_is_counted),
        WITH(the_wal_grows_ahead),
        WITH(idle_cuts_the_wal),
        WITH(commits_bound_the_wal),
        WITH(reads_that_wait_are_told),
        WITH(few_pages_a_delivery),
        WITH(check_tells_of_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
