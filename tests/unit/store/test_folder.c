/* tests/unit/store/test_folder.c -- CREATE, DELETE, RENAME, subscriptions, the order of names. */
#include "fixture.h"

#define S(lit)                                                                                     \
    {                                                                                              \
        "" lit, sizeof(lit) - 1                                                                    \
    }
#define NAMES(a) all_names(a)

static const char *all_names(struct account *a)
{
    static char text[2000];
    size_t n, at = 0;
    struct folder *const *f = account_folders(a, &n);

    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.*s%s%s", i > 0 ? " " : "",
                               SLICE_ARG(f[i]->name), f[i]->noselect ? "!" : "",
                               f[i]->has_children ? "+" : "");
    return text;
}

static void create(void **state)
{
    static const struct {
        struct slice name;
        uint32_t use;
        enum err want;
    } row[] = {
        {S("a/b/c"), 0, ERR_OK},
        {S("a/b/c"), 0, ERR_EXISTS},
        {S("a/b"), 0, ERR_OK}, /* was \Noselect */
        {S("a/b"), 0, ERR_EXISTS},
        {S("INBOX"), 0, ERR_EXISTS},
        {S("inbox"), 0, ERR_EXISTS},
        {S("inbox/x"), 0, ERR_OK},
        {S("Inbox/x"), 0, ERR_EXISTS},
        {S("inboxes"), 0, ERR_OK},
        {S("Shared"), 0, ERR_CANNOT},
        {S("shared/x"), 0, ERR_CANNOT},
        {S("Other Users/x"), 0, ERR_CANNOT},
        {S("x/Shared"), 0, ERR_OK},
        {S("a//b"), 0, ERR_CANNOT},
        {S("/a"), 0, ERR_CANNOT},
        {S("a/"), 0, ERR_CANNOT},
        {S(""), 0, ERR_CANNOT},
        {S("a\x01"), 0, ERR_CANNOT},
        {S("\xff"), 0, ERR_CANNOT},
        {S("Caf\xc3\xa9"), 0, ERR_OK},
        {S("Cafe\xcc\x81"), 0, ERR_EXISTS}, /* the same in NFC */
        {S("MySent"), SPECIAL_USE_SENT, ERR_USEATTR},
        {S("All"), SPECIAL_USE_ALL, ERR_OK},
    };
    struct fixture *x = *state;

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        if (folder_create(x->a, row[i].name, row[i].use, NULL) != row[i].want)
            fail_msg("row %zu", i);
    assert_ok(account_commit(x->a));
    for (int pass = 0; pass < 2; pass++) {
        assert_string_equal(NAMES(x->a),
                            "INBOX+ All Archive Caf\xc3\xa9 Drafts INBOX/x Junk Sent Trash a!+ "
                            "a/b+ a/b/c inboxes x!+ x/Shared");
        fixture_reopen(x);
    }
    assert_ptr_equal(folder_find(x->a, SLICE("Cafe\xcc\x81")),
                     folder_find(x->a, SLICE("Caf\xc3\xa9")));
    assert_ptr_equal(folder_find(x->a, SLICE("iNbOx")), inbox(x));
    assert_null(folder_find(x->a, SLICE("INBOX/X")));
    assert_null(folder_find(x->a, SLICE("\xff")));
    assert_sound(x->a);
}

static void uidvalidity_is_never_reused(void **state)
{
    struct fixture *x = *state;
    struct folder *f;
    uint32_t last = 0;

    for (int i = 0; i < 5; i++) {
        assert_ok(folder_create(x->a, SLICE("f"), 0, &f));
        assert_true(f->uidvalidity > last);
        last = f->uidvalidity;
        assert_ok(folder_delete(f));
        assert_true(f->gone);
        if (i == 2)
            account_rollback(x->a);
        assert_ok(account_commit(x->a));
        fixture_reopen(x);
    }
}

static void delete (void **state)
{
    struct fixture *x = *state;
    struct folder *top, *sub, *heir;
    struct message_row row;
    struct change *c;
    struct arena arena;
    size_t n;
    uint64_t before;

    assert_err(folder_delete(inbox(x)), CANNOT);
    assert_ok(folder_create(x->a, SLICE("t/s"), 0, &sub));
    top = folder_find(x->a, SLICE("t"));
    assert_err(folder_delete(top), HASCHILDREN);
    assert_ok(folder_create(x->a, SLICE("t"), 0, &heir));
    assert_ptr_equal(heir, top);
    append(x, top, "one", 300, 0);
    append(x, top, "two", 300, 0);
    assert_ok(subscription_set(x->a, SLICE("t"), true));
    assert_ok(account_commit(x->a));

    before = account_modseq(x->a);
    assert_ok(folder_delete(top)); /* its name stays */
    heir = folder_find(x->a, SLICE("t"));
    assert_true(heir != top && heir->noselect && heir->has_children && top->gone);
    assert_true(heir->uidvalidity > top->uidvalidity);
    assert_true(subscription_has(x->a, SLICE("t")));
    assert_string_equal(shown(top), "");
    assert_ok(message_expunged(top, 2, &row));
    assert_int_equal(row.uid, 2);
    arena_init(&arena, 1 << 20);
    assert_ok(folder_changes(top, before, &arena, &c, &n));
    assert_int_equal(n, 2);
    assert_true(c[0].kind == CHANGE_EXPUNGE && c[0].uid == 1 && c[1].uid == 2);
    arena_clear(&arena);
    assert_err(folder_delete(top), NOTFOUND);
    assert_ok(folder_delete(sub));
    assert_false(heir->has_children);
    assert_ok(folder_delete(heir));
    assert_null(folder_find(x->a, SLICE("t")));
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

static void undone_delete(void **state)
{
    struct fixture *x = *state;
    struct folder *f;

    assert_ok(folder_create(x->a, SLICE("f/sub"), 0, NULL));
    assert_ok(folder_create(x->a, SLICE("f"), 0, &f));
    append(x, f, "one", 300, 0);
    assert_ok(account_commit(x->a));
    assert_ok(account_savepoint(x->a));
    assert_ok(folder_delete(f));
    assert_true(f->gone);
    account_undo(x->a);
    assert_false(f->gone);
    assert_slice(f->name, SLICE("f"));
    assert_true(f->has_children);
    assert_ptr_equal(folder_find(x->a, SLICE("f")), f);
    assert_string_equal(shown(f), "1:0");
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

static void rename_(void **state)
{
    struct fixture *x = *state;
    struct folder *f;
    uint32_t validity;
    uint64_t id;

    assert_ok(folder_create(x->a, SLICE("Caf\xc3\xa9"), 0, &f));
    assert_ok(folder_create(x->a, SLICE("Cafe\xcc\x81/sub"), 0, NULL)); /* another spelling */
    assert_ok(folder_create(x->a, SLICE("Cafes"), 0, NULL));
    append(x, f, "one", 300, 0);
    validity = f->uidvalidity;
    id = f->mailbox_id;
    assert_err(folder_rename(f, SLICE("Sent")), EXISTS);
    assert_err(folder_rename(f, SLICE("Caf\xc3\xa9/sub/x")), CANNOT);
    assert_err(folder_rename(f, SLICE("Shared/x")), CANNOT);
    assert_err(folder_rename(f, SLICE("INBOX")), CANNOT);
    assert_ok(folder_rename(f, SLICE("new/place")));
    assert_ok(account_commit(x->a));
    for (int pass = 0; pass < 2; pass++) {
        assert_string_equal(NAMES(x->a), "INBOX Archive Cafes Drafts Junk Sent Trash new!+ "
                                         "new/place+ new/place/sub");
        f = folder_find(x->a, SLICE("new/place"));
        assert_true(f->uidvalidity == validity && f->mailbox_id == id);
        assert_string_equal(shown(f), "1:0");
        fixture_reopen(x);
    }
    assert_ok(account_savepoint(x->a));
    assert_ok(folder_rename(folder_find(x->a, SLICE("new/place")), SLICE("z")));
    assert_non_null(folder_find(x->a, SLICE("z/sub")));
    account_undo(x->a);
    assert_null(folder_find(x->a, SLICE("z")));
    assert_non_null(folder_find(x->a, SLICE("new/place/sub")));
    assert_sound(x->a);
}

static void rename_inbox(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);

    append(x, f, "one", 300, FLAG_SEEN);
    append(x, f, "two", 300, FLAG_DELETED);
    assert_ok(folder_create(x->a, SLICE("INBOX/sub"), 0, NULL));
    assert_ok(folder_rename(f, SLICE("old/mail")));
    assert_ok(account_commit(x->a));
    assert_string_equal(shown(f), "");
    assert_int_equal(f->messages, 0);
    assert_int_equal(f->uidnext, 3);
    f = folder_find(x->a, SLICE("old/mail"));
    assert_string_equal(shown(f), "1:1 2:8");
    assert_int_equal(f->unseen, 1);
    assert_int_equal(f->deleted, 1);
    assert_non_null(folder_find(x->a, SLICE("INBOX/sub")));
    assert_sound(x->a);
}

static void long_names(void **state)
{
    struct fixture *x = *state;
    static char name[STORE_NAME_OCTETS_MAX + 1];
    struct folder *f;

    memset(name, 'n', sizeof(name));
    assert_err(folder_create(x->a, slice_of(name, sizeof(name)), 0, NULL), CANNOT);
    assert_ok(folder_create(x->a, slice_of(name, sizeof(name) - 1), 0, NULL));
    name[1] = '/';
    assert_ok(folder_create(x->a, slice_of(name, sizeof(name) - 1), 0, NULL));
    f = folder_find(x->a, SLICE("n"));
    assert_non_null(f);
    assert_err(folder_rename(f, SLICE("nn")), LIMIT); /* its inferior would be too long */
    assert_ok(folder_rename(f, SLICE("m")));
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

static void subscriptions(void **state)
{
    struct fixture *x = *state;
    const struct slice *s;
    size_t n;

    assert_ok(subscription_set(x->a, SLICE("Nowhere"), true));
    assert_ok(subscription_set(x->a, SLICE("Nowhere"), true));
    assert_ok(subscription_set(x->a, SLICE("Sent"), false));
    assert_ok(subscription_set(x->a, SLICE("Sent"), false));
    assert_ok(account_commit(x->a));
    for (int pass = 0; pass < 2; pass++) {
        s = account_subscriptions(x->a, &n);
        assert_int_equal(n, 6);
        assert_slice(s[0], SLICE("INBOX"));
        assert_slice(s[4], SLICE("Nowhere"));
        assert_true(subscription_has(x->a, SLICE("inbox")));
        assert_false(subscription_has(x->a, SLICE("Sent")));
        fixture_reopen(x);
    }
    assert_ok(subscription_set(x->a, SLICE("Trash"), false));
    account_rollback(x->a);
    assert_true(subscription_has(x->a, SLICE("Trash")));
    assert_err(subscription_set(x->a, SLICE("a//b"), true), CANNOT);
}

static void subscriptions_below_a_name(void **state)
{
    static const struct {
        const char *name;
        size_t n;
        const char *first;
    } row[] = {
        {"a", 3, "a/b"},
        {"a/b", 1, "a/b/c"},
        {"a/b/c", 0, NULL},
        {"A", 0, NULL},
        {"x", 0, NULL},
        {"inbox", 1, "INBOX/y"},
        {"Caf\xc3\xa9", 1, "Cafe\xcc\x81/z"},
    };
    static const char *const names[] = {"a",  "a/b",     "a/b/c", "a/d",
                                        "ab", "inbox/y", "a-x/y", "Cafe\xcc\x81/z"};
    struct fixture *x = *state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_ok(subscription_set(x->a, slice_of_str(names[i]), true));
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        size_t all, n, first = subscriptions_below(x->a, slice_of_str(row[i].name), &n);
        const struct slice *s = account_subscriptions(x->a, &all);

        assert_int_equal(n, row[i].n);
        if (n > 0)
            assert_slice(s[first], slice_of_str(row[i].first));
    }
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(subscriptions_below_a_name),
        WITH(create),
        WITH(uidvalidity_is_never_reused),
        WITH(delete),
        WITH(undone_delete),
        WITH(rename_),
        WITH(rename_inbox),
        WITH(long_names),
        WITH(subscriptions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
