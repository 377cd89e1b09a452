/* wire/search.h -- a SEARCH program as a tree.
 *
 * Source: RFC 9051 sections 6.4.4 and 9 (search-key), RFC 3501 (NEW, OLD, RECENT), RFC 4731 and
 * RFC 4466 section 2.6 (RETURN), RFC 5182 (SAVE, "$"), RFC 5032 (OLDER, YOUNGER),
 * RFC 9394 (PARTIAL), RFC 7162 section 7 (MODSEQ), RFC 6203 (FUZZY, RELEVANCY),
 * RFC 5466 (FILTER), RFC 5267 and RFC 5465 sections 7 and 8 (UPDATE).
 *
 * Strings are the octets as sent; `charset` says what they are, converting them is the
 * caller's. The parser does not recurse, and neither nested ORs nor NOTs deepen the tree: an OR
 * within an OR adds children to it, NOT toggles `negated`.
 */
#ifndef ROOST_WIRE_SEARCH_H
#define ROOST_WIRE_SEARCH_H

#include "wire/flag.h"
#include "wire/lex.h"
#include "wire/partial.h"
#include "wire/seq_set.h"

enum {
    SEARCH_DEPTH_MAX = 100,  /* parentheses and ORs inside each other */
    SEARCH_KEYS_MAX = 10000, /* nodes of one program */
    SEARCH_TEXT_OCTETS_MAX = 8192,
    SEARCH_CHARSET_OCTETS_MAX = 64,
    SEARCH_FILTER_OCTETS_MAX = 255, /* the name of a filter */
};

enum search_kind {
    SEARCH_ALL,
    SEARCH_AND,     /* child: all of them (none: everything) */
    SEARCH_OR,      /* child: any of them, two or more */
    SEARCH_SEQ,     /* set: message sequence numbers */
    SEARCH_UID,     /* set: UIDs */
    SEARCH_FLAG,    /* flag: one FLAG_ bit is set (UNSEEN is SEEN with `negated`) */
    SEARCH_KEYWORD, /* text: the keyword, an atom */
    SEARCH_NEW,     /* \Recent and not \Seen */
    SEARCH_BEFORE,  /* day, against the internal date without time and zone */
    SEARCH_ON,
    SEARCH_SINCE,
    SEARCH_SENTBEFORE, /* day, against the Date: field without time and zone */
    SEARCH_SENTON,
    SEARCH_SENTSINCE,
    SEARCH_OLDER,       /* seconds: INTERNALDATE that long ago, or longer (RFC 5032) */
    SEARCH_YOUNGER,     /* or less long */
    SEARCH_SAVEDBEFORE, /* day, against the save date in UTC (RFC 8514 section 4.3) */
    SEARCH_SAVEDON,
    SEARCH_SAVEDSINCE,
    SEARCH_GM_MSGID, /* size: an EMAILID as a number; Gmail's, like the two below */
    SEARCH_GM_THRID,
    SEARCH_GM_LABEL, /* text: a label */
    SEARCH_EMAILID,  /* text: an objectid (RFC 8474 section 6) */
    SEARCH_THREADID,
    SEARCH_LARGER, /* size: octets, strictly more */
    SEARCH_SMALLER,
    SEARCH_HEADER, /* field and text; BCC, CC, FROM, SUBJECT and TO are HEADER too.
                    * An empty text asks whether the field is there. */
    SEARCH_MODSEQ, /* size: the mod-sequence is that or greater (RFC 7162 section 3.1.5) */
    SEARCH_FILTER, /* text: the name of a search kept on the server (RFC 5466) */
    SEARCH_BODY,   /* text */
    SEARCH_TEXT,   /* text: header or body */
};

struct search_key {
    enum search_kind kind;
    bool negated;            /* the result is inverted */
    bool fuzzy;              /* below a FUZZY (RFC 6203) */
    struct search_key *next; /* sibling in the parent's list */
    union {
        struct search_key *child; /* AND, OR: the first one */
        struct seq_set set;       /* SEQ, UID: "*" is not resolved; `saved` for "$" */
        uint32_t flag;
        int32_t day; /* since 1970-01-01 */
        uint32_t seconds;
        uint64_t size;
        struct {
            struct slice text;
            struct slice field; /* HEADER: a field name, any case */
        };
    };
};

enum search_return {
    SEARCH_RETURN_MIN = 1,
    SEARCH_RETURN_MAX = 2,
    SEARCH_RETURN_ALL = 4,
    SEARCH_RETURN_COUNT = 8,
    SEARCH_RETURN_SAVE = 16,
    SEARCH_RETURN_PARTIAL = 32,
    SEARCH_RETURN_RELEVANCY = 64,
    SEARCH_RETURN_CONTEXT = 128, /* never in search_program.returns */
    SEARCH_RETURN_UPDATE = 256,  /* RFC 5267: keep telling */
};

struct search_program {
    struct search_key *root; /* an AND */
    size_t keys;             /* nodes in the tree */
    struct slice charset;    /* as sent; .p == NULL when not given */
    bool charset_required;   /* SORT, THREAD: the grammar has no form without it */
    bool has_return;         /* RETURN (...) was given: the answer is ESEARCH */
    uint32_t returns;        /* SEARCH_RETURN_ bits; "RETURN ()" is ALL (RFC 4731 section 3.1) */
    struct partial_range partial; /* with SEARCH_RETURN_PARTIAL */
    struct slice update_fetch;    /* "(UID FLAGS)" behind UPDATE; p NULL: nothing */
    bool has_seq;                 /* some SEARCH_SEQ names numbers (not only "$") */
    bool has_fuzzy;               /* some key is fuzzy: RELEVANCY may be asked for */
    bool has_filter;              /* FILTER occurs, whose keys are not in the tree yet */
    bool has_gmail;               /* some key, or item to fetch, is of Gmail's extensions */
    bool has_saved;               /* "$" occurs */
    bool has_modseq;              /* MODSEQ occurs: the answer tells the highest of what is found */
};

/* Parse everything behind "SEARCH ". Whether RELEVANCY goes with the keys is not judged here, as
 * filters may add to them. An unknown key or return option is ERR_SYNTAX.
 * ERR_LIMIT: depth, number of keys, or the length of one string. */
must_use enum err search_parse(struct lex *in, struct arena *a, struct search_program *out);

/* The keys alone, search-key *(SP search-key): what a filter holds (RFC 5466 section 4). */
must_use enum err search_parse_keys(struct lex *in, struct arena *a, struct search_program *out);

/* Its parts, for commands that put something between them (wire/sort.h); *program is zeroed
 * before the first. After an error it is of no use, and `a` may have grown. */
/* "RETURN (...) ", or nothing. */
must_use enum err search_parse_return(struct lex *in, struct arena *a,
                                      struct search_program *program);
/* RFC 5256's search-criteria: a charset, which is not optional, and the keys. */
must_use enum err search_parse_criteria(struct lex *in, struct arena *a,
                                        struct search_program *program);

#endif
