/* tests/unit/store/test_snapshot.c -- the packed snapshot: what it holds, catching up, damage. */
#include "fixture.h"

static void fill(struct fixture *x, int n)
{
    for (int i = 0; i < n; i++)
        append(x, inbox(x), "m", 200, (uint8_t)(i % 3));
    assert_ok(account_commit(x->a));
}

static bool has_snapshot(struct fixture *x)
{
    int64_t modseq;

    assert_ok(sql_value(x->a, &modseq, 0, SNAPSHOT_GET, I(inbox(x)->id)));
    return modseq > 0;
}

static void flag(struct fixture *x, uint32_t i, uint8_t flags)
{
    struct messages *m;
    uint32_t id;
    bool changed;

    assert_ok(folder_messages(inbox(x), &m));
    assert_ok(keyword_id(x->a, SLICE("Work"), true, &id));
    assert_ok(
        message_store(inbox(x), i, STORE_REPLACE, flags, &id, 1, account_tick(x->a), &changed));
}

/* assert_sound compares what the snapshot gave with the rows, column by column. */
static void written_and_caught_up(void **state)
{
    struct fixture *x = *state;
    struct messages *m;

    fill(x, 700);
    assert_false(has_snapshot(x));
    idle(x->a);
    assert_true(has_snapshot(x));
    assert_null(state_of(inbox(x))->messages); /* nobody had opened the folder */
    fixture_reopen(x);
    assert_ok(folder_messages(inbox(x), &m));
    assert_true(state_of(inbox(x))->stale < 10); /* its rows were not read */
    assert_sound(x->a);

    flag(x, 3, FLAG_ANSWERED);
    flag(x, 3, FLAG_DRAFT);
    flag(x, 4, FLAG_DRAFT);
    assert_ok(messages_expunge(inbox(x), (uint32_t[]){1, 2, 5, 600}, 4, account_tick(x->a)));
    append(x, inbox(x), "new", 200, 0);
    append(x, inbox(x), "newer", 200, 0);
    flag(x, 697, FLAG_FLAGGED);
    assert_ok(messages_expunge(inbox(x), (uint32_t[]){701}, 1, account_tick(x->a)));
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_ok(folder_messages(inbox(x), &m));
    assert_int_equal(m->n, 697);
    assert_true(state_of(inbox(x))->stale < 20);
    assert_sound(x->a);
}

/* Parts of many pages are read ahead. */
static void long_parts(void **state)
{
    struct fixture *x = *state;
    struct messages *m;

    fill(x, 9000);
    idle(x->a);
    fixture_reopen(x);
    assert_ok(folder_messages(inbox(x), &m));
    assert_true(m->n == 9000 && state_of(inbox(x))->stale < 10);
    assert_sound(x->a);
}

/* Uncommitted changes are in the rows that an undo reads again. */
static void loaded_within_a_transaction(void **state)
{
    struct fixture *x = *state;
    struct messages *m;

    fill(x, 700);
    assert_ok(folder_messages(inbox(x), &m));
    idle(x->a);
    flag(x, 0, FLAG_FLAGGED);
    assert_ok(messages_expunge(inbox(x), (uint32_t[]){2}, 1, account_tick(x->a)));
    assert_ok(account_savepoint(x->a));
    flag(x, 1, FLAG_DELETED);
    append(x, inbox(x), "undone", 200, 0);
    account_undo(x->a);
    assert_ok(folder_messages(inbox(x), &m));
    assert_int_equal(m->n, 699);
    assert_int_equal(m->flags[0], FLAG_FLAGGED);
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

/* Flag changes leave the log when the snapshot holds them; a log that is too long is cut. */
static void the_log_is_trimmed(void **state)
{
    struct fixture *x = *state;
    struct messages *m;
    struct arena arena;
    struct change *c;
    int64_t rows;
    size_t n;

    fill(x, 700);
    assert_ok(folder_messages(inbox(x), &m));
    for (uint32_t i = 0; i < 700; i += 2)
        flag(x, i, FLAG_ANSWERED);
    assert_ok(messages_expunge(inbox(x), (uint32_t[]){7}, 1, account_tick(x->a)));
    assert_ok(account_commit(x->a));
    idle(x->a);
    assert_ok(sql_value(x->a, &rows, 0, CHANGE_NTH, I(inbox(x)->id), I(5)));
    assert_int_equal(rows, 0);
    assert_sound(x->a);

    assert_int_equal(
        sqlite3_exec(x->a->db,
                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                     "WHERE i < 51000) INSERT INTO change SELECT 1, i, 2, 5000000 + i, "
                     "5000000 + i, 0 FROM n",
                     NULL, NULL, NULL),
        SQLITE_OK);
    x->a->idle.log_due = true;
    idle(x->a);
    fixture_reopen(x);
    assert_int_equal(inbox(x)->id, 1);
    assert_true(state_of(inbox(x))->expunge_floor > 10000);
    arena_init(&arena, 1 << 24);
    assert_err(folder_changes(inbox(x), 1, &arena, &c, &n), LIMIT);
    arena_clear(&arena);
    assert_sound(x->a);
}

static void written_anew(void **state)
{
    struct fixture *x = *state;
    struct messages *m;

    fill(x, 700);
    assert_ok(folder_messages(inbox(x), &m));
    idle(x->a);
    fill(x, 800);
    idle(x->a);
    fixture_reopen(x);
    assert_ok(folder_messages(inbox(x), &m));
    assert_true(m->n == 1500 && state_of(inbox(x))->stale < 10);
    for (uint32_t i = 0; i < 600; i++)
        flag(x, i, FLAG_ANSWERED);
    assert_ok(account_commit(x->a));
    idle(x->a);
    fixture_reopen(x);
    assert_ok(folder_messages(inbox(x), &m));
    assert_true(state_of(inbox(x))->stale < 10);
    assert_sound(x->a);
}

/* However the file was damaged, the rows are right and used instead. */
static void damaged(void **state)
{
    static const char *const damage[] = {
        "UPDATE snapshot_part SET data = zeroblob(length(data))",
        "UPDATE snapshot_part SET data = substr(data, 1, length(data) - 1)",
        "UPDATE snapshot_part SET data = randomblob(length(data))",
        "UPDATE snapshot_part SET data = zeroblob(3 << 20)",
        "UPDATE snapshot_part SET data = 7",
        "UPDATE snapshot SET messages = messages - 1",
        "UPDATE snapshot SET messages = 4000000000",
        "UPDATE snapshot SET octets = 1 << 60",
        ("UPDATE snapshot SET messages = 1 << 30, uidnext = 1 << 31, octets = 1 << 60, "
         "parts = (1 << 30) / 32768 + (1 << 30) / 8192"),
        "UPDATE snapshot SET parts = 0",
        "DELETE FROM snapshot_part",
    };
    struct fixture *x = *state;
    struct messages *m;
    struct outline o;

    fill(x, 700);
    for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
        assert_ok(folder_messages(inbox(x), &m));
        state_of(inbox(x))->stale = 10000;
        idle(x->a);
        assert_true(has_snapshot(x));
        assert_int_equal(sqlite3_exec(x->a->db, damage[i], NULL, NULL, NULL), SQLITE_OK);
        fixture_reopen(x);
        assert_ok(folder_outline(inbox(x), &o));
        assert_int_equal(o.n, 700);
        assert_ok(folder_messages(inbox(x), &m));
        assert_int_equal(m->n, 700);
        assert_sound(x->a);
    }
}

/* Its UIDNEXT says that messages are to be read from their rows that it holds itself. */
static void damaged_uidnext(void **state)
{
    struct fixture *x = *state;
    const uint32_t gone[] = {5, 6, 7, 8, 9};
    struct outline o;

    fill(x, 700);
    assert_ok(messages_expunge(inbox(x), gone, 5, account_tick(x->a)));
    assert_ok(account_commit(x->a));
    idle(x->a);
    assert_true(has_snapshot(x));
    assert_int_equal(sqlite3_exec(x->a->db, "UPDATE snapshot SET uidnext = 699", NULL, NULL, NULL),
                     SQLITE_OK);
    fixture_reopen(x);
    assert_ok(folder_outline(inbox(x), &o));
    assert_int_equal(o.n, 695);
    assert_true(state_of(inbox(x))->stale >= 695); /* its rows were read */
    assert_sound(x->a);
}

/* Of a snapshot that holds a multiple of what is left, nothing is read. */
static void most_are_gone(void **state)
{
    struct fixture *x = *state;
    uint32_t gone[4990];
    struct outline o;

    for (uint32_t i = 0; i < 4990; i++)
        gone[i] = i + 1;
    fill(x, 5000);
    idle(x->a);
    assert_true(has_snapshot(x));
    assert_ok(messages_expunge(inbox(x), gone, 4990, account_tick(x->a)));
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_ok(folder_outline(inbox(x), &o));
    assert_int_equal(o.n, 10);
    assert_int_equal(state_of(inbox(x))->stale, 10);
    assert_sound(x->a);
}

/* An outline is enough to open a mailbox; who asks for more goes on with the same map. */
static void outline_first(void **state)
{
    struct fixture *x = *state;
    struct messages *m;
    struct outline o;
    struct uid_map *map;

    fill(x, 700);
    flag(x, 3, FLAG_ANSWERED);
    assert_ok(account_commit(x->a));
    idle(x->a);
    flag(x, 4, FLAG_SEEN | FLAG_DELETED);
    assert_ok(messages_expunge(inbox(x), (uint32_t[]){1}, 1, account_tick(x->a)));
    append(x, inbox(x), "new", 200, 0);
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_ok(folder_outline(inbox(x), &o));
    assert_false(state_of(inbox(x))->whole);
    assert_int_equal(o.n, 700);
    assert_int_equal(o.flags[3], FLAG_SEEN | FLAG_DELETED);
    assert_int_equal(state_of(inbox(x))->n_keywords, 1);
    map = uid_map_ref(o.map);
    append(x, inbox(x), "newer", 200, FLAG_FLAGGED);
    assert_false(state_of(inbox(x))->whole);
    assert_ok(folder_outline(inbox(x), &o));
    assert_true(o.map == map && o.n == 701 && o.flags[700] == FLAG_FLAGGED);
    assert_ok(folder_messages(inbox(x), &m));
    assert_true(state_of(inbox(x))->whole);
    assert_true(m->map == map && m->n == 701);
    uid_map_unref(&map);
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

/* What the outline does not hold is damaged: the rows have it, and the map stays. */
static void damaged_behind_the_outline(void **state)
{
    struct fixture *x = *state;
    struct messages *m;
    struct outline o;
    struct uid_map *map;

    fill(x, 700);
    idle(x->a);
    assert_int_equal(
        sqlite3_exec(x->a->db,
                     "UPDATE snapshot_part SET data = randomblob(length(data)) WHERE id = "
                     "(SELECT max(id) FROM snapshot_part)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    fixture_reopen(x);
    assert_ok(folder_outline(inbox(x), &o));
    assert_false(state_of(inbox(x))->whole);
    map = uid_map_ref(o.map);
    assert_ok(folder_messages(inbox(x), &m));
    assert_true(m->map == map);
    uid_map_unref(&map);
    assert_sound(x->a);
}

/* With an outline only, what an undo takes back is read again; so is a folder that goes. */
static void outline_undone(void **state)
{
    struct fixture *x = *state;
    struct folder *work;
    struct messages *m;
    struct outline o;

    fill(x, 700);
    idle(x->a);
    fixture_reopen(x);
    assert_ok(folder_outline(inbox(x), &o));
    assert_ok(account_savepoint(x->a));
    append(x, inbox(x), "undone", 200, 0);
    account_undo(x->a);
    assert_ok(folder_outline(inbox(x), &o));
    assert_int_equal(o.n, 700);
    assert_false(state_of(inbox(x))->whole);
    assert_ok(folder_rename(inbox(x), SLICE("Work")));
    assert_non_null(work = folder_find(x->a, SLICE("Work")));
    assert_ok(folder_delete(work));
    assert_ok(folder_messages(work, &m));
    assert_int_equal(m->n, 0);
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

/* One in the form of an older version has another number of parts, and is replaced. */
static void of_an_older_version(void **state)
{
    struct fixture *x = *state;
    struct outline o;

    fill(x, 700);
    idle(x->a);
    assert_int_equal(sqlite3_exec(x->a->db, "UPDATE snapshot SET parts = 1", NULL, NULL, NULL),
                     SQLITE_OK);
    fixture_reopen(x);
    assert_ok(folder_outline(inbox(x), &o));
    assert_int_equal(o.n, 700);
    assert_true(snapshot_due(state_of(inbox(x))));
    idle(x->a);
    fixture_reopen(x);
    assert_ok(folder_outline(inbox(x), &o));
    assert_true(state_of(inbox(x))->stale < 10);
    assert_sound(x->a);
}

/* Parts of a snapshot that a killed process did not finish. */
static void stray_parts(void **state)
{
    struct fixture *x = *state;
    int64_t last;

    assert_int_equal(sqlite3_exec(x->a->db, "INSERT INTO snapshot_part VALUES (5, zeroblob(9))",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    idle(x->a);
    assert_ok(sql_value(x->a, &last, 0, PART_LAST));
    assert_int_equal(last, 0);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(written_and_caught_up), WITH(long_parts),
        WITH(the_log_is_trimmed),    WITH(loaded_within_a_transaction),
        WITH(written_anew),          WITH(damaged),
        WITH(damaged_uidnext),       WITH(most_are_gone),
        WITH(outline_first),         WITH(damaged_behind_the_outline),
        WITH(outline_undone),        WITH(of_an_older_version),
        WITH(stray_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
