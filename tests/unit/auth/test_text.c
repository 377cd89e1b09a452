/* What comes as text: account names, SASL PLAIN, and the lines of the control socket. */
#include "../test.h"

#include <unistd.h>

#include "auth/control.h"
#include "auth/sasl.h"

static void test_names(void **state)
{
    static const struct {
        const char *in;
        const char *want; /* NULL: refused */
    } cases[] = {
        {"anna", "anna"},
        {"Anna@Example.ORG", "anna@example.org"},
        {"STRA\xc3\x9f"
         "E",
         "strasse"},
        {"u\xcc\x88", "\xc3\xbc"}, /* decomposed becomes composed */
        {"\xc3\x9c", "\xc3\xbc"},
        {"a b", "a b"},
        {"", NULL},
        {".", NULL},
        {"..", NULL},
        {".hidden", NULL},
        {"a/b", NULL},
        {"a\\b", NULL},
        {"a\nb", NULL},
        {"a\tb", NULL},
        {"a\x7f", NULL},
        {"a\xc2\x80", NULL},    /* C1 control */
        {"a\xff", NULL},        /* not UTF-8 */
        {"\xed\xa0\x80", NULL}, /* a surrogate */
    };
    char longest[257];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct auth_name got = {.n = 99};
        enum err e = auth_name_fold(slice_of_str(cases[i].in), &got);

        assert_int_equal(e, cases[i].want != NULL ? ERR_OK : ERR_SYNTAX);
        if (cases[i].want != NULL)
            assert_slice(auth_name_slice(&got), slice_of_str(cases[i].want));
        else
            assert_int_equal(got.n, 99);
    }
    struct auth_name got;
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(auth_name_fold(slice_of(longest, 255), &got), ERR_OK);
    assert_int_equal(auth_name_fold(slice_of(longest, 256), &got), ERR_SYNTAX);
    assert_int_equal(auth_name_fold(SLICE("a\0b"), &got), ERR_SYNTAX);
}

static void test_plain(void **state)
{
    static const struct {
        struct slice in;
        enum err want;
        const char *authzid, *authcid, *password;
    } cases[] = {
        {{"\0anna\0secret", 12}, ERR_OK, "", "anna", "secret"},
        {{"root\0anna\0secret", 16}, ERR_OK, "root", "anna", "secret"},
        {{"\0anna\0", 6}, ERR_SYNTAX, "", "", ""},
        {{"\0\0secret", 8}, ERR_SYNTAX, "", "", ""},
        {{"\0anna\0se\0cret", 13}, ERR_SYNTAX, "", "", ""},
        {{"\0anna", 5}, ERR_SYNTAX, "", "", ""},
        {{"anna", 4}, ERR_SYNTAX, "", "", ""},
        {{"", 0}, ERR_SYNTAX, "", "", ""},
        {{"\0an\377a\0secret", 12}, ERR_SYNTAX, "", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sasl_plain got;

        assert_int_equal(sasl_plain_parse(cases[i].in, &got), cases[i].want);
        if (cases[i].want != ERR_OK)
            continue;
        assert_slice(got.authzid, slice_of_str(cases[i].authzid));
        assert_slice(got.authcid, slice_of_str(cases[i].authcid));
        assert_slice(got.password, slice_of_str(cases[i].password));
    }
}

/* A day in the life of the control socket; each line sees what those before have done. */
static void test_control(void **state)
{
    static const struct {
        const char *line, *want;
    } cases[] = {
        {"ROOST1 list", "OK\n"},
        {"ROOST1 add Anna\t$6$salt$x", "OK\n"},
        {"ROOST1 add ANNA\t$6$salt$x", "NO there is an account of that name already\n"},
        {"ROOST1 list", "anna\tenabled\tnever\nOK\n"},
        {"ROOST1 disable anna", "OK\n"},
        {"ROOST1 list", "anna\tdisabled\tnever\nOK\n"},
        {"ROOST1 enable anna", "OK\n"},
        {"ROOST1 passwd anna\t{CRYPT}$6$salt$y", "OK\n"},
        {"ROOST1 passwd bob\t$6$salt$y", "NO there is no such account\n"},
        {"ROOST1 add bob\tplaintext", "NO that is not a name an account can have\n"},
        {"ROOST1 add bob", "NO that is not a name an account can have\n"},
        {"ROOST1 remove anna\tx", "NO that is not a name an account can have\n"},
        {"ROOST1 add a/b\t$6$salt$x", "NO that is not a name an account can have\n"},
        {"ROOST1 list anna", "NO that is not a name an account can have\n"},
        {"ROOST1 remove anna", "OK\n"},
        {"ROOST1 remove anna", "NO there is no such account\n"},
        {"ROOST1 show anna", "NO there is no such account\n"},
        {"ROOST1 frob", "NO that is not a command of this socket\n"},
        {"list", "NO that is not a command of this socket\n"},
        {"", "NO that is not a command of this socket\n"},
    };
    struct user_db *db;
    struct buf out;

    (void)state;
    assert_int_equal(user_db_open(":memory:", &db), ERR_OK);
    buf_init(&out, 10000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        auth_control_run(db, slice_of_str(cases[i].line), &out);
        assert_slice(buf_slice(&out), slice_of_str(cases[i].want));
        buf_clear(&out);
    }
    buf_release(&out);
    user_db_close(&db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_control),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
