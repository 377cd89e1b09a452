/* imap/session.c -- a session: its buffers, its loop, its batches, its sleep.
 *
 * INVARIANTS
 *   1. One command runs at a time; the next one is framed only when s->job is NULL (RFC 9051
 *      section 5.5: pipelined commands are answered in order).
 *   2. Between batch_begin and a successful commit nothing of the batch is visible to anybody:
 *      batch_failed can take back all of it.
 *   3. Asleep: account, view.folder and job are NULL.
 */
#include "imap/session.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/slab.h"
#include "imap/internal.h"
#include "wire/capability.h"
#include "wire/lex.h"

struct imap_session *imap_session_new(const struct imap_settings *settings, struct slice tag)
{
    struct imap_session *s = slab_alloc(sizeof(*s));

    s->settings = settings;
    buf_init(&s->in, IMAP_INPUT_OCTETS_MAX);
    buf_init(&s->out, SESSION_OUTPUT_OCTETS_MAX);
    s->piece = IMAP_PIECE_OCTETS_FIRST;
    buf_init(&s->batch.ended, SESSION_LINE_OCTETS_MAX);
    buf_init(&s->batch.tags, SESSION_BATCH_COMMANDS_MAX * (LEX_TAG_OCTETS_MAX + 1));
    frame_init(&s->frame, SESSION_LINE_OCTETS_MAX, SESSION_COMMAND_OCTETS_MAX);
    s->trusted = tag.n == 0;
    s->login_tag = mem_dup_slice(tag);
    return s;
}

size_t imap_session_high(const struct imap_session *s)
{
    return s->piece / 5 * 4;
}

void imap_session_room(struct imap_session *s, size_t octets)
{
    octets = octets < IMAP_PIECE_OCTETS_MOST ? octets : IMAP_PIECE_OCTETS_MOST;
    octets = octets > IMAP_PIECE_OCTETS_LEAST ? octets : IMAP_PIECE_OCTETS_LEAST;
    s->piece = (uint32_t)octets;
}

/* Answer the login. */
static void greet(struct imap_session *s)
{
    if (s->trusted)
        buf_add_str(&s->out, "* PREAUTH [CAPABILITY ");
    else
        buf_addf(&s->out, "%s OK [CAPABILITY ", s->login_tag);
    session_write_capabilities(s, &s->out);
    buf_add_str(&s->out, "] Logged in\r\n");
    free(s->login_tag);
    s->login_tag = NULL;
}

void imap_session_free(struct imap_session **sp)
{
    struct imap_session *s = *sp;

    if (s == NULL)
        return;
    job_free(&s->job);
    view_leave(s);
    notify_free(&s->notify);
    contexts_free(&s->contexts);
    view_close(&s->batch.view);
    buf_release(&s->in);
    buf_release(&s->out);
    buf_release(&s->batch.tags);
    buf_release(&s->batch.ended);
    free(s->login_tag);
    slab_free(s, sizeof(*s));
    *sp = NULL;
}

struct buf *imap_session_in(struct imap_session *s)
{
    return &s->in;
}

struct buf *imap_session_out(struct imap_session *s)
{
    return &s->out;
}

bool imap_settings_equal(const struct imap_settings *a, const struct imap_settings *b)
{
    return a->append_octets_max == b->append_octets_max && a->message_limit == b->message_limit &&
           a->save_limit == b->save_limit && a->unauthenticate == b->unauthenticate &&
           a->gmail == b->gmail;
}

void imap_capability_context(const struct imap_settings *s, struct capability_context *out)
{
    unsigned conditions = CAPABILITY_COMPRESS_POSSIBLE | CAPABILITY_APPENDLIMIT_SAME;

    if (s->unauthenticate)
        conditions |= CAPABILITY_UNAUTHENTICATE_POSSIBLE;
    *out = (struct capability_context){.conditions = conditions,
                                       .number = {[CAPABILITY_MESSAGE_LIMIT] = s->message_limit,
                                                  [CAPABILITY_SAVE_LIMIT] = s->save_limit,
                                                  [CAPABILITY_APPENDLIMIT] = s->append_octets_max}};
    if (s->gmail)
        out->conditions |= CAPABILITY_GMAIL_ON;
}

void session_write_capabilities(struct imap_session *s, struct buf *out)
{
    struct capability_context here;

    imap_capability_context(s->settings, &here);
    if (s->chosen.compressed)
        here.conditions &= ~(unsigned)CAPABILITY_COMPRESS_POSSIBLE;
    if (append_limit_varies(s))
        here.conditions ^= CAPABILITY_APPENDLIMIT_SAME | CAPABILITY_APPENDLIMIT_VARIES;
    if (!session_can_unauthenticate(s))
        here.conditions &= ~(unsigned)CAPABILITY_UNAUTHENTICATE_POSSIBLE;
    capability_write(out, CAPABILITY_POSTLOGIN, &here);
}

enum mailbox_form session_form(const struct imap_session *s)
{
    return session_utf8(s) ? MAILBOX_UTF8 : MAILBOX_MUTF7;
}

void session_set_saved(struct imap_session *s, struct seq_set saved)
{
    seq_set_release(&s->saved);
    s->saved = saved;
    s->batch.saves = true;
}

void session_deselect(struct imap_session *s)
{
    if (s->view.folder_id != 0)
        buf_add_str(&s->out, "* OK [CLOSED] Previous mailbox is closed\r\n");
    view_leave(s);
}

/* ---- sleeping ------------------------------------------------------------------------------- */

enum err imap_session_wake(struct imap_session *s, struct account *a)
{
    enum err e;

    if (s->account == a)
        return ERR_OK;
    assert(s->account == NULL);
    s->account = a;
    if (s->login_tag != NULL)
        greet(s);
    e = view_wake(s);
    if (e != ERR_OK)
        s->account = NULL; /* as it was: half awake it must not run */
    return e;
}

bool imap_session_at_rest(const struct imap_session *s)
{
    return s->in.n == 0 && s->out.n == 0 && s->login_tag == NULL &&
           (s->job == NULL || s->job->command->run == idle_run);
}

bool imap_session_can_sleep(const struct imap_session *s)
{
    return s->job == NULL || s->job->command->run == idle_run;
}

void imap_session_sleep(struct imap_session *s)
{
    if (s->account == NULL)
        return;
    view_close(&s->batch.view);
    buf_release(&s->batch.tags);
    buf_release(&s->batch.ended);
    view_sleep(s);
    s->account = NULL;
}

/* ---- batches -------------------------------------------------------------------------------- */

void imap_session_batch_begin(struct imap_session *s)
{
    view_close(&s->batch.view);
    s->batch.view = view_dup(&s->view);
    s->batch.out_mark = s->out.n;
    s->batch.commands = 0;
    s->batch.chosen = s->chosen;
    s->batch.in_job = s->job != NULL;
    s->batch.in_line = s->job != NULL && s->job->in_line;
    s->batch.begun = s->batch.invited = s->batch.selects = s->batch.saves = false;
    buf_clear(&s->batch.tags);
    buf_clear(&s->batch.ended);
    if (s->notify != NULL)
        notify_batch_begin(s);
    if (s->contexts != NULL)
        contexts_batch_begin(s);
}

/* The job at work fails with its batch, but an IDLE that the client knows to have begun goes on. */
static void fail_job(struct imap_session *s, enum err why)
{
    bool old = s->batch.in_job && !s->batch.begun;

    if (s->job == NULL || (old && s->job->command->run == idle_run))
        return;
    reply_err(&s->out, s->job->tag, why);
    if ((s->job->command->flags & COMMAND_STREAMS) != 0)
        append_abandon(s, s->job);
    job_free(&s->job);
}

/* After a SELECT that fails nothing is selected, and after a SAVE "$" is empty: else what follows,
 * sent before the NO was seen, would meet other messages than are meant (RFC 9051 section 6.3.2,
 * RFC 5182 section 2.1). */
static void forget_failed(struct imap_session *s)
{
    bool at_work = s->job != NULL &&
                   (s->job->command->run == select_run || s->job->command->run == examine_run);

    if (s->batch.selects || at_work)
        session_deselect(s);
    if (s->batch.saves)
        session_set_saved(s, (struct seq_set){0});
}

void imap_session_batch_failed(struct imap_session *s, enum err why)
{
    struct slice tags = buf_slice(&s->batch.tags);
    bool leaving = s->then == IMAP_UNAUTHENTICATED;

    buf_truncate(&s->out, s->batch.out_mark);
    view_close(&s->view);
    s->view = s->batch.view;
    s->batch.view = (struct view){0};
    s->chosen = s->batch.chosen;
    s->then = IMAP_INPUT;
    fetch_unasked_end(s); /* it is the batch's, what stands behind it is not */
    if (s->notify != NULL)
        notify_batch_failed(s);
    contexts_batch_failed(s);
    forget_failed(s);
    while (tags.n > 0) {
        size_t n = slice_find(tags, ' ');

        if (!leaving || n + 1 < tags.n) /* that one, the last, is never answered NO: RFC 8437 3 */
            reply_err(&s->out, slice_sub(tags, 0, n), why);
        tags = slice_sub(tags, n + 1, tags.n);
    }
    s->closed |= leaving;
    fail_job(s, why);
    if (s->batch.invited)
        reply_continue(&s->out, SLICE("OK"));
    if (s->batch.in_line) { /* the client waits for octets we no longer know */
        buf_truncate(&s->out, s->batch.out_mark);
        s->closed = true;
    } else if (s->closed) {
        buf_add_str(&s->out, "* BYE Closing\r\n");
    }
}

enum err session_tell(struct imap_session *s)
{
    if (s->notify != NULL)
        return notify_tell(s, s->job != NULL);
    return s->view.folder_id != 0 ? view_tell(s, true) : ERR_OK;
}

/* ---- the loop ------------------------------------------------------------------------------- */

void imap_session_bye(struct imap_session *s, const char *text)
{
    if (s->closed)
        return;
    if (s->login_tag != NULL && !s->trusted)
        buf_addf(&s->out, "%s NO %s\r\n", s->login_tag, text);
    if (s->job == NULL || !s->job->in_line) /* there it would pass for mail */
        buf_addf(&s->out, "* BYE %s\r\n", text);
    s->closed = true;
    job_free(&s->job); /* nothing runs it any more, and it may hold on to the account */
}

/* Drop octets of a literal that its command no longer wants. */
static bool skip_literal(struct imap_session *s)
{
    size_t n = s->skip_octets < s->in.n ? (size_t)s->skip_octets : s->in.n;

    buf_consume(&s->in, n);
    s->skip_octets -= n;
    return s->skip_octets == 0;
}

static bool drain(struct imap_session *s)
{
    size_t drop = 0;
    enum frame_status status = frame_drain(&s->frame, buf_slice(&s->in), &drop);

    buf_consume(&s->in, drop);
    s->draining = status != FRAME_COMPLETE;
    return !s->draining;
}

/* Octets of a refused literal are dropped up to twice the size of the largest message; it costs
 * less to part from who sends more (RFC 7888 section 4). */
static bool drops_too_much(const struct imap_session *s)
{
    uint64_t most = 2 * s->settings->append_octets_max;

    return s->skip_octets > most || s->frame.skip > most;
}

/* The tag of a command that cannot be run, as far as it can be read. */
static struct slice tag_of(struct slice text)
{
    struct lex in = lex_of(text, false);
    struct slice tag;

    return lex_tag(&in, &tag) == ERR_OK ? tag : SLICE_NULL;
}

static void refuse(struct imap_session *s, const char *text)
{
    struct slice tag = tag_of(buf_slice(&s->in));

    if (tag.p != NULL)
        command_answer(s, tag, text);
    else
        reply_untagged(&s->out, text);
    frame_refuse(&s->frame);
    s->draining = true;
}

/* Look for the next command; false when more input is needed. */
static bool next_command(struct imap_session *s)
{
    struct slice in = buf_slice(&s->in);

    switch (frame_scan(&s->frame, in)) {
    case FRAME_COMPLETE:
        command_begin(s, slice_sub(in, 0, s->frame.command_octets));
        buf_consume(&s->in, s->frame.command_octets);
        frame_reset(&s->frame);
        s->batch.invited = false;
        return true;
    case FRAME_LITERAL:
        append_literal(s);
        return true;
    case FRAME_TOOLONG:
        refuse(s, "BAD [TOOBIG] Command is too long");
        return true;
    case FRAME_JUNK:
        imap_session_bye(s, "Not IMAP");
        return true;
    case FRAME_MORE:
        break;
    }
    return false;
}

static enum imap_run job_waits_for(const struct imap_session *s)
{
    if (s->job->wants_input)
        return IMAP_INPUT;
    if (s->job->wants_output || session_is_full(s))
        return IMAP_OUTPUT;
    return IMAP_AGAIN;
}

/* Go on with fetching what is new, unless a command is at work. */
static bool begin_fetch(struct imap_session *s)
{
    if (s->job != NULL && s->job->command->run != idle_run)
        return false;
    if (s->contexts != NULL && contexts_fetch_begin(s))
        return true;
    return s->notify != NULL && notify_fetch_begin(s);
}

/* What a client that uses NOTIFY hears between two commands. True: there is a job now. */
static bool tell_between(struct imap_session *s, enum imap_run *r)
{
    *r = IMAP_INPUT;
    if (s->notify == NULL)
        return false;
    if (notify_tell(s, false) == ERR_MORE) {
        *r = IMAP_OUTPUT;
        return false;
    }
    return begin_fetch(s);
}

static enum imap_run run(struct imap_session *s, uint64_t deadline_us)
{
    enum imap_run r;

    while (!s->closed) {
        if (s->then != IMAP_INPUT)
            return s->then;
        if (session_is_full(s))
            return IMAP_OUTPUT;
        if (s->batch.commands >= SESSION_BATCH_COMMANDS_MAX)
            return IMAP_AGAIN;
        if (s->job != NULL) {
            if (!command_step(s, deadline_us) && !begin_fetch(s))
                return job_waits_for(s);
            if (s->then == IMAP_INPUT && clock_mono_us() >= deadline_us)
                return s->closed ? IMAP_CLOSED : IMAP_AGAIN;
            continue;
        }
        if (drops_too_much(s)) {
            imap_session_bye(s, "[TOOBIG] Literal is too large");
        } else if (s->skip_octets > 0) {
            if (!skip_literal(s))
                return IMAP_INPUT;
        } else if (s->draining) {
            if (!drain(s))
                return IMAP_INPUT;
        } else if ((s->in.n == 0 || !next_command(s)) && !tell_between(s, &r)) {
            return r;
        }
    }
    return IMAP_CLOSED;
}

enum imap_run imap_session_run(struct imap_session *s, uint64_t deadline_us)
{
    enum imap_run r;

    s->then = IMAP_INPUT; /* whatever it was, the owner has done it */
    r = run(s, deadline_us);

    if (s->in.n == 0)
        buf_release(&s->in); /* an idle session holds no buffer */
    return r;
}

/* ---- news ----------------------------------------------------------------------------------- */

bool imap_session_listens(const struct imap_session *s)
{
    bool idles = s->job != NULL && s->job->command->run == idle_run;

    return (idles || (s->notify != NULL && s->job == NULL)) && !s->closed;
}

bool imap_session_news(struct imap_session *s)
{
    size_t before = s->out.n;

    (void)!session_tell(s); /* what does not fit is told when the output has drained */
    while (begin_fetch(s) && command_step(s, UINT64_MAX))
        (void)!session_tell(s); /* what had to wait for it */
    return s->out.n > before;
}
