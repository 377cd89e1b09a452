/* tests/unit/mime/test_params.c -- parameters, RFC 2045 section 5.1, RFC 2231 section 3. */
#include "../test.h"
#include "lit.h"

#include "mime/params.h"

static const struct {
    struct slice in, want;
} cases[] = {
    {LIT(""), LIT("NIL")},
    {LIT(";;  ;"), LIT("NIL")},
    {LIT("; charset=us-ascii (Plain text)"), LIT("(\"charset\" \"us-ascii\")")},
    {LIT("; a=\"x; \\\"y\\\"\"; b=2"), LIT("(\"a\" \"x; \\\"y\\\"\" \"b\" \"2\")")},
    {LIT("; name=my file.pdf; x=y"), LIT("(\"name\" \"my file.pdf\" \"x\" \"y\")")},
    {LIT("; a*1=2; a*0=1"), LIT("(\"a\" \"12\")")},
    {LIT("; t*0*=us-ascii'en'This%20is; t*1*=%20even; t*2=\" x\""),
     LIT("(\"t*\" \"us-ascii'en'This%20is%20even x\")")},
    {LIT("; f*=utf-8''%C3%A4"), LIT("(\"f*\" \"utf-8''%C3%A4\")")},
    {LIT("; a; =b; c=d"), LIT("(\"c\" \"d\")")},
    {LIT("; a=\"open"), LIT("(\"a\" \"open\")")},
    {LIT("; a*99999999999=1"), LIT("(\"a*99999999999\" \"1\")")},
};

static void test_params(void **state)
{
    struct buf out;
    struct params p;

    (void)state;
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&out);
        params_parse(&p, cases[i].in);
        params_to_imap(&p, 1000, &out);
        assert_slice(buf_slice(&out), cases[i].want);
        params_release(&p);
    }
    params_parse(&p, SLICE("; Charset=a; charset=b"));
    assert_slice(params_find(&p, SLICE("charset")), SLICE("a"));
    assert_null(params_find(&p, SLICE("none")).p);
    params_release(&p);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_params)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
