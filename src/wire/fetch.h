/* wire/fetch.h -- what FETCH asks for, and the label each answer carries.
 *
 * Source: RFC 9051 sections 6.4.5 and 9 (fetch-att, section, partial), RFC 3501 (RFC822 and its
 * kin), RFC 3516 (BINARY), RFC 4466 section 2.4 (fetch modifiers), RFC 8514 (SAVEDATE), RFC 8970
 * (PREVIEW), RFC 8474 (EMAILID, THREADID) and the draft that follows it (OBJECTID),
 * RFC 7162 sections 3.1.4 and 3.2.6 (MODSEQ, CHANGEDSINCE, VANISHED).
 */
#ifndef ROOST_WIRE_FETCH_H
#define ROOST_WIRE_FETCH_H

#include "base/buf.h"
#include "wire/lex.h"
#include "wire/partial.h"

enum {
    FETCH_ITEMS_MAX = 1000,
    FETCH_FIELDS_MAX = 1000, /* header field names in one section */
    FETCH_FIELD_OCTETS_MAX = 998,
    SECTION_PARTS_MAX = 100, /* numbers in one part path */
};

/* The order of the table is the order of the answer's items where several are asked for. */
enum fetch_kind {
    FETCH_UID,
    FETCH_FLAGS,
    FETCH_MODSEQ,
    FETCH_INTERNALDATE,
    FETCH_RFC822_SIZE,
    FETCH_ENVELOPE,
    FETCH_BODY, /* the structure without extension data */
    FETCH_BODYSTRUCTURE,
    FETCH_SAVEDATE,
    FETCH_PREVIEW,
    FETCH_EMAILID,
    FETCH_THREADID,
    FETCH_OBJECTID, /* both in one */
    FETCH_GM_MSGID, /* Gmail's, like the two below */
    FETCH_GM_THRID,
    FETCH_GM_LABELS,
    FETCH_RFC822,        /* as BODY[] */
    FETCH_RFC822_HEADER, /* as BODY.PEEK[HEADER] */
    FETCH_RFC822_TEXT,   /* as BODY[TEXT] */
    FETCH_BODY_SECTION,  /* BODY[...] and BODY.PEEK[...] */
    FETCH_BINARY,        /* BINARY[...] and BINARY.PEEK[...] */
    FETCH_BINARY_SIZE,   /* BINARY.SIZE[...] */
    FETCH_KIND_COUNT
};

enum section_text {
    SECTION_ALL, /* BODY[] or BODY[1.2] */
    SECTION_HEADER,
    SECTION_HEADER_FIELDS,
    SECTION_HEADER_FIELDS_NOT,
    SECTION_TEXT,
    SECTION_MIME, /* only behind a part path */
};

struct section {
    uint32_t *part; /* parts numbers from 1, outermost first; none for the message itself */
    size_t parts;
    enum section_text text;
    struct slice *field; /* HEADER.FIELDS[.NOT]: names as sent, at least one */
    size_t fields;
};

struct fetch_item {
    enum fetch_kind kind;
    bool peek;    /* does not set \Seen (true for every kind that never does) */
    bool partial; /* "<at.n>" was given */
    uint64_t partial_at;
    uint64_t partial_n; /* from 1 */
    struct section section;
};

/* What stands in parentheses behind the attributes. */
enum fetch_modifier {
    FETCH_MODIFIER_PARTIAL = 1,      /* RFC 9394 section 3.3 */
    FETCH_MODIFIER_CHANGEDSINCE = 2, /* RFC 7162 section 3.1.4.1 */
    FETCH_MODIFIER_VANISHED = 4,     /* RFC 7162 section 3.2.6 */
};

struct fetch_list {
    struct fetch_item *item; /* simple kinds at most once each */
    size_t n;
    uint32_t kinds;               /* 1 << kind for each kind present */
    bool sets_seen;               /* some item lacks peek */
    uint32_t modifiers;           /* FETCH_MODIFIER_ bits */
    struct partial_range partial; /* with FETCH_MODIFIER_PARTIAL */
    uint64_t changedsince;        /* with FETCH_MODIFIER_CHANGEDSINCE */
};

/* Those that only Gmail's extensions have. */
#define FETCH_GMAIL_KINDS (1u << FETCH_GM_MSGID | 1u << FETCH_GM_THRID | 1u << FETCH_GM_LABELS)

/* The attributes of FETCH and UID FETCH (macros expanded) and the modifiers behind them, each
 * at most once. */
must_use enum err fetch_parse(struct lex *in, struct arena *a, struct fetch_list *out);

/* Only "(" attribute *(SP attribute) ")", as NOTIFY and UPDATE have it (RFC 5465 section 8). */
must_use enum err fetch_parse_attributes(struct lex *in, struct arena *a, struct fetch_list *out);
/* The same, kept as the text that was sent, for a later FETCH; *kinds as in fetch_list. */
must_use enum err fetch_keep_attributes(struct lex *in, struct arena *a, struct slice *text,
                                        uint32_t *kinds);

/* The label of an answer: "FLAGS", "BODY[1.HEADER.FIELDS (FROM TO)]<0>", "BINARY.SIZE[2]";
 * PEEK is never echoed, of a partial only its start (RFC 9051 section 7.5.2). */
void fetch_item_write(struct buf *out, const struct fetch_item *item);

#endif
