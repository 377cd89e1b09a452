/* tests/unit/mime/test_structure_rev1.c -- message/global for sessions that do not know it. */
#include "../test.h"
#include "lit.h"

#include "mime/mime.h"
#include "mime/structure_rev1.h"

#define GLOBAL   "Content-Type: message/global; a=\"(\\\"\"\r\n\r\n"
#define NO_NAMES "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
#define TEXT(n)  "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" " n
#define PART(n)  "(\"message\" \"global\" (\"a\" \"(\\\"\") NIL NIL \"7bit\" " n

static const struct {
    struct slice message, structure, body;
} cases[] = {
    {LIT("\r\nx"), LIT(TEXT("1 0 NIL NIL NIL NIL)")), LIT(TEXT("1 0)"))},
    {LIT(GLOBAL "Subject: \xC3\xA4 )\r\n\r\nx"), LIT(PART("18 NIL NIL NIL NIL)")),
     LIT(PART("18)"))},
    {LIT("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" GLOBAL
         "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n--b\r\n\r\nx\r\n--b--"),
     LIT("(" PART("50 NIL NIL NIL NIL)")
             TEXT("1 0 NIL NIL NIL NIL)") " \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)"),
     LIT("(" PART("50)") TEXT("1 0)") " \"mixed\")")},
    /* A message/rfc822 is looked into, and what it holds is not if it is a message/global. */
    {LIT("Content-Type: message/rfc822\r\n\r\n" GLOBAL "\r\nx"),
     LIT("(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 44 " NO_NAMES
         " " PART("3 NIL NIL NIL NIL)") " 3 NIL NIL NIL NIL)"),
     LIT("(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 44 " NO_NAMES " " PART("3)") " 3)")},
};

static void check(struct slice text, struct slice want)
{
    struct buf out;

    buf_init(&out, text.n);
    structure_write_rev1(text, &out);
    assert_slice(buf_slice(&out), want);
    buf_release(&out);
}

static void test_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mime_parser *p = mime_parser_new();
        struct mime_result r;

        mime_parser_push(p, cases[i].message);
        mime_parser_finish(p, &r);
        assert_int_equal(r.has_global, i > 0);
        check(r.bodystructure, cases[i].structure);
        check(r.body, cases[i].body);
        mime_parser_free(&p);
    }
}

/* From a damaged disk: nothing is read outside the text, and it ends. */
static void test_damaged(void **state)
{
    static const char text[] =
        "((" PART("9 (\"{3}\\\"\" {3}\r\n((\") " TEXT("1 0)") " 3)") " {9999999999}";
    struct buf out;

    (void)state;
    buf_init(&out, 2000);
    for (size_t n = 0; n < sizeof(text); n++) {
        for (size_t from = 0; from < n; from++) {
            buf_clear(&out);
            structure_write_rev1(slice_of(text + from, n - from), &out);
            assert_true(out.n <= n - from);
        }
    }
    buf_clear(&out);
    for (int i = 0; i < 1000; i++)
        buf_add_char(&out, '(');
    check(buf_slice(&out), buf_slice(&out));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
