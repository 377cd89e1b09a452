/* tests/unit/mime/test_address.c -- address lists, RFC 5322 sections 3.4 and 4.4, appendix A. */
#include "tests/unit/test.h"

#include "mime/address.h"

static const struct {
    struct slice in, want;
} cases[] = {
    {SLICE(""), SLICE("NIL")},
    {SLICE(" , ;"), SLICE("NIL")},
    {SLICE("a@b"), SLICE("((NIL NIL \"a\" \"b\"))")},
    {SLICE("John Doe <j@m.example>"), SLICE("((\"John Doe\" NIL \"j\" \"m.example\"))")},
    {SLICE("\"Joe Q. Public\" <j.q@x>, Mary <m@y>"),
     SLICE("((\"Joe Q. Public\" NIL \"j.q\" \"x\")(\"Mary\" NIL \"m\" \"y\"))")},
    {SLICE("\"Giant; \\\"Big\\\" Box\" <s@e>"), SLICE("((\"Giant; \\\"Big\\\" Box\" NIL \"s\" \"e\"))")},
    {SLICE("A Group:Ed <e@x>,j@w;"),
     SLICE("((NIL NIL \"A Group\" NIL)(\"Ed\" NIL \"e\" \"x\")(NIL NIL \"j\" \"w\")(NIL NIL NIL NIL))")},
    {SLICE("u-r:;"), SLICE("((NIL NIL \"u-r\" NIL)(NIL NIL NIL NIL))")},
    {SLICE("g: a@b"), SLICE("((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL))")},
    {SLICE("<@a,@b:c@d>"), SLICE("((NIL \"@a,@b\" \"c\" \"d\"))")},
    {SLICE("a@b (C D)"), SLICE("((\"C D\" NIL \"a\" \"b\"))")},
    {SLICE("a@b (x(y)z)"), SLICE("((\"x(y)z\" NIL \"a\" \"b\"))")},
    {SLICE("(com) a@b"), SLICE("((NIL NIL \"a\" \"b\"))")},
    {SLICE("a . b @ c . d"), SLICE("((NIL NIL \"a.b\" \"c.d\"))")},
    {SLICE("<a b@c>"), SLICE("((NIL NIL \"a b\" \"c\"))")},
    {SLICE("a@[1.2.3.4]"), SLICE("((NIL NIL \"a\" \"[1.2.3.4]\"))")},
    {SLICE("\"a b\"@c"), SLICE("((NIL NIL \"a b\" \"c\"))")},
    {SLICE("nobody"), SLICE("((NIL NIL \"nobody\" \"\"))")},
    {SLICE("A <a@b"), SLICE("((\"A\" NIL \"a\" \"b\"))")},
    {SLICE("A <a@b> junk, c@d"), SLICE("((\"A\" NIL \"a\" \"b\")(NIL NIL \"c\" \"d\"))")},
    {SLICE("\xC3\xA4 <a@b>"), SLICE("(({2}\r\n\xC3\xA4 NIL \"a\" \"b\"))")},
    {SLICE("\"a\nb\" <a@b>"), SLICE("(({3}\r\na\nb NIL \"a\" \"b\"))")},
};

static void test_to_imap(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 10000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&out);
        address_list_to_imap(cases[i].in, 10000, &out);
        assert_slice(buf_slice(&out), cases[i].want);
    }
    buf_release(&out);
}

/* A list too long is cut after a whole address, and an open group is closed. */
static void test_cut(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 10000);
    address_list_to_imap(SLICE("g:a@b,c@d,e@f,g@h,i@j;"), 90, &out);
    assert_slice(buf_slice(&out), SLICE("((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")"
                                        "(NIL NIL NIL NIL))"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_to_imap), cmocka_unit_test(test_cut)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
