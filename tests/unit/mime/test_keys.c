/* tests/unit/mime/test_keys.c -- base subjects (RFC 5256 section 2.1) and message ids. */
#include "../test.h"
#include "lit.h"

#include "mime/keys.h"

static const struct {
    struct slice in, want;
    bool reply;
} subjects[] = {
    {LIT(""), LIT(""), false},
    {LIT("Hello"), LIT("Hello"), false},
    {LIT(" a\t  b "), LIT("a b"), false},
    {LIT("Re: Hello"), LIT("Hello"), true},
    {LIT("RE:re: fwd : Hello (FWD) (fwd)"), LIT("Hello"), true},
    {LIT("[list] Re[2]: Hello"), LIT("Hello"), true},
    {LIT("[list] Hello"), LIT("Hello"), false},
    {LIT("[a][b] [c] Hello"), LIT("Hello"), false},
    {LIT("[only]"), LIT("[only]"), false},
    {LIT("[Fwd: Re: Hello]"), LIT("Hello"), true},
    {LIT("Regarding: x"), LIT("Regarding: x"), false},
    {LIT("Re:"), LIT(""), true},
    {LIT("[open Re: x"), LIT("[open Re: x"), false},
};

static const struct {
    struct slice in, want;
} ids[] = {
    {LIT("<a@b>"), LIT("a@b")},
    {LIT("<\"a\"@b>  <c@d>"), LIT("a@b c@d")},
    {LIT("text <a@b> text <c @ d> <> <"), LIT("a@b c@d")},
    {LIT("<a<b@c>"), LIT("b@c")},
    {LIT("none"), LIT("")},
};

static void test_subjects(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        buf_clear(&out);
        bool reply = base_subject(subjects[i].in, &out);

        assert_slice(buf_slice(&out), subjects[i].want);
        assert_int_equal(reply, subjects[i].reply);
    }
    buf_release(&out);
}

static void test_ids(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        buf_clear(&out);
        message_ids(ids[i].in, 100, 1000, &out);
        assert_slice(buf_slice(&out), ids[i].want);
    }
    buf_clear(&out);
    message_ids(SLICE("<a@1> <b@2> <c@3>"), 100, 6, &out); /* the newest that fit */
    assert_slice(buf_slice(&out), SLICE("c@3"));
    buf_clear(&out);
    message_ids(SLICE("<a@1> <b@2> <c@3>"), 100, 7, &out);
    assert_slice(buf_slice(&out), SLICE("b@2 c@3"));
    buf_clear(&out);
    message_ids(SLICE("<a@1> <b@2> <c@3>"), 1, 100, &out);
    assert_slice(buf_slice(&out), SLICE("a@1"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_subjects), cmocka_unit_test(test_ids)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
