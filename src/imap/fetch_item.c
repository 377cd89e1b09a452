/* imap/fetch_item.c -- the items of FETCH that are no section: one row each.
 *
 * Source: RFC 9051 section 7.5.2; the rows name others. They are written in the order of the table,
 * which is that of enum fetch_kind.
 */
#include "imap/fetch.h"
#include "imap/object.h"
#include "mime/structure_rev1.h"
#include "wire/date.h"
#include "wire/object_id.h"

static void write_uid(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)b;
    buf_add_str(&s->out, "UID ");
    buf_add_u64(&s->out, f->row.uid);
}

static void write_flags(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)b;
    view_write_flags(s, f->row.uid, f->row.flags, f->row.keywords);
}

static void write_modseq(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)b;
    modseq_write(s, f->row.modseq);
}

static void write_internaldate(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)b;
    buf_add_str(&s->out, "INTERNALDATE ");
    date_time_write(&s->out, (struct date_time){f->row.internaldate, f->row.zone});
}

static void write_size(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)b;
    buf_add_str(&s->out, "RFC822.SIZE ");
    buf_add_u64(&s->out, f->row.size);
}

static void write_envelope(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)f;
    buf_add_str(&s->out, "ENVELOPE ");
    buf_add_slice(&s->out, b->envelope);
}

/* A message/global part is looked into only for those who know it (RFC 9755 section 6). */
static void write_structure_text(struct imap_session *s, const struct body *b, struct slice text)
{
    if (b->has_global && !session_utf8(s))
        structure_write_rev1(text, &s->out);
    else
        buf_add_slice(&s->out, text);
}

static void write_body(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)f;
    buf_add_str(&s->out, "BODY ");
    write_structure_text(s, b, b->body);
}

static void write_bodystructure(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)f;
    buf_add_str(&s->out, "BODYSTRUCTURE ");
    write_structure_text(s, b, b->bodystructure);
}

/* In UTC, as the store notes it. NIL: it came before the store noted it (RFC 8514 section 4.2). */
static void write_savedate(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)b;
    buf_add_str(&s->out, "SAVEDATE ");
    if (f->row.saved == 0)
        buf_add_str(&s->out, "NIL");
    else
        date_time_write(&s->out, (struct date_time){f->row.saved, 0});
}

/* Made at the door, so never NIL; "" if the message holds no text (RFC 8970 section 3.2). */
static void write_preview(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)f;
    buf_add_str(&s->out, "PREVIEW ");
    reply_string(&s->out, b->preview);
}

static void write_emailid(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)f;
    buf_add_str(&s->out, "EMAILID (");
    object_id_write(&s->out, OBJECT_EMAIL, b->email_id);
    buf_add_char(&s->out, ')');
}

static void write_threadid(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)f;
    buf_add_str(&s->out, "THREADID (");
    object_id_write(&s->out, OBJECT_THREAD, b->thread_id);
    buf_add_char(&s->out, ')');
}

static void write_objectid(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)f;
    object_write_message(&s->out, b);
}

/* The EMAILID and the THREADID as numbers. */
static void write_gm_msgid(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)f;
    buf_add_str(&s->out, "X-GM-MSGID ");
    buf_add_u64(&s->out, b->email_id);
}

static void write_gm_thrid(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)f;
    buf_add_str(&s->out, "X-GM-THRID ");
    buf_add_u64(&s->out, b->thread_id);
}

static void write_gm_labels(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    (void)b;
    gmail_write_labels(s, &f->labels, s->view.folder, &f->row);
}

static const struct row {
    void (*write)(struct imap_session *s, struct fetch_job *f, const struct body *b);
    unsigned want; /* what `b` must hold: BODY_WANT_ bits */
} rows[FETCH_RFC822] = {
    [FETCH_UID] = {write_uid, 0},
    [FETCH_FLAGS] = {write_flags, 0},
    [FETCH_MODSEQ] = {write_modseq, 0},
    [FETCH_INTERNALDATE] = {write_internaldate, 0},
    [FETCH_RFC822_SIZE] = {write_size, 0},
    [FETCH_ENVELOPE] = {write_envelope, BODY_WANT_TEXTS},
    [FETCH_BODY] = {write_body, BODY_WANT_TEXTS | BODY_WANT_REST},
    [FETCH_BODYSTRUCTURE] = {write_bodystructure, BODY_WANT_TEXTS},
    [FETCH_SAVEDATE] = {write_savedate, 0},
    [FETCH_PREVIEW] = {write_preview, BODY_WANT_REST},
    [FETCH_EMAILID] = {write_emailid, BODY_WANT_IDS},
    [FETCH_THREADID] = {write_threadid, BODY_WANT_IDS},
    [FETCH_OBJECTID] = {write_objectid, BODY_WANT_IDS},
    [FETCH_GM_MSGID] = {write_gm_msgid, BODY_WANT_IDS},
    [FETCH_GM_THRID] = {write_gm_thrid, BODY_WANT_IDS},
    [FETCH_GM_LABELS] = {write_gm_labels, 0},
};

unsigned fetch_item_want(enum fetch_kind kind)
{
    return rows[kind].want;
}

void fetch_write_items(struct imap_session *s, struct fetch_job *f, const struct body *b)
{
    uint32_t kinds = f->list.kinds & ((1u << FETCH_RFC822) - 1); /* the sections come later */
    bool condstore = f->seen_now && session_enabled(s, ENABLED_CONDSTORE);

    if ((f->uid || condstore) && !session_enabled(s, ENABLED_UIDONLY)) /* it has UIDFETCH */
        kinds |= 1u << FETCH_UID;
    if (f->seen_now)
        kinds |= 1u << FETCH_FLAGS;
    if (condstore) /* RFC 7162 section 3.2.4 */
        kinds |= 1u << FETCH_MODSEQ;
    for (; kinds != 0; kinds &= kinds - 1) {
        if (f->any)
            buf_add_char(&s->out, ' ');
        f->any = true;
        rows[__builtin_ctz(kinds)].write(s, f, b);
    }
}
