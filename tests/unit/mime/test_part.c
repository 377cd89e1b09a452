/* tests/unit/mime/test_part.c -- section numbers (RFC 9051 section 6.4.5), and damaged tables. */
#include "../test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mime/mime.h"
#include "mime/part.h"

static const char message[] =
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\n\r\none\r\n"
    "--b\r\nContent-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\ndHdv\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\n"
    "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\n3.1\r\n"
    "--c\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n3.2\r\n--c--\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: i\r\n\r\n4.1\r\n"
    "--b\r\nContent-Transfer-Encoding: x-odd\r\n\r\nfive\r\n--b--\r\n";

static const struct {
    uint32_t path[4];
    size_t depth;
    const char *body; /* NULL: there is no such part */
    const char *type;
    int64_t decoded;
} cases[] = {
    {{1}, 1, "one", "text", 3},
    {{1, 1}, 2, NULL, NULL, 0},
    {{2}, 1, "dHdv", "application", 3},
    {{3, 1}, 2, "3.1", "text", 3},
    {{3, 2}, 2, "3.2", "text", 3},
    {{3, 3}, 2, NULL, NULL, 0},
    {{4}, 1, "Subject: i\r\n\r\n4.1", "message", 17},
    {{4, 1}, 2, "4.1", "text", 3},
    {{4, 1, 1}, 3, NULL, NULL, 0},
    {{4, 2}, 2, NULL, NULL, 0},
    {{5}, 1, "five", "text", -1},
    {{6}, 1, NULL, NULL, 0},
    {{0}, 1, NULL, NULL, 0},
};

static struct mime_parser *parse(struct mime_result *r, const char *text, size_t n)
{
    struct mime_parser *p = mime_parser_new();

    mime_parser_push(p, slice_of(text, n));
    mime_parser_finish(p, r);
    return p;
}

static void test_find(void **state)
{
    struct mime_result r;
    struct mime_parser *p = parse(&r, message, sizeof(message) - 1);
    struct mime_part part;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum err e = mime_part_find(r.parts, cases[i].path, cases[i].depth, &part);

        assert_int_equal(e, cases[i].body != NULL ? ERR_OK : ERR_NOTFOUND);
        if (e != ERR_OK)
            continue;
        assert_slice(slice_of(message + part.body_at, part.body_n), slice_of_str(cases[i].body));
        assert_slice(part.type, slice_of_str(cases[i].type));
        assert_int_equal(part.decoded_octets, cases[i].decoded);
    }
    assert_int_equal(mime_part_find(r.parts, (uint32_t[]){4}, 1, &part), ERR_OK);
    assert_true(part.is_message);
    assert_slice(slice_of(message + part.header_at, part.header_n),
                 SLICE("Content-Type: message/rfc822\r\n\r\n"));
    assert_slice(slice_of(message + part.msg_header_at, part.msg_header_n),
                 SLICE("Subject: i\r\n\r\n"));
    assert_slice(slice_of(message + part.msg_body_at, part.msg_body_n), SLICE("4.1"));
    assert_int_equal(mime_part_find(r.parts, (uint32_t[]){3, 2}, 2, &part), ERR_OK);
    assert_slice(part.charset, SLICE("utf-8"));
    assert_slice(part.subtype, SLICE("html"));
    assert_int_equal(mime_part_find(r.parts, NULL, 0, &part), ERR_OK);
    assert_true(part.is_multipart && part.header_at == 0 &&
                part.body_at + part.body_n == sizeof(message) - 1);
    mime_parser_free(&p);
}

static void test_single(void **state)
{
    struct mime_result r;
    struct mime_parser *p = parse(&r, "A: b\r\n\r\nhi", 10);
    struct mime_part part;

    (void)state;
    assert_int_equal(mime_part_find(r.parts, (uint32_t[]){1}, 1, &part), ERR_OK);
    assert_true(part.body_at == 8 && part.body_n == 2 && part.header_n == 8);
    assert_int_equal(mime_part_find(r.parts, (uint32_t[]){2}, 1, &part), ERR_NOTFOUND);
    assert_int_equal(mime_part_at(r.parts, 1, &part), ERR_NOTFOUND);
    mime_parser_free(&p);
}

/* Every octet of the table changed in turn, and every length: nothing is read outside it (the
 * sanitizers watch an exact copy), and what is accepted lies inside the message. */
static void test_damaged(void **state)
{
    struct mime_result r;
    struct mime_parser *p = parse(&r, message, sizeof(message) - 1);
    size_t n = r.parts.n;
    char *copy = mem_dup_slice(r.parts);
    unsigned refused = 0;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct mime_part part;
        char was = copy[i];

        copy[i] = (char)(was ^ 0xFF);
        for (uint32_t k = 0; k < 12; k++)
            refused += mime_part_at(slice_of(copy, n), k, &part) == ERR_CORRUPT;
        (void)!mime_part_find(slice_of(copy, n), (uint32_t[]){3, 1}, 2, &part);
        (void)!mime_parts_check(slice_of(copy, n), sizeof(message) - 1);
        copy[i] = was;
    }
    assert_true(refused > 0);
    for (size_t i = 0; i < n; i++) {
        char *cut = mem_dup_slice(slice_of(copy, i));

        assert_int_equal(mime_parts_check(slice_of(cut, i), sizeof(message) - 1), ERR_CORRUPT);
        free(cut);
    }
    assert_int_equal(mime_parts_check(r.parts, 10), ERR_CORRUPT); /* of another message */
    copy[3] = 99;
    assert_int_equal(mime_parts_check(slice_of(copy, n), sizeof(message) - 1), ERR_NEWER);
    free(copy);
    mime_parser_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find), cmocka_unit_test(test_single),
                                       cmocka_unit_test(test_damaged)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
