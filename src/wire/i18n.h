/* wire/i18n.h -- LANGUAGE and COMPARATOR: their arguments, and what these match.
 *
 * Source: RFC 5255 sections 3.2 to 3.5 (LANGUAGE) and 4.7 to 4.10 (COMPARATOR), RFC 4647 sections
 * 2.1 and 3.4 (language ranges, lookup), RFC 4790 section 3 (wildcards, ordering direction).
 */
#ifndef ROOST_WIRE_I18N_H
#define ROOST_WIRE_I18N_H

#include "base/buf.h"
#include "wire/lex.h"

enum { I18N_WORDS_MAX = 30, I18N_WORD_OCTETS_MAX = 255 };

/* The arguments of both: the first that can be had is wanted. */
struct i18n_args {
    struct slice *word; /* n of them, in the arena */
    size_t n;           /* 0: the question what there is */
};

/* Parse *(SP astring), from the space on. ERR_SYNTAX, ERR_LIMIT, ERR_NOMEM. */
must_use enum err i18n_parse(struct lex *in, struct arena *a, struct i18n_args *out);

/* The whole answer of LANGUAGE but the tag: writes the untagged reply, returns the text of the
 * tagged one. There is one text for everything, in English; "en" and "i-default" are its names,
 * so nothing has to be remembered. */
const char *language_answer(struct buf *out, const struct i18n_args *args);

/* Whether a collation-order asks for this collation: "*" stands for any characters, "+" before it
 * for the usual direction ("-", the other one, is not to be had). Without case. */
bool collation_matches(struct slice order, struct slice id);

#endif
