/* server/crew.c -- see crew.h. */
#include "server/crew.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "server/actor.h"

enum { EVENTS_A_WAIT = 8 };

struct member {
    struct crew *crew;
    pthread_t thread;
    pthread_cond_t wake;
    bool woken;           /* crew.lock */
    struct member *below; /* crew.lock: asleep */
};

/* ---- waking: the lock is held ---------------------------------------------------------------- */

static void wake_lookout(struct crew *c)
{
    uint64_t one = 1;

    if (c->called)
        return;
    c->called = true;
    (void)!write(c->wake_fd, &one, sizeof(one));
}

static void wake_sleeper(struct crew *c)
{
    struct member *m = c->asleep;

    c->asleep = m->below;
    c->awake++;
    m->woken = true;
    pthread_cond_signal(&m->wake);
}

/* Somebody for what waits in the queue. */
static void call(struct crew *c, unsigned awake_max)
{
    if (c->queue == NULL)
        return;
    if (c->lookouts > 0)
        wake_lookout(c);
    else if (c->awake < awake_max && c->asleep != NULL)
        wake_sleeper(c);
}

void crew_call(struct crew *c, bool urgent)
{
    pthread_mutex_lock(&c->lock);
    call(c, urgent ? UINT32_MAX : c->awake_max);
    pthread_mutex_unlock(&c->lock);
}

/* ---- the queue ------------------------------------------------------------------------------- */

void crew_push(struct crew *c, struct actor *a)
{
    pthread_mutex_lock(&c->lock);
    a->queue_next = NULL;
    *c->queue_tail = a;
    c->queue_tail = &a->queue_next;
    pthread_mutex_unlock(&c->lock);
}

static struct actor *pop(struct crew *c)
{
    struct actor *a = c->queue;

    if (a == NULL)
        return NULL;
    c->queue = a->queue_next;
    if (c->queue == NULL)
        c->queue_tail = &c->queue;
    return a;
}

/* ---- away ------------------------------------------------------------------------------------ */

static _Thread_local struct crew *mine; /* NULL: this thread is no member */
static _Thread_local unsigned away;     /* how many times it has left: only the first counts */

void crew_leave(struct crew *c)
{
    if (away++ > 0)
        return;
    pthread_mutex_lock(&c->lock);
    c->awake--;
    if (c->queue != NULL)
        call(c, c->awake_max);
    else if (c->lookouts == 0 && c->awake < c->awake_max && c->asleep != NULL)
        wake_sleeper(c); /* it becomes the lookout */
    pthread_mutex_unlock(&c->lock);
}

void crew_return(struct crew *c)
{
    if (--away > 0)
        return;
    pthread_mutex_lock(&c->lock);
    c->awake++;
    pthread_mutex_unlock(&c->lock);
}

static void leave_to_read(void)
{
    if (mine != NULL)
        crew_leave(mine);
}

static void return_from_reading(void)
{
    if (mine != NULL)
        crew_return(mine);
}

/* ---- a member: begins and ends with the lock held -------------------------------------------- */

/* Take some events, waiting for them up to timeout_ms (-1: for ever). */
static void take_events(struct crew *c, int timeout_ms)
{
    struct epoll_event events[EVENTS_A_WAIT];
    bool called = false;
    int n;

    pthread_mutex_unlock(&c->lock);
    n = epoll_wait(c->epoll_fd, events, EVENTS_A_WAIT, timeout_ms);
    for (int i = 0; i < n; i++) {
        if (events[i].data.u64 != UINT64_MAX)
            c->event(c->context, events[i].data.u64, events[i].events);
        else
            called = true;
    }
    pthread_mutex_lock(&c->lock);
    c->called &= !called;
}

static void look_out(struct crew *c)
{
    c->lookouts++;
    take_events(c, -1);
    c->lookouts--;
}

static void sleep_on(struct crew *c, struct member *m)
{
    session_spare_release();
    m->below = c->asleep;
    c->asleep = m;
    c->awake--;
    while (!m->woken)
        pthread_cond_wait(&m->wake, &c->lock);
    m->woken = false;
}

/* Accounts that come back to the queue turn after turn could keep everybody from epoll, so whoever
 * has run one looks there. */
static void run(struct crew *c, struct actor *a)
{
    call(c, c->awake_max); /* for those behind it */
    pthread_mutex_unlock(&c->lock);
    actor_run(a);
    pthread_mutex_lock(&c->lock);
    if (c->queue != NULL && c->lookouts == 0)
        take_events(c, 0);
}

static void *member_main(void *arg)
{
    struct member *m = arg;
    struct crew *c = m->crew;

    mine = c;
    pthread_mutex_lock(&c->lock);
    c->awake++;
    while (!atomic_load_explicit(&c->stopping, memory_order_relaxed)) {
        struct actor *a = pop(c);

        if (a != NULL)
            run(c, a);
        else if (c->lookouts == 0 || c->awake <= c->awake_max)
            look_out(c);
        else
            sleep_on(c, m);
    }
    session_spare_release();
    /* Each that ends wakes the next. */
    c->called = false;
    wake_lookout(c);
    if (c->asleep != NULL)
        wake_sleeper(c);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

enum err crew_start(struct crew *c, unsigned n, unsigned cpus, crew_event *event, void *context)
{
    struct epoll_event wake = {.events = EPOLLIN | EPOLLET, .data.u64 = UINT64_MAX};

    *c = (struct crew){.awake_max = cpus, .event = event, .context = context};
    c->queue_tail = &c->queue;
    store_waits = (struct store_waits){leave_to_read, return_from_reading};
    c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->epoll_fd < 0 || c->wake_fd < 0 ||
        epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->wake_fd, &wake) != 0) {
        log_error("cannot start the event loop: %s", strerror(errno));
        return ERR_IO;
    }
    pthread_mutex_init(&c->lock, NULL);
    c->member = mem_calloc(n, sizeof(*c->member));
    for (; c->n < n; c->n++) {
        struct member *m = &c->member[c->n];

        m->crew = c;
        pthread_cond_init(&m->wake, NULL);
        if (pthread_create(&m->thread, NULL, member_main, m) != 0)
            break;
    }
    if (c->n == 0) {
        log_error("cannot start threads: %s", strerror(errno));
        abort();
    }
    return ERR_OK;
}

void crew_stop(struct crew *c)
{
    atomic_store(&c->stopping, true);
    pthread_mutex_lock(&c->lock);
    c->called = false;
    wake_lookout(c);
    if (c->asleep != NULL)
        wake_sleeper(c);
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < c->n; i++)
        pthread_join(c->member[i].thread, NULL);
    free(c->member);
    close(c->epoll_fd);
    close(c->wake_fd);
}
