/* imap/append_url.c -- CATENATE's URLs: octets copied from messages that are there already.
 *
 * Source: RFC 4469 sections 3 and 4 (BADURL, TOOBIG; \Seen is not set), RFC 5092, RFC 5550
 * (URL-PARTIAL). What a URL names is what BODY.PEEK[section]<partial> would send. The body stays
 * readable while it is copied, even if its message is expunged meanwhile.
 */
#include "imap/append.h"
#include "imap/fetch.h"
#include "wire/imap_url.h"

/* ---- what it names -------------------------------------------------------------------------- */

static enum err find_folder(struct imap_session *s, const struct imap_url *u, struct folder **f)
{
    *f = s->view.folder;
    if (u->mailbox.p != NULL)
        TRY(folder_selectable(s, u->mailbox, f));
    if (*f == NULL || (*f)->gone || (u->uidvalidity != 0 && u->uidvalidity != (*f)->uidvalidity))
        return ERR_NOTFOUND;
    return ERR_OK;
}

/* What this session can fetch: what is there, and in its own mailbox what it has not been told is
 * gone. */
static enum err find_message(struct imap_session *s, struct folder *f, uint32_t uid, uint64_t *body,
                             uint32_t *size)
{
    struct message_row row;
    struct messages *m;
    uint32_t k;

    TRY(folder_messages(f, &m));
    k = uid_map_lower(m->map, m->n, uid);
    if (k < m->n && uid_at(m->map, k) == uid) {
        *body = m->body[k];
        *size = m->size[k];
        return ERR_OK;
    }
    if (f != s->view.folder || view_find(&s->view, uid) == s->view.n)
        return ERR_NOTFOUND;
    TRY(message_expunged(f, uid, &row));
    *body = row.body;
    *size = row.size;
    return ERR_OK;
}

static enum err find_piece(struct imap_session *s, const struct imap_url *u,
                           struct append_source *from, struct piece *piece)
{
    struct folder *f;
    struct body b;

    TRY(find_folder(s, u, &f));
    TRY(find_message(s, f, u->uid, &from->body, &from->size));
    TRY(body_load(s->account, from->body, BODY_WANT_PARTS, &b));
    TRY(fetch_find_piece(&u->item, &b, from->size, piece));
    if (piece->kind == PIECE_NIL)
        return ERR_NOTFOUND;
    return piece->at > from->size || piece->n > from->size - piece->at ? ERR_CORRUPT : ERR_OK;
}

/* ---- copying -------------------------------------------------------------------------------- */

static enum err write_fields(struct imap_session *s, struct append_job *a, struct slice fields)
{
    TRY(append_announce(s, a, fields.n));
    return append_write(s, a, fields);
}

/* HEADER.FIELDS: what is chosen is not one range; it is written at once. */
static enum err copy_fields(struct imap_session *s, struct job *j, struct append_job *a,
                            const struct imap_url *u, const struct append_source *from,
                            const struct piece *piece)
{
    struct fetch_section section;
    struct fetch_header h;
    uint64_t skip, n;
    enum err e;

    TRY(fetch_section_make(&section, &u->item, &j->arena));
    section.piece = *piece;
    fetch_header_init(&h);
    e = fetch_read_fields(s->account, from->body, from->size, &section, &h);
    n = h.chosen.n;
    fetch_clip(&u->item, &skip, &n);
    if (e == ERR_OK)
        e = write_fields(s, a, slice_sub(buf_slice(&h.chosen), (size_t)skip, (size_t)n));
    fetch_header_release(&h);
    return e;
}

static enum err begin_copy(struct imap_session *s, struct job *j, struct append_job *a,
                           const struct imap_url *u)
{
    struct append_source from = {0};
    struct piece piece;
    uint64_t skip, n;

    TRY(find_piece(s, u, &from, &piece));
    a->source = (struct append_source){0};
    a->stage = APPEND_COPY;
    if (piece.kind == PIECE_FIELDS)
        return copy_fields(s, j, a, u, &from, &piece);
    n = piece.n;
    fetch_clip(&u->item, &skip, &n);
    TRY(append_announce(s, a, n));
    from.at = piece.at + skip;
    from.left = n;
    a->source = from;
    return ERR_OK;
}

/* "NO [BADURL url] ...". An octet that cannot stand there is written as in a URL, in percent. */
static enum err refuse(struct job *j, struct slice url)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char head[] = "NO [BADURL ", tail[] = "] No such message or part";
    char *text = arena_alloc(&j->arena, sizeof(head) + sizeof(tail) + 3 * url.n), *to = text;

    if (text == NULL)
        return ERR_NOMEM;
    memcpy(to, head, sizeof(head) - 1);
    to += sizeof(head) - 1;
    for (size_t i = 0; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];

        if (c > ' ' && c < 0x7F && c != ']') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    memcpy(to, tail, sizeof(tail));
    j->refusal = text;
    return ERR_CANNOT;
}

enum err append_url_begin(struct imap_session *s, struct job *j, struct append_job *a,
                          struct slice url)
{
    struct arena_mark mark = arena_mark(&j->arena);
    struct imap_url u;
    enum err e = imap_url_parse(url, &j->arena, &u);

    if (e == ERR_OK)
        e = begin_copy(s, j, a, &u);
    arena_undo(&mark);
    return e == ERR_CANNOT || e == ERR_NOTFOUND ? refuse(j, url) : e;
}

enum err append_copy(struct imap_session *s, struct job *j, struct append_job *a)
{
    struct append_source *from = &a->source;
    struct buf piece;
    enum err e = ERR_OK;

    buf_init(&piece, FETCH_READ_OCTETS);
    while (e == ERR_OK && from->left > 0) {
        uint64_t n = from->left < FETCH_READ_OCTETS ? from->left : FETCH_READ_OCTETS;

        buf_clear(&piece);
        e = body_read(s->account, from->body, from->size, from->at, n, &piece);
        if (e == ERR_OK)
            e = append_write(s, a, buf_slice(&piece));
        from->at += n;
        from->left -= n;
        if (e == ERR_OK && from->left > 0 && job_step_is_full(s, j))
            e = ERR_MORE;
    }
    buf_release(&piece);
    if (e != ERR_OK)
        return e;
    /* a URL that came as a literal has ended its line */
    a->stage = a->line.at < a->line.in.n ? APPEND_PARSE : APPEND_LINE;
    return job_step_is_full(s, j) ? ERR_MORE : ERR_OK; /* to find a little may take long, too */
}
