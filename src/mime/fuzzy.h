/* mime/fuzzy.h -- how well a text fits the words that somebody looks for, for FUZZY searches.
 *
 * Source: RFC 6203 (what is a good match is the server's to say). Text and question are cut into
 * words. Each word of the question looks for the word of the text most like it: few letters added,
 * missing, changed or swapped, or the same beginning. The score is the mean over the words.
 *
 * Costs: a word of the text and one of the question that could be alike are compared by their
 * bits, one step an octet; words of other lengths are passed over. Only so many octets of a text
 * are looked at.
 */
#ifndef ROOST_MIME_FUZZY_H
#define ROOST_MIME_FUZZY_H

#include "base/slice.h"

enum {
    FUZZY_WORDS_MAX = 8,        /* of the question; the others are not looked for */
    FUZZY_WORD_OCTETS_MAX = 64, /* what is beyond is not looked at */
    FUZZY_TEXT_OCTETS_MAX = 256 * 1024,
    FUZZY_SCORE_MAX = 100,
};

struct fuzzy_word {
    char text[FUZZY_WORD_OCTETS_MAX];
    size_t n;
    uint64_t at[256]; /* bit i: octet i of the word is this one */
    unsigned best;    /* in this text, 0..100 */
};

/* About 17 KiB. */
struct fuzzy {
    struct fuzzy_word word[FUZZY_WORDS_MAX];
    size_t words;
    char held[FUZZY_WORD_OCTETS_MAX]; /* the word of the text that is not at its end */
    size_t held_n;
    size_t left; /* octets of this text that are still looked at */
};

/* The question, folded (mime/fold.h). One without words fits nothing. */
void fuzzy_init(struct fuzzy *f, struct slice folded);
/* Look for it in a new text. */
void fuzzy_restart(struct fuzzy *f);
/* The next piece of folded text. */
void fuzzy_feed(struct fuzzy *f, struct slice folded);
/* The text is over: 0 does not fit, else 1..FUZZY_SCORE_MAX. */
unsigned fuzzy_score(struct fuzzy *f);

#endif
