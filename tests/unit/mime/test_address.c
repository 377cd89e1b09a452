/* tests/unit/mime/test_address.c -- address lists, RFC 5322 sections 3.4 and 4.4, appendix A. */
#include "../test.h"
#include "lit.h"

#include "mime/address.h"

static const struct {
    struct slice in, want;
} cases[] = {
    {LIT(""), LIT("NIL")},
    {LIT(" , ;"), LIT("NIL")},
    {LIT("a@b"), LIT("((NIL NIL \"a\" \"b\"))")},
    {LIT("John Doe <j@m.example>"), LIT("((\"John Doe\" NIL \"j\" \"m.example\"))")},
    {LIT("\"Joe Q. Public\" <j.q@x>, Mary <m@y>"),
     LIT("((\"Joe Q. Public\" NIL \"j.q\" \"x\")(\"Mary\" NIL \"m\" \"y\"))")},
    {LIT("\"Giant; \\\"Big\\\" Box\" <s@e>"),
     LIT("((\"Giant; \\\"Big\\\" Box\" NIL \"s\" \"e\"))")},
    {LIT("A Group:Ed <e@x>,j@w;"), LIT("((NIL NIL \"A Group\" NIL)(\"Ed\" NIL \"e\" \"x\")(NIL "
                                       "NIL \"j\" \"w\")(NIL NIL NIL NIL))")},
    {LIT("u-r:;"), LIT("((NIL NIL \"u-r\" NIL)(NIL NIL NIL NIL))")},
    {LIT("g: a@b"), LIT("((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL))")},
    {LIT("<@a,@b:c@d>"), LIT("((NIL \"@a,@b\" \"c\" \"d\"))")},
    {LIT("a@b (C D)"), LIT("((\"C D\" NIL \"a\" \"b\"))")},
    {LIT("a@b (x(y)z)"), LIT("((\"x(y)z\" NIL \"a\" \"b\"))")},
    {LIT("(com) a@b"), LIT("((NIL NIL \"a\" \"b\"))")},
    {LIT("a . b @ c . d"), LIT("((NIL NIL \"a.b\" \"c.d\"))")},
    {LIT("<a b@c>"), LIT("((NIL NIL \"a b\" \"c\"))")},
    {LIT("a@[1.2.3.4]"), LIT("((NIL NIL \"a\" \"[1.2.3.4]\"))")},
    {LIT("\"a b\"@c"), LIT("((NIL NIL \"a b\" \"c\"))")},
    {LIT("nobody"), LIT("((NIL NIL \"nobody\" \"\"))")},
    {LIT("A <a@b"), LIT("((\"A\" NIL \"a\" \"b\"))")},
    {LIT("A <a@b> junk, c@d"), LIT("((\"A\" NIL \"a\" \"b\")(NIL NIL \"c\" \"d\"))")},
    {LIT("\xC3\xA4 <a@b>"), LIT("(({2}\r\n\xC3\xA4 NIL \"a\" \"b\"))")},
    {LIT("\"a\nb\" <a@b>"), LIT("(({3}\r\na\nb NIL \"a\" \"b\"))")},
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
    address_list_to_imap(SLICE("g:a@b,c@d,e@f,g@h,i@j;"), 80, &out);
    assert_slice(buf_slice(&out),
                 SLICE("((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")"
                       "(NIL NIL NIL NIL))"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_to_imap), cmocka_unit_test(test_cut)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
