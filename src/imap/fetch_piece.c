/* imap/fetch_piece.c -- from a section specification to a place in the message.
 *
 * Source: RFC 9051 sections 6.4.5 (BODY[section], part numbers) and 6.4.5.1, RFC 3516 (BINARY).
 * The part table was made when the message came in; nothing is parsed here. What is the same for
 * every message is made once for the command.
 */
#include "imap/fetch.h"
#include "mime/part.h"

static bool whole_message(const struct fetch_item *item)
{
    return item->kind == FETCH_RFC822 ||
           ((item->kind == FETCH_BODY_SECTION || item->kind == FETCH_BINARY ||
             item->kind == FETCH_BINARY_SIZE) &&
            item->section.parts == 0 && item->section.text == SECTION_ALL);
}

static bool is_section(const struct fetch_item *item)
{
    return item->kind >= FETCH_RFC822;
}

static bool chooses_fields(const struct section *section)
{
    return section->text == SECTION_HEADER_FIELDS || section->text == SECTION_HEADER_FIELDS_NOT;
}

/* Fields of the message's own header, which ends where everybody can see it. */
static bool root_fields(const struct fetch_item *item)
{
    return item->kind == FETCH_BODY_SECTION && item->section.parts == 0 &&
           chooses_fields(&item->section);
}

unsigned fetch_list_want(const struct fetch_list *list)
{
    unsigned want = 0;

    for (size_t i = 0; i < list->n; i++) {
        const struct fetch_item *item = &list->item[i];

        if (!is_section(item))
            want |= fetch_item_want(item->kind);
        else if (!whole_message(item) && !root_fields(item))
            want |= BODY_WANT_PARTS;
    }
    return want;
}

static enum section_text text_of(const struct fetch_item *item)
{
    switch (item->kind) {
    case FETCH_RFC822_HEADER:
        return SECTION_HEADER;
    case FETCH_RFC822_TEXT:
        return SECTION_TEXT;
    default:
        return item->section.text;
    }
}

static struct piece of_header(enum section_text text, uint64_t at, uint64_t n)
{
    return (struct piece){
        .kind = text == SECTION_HEADER ? PIECE_RANGE : PIECE_FIELDS, .at = at, .n = n};
}

static struct piece of_part(const struct mime_part *p, enum section_text text, bool root)
{
    const struct piece nil = {.kind = PIECE_NIL};

    switch (text) {
    case SECTION_ALL:
        return (struct piece){.kind = PIECE_RANGE, .at = p->body_at, .n = p->body_n};
    case SECTION_MIME:
        return (struct piece){.kind = PIECE_RANGE, .at = p->header_at, .n = p->header_n};
    case SECTION_TEXT:
        if (root)
            return (struct piece){.kind = PIECE_RANGE, .at = p->body_at, .n = p->body_n};
        return p->is_message
                   ? (struct piece){.kind = PIECE_RANGE, .at = p->msg_body_at, .n = p->msg_body_n}
                   : nil;
    case SECTION_HEADER:
    case SECTION_HEADER_FIELDS:
    case SECTION_HEADER_FIELDS_NOT:
        if (root)
            return of_header(text, p->header_at, p->header_n);
        return p->is_message ? of_header(text, p->msg_header_at, p->msg_header_n) : nil;
    }
    return nil;
}

/* BINARY: decoded, except what has no encoding of its own. */
static enum err of_binary(const struct mime_part *p, enum fetch_kind kind, struct piece *out)
{
    *out = (struct piece){.kind = PIECE_RANGE, .at = p->body_at, .n = p->body_n};
    out->decoded = p->body_n;
    if (!p->is_multipart && !p->is_message &&
        (p->cte == MIME_CTE_QP || p->cte == MIME_CTE_BASE64 || p->cte == MIME_CTE_UNKNOWN)) {
        if (p->decoded_octets < 0)
            return ERR_UNKNOWN_CTE;
        out->kind = PIECE_DECODE;
        out->cte = p->cte;
        out->decoded = (uint64_t)p->decoded_octets;
    }
    if (kind == FETCH_BINARY_SIZE)
        out->kind = PIECE_NUMBER;
    return ERR_OK;
}

enum err fetch_find_piece(const struct fetch_item *item, const struct body *b, uint64_t size,
                          struct piece *out)
{
    struct mime_part part;
    enum err e;

    if (whole_message(item)) {
        *out = (struct piece){.kind = item->kind == FETCH_BINARY_SIZE ? PIECE_NUMBER : PIECE_RANGE,
                              .n = size,
                              .decoded = size};
        return ERR_OK;
    }
    if (root_fields(item)) {
        *out = (struct piece){.kind = PIECE_FIELDS, .n = size};
        return ERR_OK;
    }
    e = mime_part_find(b->parts, item->section.part, item->section.parts, &part);
    if (e == ERR_NOTFOUND) {
        *out = (struct piece){.kind = PIECE_NIL};
        return ERR_OK;
    }
    TRY(e);
    if (item->kind == FETCH_BINARY || item->kind == FETCH_BINARY_SIZE)
        return of_binary(&part, item->kind, out);
    *out = of_part(&part, text_of(item), item->section.parts == 0);
    return ERR_OK;
}

enum err fetch_find_pieces(struct fetch_job *f, const struct body *b)
{
    for (size_t i = 0; i < f->sections; i++) {
        struct piece *p = &f->section[i].piece;

        TRY(fetch_find_piece(f->section[i].item, b, f->row.size, p));
        if (p->at > f->row.size || p->n > f->row.size - p->at)
            return ERR_CORRUPT;
    }
    return ERR_OK;
}

/* ---- before the first message ---------------------------------------------------------------- */

enum err fetch_section_make(struct fetch_section *x, const struct fetch_item *item, struct arena *a)
{
    const struct section *section = &item->section;

    *x = (struct fetch_section){.item = item};
    if (item->kind == FETCH_BODY_SECTION && chooses_fields(section) &&
        !header_names_make(&x->names, section->field, section->fields, a))
        return ERR_NOMEM;
    if (root_fields(item) && section->text == SECTION_HEADER_FIELDS && !item->partial)
        x->usual = usual_mask(section->field, section->fields);
    return ERR_OK;
}

static enum err make_label(struct fetch_section *x, struct arena *a)
{
    struct buf label;
    enum err e;

    buf_init(&label, SESSION_COMMAND_OCTETS_MAX);
    buf_add_char(&label, ' ');
    fetch_item_write(&label, x->item);
    buf_add_char(&label, ' ');
    e = !label.overflowed && arena_copy(a, buf_slice(&label), &x->label) ? ERR_OK : ERR_NOMEM;
    buf_release(&label);
    return e;
}

enum err fetch_sections_make(struct fetch_job *f, struct arena *a)
{
    f->section = arena_array(a, struct fetch_section, f->list.n);
    if (f->section == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < f->list.n; i++) {
        struct fetch_section *x = &f->section[f->sections];

        if (!is_section(&f->list.item[i]))
            continue;
        f->sections++;
        TRY(fetch_section_make(x, &f->list.item[i], a));
        TRY(make_label(x, a));
    }
    return ERR_OK;
}
