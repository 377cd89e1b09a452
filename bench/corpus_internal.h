/* bench/corpus_internal.h -- what the files of the corpus share; see corpus.h. */
#ifndef ROOST_BENCH_CORPUS_INTERNAL_H
#define ROOST_BENCH_CORPUS_INTERNAL_H

#include "corpus.h"

/* ---- chance (splitmix64) --------------------------------------------------------------------- */

struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 .. n-1 */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

static inline bool rng_percent(struct rng *r, uint32_t percent)
{
    return rng_below(r, 100) < percent;
}

/* A number's own chances for one purpose, whatever was drawn for others. */
static inline struct rng rng_of(uint32_t number, uint64_t purpose)
{
    struct rng r = {number * UINT64_C(0xd1342543de82ef95) + purpose};

    r.state = rng_next(&r);
    return r;
}

/* ---- words.c: languages ---------------------------------------------------------------------- */

/* A language in a charset: its words as octets of that charset. */
struct voice {
    const char *charset;
    bool ascii;        /* nothing needs an encoding */
    bool shifts;       /* seven bits, and no encoding in bodies (ISO-2022-JP) */
    bool base64;       /* encoded words as B and not as Q */
    bool spaces;       /* between words */
    uint32_t share;    /* of a thousand messages */
    struct slice stop; /* at the end of a sentence */
    struct slice *word;
    uint32_t n;
    uint16_t *draw; /* VOICE_DRAWS words, as often as Zipf's law has them */
    struct slice *name;
    uint32_t names;
    char *octets; /* what the slices stand in */
};

enum { VOICE_DRAWS = 1 << 15 };

/* All voices, the first is English in US-ASCII. */
struct voice *voices_new(size_t *n);
void voices_free(struct voice *v, size_t n);

static inline struct slice voice_word(const struct voice *v, struct rng *r)
{
    return v->word[v->draw[rng_next(r) >> 49]];
}

/* ---- text.c: running text and its encodings -------------------------------------------------- */

/* Paragraphs of at least `octets` octets in lines of at most about 76. `lead` stands before each
 * line ("> ", ""); `flowed`: a space before each soft line end (RFC 3676). */
void text_paragraphs(const struct voice *v, struct rng *r, size_t octets, const char *lead,
                     bool flowed, struct buf *out);
/* n words on one line, unencoded. */
void text_words(const struct voice *v, struct rng *r, unsigned n, struct buf *out);
/* n words as header text: encoded words (RFC 2047) unless the voice is ASCII, folded. */
void text_header_words(const struct voice *v, struct rng *r, unsigned n, struct buf *out);
/* One text of the voice's charset as one encoded word. */
void text_encoded_word(const struct voice *v, struct slice text, struct buf *out);
void text_quoted_printable(struct slice text, struct buf *out);
void text_base64(struct slice text, struct buf *out);
/* `octets` of random base64 lines, `magic` (base64, whole quanta) first. */
void text_base64_random(struct rng *r, const char *magic, size_t octets, struct buf *out);
/* n random characters of base64's alphabet. */
void text_token(struct rng *r, size_t n, struct buf *out);

/* ---- thread.c: who answers whom, when, with which flags -------------------------------------- */

#define NO_PARENT UINT32_MAX

enum genre { GENRE_PERSON, GENRE_LIST, GENRE_NEWSLETTER, GENRE_NOTICE };

struct facts {
    uint32_t number, parent, root;
    uint32_t from, to; /* people; a newsletter's and a notice's sender is a house */
    enum genre genre;
    const struct voice *voice;
    int64_t date_s;
    int16_t zone_minutes;
};

enum { PEOPLE = 400, HOUSES = 60, LISTS = 12 };

uint32_t parent_of(enum corpus_kind kind, uint32_t number);
void facts_of(const struct corpus *c, uint32_t number, struct facts *out);
/* "anna.berg@mill.example": a person's, or that of the one who sends for a house. */
void person_address(uint32_t person, struct buf *out);
void house_domain(uint32_t house, struct buf *out);
void list_address(uint32_t list, struct buf *out);

/* ---- head.c, small.c, parts.c ---------------------------------------------------------------- */

void message_id(enum corpus_kind kind, uint32_t number, struct buf *out);
void date_header(int64_t date_s, int16_t zone_minutes, struct buf *out);
/* "Anna Berg <anna.berg@mill.example>" */
void person_header(const struct corpus *c, uint32_t who, struct buf *out);
void subject_header(const struct corpus *c, const struct facts *f, struct buf *out);
void references_headers(enum corpus_kind kind, const struct facts *f, unsigned most,
                        struct buf *out);
/* Everything above Content-Type. */
void head_real(const struct corpus *c, const struct facts *f, struct buf *out);
/* MIME-Version, Content-Type and what follows. */
void parts_real(struct corpus *c, const struct facts *f, struct buf *out);
void small_message(struct corpus *c, const struct facts *f, struct buf *out);

static inline bool has_rare_word(uint32_t number)
{
    return number % CORPUS_RARE_EVERY == CORPUS_RARE_WORD_AT;
}

static inline bool has_rare_subject(uint32_t number)
{
    return number % CORPUS_RARE_EVERY == CORPUS_RARE_SUBJECT_AT;
}

struct corpus {
    enum corpus_kind kind;
    uint32_t count;
    struct voice *voice;
    size_t voices;
    struct buf text, html, raw; /* while a message is made */
};

#endif
