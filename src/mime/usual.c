/* mime/usual.c -- see usual.h. */
#include "mime/usual.h"

#include "mime/header.h"
#include "mime/usual_table.h"

enum {
#define X(a, id, name) USUAL_##id,
    USUAL_TABLE(X, 0)
#undef X
        USUAL_NAMES,
    HEAD_OCTETS = 2,
    ENTRY_OCTETS = 3,
};
_Static_assert(USUAL_NAMES <= 64, "a name is a bit of a mask");

static const struct slice names[USUAL_NAMES] = {
#define X(a, id, name) {name, sizeof(name) - 1},
    USUAL_TABLE(X, 0)
#undef X
};

/* The names of each length: few enough to be compared. */
#define BIT(n, id, name) | (sizeof(name) - 1 == (n) ? (uint64_t)1 << USUAL_##id : 0)
#define OF(n)            (0 USUAL_TABLE(BIT, n))
static const uint64_t of_length[] = {
    0,      0,      OF(2),  OF(3),  OF(4),  OF(5),  OF(6),  OF(7),  OF(8),  OF(9),  OF(10),
    OF(11), OF(12), OF(13), OF(14), OF(15), OF(16), OF(17), OF(18), OF(19), OF(20), OF(21),
    OF(22), OF(23), OF(24), OF(25), OF(26), OF(27), OF(28), OF(29), OF(30), OF(31)};
#undef OF
#undef BIT

/* Its place in the table, USUAL_NAMES if it has none. */
static unsigned find(struct slice name)
{
    uint64_t left = name.n < sizeof(of_length) / sizeof(of_length[0]) ? of_length[name.n] : 0;

    for (; left != 0; left &= left - 1) {
        unsigned id = (unsigned)__builtin_ctzll(left);

        if (ascii_lower(name.p[0]) == names[id].p[0] && slice_eq_nocase(name, names[id]))
            return id;
    }
    return USUAL_NAMES;
}

uint64_t usual_mask(const struct slice *name, size_t n)
{
    uint64_t mask = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned id = find(name[i]);

        if (id == USUAL_NAMES)
            return 0;
        mask |= (uint64_t)1 << id;
    }
    return mask;
}

/* ---- packing --------------------------------------------------------------------------------- */

struct found {
    unsigned id;
    struct slice whole;
};

static size_t octets_of(const struct found *f)
{
    return f->whole.n + (f->whole.p[f->whole.n - 1] == '\n' ? 0 : 2);
}

/* The usual fields of the header in the order in which they stand. Returns the octets that they are
 * when packed, 0 if they cannot be. */
static size_t find_all(struct slice octets, bool whole, struct found *found, size_t *n)
{
    struct header_field field;
    size_t packed = HEAD_OCTETS;

    *n = 0;
    while (header_next(&octets, &field)) {
        struct found f = {find(field.name), field.whole};

        if (f.id == USUAL_NAMES)
            continue;
        packed += ENTRY_OCTETS + octets_of(&f);
        if (*n == USUAL_FIELDS_MAX || packed > USUAL_OCTETS_MAX)
            return 0;
        found[(*n)++] = f;
    }
    return octets.n > 0 || whole ? packed : 0;
}

bool usual_pack(struct slice octets, bool whole, struct buf *out)
{
    struct found found[USUAL_FIELDS_MAX];
    size_t n, packed = find_all(octets, whole, found, &n);

    if (packed == 0 || buf_reserve(out, packed) == NULL)
        return false;
    buf_add_char(out, (char)USUAL_NAMES);
    buf_add_char(out, (char)n);
    for (size_t i = 0; i < n; i++) {
        size_t length = octets_of(&found[i]);

        buf_add_char(out, (char)found[i].id);
        buf_add_char(out, (char)(length & 0xFF));
        buf_add_char(out, (char)(length >> 8));
    }
    for (size_t i = 0; i < n; i++) {
        buf_add_slice(out, found[i].whole);
        if (found[i].whole.n < octets_of(&found[i]))
            buf_add_str(out, "\r\n"); /* the message ended inside the field */
    }
    return true;
}

/* ---- choosing -------------------------------------------------------------------------------- */

static unsigned octet(struct slice s, size_t i)
{
    return (unsigned char)s.p[i];
}

static size_t length_at(struct slice packed, size_t entry)
{
    return octet(packed, entry + 1) | octet(packed, entry + 2) << 8;
}

bool usual_choose(struct slice packed, uint64_t mask, struct usual_choice *out)
{
    size_t end, total;

    if (packed.n < HEAD_OCTETS || (octet(packed, 0) < 64 && mask >> octet(packed, 0) != 0))
        return false;
    *out = (struct usual_choice){.packed = packed, .mask = mask, .n = 2};
    total = end = HEAD_OCTETS + ENTRY_OCTETS * (size_t)octet(packed, 1);
    if (end > packed.n)
        return false;
    for (size_t i = HEAD_OCTETS; i < end; i += ENTRY_OCTETS) {
        unsigned id = octet(packed, i);

        if (id >= 64)
            return false;
        total += length_at(packed, i);
        out->n += (mask >> id & 1) != 0 ? length_at(packed, i) : 0;
    }
    return total == packed.n;
}

void usual_write(const struct usual_choice *c, struct buf *out)
{
    size_t end = HEAD_OCTETS + ENTRY_OCTETS * (size_t)octet(c->packed, 1), at = end;

    for (size_t i = HEAD_OCTETS; i < end; i += ENTRY_OCTETS) {
        size_t n = length_at(c->packed, i);

        if ((c->mask >> octet(c->packed, i) & 1) != 0)
            buf_add_slice(out, slice_sub(c->packed, at, n));
        at += n;
    }
    buf_add_str(out, "\r\n");
}
