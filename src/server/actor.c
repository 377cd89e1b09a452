/* server/actor.c -- one turn of an account: take the inbox, run, commit once, reply, tell news.
 *
 * INVARIANTS
 *   1. Nothing is sent to any client between the first change of a batch and its commit.
 *   2. A session is in the inbox at most once, and ends only when it is in no inbox.
 *   3. The account is closed only when no transaction is open and every session sleeps.
 */
#include "server/actor.h"

#include <sys/epoll.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

/* ---- from outside: actor.lock --------------------------------------------------------------- */

static void queue_if_idle(struct actor *a)
{
    if (a->state != ACTOR_IDLE)
        return;
    a->state = ACTOR_QUEUED;
    atomic_fetch_add_explicit(&a->runtime->at_work, 1, memory_order_relaxed);
    crew_push(&a->runtime->crew, a);
}

static void inbox_add(struct actor *a, struct session *s)
{
    if (s->waiting)
        return;
    s->waiting = true;
    s->inbox_next = NULL;
    *a->inbox_tail = s;
    a->inbox_tail = &s->inbox_next;
}

void actor_post(struct actor *a, struct session *s)
{
    pthread_mutex_lock(&a->lock);
    inbox_add(a, s);
    queue_if_idle(a);
    pthread_mutex_unlock(&a->lock);
}

void actor_wish(struct actor *a, unsigned wishes)
{
    pthread_mutex_lock(&a->lock);
    a->wishes |= wishes;
    queue_if_idle(a);
    pthread_mutex_unlock(&a->lock);
}

bool actor_is_idle_and_closed(struct actor *a)
{
    bool idle;

    pthread_mutex_lock(&a->lock);
    idle = a->state == ACTOR_IDLE && a->inbox == NULL && a->account == NULL;
    pthread_mutex_unlock(&a->lock);
    return idle;
}

/* ---- the turn: RUNNING ---------------------------------------------------------------------- */

struct turn {
    struct session *list; /* by turn_next */
    unsigned wishes;
    unsigned gone; /* sessions that ended */
};

static struct turn take_inbox(struct actor *a)
{
    struct turn t = {0};
    struct session **tail = &t.list;

    pthread_mutex_lock(&a->lock);
    a->state = ACTOR_RUNNING;
    t.wishes = a->wishes;
    a->wishes = 0;
    for (struct session *s = a->inbox; s != NULL; s = s->inbox_next) {
        s->waiting = false;
        s->in_turn = true;
        s->in_batch = false;
        s->turn_next = NULL;
        *tail = s;
        tail = &s->turn_next;
        if (s->link == NULL) { /* new here */
            s->next = a->sessions;
            if (s->next != NULL)
                s->next->link = &s->next;
            s->link = &a->sessions;
            a->sessions = s;
        }
    }
    a->inbox = NULL;
    a->inbox_tail = &a->inbox;
    pthread_mutex_unlock(&a->lock);
    return t;
}

static enum err open_account(struct actor *a)
{
    enum err e;

    if (a->account != NULL)
        return ERR_OK;
    crew_leave(&a->runtime->crew);
    e = account_open(a->runtime->config.root, slice_of_str(a->name), &a->account);
    crew_return(&a->runtime->crew);
    if (e == ERR_OK)
        runtime_actor_opened(a->runtime, a, true);
    else
        log_error("cannot open account=%s: %s", a->name, err_text(e));
    return e;
}

static void bye(struct session *s, const char *text)
{
    imap_session_bye(s->imap, text);
    s->closing = true;
}

/* A client that left while its account was closed has said nothing and missed nothing: a thousand
 * phones that go out of range are not worth opening a thousand databases. */
static bool just_left(const struct actor *a, const struct session *s)
{
    return a->account == NULL && s->hungup && imap_session_at_rest(s->imap) &&
           !session_has_input(s);
}

/* What a session's turn is about, as far as its socket tells. Returns whether it is to be run, for
 * which the account has to be open. */
static bool attend(const struct actor *a, struct session *s)
{
    s->again = s->compresses = false;
    s->leaves &= s->closing;
    if (!session_flush(s) || (s->timed_out && s->closing))
        s->closing = s->broken = true;
    if (s->closing)
        return false;
    if (s->timed_out)
        bye(s, "[UNAVAILABLE] Idle for too long");
    else if (!session_read(s))
        bye(s, "Compressed input is damaged");
    else
        s->closing = just_left(a, s);
    return !s->closing;
}

/* Give one session its turn. */
static void run_session(struct actor *a, struct session *s, uint64_t deadline_us)
{
    enum imap_run r;
    enum err e = imap_session_wake(s->imap, a->account);

    if (e != ERR_OK) {
        bye(s, err_wire(e) + 3); /* behind "NO " */
        return;
    }
    imap_session_batch_begin(s->imap);
    s->in_batch = true;
    r = imap_session_run(s->imap, deadline_us);
    s->again = r == IMAP_AGAIN || (r == IMAP_INPUT && session_has_input(s));
    s->closing = r == IMAP_CLOSED || (r == IMAP_INPUT && s->hungup && !s->again);
    s->compresses = r == IMAP_COMPRESS;
    s->leaves = r == IMAP_UNAUTHENTICATED;
    s->wants_input = r != IMAP_OUTPUT && !s->hungup;
}

/* The next of `n` sessions gets its part of what is left of the turn: one long command after the
 * other by one client may not keep the others waiting. */
static uint64_t share_us(uint64_t deadline_us, unsigned n)
{
    uint64_t now_us = clock_mono_us();

    return now_us < deadline_us && n > 1 ? now_us + (deadline_us - now_us) / n : deadline_us;
}

/* Run everybody in the list once. */
static void run_all(struct actor *a, struct session *list)
{
    uint64_t deadline_us = clock_mono_us() + ACTOR_TURN_US;
    unsigned n = 0;
    enum err e;

    for (struct session *s = list; s != NULL; s = s->turn_next) {
        s->runs = attend(a, s);
        n += s->runs;
    }
    e = n > 0 ? open_account(a) : ERR_OK;
    for (struct session *s = list; s != NULL; s = s->turn_next) {
        if (!s->runs)
            continue;
        if (e != ERR_OK)
            bye(s, err_wire(e) + 3);
        else
            run_session(a, s, share_us(deadline_us, n--));
    }
}

/* What a turn has changed becomes durable: only that waits for the disk. */
static enum err commit_account(struct actor *a)
{
    enum err e;

    if (a->account == NULL)
        return ERR_OK;
    if (!account_dirty(a->account))
        return account_commit(a->account);
    crew_leave(&a->runtime->crew);
    e = account_commit(a->account);
    crew_return(&a->runtime->crew);
    return e;
}

static void commit(struct actor *a, struct session *list)
{
    enum err e = commit_account(a);

    if (e == ERR_OK) {
        for (struct session *s = list; s != NULL; s = s->turn_next) {
            if (s->in_batch && s->compresses)
                session_compress(s);
            if (s->in_batch && s->leaves)
                session_leave(s);
        }
        return;
    }
    log_error("commit failed account=%s: %s", a->name, err_text(e));
    a->failed = true;
    for (struct session *s = list; s != NULL; s = s->turn_next) {
        if (!s->in_batch)
            continue;
        imap_session_batch_failed(s->imap, e);
        s->again = true; /* what it waits for is no longer what it waited for */
    }
}

static void inbox_again(struct session *s)
{
    pthread_mutex_lock(&s->actor->lock);
    inbox_add(s->actor, s);
    pthread_mutex_unlock(&s->actor->lock);
}

/* Send the output and decide how this session goes on. */
static void settle(struct turn *t, struct session *s)
{
    bool sent = session_flush(s);
    size_t left = session_unsent(s);

    s->in_turn = false;
    if (!sent || (s->closing && (left == 0 || s->broken)))
        t->gone += session_end(&s);
    else if (!s->closing && !s->crowded &&
             ((s->again && left <= imap_session_high(s->imap)) || (!s->wants_input && left == 0)))
        inbox_again(s); /* more to do, and room for what comes of it */
    else
        session_arm(s);
}

/* Send news. A broken connection shows itself to epoll; what does not fit now is sent when epoll
 * says there is room. News that filled the output may not be all: when it is sent the session
 * needs a turn for the rest, which nothing else would give it. */
static void send_news(struct session *s)
{
    const struct buf *out = imap_session_out(s->imap);
    bool full = out->n > imap_session_high(s->imap);

    if (!session_flush(s))
        return;
    if (full && session_unsent(s) == 0)
        inbox_again(s);
    else if (session_unsent(s) > 0 && !s->in_turn)
        session_arm(s);
    else if (!s->in_turn)
        session_rest(s);
}

/* Those who listen hear at once what the commit made durable. */
static void tell_news(struct actor *a)
{
    for (struct session *s = a->sessions; s != NULL; s = s->next) {
        if (!imap_session_listens(s->imap) || s->closing ||
            session_unsent(s) > imap_session_high(s->imap))
            continue;
        if (imap_session_wake(s->imap, a->account) == ERR_OK && imap_session_news(s->imap))
            send_news(s);
    }
}

static void close_account(struct actor *a)
{
    for (struct session *s = a->sessions; s != NULL; s = s->next) {
        if (!imap_session_can_sleep(s->imap))
            return;
    }
    for (struct session *s = a->sessions; s != NULL; s = s->next)
        imap_session_sleep(s->imap);
    account_close(&a->account);
    atomic_store(&a->memory, 0);
    atomic_fetch_add(&a->runtime->closed, 1);
    runtime_actor_opened(a->runtime, a, false);
}

/* After a failed commit: an account that takes a new transaction goes on; one that does not is
 * closed, to be opened anew, and whoever was in the middle of a command is sent away. */
static void recover(struct actor *a)
{
    a->failed = false;
    if (account_savepoint(a->account) == ERR_OK) {
        account_undo(a->account);
        return;
    }
    for (struct session *s = a->sessions; s != NULL; s = s->next) {
        if (!s->closing && !imap_session_can_sleep(s->imap)) {
            bye(s, "[UNAVAILABLE] Storage failed");
            inbox_again(s);
        }
    }
    close_account(a);
}

static void end_everybody(struct actor *a, struct turn *t)
{
    struct session *next;

    for (struct session *s = a->sessions; s != NULL; s = next) {
        next = s->next;
        if (!s->closing)
            bye(s, "[UNAVAILABLE] Server is shutting down");
        session_flush(s);
        t->gone += session_end(&s);
    }
}

static void grant_wishes(struct actor *a, struct turn *t)
{
    bool stop = (t->wishes & ACTOR_WISH_STOP) != 0;

    if (stop)
        end_everybody(a, t);
    if ((t->wishes & ACTOR_WISH_TEND) != 0)
        upkeep_step(a);
    if (upkeep_goes_on(a, t->list == NULL && t->wishes != 0 && !stop)) {
        actor_wish(a, t->wishes);
        return;
    }
    if (a->account == NULL)
        return;
    if (a->failed) {
        recover(a);
    } else if ((stop || (t->wishes & ACTOR_WISH_CLOSE) != 0) && t->list == NULL) {
        upkeep_finish(a);
        close_account(a);
    }
}

static void finish_turn(struct actor *a, unsigned gone)
{
    if (gone > 0)
        runtime_actor_release(a->runtime, a, gone);
    pthread_mutex_lock(&a->lock);
    if (a->inbox != NULL || a->wishes != 0) {
        a->state = ACTOR_QUEUED;
        crew_push(&a->runtime->crew, a);
    } else {
        atomic_fetch_sub_explicit(&a->runtime->at_work, 1, memory_order_relaxed);
        a->state = ACTOR_IDLE; /* from here on the timer may free an actor without users */
    }
    pthread_mutex_unlock(&a->lock);
}

void actor_run(struct actor *a)
{
    struct turn t = take_inbox(a);
    uint64_t before = a->account != NULL ? account_modseq(a->account) : 0;
    struct session *next;

    run_all(a, t.list);
    commit(a, t.list);
    if (a->account != NULL && account_modseq(a->account) != before) {
        atomic_store(&a->tended, false);
        tell_news(a);
    }
    for (struct session *s = t.list; s != NULL; s = next) {
        next = s->turn_next;
        settle(&t, s);
    }
    upkeep_work_off(a);
    grant_wishes(a, &t);
    upkeep_note(a, t.list != NULL);
    finish_turn(a, t.gone);
}
