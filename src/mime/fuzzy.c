/* mime/fuzzy.c -- see fuzzy.h.
 *
 * The distance of two words counts letters added, missing, changed, and neighbours swapped. It is
 * computed a column of the usual table at a time, the column as two words of bits: where the
 * distance grows by one from row to row, and where it shrinks (G. Myers, J. ACM 46 (1999), with
 * the swap of H. Hyyrö, 2003).
 */
#include "mime/fuzzy.h"

#include <string.h>

enum {
    WORD_SCORE_MIN = 60, /* less alike is not alike */
    MEAN_MIN = 50,       /* half of the words were found */
    PREFIX_OCTETS_MIN = 3,
};

/* Letters and digits; every octet above ASCII is part of a letter. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

void fuzzy_init(struct fuzzy *f, struct slice folded)
{
    memset(f, 0, sizeof(*f));
    for (size_t i = 0; i < folded.n;) {
        struct fuzzy_word *w = &f->word[f->words];

        while (i < folded.n && !is_letter(folded.p[i]))
            i++;
        if (i == folded.n || f->words == FUZZY_WORDS_MAX)
            break;
        for (; i < folded.n && is_letter(folded.p[i]); i++) {
            if (w->n == FUZZY_WORD_OCTETS_MAX)
                continue;
            w->at[(unsigned char)folded.p[i]] |= (uint64_t)1 << w->n;
            w->text[w->n++] = folded.p[i];
        }
        f->words++;
    }
    fuzzy_restart(f);
}

void fuzzy_restart(struct fuzzy *f)
{
    f->held_n = 0;
    f->left = FUZZY_TEXT_OCTETS_MAX;
    for (size_t i = 0; i < f->words; i++)
        f->word[i].best = 0;
}

static unsigned distance(const struct fuzzy_word *w, struct slice text)
{
    uint64_t grows = ~(uint64_t)0, shrinks = 0, same = 0, match_before = 0;
    uint64_t last = (uint64_t)1 << (w->n - 1);
    unsigned d = (unsigned)w->n;

    for (size_t i = 0; i < text.n; i++) {
        uint64_t match = w->at[(unsigned char)text.p[i]], swapped, right_grows, right_shrinks;

        swapped = ((~same & match) << 1) & match_before;
        same = (((match & grows) + grows) ^ grows) | match | shrinks | swapped;
        right_grows = shrinks | ~(same | grows);
        right_shrinks = same & grows;
        if ((right_grows & last) != 0)
            d++;
        if ((right_shrinks & last) != 0)
            d--;
        right_grows = right_grows << 1 | 1;
        right_shrinks <<= 1;
        grows = right_shrinks | ~(same | right_grows);
        shrinks = right_grows & same;
        match_before = match;
    }
    return d;
}

static size_t common_prefix(const struct fuzzy_word *w, struct slice text)
{
    size_t n = 0;

    while (n < w->n && n < text.n && w->text[n] == text.p[n])
        n++;
    return n;
}

static unsigned percent(size_t part, size_t of)
{
    return of > 0 ? (unsigned)(100 * part / of) : 0;
}

/* 0..100 */
static unsigned likeness(const struct fuzzy_word *w, struct slice text)
{
    size_t longer = w->n > text.n ? w->n : text.n, shorter = w->n + text.n - longer;
    size_t prefix = common_prefix(w, text);
    unsigned score = 0, edits;

    if (prefix == longer)
        return FUZZY_SCORE_MAX;
    if (prefix >= PREFIX_OCTETS_MIN)
        score = (unsigned)(45 + 45 * prefix / w->n);
    if (shorter * 100 < longer * WORD_SCORE_MIN) /* too far apart whatever the letters are */
        return score;
    edits = 100 - percent(distance(w, text), longer);
    return edits > score ? edits : score;
}

static void end_word(struct fuzzy *f)
{
    struct slice text = slice_of(f->held, f->held_n);

    f->held_n = 0;
    if (text.n == 0)
        return;
    for (size_t i = 0; i < f->words; i++) {
        struct fuzzy_word *w = &f->word[i];
        unsigned score = w->best < FUZZY_SCORE_MAX ? likeness(w, text) : 0;

        if (score >= WORD_SCORE_MIN && score > w->best)
            w->best = score;
    }
}

void fuzzy_feed(struct fuzzy *f, struct slice folded)
{
    size_t n = folded.n < f->left ? folded.n : f->left;

    f->left -= n;
    for (size_t i = 0; i < n; i++) {
        if (!is_letter(folded.p[i]))
            end_word(f);
        else if (f->held_n < FUZZY_WORD_OCTETS_MAX)
            f->held[f->held_n++] = folded.p[i];
    }
}

unsigned fuzzy_score(struct fuzzy *f)
{
    unsigned sum = 0, mean;

    end_word(f);
    if (f->words == 0)
        return 0;
    for (size_t i = 0; i < f->words; i++)
        sum += f->word[i].best;
    mean = sum / (unsigned)f->words;
    if (mean < MEAN_MIN)
        return 0;
    return 1 + (mean - MEAN_MIN) * (FUZZY_SCORE_MAX - 1) / (FUZZY_SCORE_MAX - MEAN_MIN);
}
