/* The small argument parsers: CREATE, SELECT, STORE, ENABLE, ID. */
#include "../test.h"

#include "wire/create.h"
#include "wire/enable.h"
#include "wire/id_list.h"
#include "wire/quota.h"
#include "wire/select.h"
#include "wire/store.h"

static struct arena arena;

static int fresh_arena(void **state)
{
    (void)state;
    arena_init(&arena, 100000);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static void test_create(void **state)
{
    static const struct {
        const char *in;
        enum err want;
        const char *mailbox;
        uint32_t use;
    } table[] = {
        {"a/b/", ERR_OK, "a/b", 0},
        {"Sent (USE (\\sent))", ERR_OK, "Sent", SPECIAL_USE_SENT},
        {"x (USE (\\All \\Trash \\Important))", ERR_OK, "x",
         SPECIAL_USE_ALL | SPECIAL_USE_TRASH | SPECIAL_USE_IMPORTANT},
        {"x (USE ())", ERR_OK, "x", 0},
        {"x (USE (\\Memos \\SNOOZED \\scheduled))", ERR_OK, "x",
         SPECIAL_USE_MEMOS | SPECIAL_USE_SNOOZED | SPECIAL_USE_SCHEDULED},
        {"x (USE (\\Inbox))", ERR_USEATTR, NULL, 0},
        {"x (USE (Sent))", ERR_SYNTAX, NULL, 0},
        {"x (USE)", ERR_SYNTAX, NULL, 0},
        {"x (FOO 1)", ERR_SYNTAX, NULL, 0},
        {"x ()", ERR_SYNTAX, NULL, 0},
        {"a//b", ERR_CANNOT, NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct create_args args = {0};

        assert_int_equal(create_parse(&in, &arena, MAILBOX_MUTF7, &args), table[i].want);
        assert_slice(args.mailbox, slice_of_str(table[i].mailbox));
        assert_int_equal(args.special_use, table[i].use);
    }
}

static void test_special_use_text(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    assert_true(special_use_write(&out, SPECIAL_USE_SENT | SPECIAL_USE_ALL, false));
    assert_true(special_use_write(&out, SPECIAL_USE_JUNK, true));
    assert_false(special_use_write(&out, 0, true));
    assert_slice(buf_slice(&out), SLICE("\\All \\Sent \\Junk"));
    buf_clear(&out);
    assert_true(special_use_write_xlist(&out, SPECIAL_USE_ALL | SPECIAL_USE_SENT, false));
    assert_slice(buf_slice(&out), SLICE("\\AllMail \\Sent"));
    buf_release(&out);
}

static void test_special_use_read(void **state)
{
    static const struct {
        const char *in;
        enum err want;
        uint32_t bits;
    } table[] = {
        {"\\Sent", ERR_OK, SPECIAL_USE_SENT},
        {"\\sent \\ALL", ERR_OK, SPECIAL_USE_SENT | SPECIAL_USE_ALL},
        {"", ERR_USEATTR, 0},
        {"Sent", ERR_USEATTR, 0},
        {"\\Sent ", ERR_USEATTR, 0},
        {"\\Sent  \\All", ERR_USEATTR, 0},
        {"\\Inbox", ERR_USEATTR, 0},
        {"\\Sent,\\All", ERR_USEATTR, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        uint32_t bits = 0;

        assert_int_equal(special_use_read(slice_of_str(table[i].in), &bits), table[i].want);
        assert_int_equal(bits, table[i].bits);
    }
}

static void test_setquota(void **state)
{
    static const struct {
        const char *in;
        enum err want;
        const char *root;
        uint64_t storage, messages;
        bool unknown;
    } table[] = {
        {"\"\" (STORAGE 512)", ERR_OK, "", 512, QUOTA_NO_LIMIT, false},
        {"#user/alice (message 0 Storage 7)", ERR_OK, "#user/alice", 7, 0, false},
        {"a (MESSAGE 1 MESSAGE 9223372036854775807)", ERR_OK, "a", QUOTA_NO_LIMIT, INT64_MAX,
         false},
        {"a (X-OTHER 3 MESSAGE 1)", ERR_OK, "a", QUOTA_NO_LIMIT, 1, true},
        {"a ()", ERR_OK, "a", QUOTA_NO_LIMIT, QUOTA_NO_LIMIT, false},
        {"a", ERR_SYNTAX, NULL, 0, 0, false},
        {"a STORAGE 1", ERR_SYNTAX, NULL, 0, 0, false},
        {"a (STORAGE)", ERR_SYNTAX, NULL, 0, 0, false},
        {"a (STORAGE x)", ERR_SYNTAX, NULL, 0, 0, false},
        {"a (STORAGE 9223372036854775808)", ERR_SYNTAX, NULL, 0, 0, false},
        {"a (STORAGE 1 )", ERR_SYNTAX, NULL, 0, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct quota_args args = {0};

        if (setquota_parse(&in, &arena, &args) != table[i].want)
            fail_msg("%s", table[i].in);
        assert_slice(args.root, slice_of_str(table[i].root));
        assert_true(args.most[QUOTA_STORAGE] == table[i].storage);
        assert_true(args.most[QUOTA_MESSAGE] == table[i].messages);
        assert_int_equal(args.unknown, table[i].unknown);
    }
}

static void test_select(void **state)
{
    struct lex in = lex_of(SLICE("inbox\r\n"), false);
    struct select_args args;

    (void)state;
    assert_int_equal(select_parse(&in, &arena, MAILBOX_MUTF7, &args), ERR_OK);
    assert_slice(args.mailbox, SLICE("INBOX"));
    assert_int_equal(lex_end(&in), ERR_OK);
    in = lex_of(SLICE("inbox (FOO)\r\n"), false);
    assert_int_equal(select_parse(&in, &arena, MAILBOX_MUTF7, &args), ERR_SYNTAX);
}

/* What is written is "condstore uidvalidity modseq uids / numbers = uids". */
static void test_select_parameters(void **state)
{
    static const struct {
        const char *in, *want; /* NULL: ERR_SYNTAX */
    } table[] = {
        {"x (CONDSTORE)", "condstore"},
        {"x (QRESYNC (7 90060115194045000))", "7 90060115194045000"},
        {"x (qresync (7 0 41,43:211))", "7 0 41,43:211"},
        {"x (QRESYNC (7 5 1:9 (1,3:4 2,5:6)) condstore)", "condstore7 5 1:9/1,3:4=2,5:6"},
        {"x (QRESYNC (7 5 (1 2)))", "7 5/1=2"},
        {"x (OBJECTID)", "object:/"},
        {"x (objectid (mailboxid F1 other x ACCOUNTID A-2) CONDSTORE)", "condstoreobject:F1/A-2"},
        {"x (OBJECTID ())", NULL},
        {"x (OBJECTID (MAILBOXID))", NULL},
        {"x (OBJECTID (MAILBOXID F1)", NULL},
        {"x (OBJECTID OBJECTID)", NULL},
        {"x ()", NULL},
        {"x (CONDSTORE CONDSTORE)", NULL},
        {"x (QRESYNC (7 5) QRESYNC (7 5))", NULL},
        {"x (QRESYNC)", NULL},
        {"x (QRESYNC 7 5)", NULL},
        {"x (QRESYNC (0 5))", NULL},
        {"x (QRESYNC (7))", NULL},
        {"x (QRESYNC (7 9223372036854775808))", NULL},
        {"x (QRESYNC (7 5 1:*))", NULL},
        {"x (QRESYNC (7 5 $))", NULL},
        {"x (QRESYNC (7 5 ()))", NULL},
        {"x (QRESYNC (7 5 (1)))", NULL},
        {"x (QRESYNC (7 5 (1:2 5)))", NULL},
        {"x (QRESYNC (7 5 (* 5)))", NULL},
        {"x (QRESYNC (7 5 (1 *)))", NULL},
        {"x (QRESYNC (7 5 (1 2) 3))", NULL},
        {"x (QRESYNC (7 5)", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct select_args args = {0};
        enum err e = select_parse(&in, &arena, MAILBOX_MUTF7, &args);
        const struct qresync_args *q = &args.qresync;
        struct buf out;

        assert_int_equal(e, table[i].want != NULL ? ERR_OK : ERR_SYNTAX);
        if (e != ERR_OK)
            continue;
        buf_init(&out, 1000);
        buf_add_str(&out, args.condstore ? "condstore" : "");
        if (args.has_objectid)
            buf_addf(&out, "object:%.*s/%.*s", SLICE_ARG(args.mailbox_id),
                     SLICE_ARG(args.account_id));
        if (args.has_qresync)
            buf_addf(&out, "%u %llu", q->uidvalidity, (unsigned long long)q->modseq);
        if (q->has_uids)
            buf_add_char(&out, ' ');
        seq_set_write(&out, &q->uids);
        if (q->has_match) {
            buf_add_char(&out, '/');
            seq_set_write(&out, &q->match_numbers);
            buf_add_char(&out, '=');
            seq_set_write(&out, &q->match_uids);
        }
        assert_slice(buf_slice(&out), slice_of_str(table[i].want));
        buf_release(&out);
    }
}

static void test_store(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        enum store_action action;
        bool silent;
        uint32_t system;
        size_t keywords;
    } table[] = {
        {"1:3 FLAGS ()", true, STORE_REPLACE, false, 0, 0},
        {"1:3 flags.silent \\Seen", true, STORE_REPLACE, true, FLAG_SEEN, 0},
        {"$ +FLAGS (\\Seen a)", true, STORE_ADD, false, FLAG_SEEN, 1},
        {"* +FLAGS.SILENT a b", true, STORE_ADD, true, 0, 2},
        {"2 -FLAGS \\Draft", true, STORE_REMOVE, false, FLAG_DRAFT, 0},
        {"2 -FLAGS.SILENT (a)", true, STORE_REMOVE, true, 0, 1},
        {"2 FLAGS", false, 0, false, 0, 0},
        {"2 FLAGSX a", false, 0, false, 0, 0},
        {"2 (UNCHANGEDSINCE 5) FLAGS a", true, STORE_REPLACE, false, 0, 1},
        {"2 (unchangedsince 0) +FLAGS.SILENT \\Seen", true, STORE_ADD, true, FLAG_SEEN, 0},
        {"2 (UNCHANGEDSINCE) FLAGS a", false, 0, false, 0, 0},
        {"2 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 1) FLAGS a", false, 0, false, 0, 0},
        {"2 (UNCHANGEDSINCE 9223372036854775808) FLAGS a", false, 0, false, 0, 0},
        {"2 () FLAGS a", false, 0, false, 0, 0},
        {"2 (UNCHANGEDSINCE 5)FLAGS a", false, 0, false, 0, 0},
        {"a FLAGS b", false, 0, false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct store_args args = {0};

        assert_int_equal(store_parse(&in, &arena, MAILBOX_UTF8, &args) == ERR_OK, table[i].ok);
        assert_int_equal(args.action, table[i].action);
        assert_int_equal(args.silent, table[i].silent);
        assert_int_equal(args.flags.system, table[i].system);
        assert_int_equal(args.flags.n, table[i].keywords);
    }
}

/* X-GM-LABELS: the labels with a "|" before each; NULL: ERR_SYNTAX. */
static void test_store_labels(void **state)
{
    static const struct {
        const char *in, *labels;
        enum store_action action;
        bool silent;
    } table[] = {
        {"1 X-GM-LABELS ()", "", STORE_REPLACE, false},
        {"1 +x-gm-labels (\\Inbox \"\\\\Sent\" work \"a b\" inbox)",
         "|\\Inbox|\\Sent|work|a b|INBOX", STORE_ADD, false},
        {"1 -X-GM-LABELS.SILENT work", "|work", STORE_REMOVE, true},
        {"1 X-GM-LABELS", NULL, 0, false},
        {"1 X-GM-LABELS (a", NULL, 0, false},
        {"1 X-GM-LABELS (\\)", NULL, 0, false},
        {"1 X-GM-LABELSX a", NULL, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct store_args args = {0};
        enum err e = store_parse(&in, &arena, MAILBOX_UTF8, &args);
        struct buf out;

        assert_int_equal(e, table[i].labels != NULL ? ERR_OK : ERR_SYNTAX);
        if (e != ERR_OK)
            continue;
        buf_init(&out, 1000);
        for (size_t k = 0; k < args.labels; k++)
            buf_addf(&out, "|%.*s", SLICE_ARG(args.label[k]));
        assert_slice(buf_slice(&out), slice_of_str(table[i].labels));
        assert_true(args.is_labels);
        assert_int_equal(args.action, table[i].action);
        assert_int_equal(args.silent, table[i].silent);
        buf_release(&out);
    }
}

static void test_enable(void **state)
{
    struct lex in = lex_of(SLICE("IMAP4rev2 foo\r\n"), false);
    struct enable_args args;

    (void)state;
    assert_int_equal(enable_parse(&in, &arena, &args), ERR_OK);
    assert_int_equal(args.n, 2);
    assert_slice(args.name[0], SLICE("IMAP4rev2"));
    assert_slice(args.name[1], SLICE("foo"));
    in = lex_of(SLICE("\r\n"), false);
    assert_int_equal(enable_parse(&in, &arena, &args), ERR_SYNTAX);
    in = lex_of(SLICE("a (b)"), false);
    assert_int_equal(enable_parse(&in, &arena, &args), ERR_SYNTAX);
}

static void test_id(void **state)
{
    struct lex in = lex_of(SLICE("(\"name\" \"mutt\" \"os\" nil)"), false);
    struct id_list list = {0};

    (void)state;
    assert_int_equal(id_list_parse(&in, &arena, &list), ERR_OK);
    assert_int_equal(list.n, 2);
    assert_slice(list.pair[0].field, SLICE("name"));
    assert_slice(list.pair[0].value, SLICE("mutt"));
    assert_null(list.pair[1].value.p);
    in = lex_of(SLICE("NIL"), false);
    assert_int_equal(id_list_parse(&in, &arena, &list), ERR_OK);
    assert_int_equal(list.n, 0);
    in = lex_of(SLICE("()"), false);
    assert_int_equal(id_list_parse(&in, &arena, &list), ERR_OK);
    in = lex_of(SLICE("(\"name\")"), false);
    assert_int_equal(id_list_parse(&in, &arena, &list), ERR_SYNTAX);
    assert_int_equal(in.at, 7);
    in = lex_of(SLICE("(NIL \"x\")"), false);
    assert_int_equal(id_list_parse(&in, &arena, &list), ERR_SYNTAX);
    in = lex_of(SLICE("(\"0123456789012345678901234567890\" \"x\")"), false);
    assert_int_equal(id_list_parse(&in, &arena, &list), ERR_LIMIT);
}

static void test_id_background(void **state)
{
    static const struct {
        const char *list;
        bool background;
        const char *description;
    } cases[] = {
        {"(\"name\" \"com.apple.email.maild\" \"event\" \"back-fill\" \"version\" \"18.5\")", true,
         "com.apple.email.maild 18.5"},
        {"(\"EVENT\" \"Indexer\" \"Name\" \"com.apple.x\")", true, "com.apple.x"},
        {"(\"name\" \"com.apple.x\" \"event\" \"periodic,back-fill\")", true, "com.apple.x"},
        {"(\"name\" \"com.apple.x\" \"event\" \"back-fill, periodic\")", true, "com.apple.x"},
        {"(\"name\" \"com.apple.x\" \"event\" \"periodic\")", true, "com.apple.x"},
        {"(\"name\" \"com.apple.x\" \"event\" \"PUSH\")", true, "com.apple.x"},
        {"(\"name\" \"com.apple.x\" \"event\" \"user,open\")", false, "com.apple.x"},
        {"(\"name\" \"com.apple.x\" \"event\" NIL)", false, "com.apple.x"},
        {"(\"name\" \"com.apple.x\" \"event\" \"\")", false, "com.apple.x"},
        {"(\"name\" \"com.apple.x\" \"event\" \",,\")", false, "com.apple.x"},
        {"(\"name\" \"com.apple.x\" \"event\" \"back-filling\")", false, "com.apple.x"},
        {"(\"name\" \"mutt\" \"event\" \"back-fill\")", false, "mutt"},
        {"(\"event\" \"back-fill\")", false, ""},
        {"(\"name\" NIL \"event\" \"back-fill\" \"version\" \"7\")", false, "7"},
        {"(\"name\" {4}\r\na\nb\x7f)", false, "a?b?"},
        {"NIL", false, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex in = lex_of(slice_of_str(cases[i].list), true);
        struct id_list list;
        struct buf text;

        buf_init(&text, ID_DESCRIPTION_OCTETS_MAX);
        assert_int_equal(id_list_parse(&in, &arena, &list), ERR_OK);
        assert_int_equal(id_is_background(&list), cases[i].background);
        id_describe(&list, &text);
        assert_slice(buf_slice(&text), slice_of_str(cases[i].description));
        buf_release(&text);
    }
}

static void test_id_pairs_limit(void **state)
{
    struct id_list list;
    struct buf text;
    struct lex in;

    (void)state;
    buf_init(&text, 10000);
    buf_add_char(&text, '(');
    for (int i = 0; i < ID_PAIRS_MAX; i++)
        buf_addf(&text, "%s\"k%d\" \"v\"", i > 0 ? " " : "", i);
    buf_add_char(&text, ')');
    in = lex_of(buf_slice(&text), false);
    assert_int_equal(id_list_parse(&in, &arena, &list), ERR_OK);
    assert_int_equal(list.n, ID_PAIRS_MAX);
    buf_truncate(&text, text.n - 1);
    buf_add_str(&text, " \"k\" \"v\")");
    in = lex_of(buf_slice(&text), false);
    assert_int_equal(id_list_parse(&in, &arena, &list), ERR_LIMIT);
    buf_release(&text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh_arena, clear_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_create),
        TEST(test_special_use_text),
        TEST(test_special_use_read),
        TEST(test_select),
        TEST(test_select_parameters),
        TEST(test_store),
        TEST(test_enable),
        TEST(test_id),
        TEST(test_id_background),
        TEST(test_setquota),
        TEST(test_id_pairs_limit),
        TEST(test_store_labels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
