/* tests/unit/store/test_schema.c -- a newer Roost upgrades an older database in one transaction, an
 * older one refuses a newer database. */
#include "fixture.h"

static const char schema_1[] = {
#include "schema_1.inc"
    , '\0'};

static int version_of(struct fixture *x)
{
    sqlite3_stmt *s;
    int version;

    assert_int_equal(sqlite3_prepare_v2(x->a->db, "PRAGMA user_version", -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    version = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return version;
}

static bool has_table(struct fixture *x, const char *sql)
{
    return sqlite3_exec(x->a->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static void upgrade_and_refuse(void **state)
{
    static const char *const steps[STORE_VERSION + 2] = {
        [STORE_VERSION] = "CREATE TABLE two (a)", [STORE_VERSION + 1] = "CREATE TABLE three (a)"};
    struct fixture *x = *state;

    assert_int_equal(version_of(x), STORE_VERSION);
    assert_err(schema_upgrade(x->a->db, steps, STORE_VERSION, STORE_VERSION + 2), OK);
    assert_int_equal(version_of(x), STORE_VERSION + 2);
    assert_true(has_table(x, "SELECT a FROM two"));
    assert_true(has_table(x, "SELECT a FROM three"));
    account_close(&x->a);
    assert_err(account_open(x->root, SLICE("anna"), &x->a), NEWER);
    assert_null(x->a);
}

static void failed_upgrade_changes_nothing(void **state)
{
    static const char *const steps[STORE_VERSION + 2] = {[STORE_VERSION] = "CREATE TABLE two (a)",
                                                         [STORE_VERSION + 1] = "CREATE TABLE"};
    struct fixture *x = *state;

    assert_int_not_equal(schema_upgrade(x->a->db, steps, STORE_VERSION, STORE_VERSION + 2), ERR_OK);
    assert_int_equal(version_of(x), STORE_VERSION);
    assert_false(has_table(x, "SELECT a FROM two"));
    assert_sound(x->a);
}

/* Every column of every table, and every index, as one text. */
static void describe(sqlite3 *db, struct buf *out)
{
    static const char sql[] =
        "SELECT m.type || ' ' || m.name || ' ' || p.name || ' ' || p.type || ' ' || "
        "p.\"notnull\" || ' ' || ifnull(p.dflt_value, '') || ' ' || p.pk FROM sqlite_schema m, "
        "pragma_table_info(m.name) p UNION ALL SELECT m.type || ' ' || m.name || ' ' || p.name "
        "FROM sqlite_schema m, pragma_index_info(m.name) p ORDER BY 1";
    sqlite3_stmt *s;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW)
        buf_addf(out, "%s\n", (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    buf_add_char(out, '\0');
}

static void steps_give_the_schema(void **state)
{
    struct fixture *x = *state;
    struct buf fresh, upgraded;
    sqlite3 *db;

    buf_init(&fresh, 1 << 20);
    buf_init(&upgraded, 1 << 20);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, schema_1, NULL, NULL, NULL), SQLITE_OK);
    assert_err(schema_upgrade(db, schema_steps, 1, STORE_VERSION), OK);
    describe(x->a->db, &fresh);
    describe(db, &upgraded);
    assert_string_equal(buf_slice(&upgraded).p, buf_slice(&fresh).p);
    sqlite3_close(db);
    buf_release(&fresh);
    buf_release(&upgraded);
}

/* Mail of version 1: everything is there, only when it was saved is not known. */
static void mail_of_version_1(void **state)
{
    static const char back[] =
        "ALTER TABLE message DROP COLUMN saved; ALTER TABLE expunged DROP COLUMN saved;"
        "ALTER TABLE account DROP COLUMN threaded; DROP INDEX annotation_by_name;"
        "DROP TABLE quota; DROP TABLE thread_key; DROP TABLE object_id; DROP TABLE gist;"
        "DROP TABLE listing;"
        "PRAGMA user_version = 1";
    struct fixture *x = *state;
    struct messages *m;

    append(x, inbox(x), "one", 500, 0);
    append(x, inbox(x), "two", 500, FLAG_SEEN);
    assert_ok(account_commit(x->a));
    assert_int_equal(sqlite3_exec(x->a->db, back, NULL, NULL, NULL), SQLITE_OK);
    fixture_reopen(x);
    assert_int_equal(version_of(x), STORE_VERSION);
    assert_ok(folder_messages(inbox(x), &m));
    assert_int_equal(m->n, 2);
    assert_int_equal(m->saved[1], 0);
    append(x, inbox(x), "three", 500, 0);
    assert_true(m->saved[2] > 0);
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {WITH(upgrade_and_refuse),
                                       WITH(failed_upgrade_changes_nothing),
                                       WITH(steps_give_the_schema), WITH(mail_of_version_1)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
