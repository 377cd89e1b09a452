/* LOGIN, AUTHENTICATE, SASL responses and base64. */
#include "../test.h"

#include "wire/authenticate.h"
#include "wire/base64.h"

static void test_base64(void **state)
{
    /* RFC 4648 section 10. */
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xfb\xff\xbf", "+/+/"}};
    struct arena a;
    struct buf out;
    struct slice decoded;

    (void)state;
    arena_init(&a, 10000);
    buf_init(&out, 100);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        buf_clear(&out);
        base64_encode(&out, slice_of_str(pairs[i][0]));
        assert_slice(buf_slice(&out), slice_of_str(pairs[i][1]));
        assert_int_equal(base64_decode(&a, slice_of_str(pairs[i][1]), &decoded), ERR_OK);
        assert_slice(decoded, slice_of_str(pairs[i][0]));
        assert_non_null(decoded.p);
    }
    buf_release(&out);
    arena_clear(&a);
}

static void test_bad_base64(void **state)
{
    static const char *const bad[] = {"Z",        "Zg",     "Zg=",  "Zg===", "=",
                                      "====",     "Z===",   "Zh==", "Zm9=",  "Z=g=",
                                      "Zg==Zg==", "Zm9v\n", "Zm9-", " Zg=",  "Zm8=Zm9v"};
    struct arena a;
    struct slice decoded;

    (void)state;
    arena_init(&a, 10000);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (base64_decode(&a, slice_of_str(bad[i]), &decoded) != ERR_SYNTAX)
            fail_msg("decoded %s", bad[i]);
        assert_int_equal(a.used_octets, 0);
    }
}

static void test_login(void **state)
{
    static char text[LOGIN_OCTETS_MAX + 3] = "a ";
    struct lex in = lex_of(SLICE("\"anna b\" {6}\r\nse\"ret\r\n"), false);
    struct login_args args;
    struct arena a;

    (void)state;
    arena_init(&a, 10000);
    assert_int_equal(login_parse(&in, &a, &args), ERR_OK);
    assert_int_equal(lex_end(&in), ERR_OK);
    assert_slice(args.user, SLICE("anna b"));
    assert_slice(args.password, SLICE("se\"ret"));
    in = lex_of(SLICE("anna\r\n"), false);
    assert_int_equal(login_parse(&in, &a, &args), ERR_SYNTAX);
    memset(text + 2, 'p', LOGIN_OCTETS_MAX + 1);
    in = lex_of(slice_of(text, LOGIN_OCTETS_MAX + 2), false);
    assert_int_equal(login_parse(&in, &a, &args), ERR_OK);
    in = lex_of(slice_of(text, LOGIN_OCTETS_MAX + 3), false);
    assert_int_equal(login_parse(&in, &a, &args), ERR_LIMIT);
    arena_clear(&a);
}

static void test_authenticate(void **state)
{
    static const struct {
        const char *in;
        bool ok;
        const char *mechanism, *initial; /* NULL: none */
    } table[] = {
        {"PLAIN\r\n", true, "PLAIN", NULL},
        {"plain =\r\n", true, "plain", ""},
        {"PLAIN Zm9v\r\n", true, "PLAIN", "foo"},
        {"SCRAM-SHA-256 Zg==\r\n", true, "SCRAM-SHA-256", "f"},
        {"PLAIN \r\n", false, NULL, NULL},
        {"PLAIN ", false, NULL, NULL},
        {"PLAIN Zm9\r\n", false, NULL, NULL},
        {"PLAIN =Zm9\r\n", false, NULL, NULL},
        {"PLAIN Zm9v Zm9v\r\n", false, NULL, NULL},
        {"ABCDEFGHIJKLMNOPQRSTU\r\n", false, NULL, NULL},
        {"\r\n", false, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct authenticate_args args;
        struct arena a;
        bool ok;

        arena_init(&a, 10000);
        ok = authenticate_parse(&in, &a, &args) == ERR_OK && lex_end(&in) == ERR_OK;
        if (ok != table[i].ok)
            fail_msg("%s", table[i].in);
        if (ok) {
            assert_slice(args.mechanism, slice_of_str(table[i].mechanism));
            assert_slice(args.initial, slice_of_str(table[i].initial));
            assert_int_equal(args.initial.p == NULL, table[i].initial == NULL);
        }
        arena_clear(&a);
    }
}

static void test_responses(void **state)
{
    static const struct {
        const char *in;
        bool ok, cancelled;
        const char *out;
    } table[] = {
        {"Zm9v\r\n", true, false, "foo"}, {"Zm9v\n", true, false, "foo"},
        {"\r\n", true, false, ""},        {"*\r\n", true, true, ""},
        {"* x\r\n", false, false, ""},    {"=\r\n", false, false, ""},
        {"Zm9v \r\n", false, false, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct slice out = SLICE_NULL;
        bool cancelled = false;
        struct arena a;

        arena_init(&a, 10000);
        assert_int_equal(authenticate_response_parse(&in, &a, &cancelled, &out) == ERR_OK,
                         table[i].ok);
        assert_int_equal(cancelled, table[i].cancelled);
        assert_slice(out, slice_of_str(table[i].out));
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64),    cmocka_unit_test(test_bad_base64),
        cmocka_unit_test(test_login),     cmocka_unit_test(test_authenticate),
        cmocka_unit_test(test_responses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
