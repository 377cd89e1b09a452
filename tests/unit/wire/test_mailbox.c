/* Mailbox names: modified UTF-7 both ways, validity, INBOX, keys, patterns, writing. */
#include "../test.h"

#include "base/utf8.h"
#include "wire/mailbox.h"

#define S(lit)                                                                                     \
    {                                                                                              \
        lit, sizeof(lit) - 1                                                                       \
    }

/* One spelling for one name. */
static const struct {
    const char *utf8, *mutf7;
} pairs[] = {
    {"INBOX", "INBOX"},
    {"", ""},
    {"a&b", "a&-b"},
    {"&&", "&-&-"},
    {"Entw\xc3\xbcrfe", "Entw&APw-rfe"},
    {"~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
     "~peter/mail/&U,BTFw-/&ZeVnLIqe-"}, /* RFC 3501 section 5.1.3 */
    {"\xf0\x9f\x98\x80", "&2D3eAA-"},
    {"\xc3\xa4&\xc3\xa4", "&AOQ-&-&AOQ-"},
    {"\xc3\xa4-", "&AOQ--"},
    {"\xef\xbf\xbf", "&,,8-"},
    {"\t", "&AAk-"},
};

static void test_modified_utf7(void **state)
{
    struct arena a;
    struct buf out;
    struct slice name;

    (void)state;
    arena_init(&a, 10000);
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        buf_clear(&out);
        mailbox_mutf7_encode(&out, slice_of_str(pairs[i].utf8));
        assert_slice(buf_slice(&out), slice_of_str(pairs[i].mutf7));
        assert_int_equal(mailbox_mutf7_decode(&a, slice_of_str(pairs[i].mutf7), &name), ERR_OK);
        assert_slice(name, slice_of_str(pairs[i].utf8));
    }
    buf_release(&out);
    arena_clear(&a);
}

static void test_bad_modified_utf7(void **state)
{
    static const char *const bad[] = {
        "&",          /* never closed */
        "&AOQ",       /* never closed */
        "a&",         /* never closed */
        "&AGE-",      /* "a" stands for itself */
        "&AOQAYQ-",   /* the same behind something else */
        "&AOR-",      /* bits left over that are not zero */
        "&AOQA-",     /* more characters than needed */
        "&A-",        /* too few */
        "&AO-",       /* too few */
        "&AOQ-&AOQ-", /* two runs that could be one */
        "&2D0-",      /* half a surrogate pair */
        "&3gA-",      /* the other half */
        "&2D3YPQ-",   /* two first halves */
        "&2D0AYQ-",   /* a first half and a letter */
        "&AO/-",      /* "/" is not in the alphabet */
        "&AOQ=-",     /* no padding */
        "\xc3\xa4",   /* not ASCII */
        "a\tb",       /* control */
        "a\x7f",      /* control */
    };
    struct arena a;
    struct slice name = SLICE("untouched");

    (void)state;
    arena_init(&a, 10000);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (mailbox_mutf7_decode(&a, slice_of_str(bad[i]), &name) != ERR_CANNOT)
            fail_msg("decoded %s", bad[i]);
        assert_slice(name, SLICE("untouched"));
        assert_int_equal(a.used_octets, 0);
    }
}

#define MUTF7 MAILBOX_MUTF7
#define UTF8  MAILBOX_UTF8

static const struct {
    enum mailbox_form form;
    bool create;
    struct slice in; /* an astring */
    enum err want;
    struct slice name;
} names[] = {
    {MUTF7, false, S("inbox"), ERR_OK, S("INBOX")},
    {UTF8, false, S("\"iNBoX/Sub\""), ERR_OK, S("INBOX/Sub")},
    {MUTF7, false, S("inboxes"), ERR_OK, S("inboxes")},
    {MUTF7, false, S("x/inbox"), ERR_OK, S("x/inbox")},
    {MUTF7, false, S("Entw&APw-rfe"), ERR_OK, S("Entw\xc3\xbcrfe")},
    {UTF8, false, S("Entw&APw-rfe"), ERR_OK, S("Entw&APw-rfe")},
    {UTF8, false, S("\"Entw\xc3\xbcrfe\""), ERR_OK, S("Entw\xc3\xbcrfe")},
    {MUTF7, false, S("{8+}\r\nEntw\xc3\xbc&a"), ERR_OK, S("Entw\xc3\xbc&a")},
    {MUTF7, false, S("{2+}\r\n\xc3."), ERR_CANNOT, S("")},
    {UTF8, false, S("{2+}\r\n\xc3."), ERR_CANNOT, S("")},
    {MUTF7, false, S("R&D"), ERR_CANNOT, S("")},
    {UTF8, false, S("R&D"), ERR_OK, S("R&D")},
    {UTF8, false, S("\"\""), ERR_CANNOT, S("")},
    {UTF8, false, S("a//b"), ERR_CANNOT, S("")},
    {UTF8, false, S("/a"), ERR_CANNOT, S("")},
    {UTF8, false, S("a/"), ERR_CANNOT, S("")},
    {UTF8, true, S("a/"), ERR_OK, S("a")},
    {UTF8, true, S("inbox/"), ERR_OK, S("INBOX")},
    {UTF8, true, S("a//"), ERR_CANNOT, S("")},
    {UTF8, true, S("/"), ERR_CANNOT, S("")},
    {UTF8, false, S("\"a\tb\""), ERR_CANNOT, S("")},
    {UTF8, false, S("\"a\xc2\x85\""), ERR_CANNOT, S("")},
    {UTF8, false, S("\"a\xe2\x80\xa8\""), ERR_CANNOT, S("")},
    {MUTF7, false, S("&AIU-"), ERR_CANNOT, S("")},
    {MUTF7, false, S("(a"), ERR_SYNTAX, S("")},
};

static void test_names(void **state)
{
    struct arena a;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct lex in = lex_of(names[i].in, true);
        struct slice name = SLICE("untouched");

        arena_init(&a, 10000);
        assert_int_equal(names[i].create ? mailbox_parse_create(&in, &a, names[i].form, &name)
                                         : mailbox_parse(&in, &a, names[i].form, &name),
                         names[i].want);
        assert_slice(name, names[i].want == ERR_OK ? names[i].name : SLICE("untouched"));
        if (names[i].want == ERR_OK)
            assert_true(mailbox_valid(name));
        else
            assert_int_equal(a.used_octets, 0);
        arena_clear(&a);
    }
}

static void test_longest_name(void **state)
{
    static char text[MAILBOX_OCTETS_MAX + 1];

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_true(mailbox_valid(slice_of(text, MAILBOX_OCTETS_MAX)));
    assert_false(mailbox_valid(slice_of(text, MAILBOX_OCTETS_MAX + 1)));
    assert_false(mailbox_valid(SLICE("Inbox")));
    assert_false(mailbox_valid(SLICE("")));
}

static void test_levels_and_keys(void **state)
{
    struct arena a;
    struct slice key;

    (void)state;
    assert_slice(mailbox_parent(SLICE("a/b/c")), SLICE("a/b"));
    assert_null(mailbox_parent(SLICE("a")).p);
    arena_init(&a, 1000);
    assert_int_equal(mailbox_key(&a, SLICE("Entwu\xcc\x88rfe"), &key), ERR_OK);
    assert_slice(key, SLICE("Entw\xc3\xbcrfe"));
    assert_int_equal(mailbox_key(&a, SLICE("Plain"), &key), ERR_OK);
    assert_slice(key, SLICE("Plain"));
    assert_int_equal(mailbox_key(&a, SLICE("\xff"), &key), ERR_CANNOT);
    arena_clear(&a);
}

static void check_written(enum mailbox_form form, struct slice name, struct slice want)
{
    struct buf out;

    buf_init(&out, 10000);
    mailbox_write(&out, form, name);
    assert_slice(buf_slice(&out), want);
    buf_release(&out);
}

static void test_writing(void **state)
{
    (void)state;
    check_written(MUTF7, SLICE("INBOX"), SLICE("INBOX"));
    check_written(UTF8, SLICE("INBOX"), SLICE("INBOX"));
    check_written(UTF8, SLICE("Sent Items"), SLICE("\"Sent Items\""));
    check_written(UTF8, SLICE("a\"\\"), SLICE("\"a\\\"\\\\\""));
    check_written(UTF8, SLICE("nil"), SLICE("\"nil\""));
    check_written(UTF8, SLICE("a*"), SLICE("\"a*\""));
    check_written(UTF8, SLICE("Entw\xc3\xbcrfe"), SLICE("\"Entw\xc3\xbcrfe\""));
    check_written(MUTF7, SLICE("Entw\xc3\xbcrfe"), SLICE("\"Entw&APw-rfe\""));
    check_written(MUTF7, SLICE("R&D"), SLICE("\"R&-D\""));
    check_written(UTF8, SLICE("R&D"), SLICE("R&D"));
}

static const struct {
    enum mailbox_form form;
    const char *reference, *pattern, *name;
    bool matches;
} patterns[] = {
    {UTF8, "", "*", "a/b/c", true},
    {UTF8, "", "*", "", true},
    {UTF8, "", "%", "a", true},
    {UTF8, "", "%", "a/b", false},
    {UTF8, "", "%/%", "a/b", true},
    {UTF8, "", "a/%", "a/b", true},
    {UTF8, "", "a/%", "a/", true},
    {UTF8, "", "a/%", "a", false},
    {UTF8, "", "a%c", "abbc", true},
    {UTF8, "", "a%c", "ab/c", false},
    {UTF8, "", "a*c", "ab/c", true},
    {UTF8, "", "a*c", "ab/cd", false},
    {UTF8, "", "%*%", "a/b", true},
    {UTF8, "", "%%", "a/b", false},
    {UTF8, "", "*b%c", "a/b/bxc", true},
    {UTF8, "", "*b%c", "a/b/x/c", false},
    {UTF8, "", "abc", "abc", true},
    {UTF8, "", "abc", "abcd", false},
    {UTF8, "", "abc", "ABC", false},
    {UTF8, "", "", "", true},
    {UTF8, "", "", "a", false},
    {UTF8, "", "inbox", "INBOX", true},
    {UTF8, "", "InB%", "INBOX", true},
    {UTF8, "", "inbox/%", "INBOX/x", true},
    {UTF8, "", "inbox/X", "INBOX/x", false},
    {UTF8, "", "inboxe", "INBOXE", false},
    {UTF8, "", "%box", "INBOX", true},
    {UTF8, "a/", "%", "a/b", true},
    {UTF8, "a/", "%", "b", false},
    {UTF8, "a", "*", "ab", true},
    {MUTF7, "", "Entw&APw-*", "Entw\xc3\xbcrfe", true},
    {MUTF7, "", "Entw\xc3\xbc*", "Entw\xc3\xbcrfe", true},
    {UTF8, "", "Entwu\xcc\x88*", "Entw\xc3\xbcrfe", true},
    {UTF8, "", "*\xc3\xbcr%", "Entw\xc3\xbcrfe", true},
};

static void test_patterns(void **state)
{
    struct arena a;

    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct mailbox_pattern p;

        arena_init(&a, 100000);
        assert_int_equal(mailbox_pattern_compile(&a, patterns[i].form,
                                                 slice_of_str(patterns[i].reference),
                                                 slice_of_str(patterns[i].pattern), &p),
                         ERR_OK);
        if (mailbox_match(&p, slice_of_str(patterns[i].name)) != patterns[i].matches)
            fail_msg("%s against %s", patterns[i].pattern, patterns[i].name);
        arena_clear(&a);
    }
}

/* Patterns across the 64-bit words of the machine, and one that ruins backtracking. */
static void test_long_patterns(void **state)
{
    static char pattern[1999], name[1000];
    struct mailbox_pattern p;
    struct arena a;

    (void)state;
    memset(name, 'a', sizeof(name));
    for (size_t i = 0; i < sizeof(pattern); i++)
        pattern[i] = i % 2 == 0 ? 'a' : '*';
    arena_init(&a, 100000);
    for (size_t n = 1; n < sizeof(pattern); n += 6) {
        assert_int_equal(mailbox_pattern_compile(&a, UTF8, SLICE(""), slice_of(pattern, n), &p),
                         ERR_OK);
        assert_true(mailbox_match(&p, slice_of(name, n / 2 + 1)));
        assert_int_equal(mailbox_match(&p, slice_of(name, n / 2)), false);
        name[999] = 'b';
        assert_false(mailbox_match(&p, slice_of(name, 1000)));
        name[999] = 'a';
        arena_clear(&a);
    }
    for (size_t n = 60; n < 200; n++) { /* letters on both sides of every word border */
        assert_int_equal(mailbox_pattern_compile(&a, UTF8, SLICE("*"), slice_of(name, n), &p),
                         ERR_OK);
        assert_true(mailbox_match(&p, slice_of(name, n)));
        assert_true(mailbox_match(&p, slice_of(name, n + 1)));
        assert_false(mailbox_match(&p, slice_of(name, n - 1)));
        arena_clear(&a);
    }
    assert_int_equal(mailbox_pattern_compile(&a, MUTF7, SLICE(""), SLICE("&*"), &p), ERR_CANNOT);
    assert_int_equal(mailbox_pattern_compile(&a, UTF8, SLICE("\xff"), SLICE("*"), &p), ERR_CANNOT);
    assert_int_equal(a.used_octets, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modified_utf7),   cmocka_unit_test(test_bad_modified_utf7),
        cmocka_unit_test(test_names),           cmocka_unit_test(test_longest_name),
        cmocka_unit_test(test_levels_and_keys), cmocka_unit_test(test_writing),
        cmocka_unit_test(test_patterns),        cmocka_unit_test(test_long_patterns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
