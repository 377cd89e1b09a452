/* tests/unit/store/test_schema.c -- a newer Roost upgrades an older database in one transaction, an
 * older one refuses a newer database. */
#include "fixture.h"

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
    static const char *const steps[] = {NULL, "CREATE TABLE two (a)", "CREATE TABLE three (a)"};
    struct fixture *x = *state;

    assert_int_equal(version_of(x), STORE_VERSION);
    assert_err(schema_upgrade(x->a->db, steps, 1, 3), OK);
    assert_int_equal(version_of(x), 3);
    assert_true(has_table(x, "SELECT a FROM two"));
    assert_true(has_table(x, "SELECT a FROM three"));
    account_close(&x->a);
    assert_err(account_open(x->root, SLICE("anna"), &x->a), NEWER);
    assert_null(x->a);
}

static void failed_upgrade_changes_nothing(void **state)
{
    static const char *const steps[] = {NULL, "CREATE TABLE two (a)", "CREATE TABLE"};
    struct fixture *x = *state;

    assert_int_not_equal(schema_upgrade(x->a->db, steps, 1, 3), ERR_OK);
    assert_int_equal(version_of(x), STORE_VERSION);
    assert_false(has_table(x, "SELECT a FROM two"));
    assert_sound(x->a);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {WITH(upgrade_and_refuse),
                                       WITH(failed_upgrade_changes_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
