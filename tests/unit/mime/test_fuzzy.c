/* tests/unit/mime/test_fuzzy.c -- what fits, how well, and that no text costs much. */
#include "../test.h"
#include "lit.h"

#include "mime/fuzzy.h"

static unsigned score(const char *question, struct slice text, size_t step)
{
    static struct fuzzy f;

    fuzzy_init(&f, slice_of_str(question));
    for (size_t i = 0; i < text.n; i += step)
        fuzzy_feed(&f, slice_sub(text, i, step));
    return fuzzy_score(&f);
}

static void test_fits(void **state)
{
    static const struct {
        const char *question, *text;
        unsigned low, high;
    } table[] = {
        {"helo", "hello", 50, 70}, /* the words of RFC 6203 section 4 */
        {"helo", "please help", 40, 60},
        {"helo", "helo", 100, 100},
        {"helo", "yellow", 0, 0},
        {"imap break", "broken imap", 1, 30}, /* and of section 3 */
        {"imap break", "imap is broken", 1, 30},
        {"imap break", "a break in imap", 100, 100},
        {"imap break", "something else", 0, 0},
        {"teh", "the", 30, 50}, /* two letters swapped are one mistake */
        {"recieve", "receive", 60, 80},
        {"swim", "swimming", 70, 90}, /* the same beginning */
        {"swimming", "swim", 20, 50},
        {"a", "a", 100, 100},
        {"a", "b", 0, 0},
        {"", "text", 0, 0},
        {"?!", "?!", 0, 0},
        {"text", "", 0, 0},
        {"sch\xc3\xb6n", "sch\xc3\xb6ner", 60, 90},
        {"one two three four five six seven eight nine", "nine", 0, 0}, /* eight are looked for */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct slice text = slice_of_str(table[i].text);
        unsigned got = score(table[i].question, text, 1000);

        if (got < table[i].low || got > table[i].high)
            fail_msg("%s in %s: %u", table[i].question, table[i].text, got);
        for (size_t step = 1; step < 4; step++)
            assert_int_equal(score(table[i].question, text, step), got);
    }
}

static void test_restart(void **state)
{
    static struct fuzzy f;

    (void)state;
    fuzzy_init(&f, SLICE("word"));
    fuzzy_feed(&f, SLICE("a word"));
    assert_int_equal(fuzzy_score(&f), FUZZY_SCORE_MAX);
    fuzzy_restart(&f);
    assert_int_equal(fuzzy_score(&f), 0);
    fuzzy_feed(&f, SLICE("wo"));
    fuzzy_restart(&f);
    fuzzy_feed(&f, SLICE("rd"));
    assert_int_equal(fuzzy_score(&f), 0);
}

/* Very long words, and texts without end (RFC 6203 section 8). */
static void test_bounds(void **state)
{
    static char a[FUZZY_TEXT_OCTETS_MAX + 100];
    static struct fuzzy f;

    (void)state;
    memset(a, 'a', sizeof(a));
    fuzzy_init(&f, slice_of(a, sizeof(a)));
    assert_int_equal(f.words, 1);
    assert_int_equal(f.word[0].n, FUZZY_WORD_OCTETS_MAX);
    fuzzy_feed(&f, slice_of(a, 1000));
    assert_int_equal(fuzzy_score(&f), FUZZY_SCORE_MAX);
    fuzzy_init(&f, SLICE("b"));
    a[FUZZY_TEXT_OCTETS_MAX] = ' ';
    a[FUZZY_TEXT_OCTETS_MAX + 1] = 'b';
    a[FUZZY_TEXT_OCTETS_MAX + 2] = ' ';
    fuzzy_feed(&f, slice_of(a, sizeof(a)));
    assert_int_equal(fuzzy_score(&f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
