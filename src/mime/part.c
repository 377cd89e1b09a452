/* mime/part.c -- see part.h; the layout is drawn in part_table.h.
 *
 * Invariants checked of every entry that is read: parent < index, index < end <= entries, texts
 * inside the pool, ranges that do not overflow; of a message entry: the next entry is its child.
 */
#include "mime/part.h"

#include "mime/part_table.h"

struct entry {
    struct mime_part part;
    uint32_t end;
};

static uint64_t get_int(const char *p, unsigned octets)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < octets; i++)
        v |= (uint64_t)(unsigned char)p[i] << (8 * i);
    return v;
}

enum err mime_parts_count(struct slice table, uint32_t *out)
{
    uint64_t n, pool;

    if (table.n < PART_HEAD_OCTETS || memcmp(table.p, "RPT", 3) != 0)
        return ERR_CORRUPT;
    if (table.p[3] != PART_TABLE_VERSION)
        return (unsigned char)table.p[3] > PART_TABLE_VERSION ? ERR_NEWER : ERR_CORRUPT;
    n = get_int(table.p + 4, 4);
    pool = get_int(table.p + 8, 4);
    if (n == 0 || PART_HEAD_OCTETS + n * PART_ENTRY_OCTETS + pool != table.n)
        return ERR_CORRUPT;
    *out = (uint32_t)n;
    return ERR_OK;
}

static enum err read_texts(struct slice table, const char *p, uint32_t entries,
                           struct mime_part *part)
{
    struct slice pool =
        slice_sub(table, PART_HEAD_OCTETS + (size_t)entries * PART_ENTRY_OCTETS, table.n);
    size_t at = get_int(p + 20, 4);
    size_t type_n = get_int(p + 14, 1), subtype_n = get_int(p + 15, 1);
    size_t charset_n = get_int(p + 16, 1);

    if (at > pool.n || type_n + subtype_n + charset_n > pool.n - at)
        return ERR_CORRUPT;
    part->type = slice_sub(pool, at, type_n);
    part->subtype = slice_sub(pool, at + type_n, subtype_n);
    part->charset = slice_sub(pool, at + type_n + subtype_n, charset_n);
    return ERR_OK;
}

/* Offsets stay below 2^62, so sums of two never wrap. */
static bool sane_range(uint64_t at, uint64_t n)
{
    return at < (uint64_t)1 << 62 && n < (uint64_t)1 << 62;
}

static enum err read_numbers(const char *p, struct mime_part *part)
{
    uint64_t decoded = get_int(p + 64, 8);

    part->header_at = get_int(p + 24, 8);
    part->header_n = get_int(p + 32, 8);
    part->body_at = get_int(p + 40, 8);
    part->body_n = get_int(p + 48, 8);
    part->lines = get_int(p + 56, 8);
    part->decoded_octets = decoded == UINT64_MAX ? -1 : (int64_t)decoded;
    if (!sane_range(part->header_at, part->header_n) || !sane_range(part->body_at, part->body_n) ||
        part->lines > part->body_n || part->decoded_octets < -1)
        return ERR_CORRUPT;
    return ERR_OK;
}

static enum err read_kind(const char *p, struct mime_part *part)
{
    unsigned flags = (unsigned char)p[12], cte = (unsigned char)p[13];

    if ((flags & ~(unsigned)PART_FLAGS_ALL) != 0 || cte > MIME_CTE_UNKNOWN ||
        ((flags & PART_FLAG_MULTIPART) && (flags & PART_FLAG_MESSAGE)))
        return ERR_CORRUPT;
    part->is_multipart = (flags & PART_FLAG_MULTIPART) != 0;
    part->is_message = (flags & PART_FLAG_MESSAGE) != 0;
    part->is_text = (flags & PART_FLAG_TEXT) != 0;
    part->cte = (enum mime_cte)cte;
    return ERR_OK;
}

static enum err read_entry(struct slice table, uint32_t entries, uint32_t index, struct entry *out)
{
    const char *p = table.p + PART_HEAD_OCTETS + (size_t)index * PART_ENTRY_OCTETS;
    struct entry e = {.part.index = index};

    e.part.parent = (uint32_t)get_int(p, 4);
    e.part.number = (uint32_t)get_int(p + 4, 4);
    e.end = (uint32_t)get_int(p + 8, 4);
    if ((index > 0 && e.part.parent >= index) || (index == 0 && e.part.parent != 0) ||
        e.end <= index || e.end > entries || (index == 0 && e.end != entries))
        return ERR_CORRUPT;
    TRY(read_kind(p, &e.part));
    TRY(read_numbers(p, &e.part));
    TRY(read_texts(table, p, entries, &e.part));
    /* A leaf has no descendants, the others have at least one. */
    if ((e.part.is_multipart || e.part.is_message) != (e.end > index + 1))
        return ERR_CORRUPT;
    *out = e;
    return ERR_OK;
}

/* The entry with what the nested message's own entry says about its header and body. */
static enum err complete(struct slice table, uint32_t entries, struct entry *e)
{
    struct entry inner;

    if (!e->part.is_message)
        return ERR_OK;
    TRY(read_entry(table, entries, e->part.index + 1, &inner));
    if (inner.part.parent != e->part.index || inner.end != e->end || inner.part.number != 0)
        return ERR_CORRUPT;
    e->part.msg_header_at = inner.part.header_at;
    e->part.msg_header_n = inner.part.header_n;
    e->part.msg_body_at = inner.part.body_at;
    e->part.msg_body_n = inner.part.body_n;
    return ERR_OK;
}

static enum err get_entry(struct slice table, uint32_t index, struct entry *out)
{
    uint32_t entries;
    struct entry e;

    TRY(mime_parts_count(table, &entries));
    if (index >= entries)
        return ERR_NOTFOUND;
    TRY(read_entry(table, entries, index, &e));
    TRY(complete(table, entries, &e));
    *out = e;
    return ERR_OK;
}

enum err mime_part_at(struct slice table, uint32_t index, struct mime_part *out)
{
    struct entry e;

    TRY(get_entry(table, index, &e));
    *out = e.part;
    return ERR_OK;
}

/* Child `number` of a multipart. */
static enum err find_child(struct slice table, const struct entry *parent, uint32_t number,
                           struct entry *out)
{
    struct entry e;

    for (uint32_t i = parent->part.index + 1; i < parent->end; i = e.end) {
        TRY(get_entry(table, i, &e));
        if (e.part.parent != parent->part.index || e.end > parent->end)
            return ERR_CORRUPT;
        if (e.part.number == number) {
            *out = e;
            return ERR_OK;
        }
    }
    return ERR_NOTFOUND;
}

/* Part `number` of a whole message (the root or a nested one). */
static enum err find_in_message(struct slice table, const struct entry *message, uint32_t number,
                                struct entry *out)
{
    if (message->part.is_multipart)
        return find_child(table, message, number, out);
    if (number != 1)
        return ERR_NOTFOUND;
    *out = *message;
    return ERR_OK;
}

static enum err find_below(struct slice table, const struct entry *part, uint32_t number,
                           struct entry *out)
{
    struct entry inner;

    if (part->part.is_multipart)
        return find_child(table, part, number, out);
    if (!part->part.is_message)
        return ERR_NOTFOUND;
    TRY(get_entry(table, part->part.index + 1, &inner));
    return find_in_message(table, &inner, number, out);
}

enum err mime_part_find(struct slice table, const uint32_t *path, size_t depth,
                        struct mime_part *out)
{
    struct entry at, next;

    TRY(get_entry(table, 0, &at));
    for (size_t i = 0; i < depth; i++) {
        TRY(i == 0 ? find_in_message(table, &at, path[i], &next)
                   : find_below(table, &at, path[i], &next));
        at = next;
    }
    *out = at.part;
    return ERR_OK;
}

static bool inside(uint64_t at, uint64_t n, uint64_t size)
{
    return n <= size && at <= size - n;
}

/* Child entries lie inside their parent and carry on where the one before them ended. */
static enum err check_children(struct slice table, const struct entry *e)
{
    struct entry child;

    for (uint32_t i = e->part.index + 1; i < e->end; i = child.end) {
        TRY(get_entry(table, i, &child));
        if (child.part.parent != e->part.index || child.end > e->end)
            return ERR_CORRUPT;
    }
    return ERR_OK;
}

enum err mime_parts_check(struct slice table, uint64_t size_octets)
{
    uint32_t entries;
    struct entry e;

    TRY(mime_parts_count(table, &entries));
    for (uint32_t i = 0; i < entries; i++) {
        TRY(get_entry(table, i, &e));
        if (!inside(e.part.header_at, e.part.header_n, size_octets) ||
            !inside(e.part.body_at, e.part.body_n, size_octets))
            return ERR_CORRUPT;
        TRY(check_children(table, &e));
    }
    return ERR_OK;
}
