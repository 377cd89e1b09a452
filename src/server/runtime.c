/* server/runtime.c -- the tables of actors and sessions. */
#include "server/runtime.h"

#include <errno.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/slab.h"
#include "server/actor.h"

enum {
    TABLE_SIZE = 4096,          /* chains of actors */
    ARENAS_MAX = 4,             /* of the heap: each keeps pages of its own, */
    HEAP_KEPT_OCTETS = 4 << 20, /* so much of its end as long as accounts are at work: what SORT
                                 * takes and gives back need not be faulted in again for the next */
    STOP_PATIENCE_MS = 5000,
};

static const uint32_t slot_none = UINT32_MAX;        /* no enumerator may hold it */
static const uint64_t watched_name = UINT64_MAX - 1; /* to epoll; no session has the slot */

uint32_t runtime_now_s(void)
{
    return (uint32_t)(clock_mono_ms() / 1000);
}

/* ---- sessions ------------------------------------------------------------------------------- */

void runtime_session_add(struct runtime *r, struct session *s)
{
    pthread_mutex_lock(&r->sessions_lock);
    if (r->free_slot == slot_none) {
        uint32_t more = r->n_slots > 0 ? r->n_slots : 64;

        r->slots = mem_resize(r->slots, r->n_slots + more, sizeof(*r->slots));
        for (uint32_t i = r->n_slots + more; i > r->n_slots; i--) {
            r->slots[i - 1] = (struct session_slot){.next_free = r->free_slot};
            r->free_slot = i - 1;
        }
        r->n_slots += more;
    }
    s->slot = r->free_slot;
    r->free_slot = r->slots[s->slot].next_free;
    r->slots[s->slot].session = s;
    s->generation = ++r->slots[s->slot].generation;
    r->n_sessions++;
    pthread_mutex_unlock(&r->sessions_lock);
}

bool runtime_session_remove(struct runtime *r, struct session *s)
{
    bool waiting;

    pthread_mutex_lock(&r->sessions_lock);
    pthread_mutex_lock(&s->actor->lock);
    waiting = s->waiting;
    pthread_mutex_unlock(&s->actor->lock);
    if (!waiting) {
        r->slots[s->slot].session = NULL;
        r->slots[s->slot].next_free = r->free_slot;
        r->free_slot = s->slot;
        r->n_sessions--;
    }
    pthread_mutex_unlock(&r->sessions_lock);
    return !waiting;
}

static void session_event(void *context, uint64_t name, uint32_t events)
{
    const uint32_t ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    struct runtime *r = context;
    uint32_t slot = (uint32_t)name;

    if (name == watched_name) {
        r->config.watched(r->config.watched_context);
        return;
    }
    pthread_mutex_lock(&r->sessions_lock);
    if (slot < r->n_slots && r->slots[slot].session != NULL &&
        r->slots[slot].generation == (uint32_t)(name >> 32)) {
        struct session *s = r->slots[slot].session;

        if ((events & ends) != 0)
            atomic_store(&s->ends, true);
        actor_post(s->actor, s);
    }
    pthread_mutex_unlock(&r->sessions_lock);
}

/* ---- actors --------------------------------------------------------------------------------- */

static size_t chain_of(struct slice name)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

    for (size_t i = 0; i < name.n; i++)
        h = (h ^ (unsigned char)name.p[i]) * 0x100000001b3u;
    return h % TABLE_SIZE;
}

static size_t actor_octets(size_t name_octets)
{
    return sizeof(struct actor) + name_octets + 1;
}

static void actor_free(struct actor *a)
{
    pthread_mutex_destroy(&a->lock);
    slab_free(a, actor_octets(strlen(a->name)));
}

/* The actor of an account, made if there is none, with one user more. */
static struct actor *actor_get(struct runtime *r, struct slice name)
{
    struct actor **chain = &r->table[chain_of(name)], *a;

    pthread_mutex_lock(&r->lock);
    for (a = *chain; a != NULL && !slice_eq(slice_of_str(a->name), name); a = a->table_next)
        ;
    if (a == NULL) {
        a = slab_alloc(actor_octets(name.n));
        a->runtime = r;
        a->inbox_tail = &a->inbox;
        memcpy(a->name, name.p, name.n);
        pthread_mutex_init(&a->lock, NULL);
        a->table_next = *chain;
        *chain = a;
    }
    a->users++;
    pthread_mutex_unlock(&r->lock);
    return a;
}

/* The timer is to look at it: runtime.lock is held. */
static void watch(struct runtime *r, struct actor *a)
{
    if (a->watched)
        return;
    a->watched = true;
    a->watch_next = r->watched;
    r->watched = a;
}

void runtime_actor_release(struct runtime *r, struct actor *a, unsigned users)
{
    pthread_mutex_lock(&r->lock);
    a->users -= users;
    if (a->users == 0)
        watch(r, a);
    pthread_mutex_unlock(&r->lock);
}

void runtime_actor_opened(struct runtime *r, struct actor *a, bool open)
{
    pthread_mutex_lock(&r->lock);
    a->open = open;
    r->n_open += open ? 1U : -1U;
    if (open)
        watch(r, a);
    pthread_mutex_unlock(&r->lock);
}

void runtime_actor_forget(struct runtime *r, struct actor *a)
{
    struct actor **link = &r->table[chain_of(slice_of_str(a->name))];

    while (*link != a)
        link = &(*link)->table_next;
    *link = a->table_next;
    actor_free(a);
}

void runtime_attach(struct runtime *r, const struct runtime_session *start)
{
    struct session *s = slab_alloc(sizeof(*s));

    s->actor = actor_get(r, start->account);
    s->fd = start->fd;
    s->from = start->from;
    s->wants_input = true;
    atomic_store(&s->active_s, runtime_now_s());
    s->imap = imap_session_new(&r->config.imap, start->tag);
    buf_add_slice(imap_session_in(s->imap), start->input);
    runtime_session_add(r, s);
    actor_post(s->actor, s);
    if (!start->by_worker)
        crew_call(&r->crew, false);
}

void runtime_watch(struct runtime *r, int fd, bool again)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = watched_name};

    if (epoll_ctl(r->crew.epoll_fd, again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0)
        log_error("a link cannot be watched: %s", strerror(errno));
}

/* ---- the beginning --------------------------------------------------------------------------- */

static size_t descriptors_max(void)
{
    struct rlimit files;

    return getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : 64;
}

static void set_defaults(struct runtime_config *c)
{
    if (c->workers == 0)
        c->workers = 32;
    if (c->memory_octets == 0)
        c->memory_octets = (size_t)256 << 20;
    if (c->session_timeout_s == 0)
        c->session_timeout_s = 31 * 60;
}

enum err runtime_start(const struct runtime_config *config, struct runtime **out)
{
    struct runtime *r = mem_new(struct runtime);
    enum err e;

    r->config = *config;
    set_defaults(&r->config);
    r->config.imap.busy = &r->busy;
    r->cpus = load_cpus();
    r->descriptors_max = descriptors_max();
    mallopt(M_ARENA_MAX, ARENAS_MAX);
    mallopt(M_MMAP_THRESHOLD, HEAP_KEPT_OCTETS / 2);
    mallopt(M_TRIM_THRESHOLD, HEAP_KEPT_OCTETS);
    pthread_mutex_init(&r->lock, NULL);
    pthread_mutex_init(&r->sessions_lock, NULL);
    r->table = mem_calloc(TABLE_SIZE, sizeof(*r->table));
    r->free_slot = slot_none;
    e = crew_start(&r->crew, r->config.workers, r->cpus, session_event, r);
    if (e != ERR_OK) {
        free(r->table);
        free(r);
        return e;
    }
    if (pthread_create(&r->timer, NULL, runtime_timer_main, r) != 0) {
        log_error("cannot start threads: %s", strerror(errno));
        abort();
    }
    *out = r;
    return ERR_OK;
}

/* ---- the end -------------------------------------------------------------------------------- */

/* Ask everybody (or the actor of one account) to stop; returns how many are not yet done. */
static size_t stop_actors(struct runtime *r, const struct slice *only)
{
    size_t left = 0;

    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        for (struct actor *a = r->table[i]; a != NULL; a = a->table_next) {
            if ((only != NULL && !slice_eq(slice_of_str(a->name), *only)) ||
                (a->users == 0 && actor_is_idle_and_closed(a)))
                continue;
            left++;
            actor_wish(a, ACTOR_WISH_STOP);
        }
    }
    pthread_mutex_unlock(&r->lock);
    crew_call(&r->crew, false);
    return left;
}

/* Stop and wait; false when patience ends first. */
static bool stop_and_wait(struct runtime *r, const struct slice *only)
{
    uint64_t give_up_ms = clock_mono_ms() + STOP_PATIENCE_MS;

    while (stop_actors(r, only) > 0) {
        if (clock_mono_ms() >= give_up_ms)
            return false;
        usleep(5000);
    }
    return true;
}

bool runtime_evict(struct runtime *r, struct slice account)
{
    return stop_and_wait(r, &account);
}

static void free_actors(struct runtime *r)
{
    for (size_t i = 0; i < TABLE_SIZE; i++) {
        struct actor *a, *next;

        for (a = r->table[i]; a != NULL; a = next) {
            next = a->table_next;
            actor_free(a);
        }
    }
}

void runtime_stop(struct runtime **rp)
{
    struct runtime *r = *rp;

    if (!stop_and_wait(r, NULL))
        log_warn("some accounts were still busy at the end");
    atomic_store(&r->stopping, true);
    pthread_join(r->timer, NULL);
    crew_stop(&r->crew);
    free_actors(r);
    free(r->table);
    free(r->slots);
    free(r);
    *rp = NULL;
}
