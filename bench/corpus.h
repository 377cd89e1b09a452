/* bench/corpus.h -- the mail that every server is measured with, made and not collected.
 *
 * A message is a function of its kind, its number and the size of the corpus: the same octets on
 * every machine, in any order, with nothing but integer arithmetic (and iconv(3) for the words of
 * other charsets). So two servers can be loaded at different times with the same mail, and a
 * report can be repeated by somebody else.
 *
 * CORPUS_REAL is like what stands in the mailbox of somebody who works with mail: conversations,
 * mailing lists, newsletters, attachments; text and HTML, encoded words and bodies in 14
 * charsets, header blocks as relays leave them. Median 8 KB, mean 37 KB, largest below 5 MB
 * (test_corpus.c holds it to that).
 * CORPUS_SMALL is 600 to 900 octets of plain text each, for what counts messages and not octets.
 *
 * In both, half of the messages answer an earlier one, and threads have from 1 to some hundred
 * messages; dates rise, with exceptions, over the five years before 2026. Words are drawn from some
 * thousands by Zipf's law, and mean nothing.
 */
#ifndef ROOST_BENCH_CORPUS_H
#define ROOST_BENCH_CORPUS_H

#include "base/buf.h"

/* For SEARCH: one text in 10,000 (numbers 5,000, 15,000, ...) and one subject in 10,000 (2,500,
 * 12,500, ...) have this word, and nothing else does. */
#define CORPUS_RARE_WORD "quicksilver"

enum {
    CORPUS_RARE_EVERY = 10000,
    CORPUS_RARE_WORD_AT = 5000,
    CORPUS_RARE_SUBJECT_AT = 2500,
    CORPUS_MESSAGE_OCTETS_MAX = 32 << 20,
    CORPUS_FLAGS_OCTETS_MAX = 100,
};

/* Dates of every corpus lie between these (seconds): 2021-01-01, 2026-01-01. */
#define CORPUS_DATE_FIRST INT64_C(1609459200)
#define CORPUS_DATE_END   INT64_C(1767225600)

enum corpus_kind { CORPUS_REAL, CORPUS_SMALL };

struct corpus;

/* What APPEND says beside the octets. */
struct corpus_note {
    char flags[CORPUS_FLAGS_OCTETS_MAX]; /* "\\Seen $Forwarded"; may be empty */
    int64_t date_s;                      /* INTERNALDATE */
    int16_t zone_minutes;
};

/* `count` messages share the five years, so a corpus of another size is another corpus. One
 * thread at a time; about 2 MB. Ends the process when iconv lacks a charset. */
struct corpus *corpus_new(enum corpus_kind kind, uint32_t count);
void corpus_free(struct corpus **c);

/* The octets of a message, appended to `out` (which takes CORPUS_MESSAGE_OCTETS_MAX more). */
void corpus_message(struct corpus *c, uint32_t number, struct buf *out);
void corpus_note(const struct corpus *c, uint32_t number, struct corpus_note *out);

#endif
