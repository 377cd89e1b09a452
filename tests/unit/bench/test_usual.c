/* tests/unit/bench/test_usual.c -- HEADER.FIELDS from packed fields is what it is from the header,
 * for every message of the corpus that is looked at and many sets of names. */
#include "../test.h"

#include "corpus.h"
#include "mime/header.h"
#include "mime/usual.h"
#include "mime/usual_table.h"

enum { COUNT = 600, SETS = 12 };

static const struct slice usual[] = {
#define X(a, id, name) {name, sizeof(name) - 1},
    USUAL_TABLE(X, 0)
#undef X
};
enum { NAMES = sizeof(usual) / sizeof(usual[0]) };

/* Set k: a fifth of the names or so, by chance. */
static size_t choose_names(unsigned k, struct slice *names)
{
    uint32_t r = 12345 + k;
    size_t n = 0;

    for (size_t i = 0; i < NAMES; i++) {
        r = r * 1664525 + 1013904223;
        if (r >> 16 < 13000 || i == k)
            names[n++] = usual[i];
    }
    return n;
}

static size_t compare(struct slice message, struct slice packed, struct arena *a, struct buf out[2])
{
    struct slice names[NAMES];
    struct usual_choice choice;
    struct header_names set;
    size_t octets = 0;

    for (unsigned k = 0; k < SETS; k++) {
        size_t n = choose_names(k, names);

        assert_true(header_names_make(&set, names, n, a));
        buf_clear(&out[0]);
        buf_clear(&out[1]);
        (void)header_fields_select(message, &set, false, &out[0]);
        assert_true(usual_choose(packed, usual_mask(names, n), &choice));
        usual_write(&choice, &out[1]);
        assert_int_equal(choice.n, out[1].n);
        assert_slice(buf_slice(&out[1]), buf_slice(&out[0]));
        octets += out[1].n;
        arena_clear(a);
    }
    return octets;
}

static void same_as_scanned(enum corpus_kind kind)
{
    struct corpus *c = corpus_new(kind, COUNT);
    struct buf message, packed, out[2];
    struct arena arena;
    size_t octets = 0;

    arena_init(&arena, 1 << 20);
    buf_init(&message, CORPUS_MESSAGE_OCTETS_MAX);
    buf_init(&packed, USUAL_OCTETS_MAX);
    buf_init(&out[0], 1 << 20);
    buf_init(&out[1], 1 << 20);
    for (uint32_t i = 0; i < COUNT; i++) {
        buf_clear(&message);
        buf_clear(&packed);
        corpus_message(c, i, &message);
        assert_true(usual_pack(buf_slice(&message), true, &packed));
        octets += compare(buf_slice(&message), buf_slice(&packed), &arena, out);
    }
    assert_true(octets > (size_t)COUNT * SETS * 50);
    arena_clear(&arena);
    buf_release(&message);
    buf_release(&packed);
    buf_release(&out[0]);
    buf_release(&out[1]);
    corpus_free(&c);
}

static void real(void **state)
{
    (void)state;
    same_as_scanned(CORPUS_REAL);
}

static void small(void **state)
{
    (void)state;
    same_as_scanned(CORPUS_SMALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(real), cmocka_unit_test(small)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
