/* URLs of messages: what RFC 5092 and RFC 4469 show, and what is none. */
#include "../test.h"

#include "wire/imap_url.h"
#include "wire/section.h"

static const struct {
    const char *url;
    enum err want;
    const char *mailbox; /* NULL: the selected one */
    uint32_t uidvalidity, uid;
    const char *section; /* in brackets */
    uint64_t at, n;      /* n == 0: no PARTIAL */
} table[] = {
    /* RFC 4469 appendix A */
    {"/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER", ERR_OK, "Drafts", 385759045, 20,
     "[HEADER]", 0, 0},
    {"/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.MIME", ERR_OK, "Drafts", 385759045, 20,
     "[1.MIME]", 0, 0},
    {"/Drafts;UIDVALIDITY=385759045/;UID=30", ERR_OK, "Drafts", 385759045, 30, "[]", 0, 0},
    /* RFC 8508 section 4.2, RFC 5092 section 9 */
    {"/Drafts/;UID=3002", ERR_OK, "Drafts", 0, 3002, "[]", 0, 0},
    {"/gray-council;UIDVALIDITY=385759045/;UID=20/;PARTIAL=0.1024", ERR_OK, "gray-council",
     385759045, 20, "[]", 0, 1024},
    {"/gray-council/;uid=20/;section=1.2", ERR_OK, "gray-council", 0, 20, "[1.2]", 0, 0},
    {"/~peter/%E6%97%A5%E6%9C%AC%E8%AA%9E/%E5%8F%B0%E5%8C%97/;UID=1", ERR_OK,
     "~peter/\u65e5\u672c\u8a9e/\u53f0\u5317", 0, 1, "[]", 0, 0},
    {";UID=20", ERR_OK, NULL, 0, 20, "[]", 0, 0},
    {"..;UIDVALIDITY=385759045/;UID=20", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/foo/;UID=20/..", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    /* sections and ranges */
    {"/a/;UID=1/;SECTION=TEXT/;PARTIAL=7", ERR_OK, "a", 0, 1, "[TEXT]", 7, INT64_MAX},
    {"/a/;UID=1/;SECTION=1.2/;PARTIAL=10.20", ERR_OK, "a", 0, 1, "[1.2]", 10, 20},
    {"/a/;UID=1/;SECTION=HEADER.FIELDS%20(From%20%22To%22)", ERR_OK, "a", 0, 1,
     "[HEADER.FIELDS (From To)]", 0, 0},
    {";UID=3/;SECTION=2.1.HEADER", ERR_OK, NULL, 0, 3, "[2.1.HEADER]", 0, 0},
    /* names */
    {"/inbox/;UID=1", ERR_OK, "INBOX", 0, 1, "[]", 0, 0},
    {"/a%20b%2fc/d/;UID=1", ERR_OK, "a b/c/d", 0, 1, "[]", 0, 0},
    {"/a&b=c:d@e/;UID=1", ERR_OK, "a&b=c:d@e", 0, 1, "[]", 0, 0},
    {"/x/../a/./b/;UID=1", ERR_OK, "a/b", 0, 1, "[]", 0, 0},
    {"/../../a/;UID=1", ERR_OK, "a", 0, 1, "[]", 0, 0},
    {"/%2E%2E/;UID=1", ERR_OK, "..", 0, 1, "[]", 0, 0},
    /* none of ours */
    {"", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"//;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"a/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=0", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=01", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=4294967296", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a;UIDVALIDITY=0/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a;UIDVALIDITY=1;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=1/", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=1/;SECTION=", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=1/;SECTION=MIME", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=1/;SECTION=1/2", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=1/;SECTION=1%5D%5B2", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=1/;PARTIAL=", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=1/;PARTIAL=1.0", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=1/;PARTIAL=1.2/;SECTION=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a/;UID=1;URLAUTH=anonymous:internal:00", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a%/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a%2/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a%zz/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a%00/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a%FF/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a%2F%2Fb/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a b/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"/a?FLAGGED", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"imap://user@example.org/a/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"//example.org/a/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
    {"http://example.org/a/;UID=1", ERR_CANNOT, NULL, 0, 0, NULL, 0, 0},
};

static void check_section(const struct section *section, const char *want)
{
    struct buf out;

    buf_init(&out, 1000);
    section_write(&out, section);
    assert_slice(buf_slice(&out), slice_of_str(want));
    buf_release(&out);
}

static void test_urls(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 100000);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct imap_url u = {0};

        if (imap_url_parse(slice_of_str(table[i].url), &a, &u) != table[i].want)
            fail_msg("%s", table[i].url);
        if (table[i].want != ERR_OK)
            continue;
        assert_slice(u.mailbox, slice_of_str(table[i].mailbox));
        assert_int_equal(u.uidvalidity, table[i].uidvalidity);
        assert_int_equal(u.uid, table[i].uid);
        check_section(&u.item.section, table[i].section);
        assert_int_equal(u.item.partial, table[i].n != 0);
        assert_int_equal(u.item.partial_at, table[i].at);
        assert_int_equal(u.item.partial_n, table[i].n);
    }
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_urls)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
