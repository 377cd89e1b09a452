/* Fields written are read back, and nothing is read past the end. */
#include "../test.h"

#include "base/pack.h"

static void write_all(struct buf *b)
{
    pack_u8(b, 0xfe);
    pack_u16(b, 0xfedc);
    pack_u32(b, 0xfedcba98U);
    pack_u64(b, 0xfedcba9876543210U);
    pack_octets(b, SLICE("text"));
    buf_add(b, "1234", 4);
    pack_octets(b, SLICE_NULL);
}

static void read_all(struct unpack *u)
{
    char fixed[4];

    assert_int_equal(unpack_u8(u), 0xfe);
    assert_int_equal(unpack_u16(u), 0xfedc);
    assert_int_equal(unpack_u32(u), 0xfedcba98U);
    assert_true(unpack_u64(u) == 0xfedcba9876543210U);
    assert_slice(unpack_octets(u, 4), SLICE("text"));
    unpack_fixed(u, fixed, 4);
    assert_memory_equal(fixed, "1234", 4);
    assert_slice(unpack_octets(u, 0), SLICE(""));
}

static void test_round_trip(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    write_all(&b);
    struct unpack u = unpack_of(buf_slice(&b));
    read_all(&u);
    assert_int_equal(unpack_end(&u), ERR_OK);
    /* the first four integers are little-endian */
    assert_memory_equal(buf_slice(&b).p, "\xfe\xdc\xfe\x98\xba\xdc\xfe\x10\x32", 9);

    pack_u8(&b, 0);
    u = unpack_of(buf_slice(&b));
    read_all(&u);
    assert_int_equal(unpack_end(&u), ERR_SYNTAX); /* something is left */
    buf_release(&b);
}

/* Every proper prefix is bad, reads zeros and never touches what lies behind. */
static void test_cut_short(void **state)
{
    struct buf b;
    char fixed[4];

    (void)state;
    buf_init(&b, 1000);
    write_all(&b);
    for (size_t n = 0; n < b.n; n++) {
        char *exact = malloc(n > 0 ? n : 1); /* so that ASan sees an overrun */

        assert_non_null(exact);
        memcpy(exact, buf_slice(&b).p, n);
        struct unpack u = unpack_of(slice_of(exact, n));
        unpack_u8(&u);
        unpack_u16(&u);
        unpack_u32(&u);
        unpack_u64(&u);
        unpack_octets(&u, 4);
        unpack_fixed(&u, fixed, 4);
        unpack_octets(&u, 4);
        assert_int_equal(unpack_end(&u), ERR_SYNTAX);
        assert_int_equal(unpack_u64(&u), 0);
        free(exact);
    }
    buf_release(&b);
}

static void test_maximum(void **state)
{
    struct unpack u = unpack_of(SLICE("\5\0\0\0abcde"));

    (void)state;
    assert_slice(unpack_octets(&u, 4), SLICE(""));
    assert_int_equal(unpack_end(&u), ERR_SYNTAX);
    u = unpack_of(SLICE("\377\377\377\377abcde"));
    assert_slice(unpack_octets(&u, SIZE_MAX), SLICE(""));
    assert_int_equal(unpack_end(&u), ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_maximum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
