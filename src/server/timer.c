/* server/timer.c -- what the runtime does by the clock: background work and closing of accounts,
 * autologout, memory given back, the measure of the load.
 *
 * Only actors with an open account, or without users, are looked at: what sleeps costs nothing,
 * however many it is.
 */
#include <malloc.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/pool.h"
#include "mime/mime.h"
#include "server/actor.h"

enum {
    TICK_MS = 100,
    ACTORS_TICKS = 5,
    SESSIONS_TICKS = 100,
    QUIET_MS = 1000, /* nobody has used the account for so long: there is time for its upkeep */
    DESCRIPTORS_AN_ACCOUNT = 3, /* the lock, the database, its WAL */
};

/* ---- accounts ------------------------------------------------------------------------------- */

/* Ask what is due of one actor. A busy server closes nothing it need not: opening again would cost
 * what it lacks. */
static void visit_open(struct runtime *r, struct actor *a, bool squeeze)
{
    uint32_t used_ms = atomic_load(&a->used_ms); /* first: it may not be later than now */
    uint32_t unused_ms = (uint32_t)clock_mono_ms() - used_ms;
    uint32_t keep_ms = r->load.busy ? KEEP_MOST_MS : atomic_load(&a->keep_ms);

    if (atomic_load(&a->memory) == 0) /* its first turn has not ended */
        return;
    if (unused_ms >= keep_ms || (squeeze && unused_ms >= QUIET_MS))
        actor_wish(a, ACTOR_WISH_TEND | ACTOR_WISH_CLOSE);
    else if (unused_ms >= QUIET_MS && (!atomic_load(&a->tended) || atomic_load(&a->uncounted)))
        actor_wish(a, ACTOR_WISH_TEND);
}

/* Whether sessions and open accounts leave too few descriptors for those who come next. */
static bool short_of_descriptors(struct runtime *r)
{
    size_t used = (size_t)r->n_open * DESCRIPTORS_AN_ACCOUNT;

    pthread_mutex_lock(&r->sessions_lock);
    used += r->n_sessions;
    pthread_mutex_unlock(&r->sessions_lock);
    return used > r->descriptors_max / 4 * 3;
}

/* Whether the open accounts hold more memory or descriptors than they may: then those unused for
 * a second are closed, whatever they took to open. */
static bool above_budget(struct runtime *r)
{
    size_t memory = 0;

    for (struct actor *a = r->watched; a != NULL; a = a->watch_next)
        memory += atomic_load(&a->memory);
    return memory > r->config.memory_octets || short_of_descriptors(r);
}

static void visit_actors(struct runtime *r)
{
    struct actor **link = &r->watched, *a;
    bool squeeze;

    pthread_mutex_lock(&r->lock);
    squeeze = above_budget(r);
    while ((a = *link) != NULL) {
        bool unused = !a->open && a->users == 0;

        if (a->open)
            visit_open(r, a, squeeze);
        if (a->open || (unused && !actor_is_idle_and_closed(a))) {
            link = &a->watch_next;
            continue;
        }
        *link = a->watch_next;
        a->watched = false;
        if (unused)
            runtime_actor_forget(r, a);
    }
    pthread_mutex_unlock(&r->lock);
}

/* ---- sessions ------------------------------------------------------------------------------- */

static void visit_sessions(struct runtime *r, uint32_t now_s)
{
    pthread_mutex_lock(&r->sessions_lock);
    for (uint32_t i = 0; i < r->n_slots; i++) {
        struct session *s = r->slots[i].session;

        if (s == NULL || now_s - atomic_load(&s->active_s) < r->config.session_timeout_s)
            continue;
        pthread_mutex_lock(&s->actor->lock);
        s->timed_out = true;
        pthread_mutex_unlock(&s->actor->lock);
        actor_post(s->actor, s);
    }
    pthread_mutex_unlock(&r->sessions_lock);
}

/* ---- the process ---------------------------------------------------------------------------- */

/* Closed accounts leave holes in the heap, and chunks of their pools: give the pages back. So do
 * the parsers of what came in. */
static void trim(struct runtime *r)
{
    if (atomic_exchange(&r->closed, 0) == 0)
        return;
    mime_trim();
    malloc_trim(0);
    pool_trim();
}

static void measure_load(struct runtime *r)
{
    bool before = r->load.busy;

    load_sample(&r->load, atomic_load(&r->at_work), r->cpus);
    atomic_store(&r->busy, r->load.busy);
    if (r->load.busy != before)
        log_info("%s, %u accounts at work", r->load.busy ? "busy" : "busy no more",
                 atomic_load(&r->at_work));
    if (r->config.gate != NULL)
        gate_link_load(r->config.gate, r->load.busy);
}

void *runtime_timer_main(void *runtime)
{
    struct runtime *r = runtime;

    for (unsigned tick = 1; !atomic_load(&r->stopping); tick++) {
        struct timespec pause = {.tv_nsec = TICK_MS * 1000L * 1000};

        nanosleep(&pause, NULL);
        measure_load(r);
        if (tick % ACTORS_TICKS == 0)
            visit_actors(r);
        if (tick % ACTORS_TICKS == ACTORS_TICKS / 2) /* what was to be closed then is by now */
            trim(r);
        if (tick % SESSIONS_TICKS == 0)
            visit_sessions(r, runtime_now_s());
        crew_call(&r->crew, true);
    }
    return NULL;
}
