/* tests/unit/mime/test_keys.c -- base subjects (RFC 5256 section 2.1) and message ids. */
#include "tests/unit/test.h"

#include "mime/keys.h"

static const struct {
    struct slice in, want;
    bool reply;
} subjects[] = {
    {SLICE(""), SLICE(""), false},
    {SLICE("Hello"), SLICE("Hello"), false},
    {SLICE(" a\t  b "), SLICE("a b"), false},
    {SLICE("Re: Hello"), SLICE("Hello"), true},
    {SLICE("RE:re: fwd : Hello (FWD) (fwd)"), SLICE("Hello"), true},
    {SLICE("[list] Re[2]: Hello"), SLICE("Hello"), true},
    {SLICE("[list] Hello"), SLICE("Hello"), false},
    {SLICE("[a][b] [c] Hello"), SLICE("Hello"), false},
    {SLICE("[only]"), SLICE("[only]"), false},
    {SLICE("[Fwd: Re: Hello]"), SLICE("Hello"), true},
    {SLICE("Regarding: x"), SLICE("Regarding: x"), false},
    {SLICE("Re:"), SLICE(""), true},
    {SLICE("[open Re: x"), SLICE("[open Re: x"), false},
};

static const struct {
    struct slice in, want;
} ids[] = {
    {SLICE("<a@b>"), SLICE("a@b")},
    {SLICE("<\"a\"@b>  <c@d>"), SLICE("a@b c@d")},
    {SLICE("text <a@b> text <c @ d> <> <"), SLICE("a@b c@d")},
    {SLICE("<a<b@c>"), SLICE("b@c")},
    {SLICE("none"), SLICE("")},
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
    message_ids(SLICE("<a@1> <b@2> <c@3>"), 100, 8, &out); /* the newest that fit */
    assert_slice(buf_slice(&out), SLICE("c@3"));
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
