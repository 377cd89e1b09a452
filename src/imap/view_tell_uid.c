/* imap/view_tell_uid.c -- telling a session without message numbers what happened.
 *
 * Source: RFC 9586 sections 3.4 and 3.6. The change log alone knows which messages the client has
 * seen: all below uidnext, so no list of them is kept, however far the session lags.
 */
#include "imap/notify.h"
#include "imap/resync.h"

static enum err tell_expunges(struct imap_session *s, struct arena *a, const struct change *c,
                              size_t n)
{
    const struct view *v = &s->view;
    uint32_t *uid = arena_array(a, uint32_t, n);
    size_t n_uid = 0;
    struct vanished gone;

    if (uid == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        if (c[i].kind == CHANGE_EXPUNGE && c[i].modseq > v->gone_modseq && c[i].uid < v->uidnext)
            uid[n_uid++] = c[i].uid;
    }
    numbers_sort(uid, n_uid);
    vanished_init(&gone, s);
    for (size_t i = 0; i < n_uid; i++)
        vanished_add(&gone, uid[i]);
    vanished_end(&gone);
    return ERR_OK;
}

/* The log was cut: whatever is missing may have been there. */
static enum err tell_missing(struct imap_session *s, const struct messages *m, struct arena *a)
{
    const struct view *v = &s->view;
    struct seq_range all = {1, UINT32_MAX};
    struct seq_set gone = {0};

    if (v->gone_modseq == v->folder->highestmodseq)
        return ERR_OK;
    TRY(resync_missing(&(struct seq_set){.range = &all, .n = 1}, 1, v->uidnext, m->map, m->n, a,
                       &gone));
    view_write_vanished(s, &gone, false);
    return ERR_OK;
}

static enum err tell_gone(struct imap_session *s, const struct messages *m, struct arena *a,
                          struct change **c, size_t *n)
{
    struct view *v = &s->view;
    enum err e = folder_changes(v->folder, v->modseq, a, c, n);

    if (e == ERR_LIMIT || e == ERR_NOMEM) {
        TRY(tell_missing(s, m, a));
        TRY(view_compare_flags(v, m, a, 0, c, n));
    } else {
        TRY(e);
        TRY(tell_expunges(s, a, *c, *n));
    }
    v->gone_modseq = v->folder->highestmodseq;
    return ERR_OK;
}

enum err view_tell_by_uid(struct imap_session *s, struct arena *a)
{
    struct view *v = &s->view;
    struct messages *m;
    struct change *c;
    size_t n;
    uint32_t known_uid = v->uidnext;
    uint64_t reached = v->folder->highestmodseq;

    TRY(folder_messages(v->folder, &m));
    TRY(tell_gone(s, m, a, &c, &n));
    v->uidnext = v->folder->uidnext;
    if (m->n > 0 && uid_at(m->map, m->n - 1) >= known_uid) {
        if (s->notify != NULL)
            notify_note_new(s, known_uid, v->uidnext);
        view_tell_exists(s, m->map, m->n);
    }
    TRY(view_tell_flags(s, m, c, n, known_uid, &reached));
    v->modseq = reached;
    if (reached == v->folder->highestmodseq)
        view_forget_own(s);
    return ERR_OK;
}
