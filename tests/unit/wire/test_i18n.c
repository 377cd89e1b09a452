/* LANGUAGE and COMPARATOR of RFC 5255: arguments, language lookup, collation wildcards. */
#include "../test.h"

#include "wire/i18n.h"

static void test_language(void **state)
{
    static const struct {
        const char *in, *says;
    } table[] = {
        {"", "* LANGUAGE (i-default en)\r\nOK These are spoken"},
        {" EN", "* LANGUAGE (en)\r\nOK Now speaking English"},
        {" FR-CA EN-CA", "* LANGUAGE (en)\r\nOK Now speaking English"},
        {" en-Latn-GB", "* LANGUAGE (en)\r\nOK Now speaking English"},
        {" \"default\"", "* LANGUAGE (i-default)\r\nOK Now speaking English"},
        {" I-Default EN", "* LANGUAGE (i-default)\r\nOK Now speaking English"},
        {" *", NULL}, /* no astring */
        {" \"*\"", "* LANGUAGE (i-default)\r\nOK Now speaking English"},
        {" MUL", "NO Unsupported language"},
        {" ENX i- - \"\"", "NO Unsupported language"},
        {"  EN", NULL},
        {" ", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct i18n_args args;
        struct arena a;
        struct buf out;

        arena_init(&a, 100000);
        buf_init(&out, 1000);
        if ((i18n_parse(&in, &a, &args) == ERR_OK) != (table[i].says != NULL))
            fail_msg("%s", table[i].in);
        if (table[i].says != NULL) {
            buf_add_str(&out, language_answer(&out, &args));
            assert_slice(buf_slice(&out), slice_of_str(table[i].says));
        } else {
            assert_int_equal(a.used_octets, 0);
        }
        buf_release(&out);
        arena_clear(&a);
    }
}

static void test_limit(void **state)
{
    struct lex in =
        lex_of(SLICE(" a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a"), 0);
    struct i18n_args args;
    struct arena a;

    (void)state;
    arena_init(&a, 100000);
    assert_int_equal(i18n_parse(&in, &a, &args), ERR_LIMIT);
    assert_int_equal(a.used_octets, 0);
    arena_clear(&a);
}

static void test_collations(void **state)
{
    static const struct {
        const char *order, *id;
        bool yes;
    } table[] = {
        {"i;octet", "i;octet", true},
        {"I;OCTET", "i;octet", true},
        {"+i;octet", "i;octet", true},
        {"-i;octet", "i;octet", false},
        {"i;octe", "i;octet", false},
        {"i;octets", "i;octet", false},
        {"*", "i;octet", true},
        {"i;*", "i;octet", true},
        {"i;*casemap", "i;ascii-casemap", true},
        {"i;*casemap", "i;octet", false},
        {"*a*a*", "i;ascii-casemap", true},
        {"*a*a*a*a*", "i;ascii-casemap", false},
        {"cz;*", "i;octet", false},
        {"*t", "i;octet", true},
        {"", "i;octet", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (collation_matches(slice_of_str(table[i].order), slice_of_str(table[i].id)) !=
            table[i].yes)
            fail_msg("%s: %s", table[i].order, table[i].id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_language),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_collations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
