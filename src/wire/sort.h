/* wire/sort.h -- the arguments of SORT and THREAD.
 *
 * Source: RFC 5256 section 5 (sort-criteria, thread-alg, search-criteria), RFC 5957 section 5
 * (DISPLAYFROM, DISPLAYTO), RFC 5267 section 5 (extended-sort), RFC 6203 section 6 (RELEVANCY).
 */
#ifndef ROOST_WIRE_SORT_H
#define ROOST_WIRE_SORT_H

#include "wire/search.h"

enum { SORT_CRITERIA_MAX = 32 };

enum sort_key {
    SORT_BY_ARRIVAL,
    SORT_BY_CC,
    SORT_BY_DATE,
    SORT_BY_DISPLAYFROM,
    SORT_BY_DISPLAYTO,
    SORT_BY_FROM,
    SORT_BY_RELEVANCY, /* only with a FUZZY key; the best first */
    SORT_BY_SIZE,
    SORT_BY_SUBJECT,
    SORT_BY_TO,
};

struct sort_criterion {
    enum sort_key key;
    bool reverse; /* of this criterion alone */
};

struct sort_program {
    struct sort_criterion criterion[SORT_CRITERIA_MAX]; /* the first is the most important */
    size_t n;                                           /* 1 or more */
    struct search_program search;
};

/* Parse everything behind "SORT ". ERR_SYNTAX, ERR_LIMIT; a charset is not judged here. */
must_use enum err sort_parse(struct lex *in, struct arena *a, struct sort_program *out);

enum thread_algorithm { THREAD_ORDEREDSUBJECT, THREAD_REFERENCES, THREAD_REFS };

struct thread_program {
    enum thread_algorithm algorithm;
    struct search_program search;
};

/* Parse everything behind "THREAD ". An unknown algorithm is ERR_SYNTAX. */
must_use enum err thread_parse(struct lex *in, struct arena *a, struct thread_program *out);

#endif
