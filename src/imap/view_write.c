/* imap/view_write.c -- the lines that tell of messages and flags, wherever they are told: FETCH's
 * head, FLAGS, PERMANENTFLAGS.
 *
 * Source: RFC 9051 sections 7.3.5 (FLAGS), 7.1 (PERMANENTFLAGS), 7.5.2 (FETCH), RFC 7162 section
 * 3.2.10 (VANISHED), RFC 3501 section 2.3.2 (\Recent).
 */
#include "imap/internal.h"
#include "wire/flag.h"

void view_write_flags(struct imap_session *s, uint32_t uid, uint8_t flags, uint32_t keywords)
{
    struct buf *out = &s->out;
    bool any;
    struct slice names = keyword_set_text(s->account, keywords);
    uint32_t bits = flags;

    if (!session_enabled(s, ENABLED_REV2) && uid >= s->view.recent_from)
        bits |= FLAG_RECENT;
    buf_add_str(out, "FLAGS (");
    any = flag_write_system(out, bits);
    if (!any && names.n > 0)
        names = slice_sub(names, 1, names.n);
    buf_add_slice(out, names);
    buf_add_char(out, ')');
}

void view_write_fetch_begin(struct imap_session *s, uint32_t index, uint32_t uid)
{
    bool by_uid = session_enabled(s, ENABLED_UIDONLY); /* RFC 9586 section 3.3 */

    buf_add_str(&s->out, "* ");
    buf_add_u64(&s->out, by_uid ? uid : (uint64_t)index + 1);
    buf_add_str(&s->out, by_uid ? " UIDFETCH (" : " FETCH (");
}

/* The head, and the UID if it is wanted: everywhere in rev2 (RFC 9051 section 7.5.2), and with
 * CONDSTORE (RFC 7162 section 3.2.4). */
static void begin_line(struct imap_session *s, uint32_t index, uint32_t uid, bool with_uid)
{
    view_write_fetch_begin(s, index, uid);
    if (session_enabled(s, ENABLED_UIDONLY) ||
        (!with_uid && (s->chosen.enabled & (ENABLED_REV2 | ENABLED_CONDSTORE)) == 0))
        return;
    buf_add_str(&s->out, "UID ");
    buf_add_u64(&s->out, uid);
    buf_add_char(&s->out, ' ');
}

void view_write_fetch_flags(struct imap_session *s, const struct messages *m, uint32_t index,
                            uint32_t k, bool with_uid)
{
    begin_line(s, index, uid_at(m->map, k), with_uid);
    view_write_flags(s, uid_at(m->map, k), m->flags[k], m->keywords[k]);
    if (session_enabled(s, ENABLED_CONDSTORE)) {
        buf_add_char(&s->out, ' ');
        modseq_write(s, m->modseq[k]);
    }
    buf_add_str(&s->out, ")\r\n");
}

void view_write_fetch_modseq(struct imap_session *s, const struct messages *m, uint32_t index,
                             uint32_t k)
{
    begin_line(s, index, uid_at(m->map, k), true);
    modseq_write(s, m->modseq[k]);
    buf_add_str(&s->out, ")\r\n");
}

void view_write_vanished(struct imap_session *s, const struct seq_set *uids, bool earlier)
{
    for (size_t at = 0; at < uids->n; at += VANISHED_RANGES_MAX) {
        size_t left = uids->n - at;
        struct seq_set part = {.range = uids->range + at,
                               .n = left < VANISHED_RANGES_MAX ? left : VANISHED_RANGES_MAX};

        buf_add_str(&s->out, earlier ? "* VANISHED (EARLIER) " : "* VANISHED ");
        seq_set_write(&s->out, &part);
        buf_add_str(&s->out, "\r\n");
    }
}

void vanished_init(struct vanished *x, struct imap_session *s)
{
    x->s = s;
    x->n = 0;
}

void vanished_end(struct vanished *x)
{
    view_write_vanished(x->s, &(struct seq_set){.range = x->range, .n = x->n}, false);
    x->n = 0;
}

void vanished_add(struct vanished *x, uint32_t uid)
{
    if (x->n > 0 && x->range[x->n - 1].hi + 1 == uid) {
        x->range[x->n - 1].hi = uid;
        return;
    }
    if (x->n == VANISHED_RANGES_MAX)
        vanished_end(x);
    x->range[x->n++] = (struct seq_range){uid, uid};
}

static void write_keywords(struct imap_session *s)
{
    size_t n;
    const uint32_t *ids = folder_keywords(s->view.folder, &n);

    for (size_t i = 0; i < n; i++) {
        buf_add_char(&s->out, ' ');
        buf_add_slice(&s->out, keyword_name(s->account, ids[i]));
    }
    s->view.keywords_told = (uint32_t)n;
}

void view_write_flags_lines(struct imap_session *s)
{
    buf_add_str(&s->out, "* FLAGS (");
    flag_write_system(&s->out, FLAG_SYSTEM);
    write_keywords(s);
    buf_add_str(&s->out, ")\r\n* OK [PERMANENTFLAGS (");
    if (!s->view.readonly) {
        flag_write_system(&s->out, FLAG_SYSTEM);
        write_keywords(s);
        buf_add_str(&s->out, " \\*");
    }
    buf_add_str(&s->out, ")] Flags that stay\r\n");
}

void view_tell_keywords(struct imap_session *s)
{
    size_t n;

    folder_keywords(s->view.folder, &n);
    if (n > s->view.keywords_told)
        view_write_flags_lines(s);
}
