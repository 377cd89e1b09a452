/* tests/unit/bench/test_corpus.c -- the corpus is the same everywhere and for ever, and as large
 * as corpus.h says. Figures of two reports can be compared only while this holds: when a digest
 * must change, so must every report. */
#include "../test.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/siphash.h"
#include "corpus.h"

enum { REAL_COUNT = 10000, SMALL_COUNT = 100000 };

static uint64_t digest_of(struct buf *b, uint64_t before)
{
    const struct siphash_key key = {0};

    buf_add(b, &before, sizeof(before));
    return siphash(&key, buf_slice(b));
}

static int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return x < y ? -1 : x > y;
}

struct figures {
    uint64_t digest; /* of octets, flags and dates */
    size_t median, mean, largest;
    unsigned rare, seen, answers;
};

static bool holds(const struct buf *b, const char *word)
{
    return memmem(buf_slice(b).p, b->n, word, strlen(word)) != NULL;
}

static size_t measure_one(struct corpus *c, uint32_t number, struct buf *b, struct figures *f)
{
    struct corpus_note note;
    size_t n;

    buf_clear(b);
    corpus_message(c, number, b);
    n = b->n;
    corpus_note(c, number, &note);
    assert_false(b->overflowed);
    assert_in_range(note.date_s, CORPUS_DATE_FIRST, CORPUS_DATE_END - 1);
    f->rare += holds(b, CORPUS_RARE_WORD);
    f->answers += holds(b, "\r\nIn-Reply-To: ");
    f->seen += strstr(note.flags, "\\Seen") != NULL;
    buf_add_str(b, note.flags);
    buf_add_u64(b, (uint64_t)note.date_s);
    f->digest = digest_of(b, f->digest);
    return n;
}

static struct figures measure(enum corpus_kind kind, uint32_t count)
{
    struct corpus *c = corpus_new(kind, count);
    size_t *size = mem_calloc(count, sizeof(*size)), sum = 0;
    struct figures f = {0};
    struct buf b;

    buf_init(&b, CORPUS_MESSAGE_OCTETS_MAX);
    for (uint32_t i = 0; i < count; i++)
        sum += size[i] = measure_one(c, i, &b, &f);
    qsort(size, count, sizeof(*size), by_size);
    f.median = size[count / 2];
    f.largest = size[count - 1];
    f.mean = sum / count;
    free(size);
    buf_release(&b);
    corpus_free(&c);
    assert_null(c);
    return f;
}

static void test_real(void **state)
{
    struct figures f = measure(CORPUS_REAL, REAL_COUNT);

    (void)state;
    assert_in_range(f.median, 7500, 8500);
    assert_in_range(f.mean, 36000, 38000);
    assert_in_range(f.largest, 2 << 20, 8 << 20);
    assert_in_range(f.answers, REAL_COUNT * 4 / 10, REAL_COUNT * 6 / 10);
    assert_in_range(f.seen, REAL_COUNT * 84 / 100, REAL_COUNT * 86 / 100);
    assert_int_equal(f.rare, 2);
    assert_int_equal(f.digest, UINT64_C(0x2de2c42f6c5fbe77));
}

static void test_small(void **state)
{
    struct figures f = measure(CORPUS_SMALL, SMALL_COUNT);

    (void)state;
    assert_in_range(f.median, 600, 900);
    assert_in_range(f.mean, 600, 900);
    assert_in_range(f.largest, 700, 1300);
    assert_in_range(f.answers, SMALL_COUNT * 4 / 10, SMALL_COUNT * 6 / 10);
    assert_int_equal(f.rare, 2 * SMALL_COUNT / CORPUS_RARE_EVERY);
    assert_int_equal(f.digest, UINT64_C(0x70bdd88eaf794f6b));
}

/* Whatever was made before, and of lines that SMTP would carry. */
static void test_any_order(void **state)
{
    struct corpus *c = corpus_new(CORPUS_REAL, REAL_COUNT),
                  *d = corpus_new(CORPUS_REAL, REAL_COUNT);
    struct buf a, b;

    (void)state;
    buf_init(&a, CORPUS_MESSAGE_OCTETS_MAX);
    buf_init(&b, CORPUS_MESSAGE_OCTETS_MAX);
    for (uint32_t i = 0; i < 300; i++) {
        buf_clear(&a);
        buf_clear(&b);
        corpus_message(c, i, &a);
        corpus_message(d, 299 - i, &b);
        buf_clear(&b);
        corpus_message(d, i, &b);
        assert_true(slice_eq(buf_slice(&a), buf_slice(&b)));
        for (struct slice rest = buf_slice(&a); rest.n > 0;) {
            size_t end = slice_find(rest, '\n');

            assert_in_range(end, 1, 998);
            assert_int_equal(rest.p[end - 1], '\r');
            assert_true(slice_find(slice_sub(rest, 0, end - 1), '\r') == end - 1);
            rest = slice_sub(rest, end + 1, rest.n);
        }
    }
    buf_release(&a);
    buf_release(&b);
    corpus_free(&c);
    corpus_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_real),
        cmocka_unit_test(test_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
