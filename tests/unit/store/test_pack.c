/* tests/unit/store/test_pack.c -- a snapshot's parts: what goes in comes out, and nothing else. */
#include "base/mem.h"
#include "fixture.h"

static uint64_t state_of_random;

static uint64_t next_random(void)
{
    uint64_t x = state_of_random += 0x9e3779b97f4a7c15;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    return x ^ x >> 27;
}

/* Of a width that changes every few blocks. */
static uint64_t some(uint32_t i)
{
    unsigned octets = i / 700 % 9;

    return octets == 0 ? 0 : next_random() >> (64 - 8 * octets);
}

/* Of as many bits as flags have in a block, and with a least one. */
static uint8_t some_flags(uint32_t i)
{
    static const struct {
        uint8_t least, bits;
    } kinds[] = {{0, 0x1f}, {9, 0}, {16, 1}, {3, 3}, {16, 0xf}, {0, 1}, {31, 0}};

    return (uint8_t)(kinds[i / 256 % 7].least + (next_random() & kinds[i / 256 % 7].bits));
}

static void fill(struct folder_state *f, uint32_t n)
{
    uint32_t uid = 0;

    messages_new(f, n, true);
    for (uint32_t i = 0; i < n; i++) {
        uid += 1 + (i / 3000 % 2) * (uint32_t)(next_random() % 5);
        message_append(f, &(struct message_row){.uid = i + 1 == n && n > 1 ? UINT32_MAX : uid,
                                                .flags = some_flags(i),
                                                .keywords = (uint32_t)(some(i) % 5),
                                                .modseq = some(i),
                                                .size = (uint32_t)some(i),
                                                .internaldate = (int64_t)some(i),
                                                .zone = (int16_t)some(i),
                                                .body = i / 2000 % 2 ? some(i) : i + 9,
                                                .saved = (uint32_t)some(i)});
    }
}

/* What is in f is put aside. */
static struct messages *take(struct folder_state *f)
{
    struct messages *m = f->messages;

    f->messages = NULL;
    return m;
}

static enum err unpack(struct folder_state *f, const struct buf *part, uint32_t n, bool whole)
{
    uint32_t parts = whole ? pack_parts(n) : pack_outlines(n);

    messages_new(f, n, whole);
    for (uint32_t i = 0; i < parts; i++) {
        /* of just that size, so that a sanitizer sees who reads behind it */
        scoped_free char *copy = mem_dup_slice(buf_slice(&part[i]));
        enum err err = unpack_part(slice_of(copy, part[i].n), i, n, f);

        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

static struct buf *pack(const struct messages *m)
{
    struct buf *part = mem_calloc(pack_parts(m->n) + 1, sizeof(*part));

    for (uint32_t i = 0; i < pack_parts(m->n); i++) {
        buf_init(&part[i], 8 << 20);
        pack_part(m, i, &part[i]);
        assert_false(part[i].overflowed);
    }
    return part;
}

static void release(struct buf *part, uint32_t n)
{
    for (uint32_t i = 0; i < pack_parts(n); i++)
        buf_release(&part[i]);
    free(part);
}

static void assert_same(const struct messages *x, const struct messages *y, bool whole)
{
    assert_int_equal(x->n, y->n);
    assert_int_equal(y->map->n, y->n);
    for (uint32_t i = 0; i < x->n; i++) {
        assert_int_equal(uid_at(x->map, i), uid_at(y->map, i));
        assert_int_equal(x->flags[i], y->flags[i]);
#define X(c)                                                                                       \
    if (whole)                                                                                     \
        assert_true(x->c[i] == y->c[i]);
        REST_COLUMNS(X)
#undef X
    }
}

static void round_trip(void **state)
{
    static const uint32_t sizes[] = {0,    1,    2,     255,   256,   257,
                                     8192, 8193, 32768, 32769, 70000, 98304};
    struct fixture *x = *state;
    struct folder_state *f = state_of(inbox(x));

    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        struct messages *m;
        struct buf *part;

        fill(f, sizes[k]);
        m = take(f);
        part = pack(m);
        for (int whole = 0; whole < 2; whole++) {
            assert_ok(unpack(f, part, sizes[k], whole));
            assert_same(m, f->messages, whole);
            messages_free(&f->messages);
        }
        release(part, sizes[k]);
        messages_free(&m);
    }
}

/* Consecutive UIDs and one flag for all need next to nothing. */
static void runs_are_small(void **state)
{
    struct fixture *x = *state;
    struct folder_state *f = state_of(inbox(x));
    struct buf *part;

    messages_new(f, 1000, true);
    for (uint32_t i = 0; i < 1000; i++)
        message_append(f, &(struct message_row){.uid = i + 5, .body = i + 70, .modseq = 9});
    part = pack(f->messages);
    assert_true(part[0].n < 120 && part[1].n < 300);
    assert_int_equal(uid_map_octets(f->messages->map), sizeof(struct uid_map));
    release(part, 1000);
    messages_free(&f->messages);
}

/* Any octet that differs, and any that is missing, is noticed. */
static void damage_is_noticed(void **state)
{
    struct fixture *x = *state;
    struct folder_state *f = state_of(inbox(x));
    struct messages *m;
    struct buf *part;

    fill(f, 3000);
    m = take(f);
    part = pack(m);
    for (int i = 0; i < 2000; i++) {
        struct buf *b = &part[i % 2];
        size_t n = b->n, at = next_random() % n;
        char bit = (char)(1 << next_random() % 8);

        if (i % 3 == 0)
            b->n = at;
        else
            b->p[at] ^= bit;
        assert_err(unpack(f, part, 3000, true), CORRUPT);
        messages_free(&f->messages);
        if (i % 3 > 0)
            b->p[at] ^= bit;
        b->n = n;
    }
    assert_err(unpack_part(buf_slice(&part[0]), 1, 3000, f), CORRUPT);
    assert_ok(unpack(f, part, 3000, true));
    messages_free(&f->messages);
    release(part, 3000);
    messages_free(&m);
}

static void put_sum(struct buf *b)
{
    uint64_t sum = pack_sum(slice_sub(buf_slice(b), 8, SIZE_MAX));

    memcpy(b->p, &sum, sizeof(sum));
}

/* Octets that make no sense under a sum that is right: refused, or at least well formed. */
static void nonsense(void **state)
{
    struct fixture *x = *state;
    struct folder_state *f = state_of(inbox(x));
    struct messages *m;

    fill(f, 3000);
    m = take(f);
    for (int i = 0; i < 2000; i++) {
        struct buf *part = pack(m), *b = &part[i % 2];

        for (uint64_t k = next_random() % 4; k < 4; k++)
            b->p[16 + next_random() % (b->n - 16)] = (char)next_random();
        if (i % 5 == 0)
            b->n -= next_random() % 300;
        put_sum(b);
        if (unpack(f, part, 3000, true) == ERR_OK)
            for (uint32_t k = 1; k < 3000; k++) {
                assert_true(uid_at(f->messages->map, k - 1) < uid_at(f->messages->map, k));
                assert_true(f->messages->flags[k] <= FLAG_SYSTEM);
            }
        messages_free(&f->messages);
        release(part, 3000);
    }
    messages_free(&m);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(round_trip),
        WITH(runs_are_small),
        WITH(damage_is_noticed),
        WITH(nonsense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
