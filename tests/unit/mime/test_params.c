/* tests/unit/mime/test_params.c -- parameters, RFC 2045 section 5.1, RFC 2231 section 3. */
#include "tests/unit/test.h"

#include "mime/params.h"

static const struct {
    struct slice in, want;
} cases[] = {
    {SLICE(""), SLICE("NIL")},
    {SLICE(";;  ;"), SLICE("NIL")},
    {SLICE("; charset=us-ascii (Plain text)"), SLICE("(\"charset\" \"us-ascii\")")},
    {SLICE("; a=\"x; \\\"y\\\"\"; b=2"), SLICE("(\"a\" \"x; \\\"y\\\"\" \"b\" \"2\")")},
    {SLICE("; name=my file.pdf; x=y"), SLICE("(\"name\" \"my file.pdf\" \"x\" \"y\")")},
    {SLICE("; a*1=2; a*0=1"), SLICE("(\"a\" \"12\")")},
    {SLICE("; t*0*=us-ascii'en'This%20is; t*1*=%20even; t*2=\" x\""),
     SLICE("(\"t*\" \"us-ascii'en'This%20is%20even x\")")},
    {SLICE("; f*=utf-8''%C3%A4"), SLICE("(\"f*\" \"utf-8''%C3%A4\")")},
    {SLICE("; a; =b; c=d"), SLICE("(\"c\" \"d\")")},
    {SLICE("; a=\"open"), SLICE("(\"a\" \"open\")")},
    {SLICE("; a*99999999999=1"), SLICE("(\"a*99999999999\" \"1\")")},
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
