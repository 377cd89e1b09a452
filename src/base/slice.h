/* base/slice.h -- octets from outside: a pointer and a length, never a C string.
 *
 * A slice borrows. It says nothing about who owns the octets; the declaration that
 * returns one does. `p == NULL` means "absent" (NIL on the wire), which is not the same
 * as empty (`p != NULL, n == 0`).
 */
#ifndef ROOST_BASE_SLICE_H
#define ROOST_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define must_use __attribute__((warn_unused_result))

struct slice {
    const char *p;
    size_t n;
};

/* A slice of a string literal: SLICE("INBOX"). */
#define SLICE(lit) ((struct slice){"" lit, sizeof(lit) - 1})
#define SLICE_NULL ((struct slice){NULL, 0})
/* For printf: printf("%.*s", SLICE_ARG(s)). */
#define SLICE_ARG(s) (int)(s).n, (s).p

static inline struct slice slice_of(const void *p, size_t n)
{
    return (struct slice){(const char *)p, n};
}

/* Of a NUL-terminated string of our own (never of one from outside). NULL gives SLICE_NULL. */
static inline struct slice slice_of_str(const char *s)
{
    return (struct slice){s, s != NULL ? strlen(s) : 0};
}

/* The octets [from, from + n), clipped to what is there. */
static inline struct slice slice_sub(struct slice s, size_t from, size_t n)
{
    if (from > s.n)
        from = s.n;
    if (n > s.n - from)
        n = s.n - from;
    return (struct slice){s.p != NULL ? s.p + from : NULL, n};
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline char ascii_lower(char c)
{
    return (c >= 'A' && c <= 'Z') ? (char)(c + ('a' - 'A')) : c;
}

static inline char ascii_upper(char c)
{
    return (c >= 'a' && c <= 'z') ? (char)(c - ('a' - 'A')) : c;
}

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What a hexadecimal digit of either case stands for; -1 if it is none. */
static inline int ascii_hex_value(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Equal without regard to the case of ASCII letters (IMAP's i;ascii-casemap). */
bool slice_eq_nocase(struct slice a, struct slice b);

/* Order of octets, shorter first among equals: <0, 0, >0. */
int slice_cmp(struct slice a, struct slice b);

bool slice_starts(struct slice s, struct slice prefix);
bool slice_starts_nocase(struct slice s, struct slice prefix);

/* Index of the first `c`, or s.n if there is none. */
size_t slice_find(struct slice s, char c);

/* Without the ASCII spaces and tabs at both ends. */
struct slice slice_trim(struct slice s);

/* An unsigned decimal of 1 to 20 digits that fills the whole slice and is at most `max`.
 * Returns false, *out untouched, for anything else. */
must_use bool slice_to_u64(struct slice s, uint64_t max, uint64_t *out);

#endif
