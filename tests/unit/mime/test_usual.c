/* tests/unit/mime/test_usual.c -- packed header fields: what is chosen of them, what is not packed,
 * and strings that are none. tests/unit/bench/test_usual.c compares many with the header. */
#include "../test.h"
#include "lit.h"

#include "mime/usual.h"
#include "mime/usual_table.h"

static uint64_t mask_of(const char *name)
{
    struct slice s = slice_of_str(name);

    return usual_mask(&s, 1);
}

static void every_name_is_a_bit(void **state)
{
    static const char *const names[] = {
#define X(a, id, name) name,
        USUAL_TABLE(X, 0)
#undef X
    };
    const struct slice mixed[] = {SLICE("SUBJECT"), SLICE("From"), SLICE("subject")};
    const struct slice other[] = {SLICE("Subject"), SLICE("Received")};
    const uint64_t one = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_true(mask_of(names[i]) == one << i);
    assert_true(usual_mask(mixed, 3) == (mask_of("subject") | mask_of("from")));
    assert_true(usual_mask(other, 2) == 0);
    assert_true(mask_of("") == 0);
    assert_true(mask_of("x-universally-unique-identifier-and-more") == 0);
}

static const struct {
    struct slice header;
    struct slice want; /* of From and To */
} rows[] = {
    {LIT("From: a\r\nTo: b\r\nX: c\r\nfrom : d\r\n\te\r\n\r\nTo: body\r\n"),
     LIT("From: a\r\nTo: b\r\nfrom : d\r\n\te\r\n\r\n")},
    {LIT("Subject: a\r\n\r\n"), LIT("\r\n")},
    {LIT(""), LIT("\r\n")},
    {LIT("\r\nFrom: body\r\n"), LIT("\r\n")},
    {LIT("X: y\r\nTo: the message ends"), LIT("To: the message ends\r\n\r\n")},
    {LIT("To: a\r\n\r"), LIT("To: a\r\n\r\n")},
    {LIT("From\r\n To: no\r\nTo\r\n: no\r\n\r\n"), LIT("\r\n")},
};

static void chooses(void **state)
{
    const struct slice names[] = {SLICE("from"), SLICE("to")};
    struct usual_choice choice;
    struct buf packed, out;

    (void)state;
    buf_init(&packed, USUAL_OCTETS_MAX);
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        buf_clear(&packed);
        buf_clear(&out);
        assert_true(usual_pack(rows[i].header, true, &packed));
        assert_true(usual_choose(buf_slice(&packed), usual_mask(names, 2), &choice));
        usual_write(&choice, &out);
        assert_int_equal(choice.n, out.n);
        assert_slice(buf_slice(&out), rows[i].want);
    }
    buf_release(&packed);
    buf_release(&out);
}

static bool packs(const char *line, unsigned times, bool whole, const char *end)
{
    struct buf header, packed;
    bool did;

    buf_init(&header, 1 << 20);
    buf_init(&packed, 2 * USUAL_OCTETS_MAX);
    buf_add_str(&packed, "before");
    while (times-- > 0)
        buf_add_str(&header, line);
    buf_add_str(&header, end);
    did = usual_pack(buf_slice(&header), whole, &packed);
    assert_true(did == (packed.n > 6));
    buf_release(&header);
    buf_release(&packed);
    return did;
}

static void limits(void **state)
{
    (void)state;
    assert_true(packs("To: a\r\n", USUAL_FIELDS_MAX, false, "\r\n"));
    assert_false(packs("To: a\r\n", USUAL_FIELDS_MAX + 1, false, "\r\n"));
    assert_true(packs("Subject: 8901234567890123456789\r\n", 84, false, "\r\n"));
    assert_false(packs("Subject: 8901234567890123456789\r\n", 86, false, "\r\n"));
    assert_true(packs("Received: long\r\n", 10000, false, "\r\n"));
    assert_false(packs("To: a\r\n", 1, false, ""));
    assert_true(packs("To: a\r\n", 1, true, ""));
}

/* Every cut and every wrong octet is either refused or stays inside. */
static void damaged(void **state)
{
    const struct slice header = SLICE("From: a\r\nTo: b\r\nSubject: c\r\n\r\n");
    struct usual_choice choice;
    struct buf packed, out;

    (void)state;
    buf_init(&packed, USUAL_OCTETS_MAX);
    buf_init(&out, 1 << 20);
    assert_true(usual_pack(header, true, &packed));
    for (size_t i = 0; i < packed.n; i++)
        assert_false(usual_choose(slice_sub(buf_slice(&packed), 0, i), 1, &choice));
    for (size_t i = 0; i < packed.n; i++) {
        for (unsigned v = 0; v < 256; v++) {
            char was = packed.p[i];

            packed.p[i] = (char)v;
            if (usual_choose(buf_slice(&packed), UINT64_MAX >> v % 64, &choice)) {
                buf_clear(&out);
                usual_write(&choice, &out);
                assert_int_equal(out.n, choice.n);
            }
            packed.p[i] = was;
        }
    }
    buf_release(&packed);
    buf_release(&out);
}

/* One that was packed when the table was shorter does not know the names that came later. */
static void older(void **state)
{
    const struct slice header = SLICE("Date: a\r\nSubject: b\r\n\r\n");
    struct usual_choice choice;
    struct buf packed;

    (void)state;
    buf_init(&packed, USUAL_OCTETS_MAX);
    assert_true(usual_pack(header, true, &packed));
    packed.p[0] = 2;
    assert_true(usual_choose(buf_slice(&packed), 3, &choice));
    assert_false(usual_choose(buf_slice(&packed), 4, &choice));
    assert_false(usual_choose(buf_slice(&packed), 7, &choice));
    buf_release(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_name_is_a_bit),
                                       cmocka_unit_test(chooses), cmocka_unit_test(limits),
                                       cmocka_unit_test(damaged), cmocka_unit_test(older)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
