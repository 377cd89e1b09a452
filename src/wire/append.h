/* wire/append.h -- the arguments of APPEND and REPLACE, element by element.
 *
 * Source: RFC 9051 sections 6.3.12 and 9 (append), RFC 4466 section 2.5, RFC 3516 (literal8),
 * RFC 3502 (several messages), RFC 4469 section 5 (CATENATE), RFC 6855 section 4 (the UTF8 data
 * item, which RFC 9755 dropped and clients still send), RFC 8508 section 5.
 *
 *     "APPEND" SP mailbox 1*(SP message)
 *     message  = [flag-list SP] [date-time SP] data
 *     data     = literal / literal8 / "UTF8" SP "(" literal8 ")"
 *              / "CATENATE" SP "(" cat-part *(SP cat-part) ")"
 *     cat-part = "TEXT" SP (literal / literal8) / "UTF8" SP "(" literal8 ")" / "URL" SP astring
 *
 * The octets of a literal go past the grammar: the framer stops at each literal header, so one call
 * reads one element and an element that has a literal ends with its header, the last thing in the
 * input. The spaces and parentheses between elements are the caller's.
 */
#ifndef ROOST_WIRE_APPEND_H
#define ROOST_WIRE_APPEND_H

#include "wire/date.h"
#include "wire/flag.h"
#include "wire/mailbox.h"

enum { APPEND_URL_OCTETS_MAX = 8000 };

struct append_options {
    struct flag_list flags;
    bool has_date;
    struct date_time date;
};

/* What a message has before its data; the space behind it is taken too. */
must_use enum err append_options_parse(struct lex *in, struct arena *a, struct append_options *out);

enum append_element {
    APPEND_TEXT,        /* octets of the message: `literal` */
    APPEND_UTF8,        /* the same, and ")" is to follow */
    APPEND_URL,         /* `url` */
    APPEND_URL_LITERAL, /* a URL whose octets are the literal */
    APPEND_CATENATE,    /* parts follow, up to ")" */
};
struct append_data {
    enum append_element element;
    struct literal literal;
    struct slice url; /* at most APPEND_URL_OCTETS_MAX, not looked at */
};

/* data: APPEND_TEXT, APPEND_UTF8 or APPEND_CATENATE. */
must_use enum err append_data_parse(struct lex *in, struct append_data *out);
/* cat-part: all but APPEND_CATENATE. */
must_use enum err append_part_parse(struct lex *in, struct arena *a, struct append_data *out);

#endif
