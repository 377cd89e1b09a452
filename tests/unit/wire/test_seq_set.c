/* Sequence sets: order, joining, "*", membership, writing, building. */
#include "../test.h"

#include "wire/seq_set.h"

static const struct {
    const char *in;
    uint32_t largest;
    enum err want;
    const char *text; /* written back after resolving */
} cases[] = {
    {"1", 10, ERR_OK, "1"},
    {"1:3", 10, ERR_OK, "1:3"},
    {"3:1", 10, ERR_OK, "1:3"},
    {"1,2,3", 10, ERR_OK, "1:3"},
    {"3,2,1,2:3", 10, ERR_OK, "1:3"},
    {"5,1:2,9:7,4", 10, ERR_OK, "1:2,4:5,7:9"},
    {"1:10,3:4,20", 99, ERR_OK, "1:10,20"},
    {"*", 10, ERR_OK, "10"},
    {"*", 0, ERR_OK, ""},
    {"8:*", 10, ERR_OK, "8:10"},
    {"*:8", 10, ERR_OK, "8:10"},
    {"12:*", 10, ERR_OK, "10"},
    {"*:*", 10, ERR_OK, "10"},
    {"5:*,7:*,2", 10, ERR_OK, "2,5:10"},
    {"20,15,12:*", 10, ERR_OK, "10,15,20"},
    {"20,*,2", 10, ERR_OK, "2,10,20"},
    {"9,20,*", 10, ERR_OK, "9:10,20"},
    {"4294967295", 10, ERR_OK, "4294967295"}, /* is no "*" */
    {"1:4294967295", 10, ERR_OK, "1:4294967295"},
    {"4294967294,4294967295", 10, ERR_OK, "4294967294:4294967295"},
    {"0", 10, ERR_SYNTAX, ""},
    {"0:5", 10, ERR_SYNTAX, ""},
    {"01", 10, ERR_SYNTAX, ""},
    {"1:", 10, ERR_SYNTAX, ""},
    {"1,", 10, ERR_SYNTAX, ""},
    {",1", 10, ERR_SYNTAX, ""},
    {"1,,2", 10, ERR_SYNTAX, ""},
    {"", 10, ERR_SYNTAX, ""},
    {"4294967296", 10, ERR_SYNTAX, ""},
};

static void check(size_t i, struct arena *a)
{
    struct lex in = lex_of(slice_of_str(cases[i].in), false);
    struct seq_set set = {0};
    struct buf text;

    buf_init(&text, 1000);
    assert_int_equal(seq_set_parse(&in, a, &set), cases[i].want);
    if (cases[i].want == ERR_OK) {
        assert_int_equal(lex_end(&in), ERR_OK);
        seq_set_resolve(&set, cases[i].largest);
        seq_set_resolve(&set, cases[i].largest);
        assert_false(set.star);
    } else {
        assert_int_equal(a->used_octets, 0);
    }
    seq_set_write(&text, &set);
    assert_slice(buf_slice(&text), slice_of_str(cases[i].text));
    buf_release(&text);
}

static void test_read_and_write(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 10000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check(i, &a);
        arena_clear(&a);
    }
}

static void test_questions(void **state)
{
    struct lex in = lex_of(SLICE("2:4,7,10:12 "), false);
    struct arena a;
    struct seq_set set, copy;
    uint32_t number, seen = 0;
    uint64_t sum = 0;

    (void)state;
    arena_init(&a, 10000);
    assert_int_equal(seq_set_parse(&in, &a, &set), ERR_OK);
    copy = seq_set_dup(&set);
    arena_clear(&a);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(seq_set_has(&copy, i),
                         (i >= 2 && i <= 4) || i == 7 || (i >= 10 && i <= 12));
    assert_int_equal(seq_set_count(&copy), 7);
    assert_int_equal(seq_set_max(&copy), 12);
    for (struct seq_iter i = seq_iter(&copy); seq_iter_next(&i, &number); seen++)
        sum = sum * 20 + number;
    assert_int_equal(seen, 7);
    assert_int_equal(sum, (((((2 * 20 + 3) * 20 + 4) * 20 + 7) * 20 + 10) * 20 + 11) * 20 + 12);
    seq_set_release(&copy);
    assert_false(seq_set_has(&copy, 2));
    assert_int_equal(seq_set_max(&copy), 0);
}

static void test_edges_of_the_number_space(void **state)
{
    struct seq_range all = {1, UINT32_MAX};
    struct seq_set set = {.range = &all, .n = 1};
    struct seq_range last = {UINT32_MAX, UINT32_MAX};
    struct seq_set one = {.range = &last, .n = 1};
    struct seq_iter i = seq_iter(&one);
    uint32_t number;

    (void)state;
    assert_int_equal(seq_set_count(&set), UINT32_MAX);
    assert_true(seq_iter_next(&i, &number));
    assert_int_equal(number, UINT32_MAX);
    assert_false(seq_iter_next(&i, &number));
}

static void test_saved(void **state)
{
    struct lex in = lex_of(SLICE("$,1"), false);
    struct arena a;
    struct seq_set set;

    (void)state;
    arena_init(&a, 1000);
    assert_int_equal(seq_set_parse(&in, &a, &set), ERR_OK);
    assert_true(set.saved);
    assert_int_equal(in.at, 1); /* "$" stands alone: the caller meets the comma */
    arena_clear(&a);
}

static void test_limits(void **state)
{
    static char text[2 * (SEQ_SET_RANGES_MAX + 1)];
    struct lex in;
    struct arena a;
    struct seq_set set;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i += 2) {
        text[i] = '7';
        text[i + 1] = ',';
    }
    arena_init(&a, 1000000);
    in = lex_of(slice_of(text, 2 * SEQ_SET_RANGES_MAX - 1), false);
    assert_int_equal(seq_set_parse(&in, &a, &set), ERR_OK);
    assert_int_equal(set.n, 1);
    arena_clear(&a);
    in = lex_of(slice_of(text, 2 * SEQ_SET_RANGES_MAX + 1), false);
    assert_int_equal(seq_set_parse(&in, &a, &set), ERR_LIMIT);
    a.max_octets = 100;
    in = lex_of(slice_of(text, 101), false);
    assert_int_equal(seq_set_parse(&in, &a, &set), ERR_NOMEM);
    assert_int_equal(a.used_octets, 0);
}

static void test_building(void **state)
{
    struct seq_set set = {0};
    struct arena a;
    struct buf text;

    (void)state;
    arena_init(&a, 1000000);
    buf_init(&text, 1000);
    for (uint32_t n = 1; n < 1000; n++) {
        if (n % 100 != 0)
            assert_int_equal(seq_set_add(&set, &a, n), ERR_OK);
    }
    assert_int_equal(set.n, 10);
    assert_int_equal(seq_set_count(&set), 990);
    assert_int_equal(seq_set_add_range(&set, &a, 900, 1100), ERR_OK);
    seq_set_write(&text, &set);
    assert_true(slice_starts(buf_slice(&text), SLICE("1:99,101:199,")));
    assert_int_equal(seq_set_max(&set), 1100);
    buf_release(&text);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_and_write),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_edges_of_the_number_space),
        cmocka_unit_test(test_saved),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_building),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
