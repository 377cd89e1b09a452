/* tests/unit/store/test_annotation.c -- metadata: names, order, limits, and what happens to it with
 * its folder and its transaction. */
#include "fixture.h"

static enum err set(struct fixture *x, struct folder *f, int identity, const char *name,
                    const char *value)
{
    return annotation_set(x->a, f, identity, slice_of_str(name), slice_of_str(value),
                          account_tick(x->a));
}

static const char *get(struct fixture *x, struct folder *f, int identity, const char *name)
{
    static char text[100];
    struct slice value;
    enum err e = annotation_get(x->a, f, identity, slice_of_str(name), &value);

    if (e == ERR_NOTFOUND)
        return NULL;
    assert_ok(e);
    snprintf(text, sizeof(text), "%.*s", SLICE_ARG(value));
    return text;
}

static void by_mailbox_identity_and_name(void **state)
{
    struct fixture *x = *state;

    assert_ok(set(x, NULL, STORE_EVERYBODY, "/comment", "server"));
    assert_ok(set(x, inbox(x), STORE_EVERYBODY, "/comment", "shared"));
    assert_ok(set(x, inbox(x), STORE_OWNER, "/comment", "private"));
    assert_ok(set(x, inbox(x), STORE_OWNER, "/Comment", "newer"));
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_string_equal(get(x, NULL, STORE_EVERYBODY, "/comment"), "server");
    assert_null(get(x, NULL, STORE_OWNER, "/comment"));
    assert_string_equal(get(x, inbox(x), STORE_EVERYBODY, "/COMMENT"), "shared");
    assert_string_equal(get(x, inbox(x), STORE_OWNER, "/comment"), "newer");
    assert_ok(set(x, inbox(x), STORE_OWNER, "/cOMMENT", NULL));
    assert_ok(set(x, inbox(x), STORE_OWNER, "/never", NULL));
    assert_null(get(x, inbox(x), STORE_OWNER, "/comment"));
    assert_string_equal(get(x, inbox(x), STORE_EVERYBODY, "/comment"), "shared");
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

static void in_order(void **state)
{
    static const char *const names[] = {"/b", "/A/x", "/a", "/a-b", "/C"};
    struct fixture *x = *state;
    struct slice name = SLICE(""), value;
    struct buf all;

    buf_init(&all, 1000);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_ok(set(x, NULL, STORE_OWNER, names[i], ""));
    assert_ok(set(x, NULL, STORE_EVERYBODY, "/aa", ""));
    assert_ok(set(x, inbox(x), STORE_OWNER, "/aa", ""));
    for (;;) {
        char after[20];
        enum err e;

        snprintf(after, sizeof(after), "%.*s", SLICE_ARG(name));
        e = annotation_next(x->a, NULL, STORE_OWNER, slice_of_str(after), &name, &value);
        if (e == ERR_NOTFOUND)
            break;
        assert_ok(e);
        assert_int_equal(value.n, 0);
        buf_addf(&all, "%.*s ", SLICE_ARG(name));
    }
    assert_slice(buf_slice(&all), SLICE("/a /a-b /A/x /b /C "));
    buf_release(&all);
}

static void with_the_folder(void **state)
{
    struct fixture *x = *state;
    struct folder *f;

    assert_ok(folder_create(x->a, SLICE("f/g"), 0, &f));
    assert_ok(set(x, f, STORE_OWNER, "/comment", "mine"));
    assert_ok(folder_rename(f, SLICE("h")));
    assert_string_equal(get(x, f, STORE_OWNER, "/comment"), "mine");
    assert_ok(account_commit(x->a));

    assert_ok(account_savepoint(x->a));
    assert_ok(folder_delete(f));
    account_undo(x->a);
    f = folder_find(x->a, SLICE("h"));
    assert_string_equal(get(x, f, STORE_OWNER, "/comment"), "mine");
    assert_ok(folder_delete(f));
    assert_err(set(x, f, STORE_OWNER, "/comment", "mine"), NOTFOUND);
    assert_ok(folder_create(x->a, SLICE("h"), 0, &f));
    assert_null(get(x, f, STORE_OWNER, "/comment"));
    assert_ok(account_commit(x->a));

    assert_ok(set(x, inbox(x), STORE_OWNER, "/comment", "in"));
    assert_ok(folder_rename(inbox(x), SLICE("old")));
    f = folder_find(x->a, SLICE("old"));
    assert_string_equal(get(x, f, STORE_OWNER, "/comment"), "in");
    assert_string_equal(get(x, inbox(x), STORE_OWNER, "/comment"), "in");
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

static void limits(void **state)
{
    static char big[STORE_ANNOTATION_OCTETS_MAX + 1];
    struct fixture *x = *state;
    char name[20];
    int n;

    memset(big, 'x', sizeof(big));
    assert_err(annotation_set(x->a, NULL, STORE_OWNER, SLICE("/a"), slice_of(big, sizeof(big)), 1),
               TOOBIG);
    assert_ok(
        annotation_set(x->a, NULL, STORE_OWNER, SLICE("/a"), slice_of(big, sizeof(big) - 1), 1));
    for (n = 1; n < STORE_ANNOTATIONS_MAX; n++) {
        snprintf(name, sizeof(name), "/n%d", n);
        assert_ok(set(x, NULL, n % 2, name, "v"));
    }
    assert_err(set(x, NULL, STORE_OWNER, "/more", "v"), LIMIT);
    assert_ok(set(x, NULL, STORE_OWNER, "/n1", "other"));
    assert_ok(set(x, inbox(x), STORE_OWNER, "/more", "v"));
    assert_ok(set(x, NULL, STORE_OWNER, "/n1", NULL));
    assert_ok(set(x, NULL, STORE_OWNER, "/more", "v"));
    assert_ok(account_commit(x->a));

    /* The sum over all mailboxes, also after taking back. */
    for (n = 0;; n++) {
        enum err e;

        snprintf(name, sizeof(name), "/f%d", n);
        if (n % 1000 == 0) {
            struct folder *f;

            assert_ok(folder_create(x->a, slice_of_str(name + 1), 0, &f));
        }
        snprintf(name, sizeof(name), "f%d", n / 1000 * 1000);
        struct folder *f = folder_find(x->a, slice_of_str(name));
        snprintf(name, sizeof(name), "/f%d", n);
        e = annotation_set(x->a, f, STORE_OWNER, slice_of_str(name), slice_of(big, sizeof(big) - 1),
                           2);
        if (e != ERR_OK) {
            assert_err(e, LIMIT);
            break;
        }
    }
    assert_in_range(n, STORE_ANNOTATIONS_OCTETS_MAX / sizeof(big) - 4,
                    STORE_ANNOTATIONS_OCTETS_MAX / sizeof(big));
    account_rollback(x->a);
    assert_ok(folder_create(x->a, SLICE("g"), 0, NULL));
    assert_ok(annotation_set(x->a, folder_find(x->a, SLICE("g")), STORE_OWNER, SLICE("/a"),
                             slice_of(big, sizeof(big) - 1), 3));
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

static int events(struct fixture *x, const char *name)
{
    char sql[200];
    sqlite3_stmt *s;
    int n;

    snprintf(sql, sizeof(sql), "SELECT count(*), max(kind) FROM event WHERE name = '%s'", name);
    assert_int_equal(sqlite3_prepare_v2(x->a->db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    n = sqlite3_column_int(s, 0) * 10 + sqlite3_column_int(s, 1);
    sqlite3_finalize(s);
    return n;
}

static void changes_are_events(void **state)
{
    struct fixture *x = *state;

    assert_ok(set(x, inbox(x), STORE_OWNER, "/comment", "a"));
    assert_ok(set(x, inbox(x), STORE_OWNER, "/comment", NULL));
    assert_ok(set(x, inbox(x), STORE_OWNER, "/comment", NULL));
    assert_ok(set(x, NULL, STORE_EVERYBODY, "/vendor/a/b", "a"));
    assert_ok(folder_set_use(inbox(x), SPECIAL_USE_ALL, account_tick(x->a)));
    assert_ok(folder_set_use(inbox(x), SPECIAL_USE_ALL, account_tick(x->a)));
    assert_int_equal(events(x, "/private/comment"), 2 * 10 + EVENT_METADATA);
    assert_int_equal(events(x, "/shared/vendor/a/b"), 10 + EVENT_METADATA_SERVER);
    assert_int_equal(events(x, "/private/specialuse"), 10 + EVENT_METADATA);
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_int_equal(inbox(x)->special_use, SPECIAL_USE_ALL);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {WITH(by_mailbox_identity_and_name), WITH(in_order),
                                       WITH(with_the_folder), WITH(limits),
                                       WITH(changes_are_events)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
