/* imap/search_score.c -- how well a message matches a search with FUZZY in it.
 *
 * Source: RFC 6203 sections 4 and 5, which leave it to the server: strings as mime/fuzzy.h has it,
 * dates a few days off and sizes a little off match less and less; everything else matches exactly
 * or not at all. All of several keys: their mean; one of several: the best.
 */
#include "imap/search.h"

enum { DAYS_OFF_MAX = 7, DAY_COSTS = 12, PERCENT_OFF_MAX = 10, PERCENT_COSTS = 9 };

static unsigned score_days_off(int64_t off)
{
    if (off <= 0)
        return FUZZY_SCORE_MAX;
    return off > DAYS_OFF_MAX ? 0 : FUZZY_SCORE_MAX - DAY_COSTS * (unsigned)off;
}

static unsigned score_day(const struct search_key *key, int64_t day)
{
    switch (key->kind) {
    case SEARCH_BEFORE:
    case SEARCH_SENTBEFORE:
        return score_days_off(day - key->day + 1);
    case SEARCH_SINCE:
    case SEARCH_SENTSINCE:
        return score_days_off(key->day - day);
    default: /* ON, SENTON */
        return score_days_off(day > key->day ? day - key->day : key->day - day);
    }
}

/* `off` of `size`, in percent, rounded up. */
static unsigned score_octets_off(uint64_t off, uint64_t size)
{
    uint64_t percent;

    if (off == 0)
        return FUZZY_SCORE_MAX;
    if (size == 0 || off > size)
        return 0;
    percent = off <= UINT64_MAX / 100 ? (off * 100 + size - 1) / size : 100;
    return percent > PERCENT_OFF_MAX ? 0 : FUZZY_SCORE_MAX - PERCENT_COSTS * (unsigned)percent;
}

static unsigned score_size(const struct search_key *key, uint64_t size)
{
    if (key->kind == SEARCH_LARGER)
        return score_octets_off(size > key->size ? 0 : key->size + 1 - size, key->size);
    return score_octets_off(size < key->size ? 0 : size + 1 - key->size, key->size);
}

static unsigned score_string(struct matcher *t, struct candidate *c)
{
    t->likeness = 0;
    return matcher_matches(t, c) ? FUZZY_SCORE_MAX : t->likeness;
}

static unsigned score_all(struct matcher *t, struct candidate *c)
{
    unsigned sum = 0, n = 0;

    for (t = t->child; t != NULL; t = t->next) {
        unsigned score = matcher_score(t, c);

        if (score == 0)
            return 0;
        sum += t->scored ? score : 0;
        n += t->scored;
    }
    return n > 0 ? sum / n : FUZZY_SCORE_MAX;
}

static unsigned score_any(struct matcher *t, struct candidate *c)
{
    unsigned best = 0;

    for (t = t->child; t != NULL && best < FUZZY_SCORE_MAX; t = t->next) {
        unsigned score = matcher_score(t, c);

        best = score > best ? score : best;
    }
    return best;
}

unsigned matcher_score(struct matcher *t, struct candidate *c)
{
    const struct search_key *key = t->key;
    int32_t day;

    if (!t->scored || key->negated) /* what is not wanted is not wanted exactly */
        return matcher_matches(t, c) ? FUZZY_SCORE_MAX : 0;
    switch (key->kind) {
    case SEARCH_AND:
        return score_all(t, c);
    case SEARCH_OR:
        return score_any(t, c);
    case SEARCH_BEFORE:
    case SEARCH_ON:
    case SEARCH_SINCE:
        return score_day(key, candidate_internal_day(c));
    case SEARCH_SENTBEFORE:
    case SEARCH_SENTON:
    case SEARCH_SENTSINCE:
        return candidate_sent_day(c, &day) ? score_day(key, day) : 0;
    case SEARCH_LARGER:
    case SEARCH_SMALLER:
        return score_size(key, c->m->size[c->k]);
    case SEARCH_HEADER:
    case SEARCH_BODY:
    case SEARCH_TEXT:
        return score_string(t, c);
    default:
        return matcher_matches(t, c) ? FUZZY_SCORE_MAX : 0;
    }
}
