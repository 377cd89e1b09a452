/* imap/cmd_copy.c -- COPY and MOVE.
 *
 * Source: RFC 9051 sections 6.4.7 and 6.4.8, RFC 6851, RFC 4315 section 3 (COPYUID).
 *
 * COPY is all or nothing: one step, one savepoint. MOVE goes in steps of STEP_MESSAGES_MAX
 * messages; each step copies and expunges in one savepoint, so no message is ever in both places
 * or in none, and tells its own COPYUID before its EXPUNGEs (RFC 6851 section 4.3). A MOVE adds
 * nothing to what the account holds, so a full one may go on with it (RFC 9208).
 */
#include "imap/internal.h"

struct copy_job {
    struct target target;
    struct slice mailbox;
    uint32_t *uids; /* ascending; NULL until the first step */
    size_t n, done;
};

/* MOVE does what it may; the client goes on from there (RFC 9738 section 3.1). */
static enum err limit_move(struct imap_session *s, struct job *j, struct copy_job *c)
{
    target_limit(s, j, &c->target);
    j->goal = target_count(s, &c->target);
    return ERR_OK;
}

/* COPY is all or nothing, so too much is nothing. */
static enum err limit_copy(struct imap_session *s, struct job *j, struct copy_job *c)
{
    if (target_count(s, &c->target) <= s->settings->save_limit)
        return ERR_OK;
    return job_refuse_messages(j, s->settings->save_limit);
}

enum err copy_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    struct copy_job *c = arena_new(&j->arena, struct copy_job);
    struct seq_set set;

    if (c == NULL)
        return ERR_NOMEM;
    j->args = c;
    TRY(lex_space(in));
    TRY(seq_set_parse(in, &j->arena, &set));
    TRY(lex_space(in));
    TRY(mailbox_parse(in, &j->arena, session_form(s), &c->mailbox));
    TRY(target_init(s, &c->target, &set, (j->command->flags & COMMAND_UID) != 0));
    return j->command->run == move_run ? limit_move(s, j, c) : limit_copy(s, j, c);
}

static enum err destination(struct imap_session *s, const struct copy_job *c, struct folder **to)
{
    enum err e = folder_selectable(s, c->mailbox, to);

    return e == ERR_NOTFOUND ? ERR_TRYCREATE : e;
}

/* "COPYUID 38505 304,319:320 3956:3958" */
static enum err write_copyuid(struct job *j, struct buf *out, const struct folder *to,
                              const uint32_t *uids, size_t n, uint32_t first_uid)
{
    scoped_undo struct arena_mark undo = arena_mark(&j->arena);
    struct seq_set from = {0};

    for (size_t i = 0; i < n; i++)
        TRY(seq_set_add(&from, &j->arena, uids[i]));
    buf_addf(out, "COPYUID %u ", to->uidvalidity);
    seq_set_write(out, &from);
    if (n == 1)
        buf_addf(out, " %u", first_uid);
    else
        buf_addf(out, " %u:%u", first_uid, first_uid + (uint32_t)n - 1);
    return ERR_OK;
}

/* Keep of uids[0..*n) those that are still there. *lost: others are missed; not with UIDs, of
 * which those that do not exist are no error (RFC 9051 section 6.4.9). */
static enum err keep_live(struct imap_session *s, const struct job *j, uint32_t *uids, size_t *n,
                          bool *lost)
{
    struct messages *m;
    size_t kept = 0;

    TRY(folder_messages(s->view.folder, &m));
    for (size_t i = 0; i < *n; i++) {
        uint32_t k = uid_map_lower(m->map, m->n, uids[i]);

        if (k < m->n && uid_at(m->map, k) == uids[i])
            uids[kept++] = uids[i];
    }
    *lost = kept < *n && (j->command->flags & COMMAND_UID) == 0;
    *n = kept;
    return ERR_OK;
}

static enum err source(struct imap_session *s)
{
    return s->view.folder == NULL || s->view.folder->gone ? ERR_NOTFOUND : ERR_OK;
}

enum err copy_run(struct imap_session *s, struct job *j)
{
    struct copy_job *c = j->args;
    struct folder *to;
    uint32_t first_uid;
    bool lost;

    TRY(source(s));
    TRY(destination(s, c, &to));
    TRY(target_uids(s, &j->arena, &c->target, &c->uids, &c->n));
    TRY(keep_live(s, j, c->uids, &c->n, &lost));
    if (lost)
        return ERR_EXPUNGED;
    if (c->n == 0)
        return ERR_OK;
    TRY(quota_check_copies(s->view.folder, c->uids, c->n));
    TRY(messages_copy(s->view.folder, c->uids, c->n, to, job_modseq(s, j), &first_uid));
    buf_add_str(&j->answer, "OK [");
    TRY(write_copyuid(j, &j->answer, to, c->uids, c->n, first_uid));
    buf_add_str(&j->answer, "] COPY done");
    return ERR_OK;
}

/* Copy and expunge uids[0..n), and tell. */
static enum err move_some(struct imap_session *s, struct job *j, struct folder *to, uint32_t *uids,
                          size_t n)
{
    struct folder *from = s->view.folder;
    uint32_t first_uid;
    uint64_t modseq = job_modseq(s, j);

    if (n == 0)
        return ERR_OK;
    TRY(messages_copy(from, uids, n, to, modseq, &first_uid));
    TRY(messages_expunge(from, uids, n, modseq));
    j->expunged = true;
    buf_add_str(&s->out, "* OK [");
    TRY(write_copyuid(j, &s->out, to, uids, n, first_uid));
    buf_add_str(&s->out, "] Moved\r\n");
    return ERR_OK;
}

enum err move_run(struct imap_session *s, struct job *j)
{
    struct copy_job *c = j->args;
    struct folder *to;
    size_t n;
    bool lost;
    enum err told;

    TRY(view_check_writable(s));
    TRY(destination(s, c, &to));
    if (c->uids == NULL)
        TRY(target_uids(s, &j->arena, &c->target, &c->uids, &c->n));
    n = c->n - c->done < STEP_MESSAGES_MAX ? c->n - c->done : STEP_MESSAGES_MAX;
    c->done += n;
    j->done = c->done;
    uint32_t *uids = c->uids + c->done - n;
    TRY(keep_live(s, j, uids, &n, &lost));
    if (lost)
        j->late = ERR_EXPUNGED;
    TRY(move_some(s, j, to, uids, n));
    told = view_tell(s, true);
    if (told == ERR_MORE && c->done == c->n)
        return ERR_OK; /* the rest is told before the tagged answer */
    return c->done < c->n ? ERR_MORE : ERR_OK;
}
