/* wire/mailbox.h -- mailbox names and LIST patterns.
 *
 * Inside Roost a name is UTF-8 with "/" between levels. On the wire it is UTF-8 in rev2 and
 * with UTF8=ACCEPT, modified UTF-7 otherwise. Source: RFC 9051 sections 5.1 and A.1, RFC 3501
 * section 5.1.3 (modified UTF-7), RFC 5198 (Net-Unicode), RFC 9051 section 6.3.9 (patterns).
 *
 * A valid name: well-formed UTF-8, 1 to MAILBOX_OCTETS_MAX octets, no C0 or C1 control, no
 * U+2028 or U+2029, no empty level. INBOX is INBOX in any case, also as the first level
 * ("inbox/x" is "INBOX/x").
 */
#ifndef ROOST_WIRE_MAILBOX_H
#define ROOST_WIRE_MAILBOX_H

#include "base/buf.h"
#include "wire/lex.h"

enum { MAILBOX_OCTETS_MAX = 1000, MAILBOX_WIRE_OCTETS_MAX = 4000 };

/* How names travel in this session. */
enum mailbox_form { MAILBOX_MUTF7, MAILBOX_UTF8 };

/* Parse an astring and turn it into a valid name (borrowed from `a`, or from the frame).
 * In form MUTF7 a name with octets above 0x7F is not modified UTF-7; clients send such names
 * all the same and mean UTF-8, so it is taken as that when it is well-formed.
 * ERR_SYNTAX: no astring. ERR_CANNOT: an astring, but no valid name; `in` stands past it. */
must_use enum err mailbox_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                                struct slice *out);

/* The same for CREATE, where one "/" at the end only says that children will follow (RFC 9051
 * section 6.3.4) and is dropped. */
must_use enum err mailbox_parse_create(struct lex *in, struct arena *a, enum mailbox_form form,
                                       struct slice *out);

/* From wire octets to a valid name. ERR_CANNOT or ERR_NOMEM; never ERR_SYNTAX. */
must_use enum err mailbox_from_wire(struct arena *a, enum mailbox_form form, struct slice wire,
                                    struct slice *out);

/* The step before that: wire octets to well-formed UTF-8, which need not be a valid name; the
 * wildcards of patterns pass through both forms. ERR_CANNOT or ERR_NOMEM. */
must_use enum err mailbox_to_utf8(struct arena *a, enum mailbox_form form, struct slice wire,
                                  struct slice *out);

/* Whether `name` is valid as said above, INBOX in canonical case included. */
bool mailbox_valid(struct slice name);

/* Whether `name` is INBOX (in canonical case). */
static inline bool mailbox_is_inbox(struct slice name)
{
    return slice_eq(name, SLICE("INBOX"));
}

/* The name of the level above, or SLICE_NULL for a name of one level. */
struct slice mailbox_parent(struct slice name);

/* The unique key of a valid name: its Unicode NFC (RFC 9051 section 5.1: names that differ only
 * in normalisation are one mailbox). ERR_NOMEM, ERR_CANNOT (not UTF-8). */
must_use enum err mailbox_key(struct arena *a, struct slice name, struct slice *out);

/* Modified UTF-7, strict both ways: decode refuses whatever encode does not write, with
 * ERR_CANNOT. `from` of encode is well-formed UTF-8. */
must_use enum err mailbox_mutf7_decode(struct arena *a, struct slice from, struct slice *out);
void mailbox_mutf7_encode(struct buf *out, struct slice from);

/* A name as an astring: an atom where possible, else quoted (UTF-8 inside the quotes in form
 * UTF8). Never a literal: a valid name has no octet that needs one. */
void mailbox_write(struct buf *out, enum mailbox_form form, struct slice name);

/* A compiled LIST pattern: "*" any octets, "%" any octets but "/". */
struct mailbox_pattern {
    struct slice text;     /* NFC, runs of wildcards made one */
    size_t words;          /* 64-bit words in one row */
    const uint64_t *rows;  /* rows of `words`: see pattern.c */
    const uint8_t *row_of; /* [256]: which row an octet has; 0 is the empty row */
    bool literal;          /* no wildcard: text is simply a name */
};

/* Compile reference + pattern as they came over the wire. ERR_CANNOT: not decodable, matches
 * nothing (LIST then answers OK without a line). Costs at most 80 KiB of `a`, 2 KiB for a pattern
 * of ordinary length. */
must_use enum err mailbox_pattern_compile(struct arena *a, enum mailbox_form form,
                                          struct slice reference, struct slice pattern,
                                          struct mailbox_pattern *out);

/* Whether the whole of `key` (of mailbox_key) matches. INBOX as first level is compared without
 * case. Time: octets of key times words of the pattern (1 for patterns below 64 octets). */
bool mailbox_match(const struct mailbox_pattern *pattern, struct slice key);

#endif
