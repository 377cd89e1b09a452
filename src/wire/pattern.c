/* wire/pattern.c -- LIST patterns, matched in one pass without backtracking.
 *
 * Source: RFC 9051 section 6.3.9. The pattern is a machine with one state before each of its m
 * octets and one behind the last; bit i of a row of bits stands for "the first i octets of the
 * pattern are matched". All states that are possible after an octet of the name are computed at
 * once:
 *
 *     next = ((now & row of the octet) << 1)       it is what the pattern says here
 *          | (now & row of "*")                    "*" swallows it
 *          | (now & row of "%")                    "%" does too, unless it is "/"
 *
 * and a state before a wildcard makes the one behind it possible too (it may match nothing). Runs
 * of wildcards are made one before, so that this last rule is applied only once.
 *
 *     rows:  0 empty | 1 where "*" stands | 2 where "%" stands | 3.. where each other octet stands
 */
#include "wire/mailbox.h"

enum {
    ROW_EMPTY,
    ROW_STAR,
    ROW_PERCENT,
    ROW_FIRST_OCTET,
    /* Every octet of the longest name with a wildcard on either side of each. */
    TEXT_OCTETS_MAX = 2 * MAILBOX_OCTETS_MAX + 1,
    WORDS_MAX = TEXT_OCTETS_MAX / 64 + 1,
};

static bool is_wildcard(char c)
{
    return c == '*' || c == '%';
}

/* "%*%" is "*", "%%" is "%". In place; returns the new length. */
static size_t join_wildcards(char *p, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || !is_wildcard(p[i]) || !is_wildcard(p[kept - 1]))
            p[kept++] = p[i];
        else if (p[i] == '*')
            p[kept - 1] = '*';
    }
    return kept;
}

static enum err join(struct arena *a, struct slice first, struct slice second, struct slice *out)
{
    char *p = arena_alloc(a, first.n + second.n);
    struct slice nfc;

    if (p == NULL)
        return ERR_NOMEM;
    if (first.n > 0)
        memcpy(p, first.p, first.n);
    if (second.n > 0)
        memcpy(p + first.n, second.p, second.n);
    TRY(mailbox_key(a, slice_of(p, first.n + second.n), &nfc));
    if (!arena_copy(a, nfc, out))
        return ERR_NOMEM;
    out->n = join_wildcards((char *)out->p, out->n); /* our own copy */
    return out->n <= TEXT_OCTETS_MAX ? ERR_OK : ERR_CANNOT;
}

static void set_bit(uint64_t *row, size_t i)
{
    row[i / 64] |= (uint64_t)1 << i % 64;
}

/* Which row each octet of the text has; returns how many rows there are. Text is UTF-8, so at
 * most 243 octets differ and a row number fits into eight bits. */
static size_t number_rows(struct slice text, uint8_t *row_of)
{
    size_t rows = ROW_FIRST_OCTET;

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (!is_wildcard(text.p[i]) && row_of[c] == ROW_EMPTY)
            row_of[c] = (uint8_t)rows++;
    }
    return rows;
}

static size_t row_for(char c, const uint8_t *row_of)
{
    return c == '*' ? ROW_STAR : c == '%' ? ROW_PERCENT : row_of[(unsigned char)c];
}

static enum err build(struct arena *a, struct mailbox_pattern *p)
{
    uint8_t *row_of = arena_array(a, uint8_t, 256);
    uint64_t *rows;

    if (row_of == NULL)
        return ERR_NOMEM;
    p->words = p->text.n / 64 + 1;
    rows = arena_array(a, uint64_t, number_rows(p->text, row_of) * p->words);
    if (rows == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->text.n; i++)
        set_bit(rows + row_for(p->text.p[i], row_of) * p->words, i);
    p->rows = rows;
    p->row_of = row_of;
    return ERR_OK;
}

enum err mailbox_pattern_compile(struct arena *a, enum mailbox_form form, struct slice reference,
                                 struct slice pattern, struct mailbox_pattern *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct mailbox_pattern got = {0};

    TRY(mailbox_to_utf8(a, form, reference, &reference));
    TRY(mailbox_to_utf8(a, form, pattern, &pattern));
    TRY(join(a, reference, pattern, &got.text));
    TRY(build(a, &got));
    got.literal =
        slice_find(got.text, '*') == got.text.n && slice_find(got.text, '%') == got.text.n;
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}

static const uint64_t *row(const struct mailbox_pattern *p, size_t number)
{
    return p->rows + number * p->words;
}

/* A state before a wildcard is also one behind it. */
static void skip_wildcards(const struct mailbox_pattern *p, uint64_t *states)
{
    uint64_t carry = 0;

    for (size_t w = 0; w < p->words; w++) {
        uint64_t wild = states[w] & (row(p, ROW_STAR)[w] | row(p, ROW_PERCENT)[w]);

        states[w] |= wild << 1 | carry;
        carry = wild >> 63;
    }
}

/* One octet of the name; `other` is the octet that counts as equal to it (itself, or its lower
 * case within INBOX). False when no state is left. */
static bool advance(const struct mailbox_pattern *p, uint64_t *states, char c, char other)
{
    const uint64_t *same = row(p, p->row_of[(unsigned char)c]);
    const uint64_t *as_well = row(p, p->row_of[(unsigned char)other]);
    const uint64_t *percent = row(p, c == '/' ? ROW_EMPTY : ROW_PERCENT);
    uint64_t carry = 0, any = 0;

    for (size_t w = 0; w < p->words; w++) {
        uint64_t hit = states[w] & (same[w] | as_well[w]);
        uint64_t stay = states[w] & (row(p, ROW_STAR)[w] | percent[w]);

        states[w] = stay | hit << 1 | carry;
        carry = hit >> 63;
        any |= states[w];
    }
    skip_wildcards(p, states);
    return any != 0;
}

bool mailbox_match(const struct mailbox_pattern *pattern, struct slice key)
{
    bool inbox = slice_starts(key, SLICE("INBOX")) && (key.n == 5 || key.p[5] == '/');
    uint64_t states[WORDS_MAX] = {1};

    skip_wildcards(pattern, states);
    for (size_t i = 0; i < key.n; i++) {
        char other = inbox && i < 5 ? ascii_lower(key.p[i]) : key.p[i];

        if (!advance(pattern, states, key.p[i], other))
            return false;
    }
    return (states[pattern->text.n / 64] >> pattern->text.n % 64 & 1) != 0;
}
