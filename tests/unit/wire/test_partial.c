/* Pages of results, RFC 9394. */
#include "../test.h"

#include "wire/partial.h"

static const struct {
    const char *in;
    enum err e;
    size_t n, from, to; /* of n results */
} cases[] = {
    {"1:500", ERR_OK, 23764, 0, 500},
    {"501:1000", ERR_OK, 23764, 500, 1000},
    {"23500:24000", ERR_OK, 23764, 23499, 23764},
    {"24000:24500", ERR_OK, 23764, 23764, 23764},
    {"-1:-100", ERR_OK, 23764, 23664, 23764},
    {"-100:-1", ERR_OK, 23764, 23664, 23764},
    {"-23764:-24000", ERR_OK, 23764, 0, 1},
    {"-24000:-24500", ERR_OK, 23764, 0, 0},
    {"500:400", ERR_OK, 450, 399, 450},
    {"1:1", ERR_OK, 0, 0, 0},
    {"-1:-1", ERR_OK, 0, 0, 0},
    {"4294967295:4294967295", ERR_OK, 3, 3, 3},
    {"1:4294967295", ERR_OK, 3, 0, 3},
    {"0:5", ERR_SYNTAX, 0, 0, 0},
    {"1:0", ERR_SYNTAX, 0, 0, 0},
    {"1:*", ERR_SYNTAX, 0, 0, 0},
    {"-1:5", ERR_SYNTAX, 0, 0, 0},
    {"1:-5", ERR_SYNTAX, 0, 0, 0},
    {"5", ERR_SYNTAX, 0, 0, 0},
    {"1:4294967296", ERR_SYNTAX, 0, 0, 0},
    {"\"1:5\"", ERR_SYNTAX, 0, 0, 0},
    {"", ERR_SYNTAX, 0, 0, 0},
};

static void test_partial(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex in = lex_of(slice_of_str(cases[i].in), false);
        struct partial_range r = {.first = 77};
        struct buf text;
        size_t from, to;
        enum err e = partial_range_parse(&in, &r);

        if (e != cases[i].e)
            fail_msg("%s: %s", cases[i].in, err_name(e));
        if (e != ERR_OK) {
            assert_int_equal(r.first, 77);
            continue;
        }
        buf_init(&text, 100);
        partial_range_write(&text, &r);
        assert_slice(buf_slice(&text), slice_of_str(cases[i].in));
        buf_release(&text);
        partial_range_clip(&r, cases[i].n, &from, &to);
        if (from != cases[i].from || to != cases[i].to)
            fail_msg("%s of %zu: %zu to %zu", cases[i].in, cases[i].n, from, to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_partial)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
