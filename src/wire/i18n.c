/* wire/i18n.c -- see i18n.h. */
#include "wire/i18n.h"

#include "wire/grow.h"

enum err i18n_parse(struct lex *in, struct arena *a, struct i18n_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct i18n_args got = {0};
    size_t cap = 0;

    while (lex_accept(in, ' ')) {
        void *word = got.word;

        TRY(grow_array(a, &word, got.n, &cap, sizeof(*got.word), I18N_WORDS_MAX));
        got.word = word;
        TRY(lex_astring(in, a, I18N_WORD_OCTETS_MAX, &got.word[got.n++]));
    }
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

/* ---- LANGUAGE ------------------------------------------------------------------------------- */

/* The first is the default (RFC 2277 section 4.5). */
static const char *const languages[] = {"i-default", "en"};

enum { LANGUAGES = sizeof(languages) / sizeof(languages[0]) };

/* Lookup: the range, then without its last subtag, and so on (RFC 4647 section 3.4). */
static const char *find_language(struct slice range)
{
    if (slice_eq_nocase(range, SLICE("default")) || slice_eq(range, SLICE("*")))
        return languages[0];
    while (range.n > 0) {
        for (size_t i = 0; i < LANGUAGES; i++) {
            if (slice_eq_nocase(range, slice_of_str(languages[i])))
                return languages[i];
        }
        while (range.n > 0 && range.p[range.n - 1] != '-')
            range.n--;
        if (range.n > 0)
            range.n--;
    }
    return NULL;
}

const char *language_answer(struct buf *out, const struct i18n_args *args)
{
    if (args->n == 0) {
        buf_addf(out, "* LANGUAGE (%s %s)\r\n", languages[0], languages[1]);
        return "OK These are spoken";
    }
    for (size_t i = 0; i < args->n; i++) {
        const char *language = find_language(args->word[i]);

        if (language == NULL)
            continue;
        buf_addf(out, "* LANGUAGE (%s)\r\n", language);
        return "OK Now speaking English";
    }
    return "NO Unsupported language";
}

/* ---- COMPARATOR ----------------------------------------------------------------------------- */

bool collation_matches(struct slice order, struct slice id)
{
    size_t at = 0, star = SIZE_MAX, resume = 0, i = 0;

    if (order.n > 0 && order.p[0] == '+')
        order = slice_sub(order, 1, order.n);
    /* What stands before the last "*" seen is matched for good: only behind it is tried again. */
    while (i < id.n) {
        if (at < order.n && order.p[at] == '*') {
            star = at++;
            resume = i;
        } else if (at < order.n && ascii_lower(order.p[at]) == ascii_lower(id.p[i])) {
            at++;
            i++;
        } else if (star != SIZE_MAX) {
            at = star + 1;
            i = ++resume;
        } else {
            return false;
        }
    }
    while (at < order.n && order.p[at] == '*')
        at++;
    return at == order.n;
}
