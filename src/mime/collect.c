/* mime/collect.c -- see collect.h. */
#include "mime/collect.h"

#include "mime/mime.h"

static const struct {
    const char *name;
    const char *join; /* between repeated fields; NULL: the first counts */
} fields[FIELD_COUNT] = {
    [FIELD_CONTENT_TYPE] = {"content-type", NULL},
    [FIELD_CONTENT_ENCODING] = {"content-transfer-encoding", NULL},
    [FIELD_CONTENT_ID] = {"content-id", NULL},
    [FIELD_CONTENT_DESCRIPTION] = {"content-description", NULL},
    [FIELD_CONTENT_DISPOSITION] = {"content-disposition", NULL},
    [FIELD_CONTENT_LANGUAGE] = {"content-language", NULL},
    [FIELD_CONTENT_LOCATION] = {"content-location", NULL},
    [FIELD_CONTENT_MD5] = {"content-md5", NULL},
    [FIELD_DATE] = {"date", NULL},
    [FIELD_SUBJECT] = {"subject", NULL},
    [FIELD_FROM] = {"from", ", "},
    [FIELD_SENDER] = {"sender", ", "},
    [FIELD_REPLY_TO] = {"reply-to", ", "},
    [FIELD_TO] = {"to", ", "},
    [FIELD_CC] = {"cc", ", "},
    [FIELD_BCC] = {"bcc", ", "},
    [FIELD_IN_REPLY_TO] = {"in-reply-to", NULL},
    [FIELD_MESSAGE_ID] = {"message-id", NULL},
    [FIELD_REFERENCES] = {"references", " "},
};

void collect_init(struct collect *c)
{
    *c = (struct collect){.current = -1};
    for (int i = 0; i < FIELD_COUNT; i++)
        buf_init(&c->value[i], MIME_FIELD_OCTETS_MAX);
}

void collect_release(struct collect *c)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        buf_release(&c->value[i]);
}

void collect_put_by(struct collect *c, size_t most_octets)
{
    collect_begin(c, false);
    for (int i = 0; i < FIELD_COUNT; i++)
        buf_put_by(&c->value[i], most_octets);
}

void collect_begin(struct collect *c, bool whole_message)
{
    c->whole_message = whole_message;
    c->in_name = false;
    c->current = -1;
    for (int i = 0; i < FIELD_COUNT; i++) {
        c->seen[i] = false;
        buf_clear(&c->value[i]);
    }
}

void collect_line(struct collect *c, bool continues)
{
    if (continues) {
        c->in_name = false; /* a colon on a continuation line makes no field */
        return;
    }
    c->in_name = true;
    c->dead = false;
    c->current = -1;
    c->name_n = 0;
}

static void start_field(struct collect *c)
{
    struct slice name = slice_trim(slice_of(c->name, c->name_n));
    int n = c->whole_message ? FIELD_COUNT : FIELD_DATE;

    for (int i = 0; i < n; i++) {
        if (!slice_eq_nocase(name, slice_of_str(fields[i].name)))
            continue;
        if (c->seen[i] && fields[i].join == NULL)
            return;
        if (c->seen[i])
            buf_add_str(&c->value[i], fields[i].join);
        c->seen[i] = true;
        c->current = i;
        return;
    }
}

static void add_value(struct collect *c, struct slice piece)
{
    struct buf *value = &c->value[c->current];
    size_t room = value->overflowed ? 0 : value->max_octets - value->n;

    buf_add_slice(value, slice_sub(piece, 0, room));
}

void collect_octets(struct collect *c, struct slice piece)
{
    if (c->in_name) {
        size_t colon = slice_find(piece, ':');

        if (c->name_n + colon > sizeof(c->name))
            c->dead = true;
        if (!c->dead) {
            memcpy(c->name + c->name_n, piece.p, colon);
            c->name_n += colon;
        }
        if (colon == piece.n)
            return;
        c->in_name = false;
        if (!c->dead)
            start_field(c);
        piece = slice_sub(piece, colon + 1, piece.n);
    }
    if (c->current >= 0)
        add_value(c, piece);
}

struct slice collect_value(const struct collect *c, enum field_id id)
{
    return c->seen[id] ? slice_trim(buf_slice(&c->value[id])) : SLICE_NULL;
}
