/* What is typed into Gmail's search box, as search keys. */
#include "../test.h"

#include "wire/gmail_query.h"
#include "wire/search.h"

/* Strings are shown as <text>. NULL: ERR_SYNTAX. */
static const struct {
    const char *in, *keys;
} cases[] = {
    {"", "ALL"},
    {"  ", "ALL"},
    {"hello world", "TEXT <hello> TEXT <world>"},
    {"\"hello world\"", "TEXT <hello world>"},
    {"from:amy subject:\"the boat\" -is:unread", "FROM <amy> SUBJECT <the boat> NOT UNSEEN"},
    {"FROM:amy Is:Starred is:read is:important", "FROM <amy> FLAGGED SEEN KEYWORD $Important"},
    {"to:a cc:b bcc:c list:d deliveredto:e rfc822msgid:<x@y>",
     "TO <a> CC <b> BCC <c> HEADER List-Id <d> HEADER Delivered-To <e> HEADER Message-ID <<x@y>>"},
    {"subject:(dinner \"a movie\")", "(SUBJECT <dinner> SUBJECT <a movie>)"},
    {"subject:()", "ALL"},
    {"label:(\"\" x)", "(TEXT <> X-GM-LABELS <x>)"},
    {"a OR b", "OR TEXT <a> TEXT <b>"},
    {"a OR b OR c d", "OR TEXT <a> OR TEXT <b> TEXT <c> TEXT <d>"},
    {"a b OR -c", "TEXT <a> OR TEXT <b> NOT TEXT <c>"},
    {"a or b", "TEXT <a> TEXT <or> TEXT <b>"},
    {"{from:amy from:david}", "(OR FROM <amy> FROM <david>)"},
    {"{a}", "(TEXT <a>)"},
    {"{a b OR c}", "(OR TEXT <a> OR TEXT <b> TEXT <c>)"},
    {"(a b) OR --(c)", "OR (TEXT <a> TEXT <b>) NOT NOT (TEXT <c>)"},
    {"()", "(ALL)"},
    {"in:inbox in:anywhere label:work label:\"my label\" in:Sent",
     "X-GM-LABELS <\\Inbox> ALL X-GM-LABELS <work> X-GM-LABELS <my label> X-GM-LABELS <\\Sent>"},
    {"has:attachment", "HEADER Content-Type multipart/mixed"},
    {"after:2004/04/16 before:2004-4-18 newer:1999/12/31 older:2000/2/29",
     "SINCE 16-Apr-2004 BEFORE 18-Apr-2004 SINCE 31-Dec-1999 BEFORE 29-Feb-2000"},
    {"older_than:2d newer_than:1y older_than:10000y",
     "OLDER 172800 YOUNGER 31536000 OLDER 4294944000"},
    {"larger:10M smaller:5k size:100", "LARGER 10485760 SMALLER 5120 LARGER 100"},
    /* not what the operator takes, or no operator: text */
    {"is:nice has:hair after:tomorrow after:2001/2/29 larger:big older_than:d http://x in:",
     "TEXT <is:nice> TEXT <has:hair> TEXT <after:tomorrow> TEXT <after:2001/2/29> "
     "TEXT <larger:big> TEXT <older_than:d> TEXT <http://x> TEXT <in:>"},
    {"is:\"very nice\"", "TEXT <is:\"very nice\">"},
    {"\xc3\xa4", "TEXT <\xc3\xa4>"},
    {"\"a", NULL},
    {"(a", NULL},
    {"a)", NULL},
    {"{a", NULL},
    {"(a}", NULL},
    {"a OR", NULL},
    {"(a OR )", NULL},
    {"-", NULL},
    {"subject:(a", NULL},
    {"subject:(a (b))", NULL},
    {"subject:\"a", NULL},
};

/* Literals, for reading. */
static void show(struct slice text, struct buf *out)
{
    while (text.n > 0) {
        size_t digits = 0;
        uint64_t n;

        if (text.p[0] == '{') {
            digits = slice_find(text, '}');
            assert_true(slice_to_u64(slice_sub(text, 1, digits - 1), 10000, &n));
            buf_addf(out, "<%.*s>", (int)n, text.p + digits + 3);
            text = slice_sub(text, digits + 3 + (size_t)n, text.n);
            continue;
        }
        buf_add_char(out, text.p[0]);
        text = slice_sub(text, 1, text.n);
    }
}

/* What comes out is always a SEARCH program. */
static void reads(struct slice text)
{
    struct lex in = lex_of(text, true);
    struct search_program program;
    struct arena arena;

    arena_init(&arena, 1 << 20);
    assert_int_equal(search_parse(&in, &arena, &program), ERR_OK);
    assert_int_equal(in.at, text.n);
    arena_clear(&arena);
}

static void test_queries(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out, shown;
        enum err e;

        buf_init(&out, GMAIL_QUERY_TEXT_MAX);
        buf_init(&shown, 10000);
        e = gmail_query_translate(slice_of_str(cases[i].in), &out);
        assert_int_equal(e, cases[i].keys != NULL ? ERR_OK : ERR_SYNTAX);
        if (e == ERR_OK) {
            show(buf_slice(&out), &shown);
            assert_slice(buf_slice(&shown), slice_of_str(cases[i].keys));
            reads(buf_slice(&out));
        }
        buf_release(&out);
        buf_release(&shown);
    }
}

static void test_limits(void **state)
{
    char deep[2 * (GMAIL_QUERY_DEPTH_MAX + 1)], many[GMAIL_QUERY_OCTETS_MAX + 1];
    struct buf out;

    (void)state;
    buf_init(&out, GMAIL_QUERY_TEXT_MAX);
    for (size_t n = GMAIL_QUERY_DEPTH_MAX; n <= GMAIL_QUERY_DEPTH_MAX + 1; n++) {
        memset(deep, '(', n);
        memset(deep + n, ')', n);
        buf_clear(&out);
        assert_int_equal(gmail_query_translate(slice_of(deep, 2 * n), &out),
                         n > GMAIL_QUERY_DEPTH_MAX ? ERR_LIMIT : ERR_OK);
    }
    for (size_t i = 0; i < sizeof(many); i++)
        many[i] = "a "[i % 2];
    buf_clear(&out);
    assert_int_equal(gmail_query_translate(slice_of(many, sizeof(many)), &out), ERR_LIMIT);
    buf_clear(&out);
    assert_int_equal(gmail_query_translate(slice_of(many, sizeof(many) - 1), &out), ERR_OK);
    reads(buf_slice(&out));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_queries),
                                       cmocka_unit_test(test_limits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
