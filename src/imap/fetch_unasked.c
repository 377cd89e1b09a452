/* imap/fetch_unasked.c -- fetching new messages for who has asked for it once and for all, by
 * MessageNew (RFC 5465 section 5.2) or by UPDATE (section 7).
 *
 * It is a UID FETCH that nobody has sent: a job like any other, so a large message goes out in
 * steps and the next command waits for it. An IDLE, or a command that has only its news left to
 * tell, stands behind it meanwhile. Nothing is marked as seen by what the client did not do.
 */
#include "imap/fetch.h"

static enum err parse_peeking(struct imap_session *s, struct job *j, struct lex *in)
{
    TRY(fetch_parse_args(s, j, in));
    j->writes = false;
    return ERR_OK;
}

static const struct command fetch_unasked = {
    "UID FETCH",   STATE_SELECTED, COMMAND_UID | COMMAND_SILENT | COMMAND_UNASKED,
    parse_peeking, fetch_run,      fetch_release,
};

static struct job *make_job(struct imap_session *s, struct slice text)
{
    struct job *j = job_new(&fetch_unasked, text, slice_sub(text, 0, 0));
    struct lex in = lex_of(slice_of(j->text, text.n), true);

    if (fetch_unasked.parse(s, j, &in) != ERR_OK)
        job_free(&j);
    return j;
}

bool fetch_unasked_begin(struct imap_session *s, struct slice arguments)
{
    struct job *j;

    view_attend(s);
    j = make_job(s, arguments);
    if (j == NULL) {
        view_rest(s);
        return false;
    }
    j->behind = s->job;
    s->job = j;
    return true;
}

void fetch_unasked_end(struct imap_session *s)
{
    struct job *behind;

    if (s->job == NULL || s->job->command != &fetch_unasked)
        return;
    behind = s->job->behind;
    s->job->behind = NULL;
    job_free(&s->job);
    view_rest(s);
    s->job = behind;
}
