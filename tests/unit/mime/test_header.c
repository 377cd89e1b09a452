/* tests/unit/mime/test_header.c -- fields of a raw header, and BODY[HEADER.FIELDS]. */
#include "../test.h"
#include "lit.h"

#include "mime/header.h"

static const struct slice header = LIT("From: a\r\nnot a field\r\nSubject : b\r\n\tc: d\r\n"
                                       "X: 1\r\nfrom: z\r\n\r\nBody: no\r\n");

static void test_next(void **state)
{
    struct slice rest = header;
    struct header_field f;

    (void)state;
    assert_true(header_next(&rest, &f));
    assert_slice(f.name, SLICE("From"));
    assert_slice(f.value, SLICE(" a"));
    assert_true(header_next(&rest, &f));
    assert_slice(f.name, SLICE(""));
    assert_slice(f.whole, SLICE("not a field\r\n"));
    assert_true(header_next(&rest, &f));
    assert_slice(f.name, SLICE("Subject"));
    assert_slice(f.value, SLICE(" b\r\n\tc: d"));
    assert_true(header_next(&rest, &f));
    assert_true(header_next(&rest, &f));
    assert_false(header_next(&rest, &f));
}

static void test_select(void **state)
{
    const struct slice names[] = {SLICE("SUBJECT"), SLICE("from"), SLICE("none")};
    struct header_names set, none;
    struct arena arena;
    struct buf out;

    (void)state;
    arena_init(&arena, 4096);
    assert_true(header_names_make(&set, names, 3, &arena));
    assert_true(header_names_make(&none, names, 0, &arena));
    buf_init(&out, 1000);
    assert_true(header_fields_select(header, &set, false, &out));
    assert_slice(buf_slice(&out), SLICE("From: a\r\nSubject : b\r\n\tc: d\r\nfrom: z\r\n\r\n"));
    buf_clear(&out);
    assert_true(header_fields_select(header, &set, true, &out));
    assert_slice(buf_slice(&out), SLICE("not a field\r\nX: 1\r\n\r\n"));
    buf_clear(&out);
    assert_false(header_fields_select(SLICE("A: b"), &none, true, &out));
    assert_slice(buf_slice(&out), SLICE("A: b\r\n\r\n"));
    buf_clear(&out);
    assert_false(header_fields_select(SLICE(""), &set, false, &out));
    assert_slice(buf_slice(&out), SLICE("\r\n"));
    buf_clear(&out);
    assert_false(header_fields_select(SLICE("From: a\r\n\r"), &set, false, &out));
    arena_clear(&arena);
    buf_clear(&out);
    header_unfold(SLICE("  a\r\n b\r\n\tc  "), &out);
    assert_slice(buf_slice(&out), SLICE("a b\tc"));
    buf_release(&out);
}

/* Each name of a long list is found, and none beside it. */
static void test_many_names(void **state)
{
    enum { NAMES = 200 };
    char text[NAMES][8];
    struct slice names[NAMES];
    struct header_names set;
    struct arena arena;
    struct buf in, want, out;

    (void)state;
    arena_init(&arena, 64 * 1024);
    buf_init(&in, 64 * 1024);
    buf_init(&want, 64 * 1024);
    buf_init(&out, 64 * 1024);
    for (int i = 0; i < NAMES; i++) {
        snprintf(text[i], sizeof(text[i]), "x%d", i * 73 % NAMES * 2);
        names[i] = slice_of_str(text[i]);
    }
    assert_true(header_names_make(&set, names, NAMES, &arena));
    for (int i = -1; i <= 2 * NAMES; i++) {
        buf_addf(&in, "X%d: y\r\n", i);
        if (i >= 0 && i < 2 * NAMES && i % 2 == 0)
            buf_addf(&want, "X%d: y\r\n", i);
    }
    buf_add_str(&want, "\r\n");
    assert_false(header_fields_select(buf_slice(&in), &set, false, &out));
    assert_slice(buf_slice(&out), buf_slice(&want));
    arena_clear(&arena);
    buf_release(&in);
    buf_release(&want);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_next), cmocka_unit_test(test_select),
                                       cmocka_unit_test(test_many_names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
