/* imap/cmd_expunge.c -- EXPUNGE and UID EXPUNGE, in steps.
 *
 * Source: RFC 9051 section 6.4.3, RFC 4315 section 2.1. The EXPUNGE lines are news like any other:
 * view_tell writes them, to this session and to the others.
 */
#include <stdlib.h>

#include "imap/internal.h"
#include "base/mem.h"

struct expunge_job {
    struct seq_set set; /* UID EXPUNGE */
    uint32_t from_uid;  /* and of it only these */
};

/* UID EXPUNGE counts what it would expunge, EXPUNGE is never limited (RFC 9738 section 3.1). */
static enum err limit(struct imap_session *s, struct job *j, struct expunge_job *x)
{
    struct folder *f = s->view.folder;
    uint32_t left = s->settings->message_limit;
    struct messages *m;

    if (f == NULL || f->gone || f->deleted <= left)
        return ERR_OK;
    TRY(folder_messages(f, &m));
    for (uint32_t i = m->n; i > 0; i--) {
        uint32_t uid = uid_at(m->map, i - 1);

        if ((m->flags[i - 1] & FLAG_DELETED) == 0 || !seq_set_has(&x->set, uid))
            continue;
        if (left-- == 0) {
            j->limited = true;
            x->from_uid = j->limited_uid;
            return ERR_OK;
        }
        j->limited_uid = uid;
    }
    return ERR_OK;
}

enum err expunge_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    struct expunge_job *x = arena_new(&j->arena, struct expunge_job);
    const struct view *v = &s->view;

    if (x == NULL)
        return ERR_NOMEM;
    j->args = x;
    if ((j->command->flags & COMMAND_UID) == 0)
        return ERR_OK;
    TRY(lex_space(in));
    TRY(seq_set_parse(in, &j->arena, &x->set));
    if (x->set.saved)
        x->set = s->saved;
    seq_set_resolve(&x->set, v->n > 0 ? uid_at(v->map, v->n - 1) : 0);
    return limit(s, j, x);
}

enum err expunge_step(struct imap_session *s, struct job *j, const struct seq_set *only,
                      uint32_t from_uid, bool *more)
{
    struct folder *f = s->view.folder;
    struct messages *m;
    uint32_t *uids;
    size_t n = 0;
    enum err e = ERR_OK;

    *more = false;
    if (f->deleted == 0)
        return ERR_OK;
    TRY(folder_messages(f, &m));
    uids = mem_calloc(STEP_MESSAGES_MAX, sizeof(*uids));
    for (uint32_t i = 0; i < m->n && !*more; i++) {
        uint32_t uid = uid_at(m->map, i);

        if ((m->flags[i] & FLAG_DELETED) == 0 || uid < from_uid ||
            (only != NULL && !seq_set_has(only, uid)))
            continue;
        if (n == STEP_MESSAGES_MAX)
            *more = true;
        else
            uids[n++] = uid;
    }
    if (n > 0)
        e = messages_expunge(f, uids, n, job_modseq(s, j));
    j->expunged |= n > 0;
    free(uids);
    return e;
}

enum err expunge_run(struct imap_session *s, struct job *j)
{
    struct expunge_job *x = j->args;
    bool more;

    TRY(view_check_writable(s));
    TRY(expunge_step(s, j, (j->command->flags & COMMAND_UID) != 0 ? &x->set : NULL, x->from_uid,
                     &more));
    return more ? ERR_MORE : ERR_OK;
}
