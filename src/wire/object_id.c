/* wire/object_id.c -- see object_id.h. */
#include "wire/object_id.h"

enum { DIGITS = 16 };

void object_id_write(struct buf *out, enum object_kind kind, uint64_t id)
{
    buf_addf(out, "%c%016llx", (char)kind, (unsigned long long)id);
}

static bool is_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

enum err object_id_lex(struct lex *in, struct slice *out)
{
    size_t start = in->at;
    struct slice id;

    TRY(lex_atom(in, OBJECT_ID_OCTETS_MAX, &id));
    for (size_t i = 0; i < id.n; i++) {
        if (!is_id_char(id.p[i])) {
            in->at = start;
            return ERR_SYNTAX;
        }
    }
    *out = id;
    return ERR_OK;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

uint64_t object_id_read(struct slice text, enum object_kind kind)
{
    uint64_t id = 0;

    if (text.n != 1 + DIGITS || text.p[0] != (char)kind)
        return 0;
    for (size_t i = 1; i < text.n; i++) {
        int value = digit_value(text.p[i]);

        if (value < 0)
            return 0;
        id = id << 4 | (unsigned)value;
    }
    return id <= INT64_MAX ? id : 0; /* they have 63 bits */
}
