/* auth/verifier.c -- jobs and their three lists; see verifier.h.
 *
 *     submit --(cache hit, bad syntax, overload)-----------------> done
 *        |---(throttled)--> delayed --(due)--> queued --worker--> done --> verifier_next
 *        `---------------------------------------^
 *
 * `delayed` belongs to the caller's thread; `queued` and `done` are under the mutex.
 */
#include "auth/verifier.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "auth/cache.h"
#include "auth/sasl.h"
#include "auth/throttle.h"
#include "base/clock.h"
#include "base/mem.h"

enum { THREADS_MAX = 16 };

struct job {
    struct job *next;
    uint64_t id;
    uint64_t due_ms;
    uint32_t asker;   /* another one may use the same ids */
    struct user user; /* user.name is set even when the account is unknown */
    bool known;
    bool hashed; /* a worker looked at it: count it in throttle and cache */
    enum err result;
    char peer[HANDOFF_PEER_OCTETS_MAX];
    size_t n_peer;
    unsigned turn; /* queued: so many of its network were before it */
    char password[HANDOFF_PASSWORD_OCTETS_MAX];
    size_t n_password;
};

struct list {
    struct job *first, **end;
};

struct verifier {
    struct user_db *db;
    struct auth_cache *cache;
    struct throttle *throttle;
    struct list delayed;
    size_t n_delayed;
    size_t jobs; /* not yet taken by verifier_next */
    uint32_t asker;

    pthread_mutex_t mutex;
    pthread_cond_t work;
    struct list queued, done;
    bool stopping, woken; /* woken: there is something to read in event_fd */
    int event_fd;
    pthread_t thread[THREADS_MAX];
    unsigned threads;
};

static void list_init(struct list *l)
{
    l->first = NULL;
    l->end = &l->first;
}

static void list_add(struct list *l, struct job *j)
{
    j->next = NULL;
    *l->end = j;
    l->end = &j->next;
}

static struct job *list_take(struct list *l)
{
    struct job *j = l->first;
    if (j != NULL) {
        l->first = j->next;
        if (l->first == NULL)
            l->end = &l->first;
    }
    return j;
}

static void job_free(struct job *j)
{
    mem_wipe(j, sizeof(*j));
    free(j);
}

static struct slice job_password(const struct job *j)
{
    return slice_of(j->password, j->n_password);
}

static struct slice job_peer(const struct job *j)
{
    return slice_of(j->peer, j->n_peer);
}

static enum err hash_job(const struct job *j)
{
    if (!j->known) {
        scheme_verify_nobody(job_password(j));
        return ERR_AUTHFAILED;
    }
    bool right = scheme_verify(j->user.password.text, job_password(j));
    return right && !j->user.disabled ? ERR_OK : ERR_AUTHFAILED;
}

static void wake(struct verifier *v)
{
    uint64_t one = 1;
    v->woken = true;
    ssize_t n = write(v->event_fd, &one, sizeof(one)); /* full means it is readable already */
    (void)n;
}

static void *worker_main(void *arg)
{
    struct verifier *v = arg;
    pthread_mutex_lock(&v->mutex);
    while (!v->stopping) {
        struct job *j = list_take(&v->queued);
        if (j == NULL) {
            pthread_cond_wait(&v->work, &v->mutex);
            continue;
        }
        pthread_mutex_unlock(&v->mutex);
        j->result = hash_job(j);
        j->hashed = true;
        pthread_mutex_lock(&v->mutex);
        list_add(&v->done, j);
        wake(v);
    }
    pthread_mutex_unlock(&v->mutex);
    return NULL;
}

enum err verifier_new(struct user_db *db, unsigned threads, struct verifier **out)
{
    struct verifier *v = mem_new(struct verifier);
    v->db = db;
    v->throttle = throttle_new();
    list_init(&v->delayed);
    list_init(&v->queued);
    list_init(&v->done);
    pthread_mutex_init(&v->mutex, NULL);
    pthread_cond_init(&v->work, NULL);
    v->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum err e = v->event_fd >= 0 ? auth_cache_new(&v->cache) : ERR_UNAVAILABLE;
    for (unsigned i = 0; e == ERR_OK && i < threads && i < THREADS_MAX; i++) {
        if (pthread_create(&v->thread[i], NULL, worker_main, v) != 0)
            e = ERR_UNAVAILABLE;
        else
            v->threads++;
    }
    if (e != ERR_OK)
        verifier_free(&v);
    else
        *out = v;
    return e;
}

static void list_free(struct list *l)
{
    struct job *j;
    while ((j = list_take(l)) != NULL)
        job_free(j);
}

void verifier_free(struct verifier **vp)
{
    struct verifier *v = *vp;
    if (v == NULL)
        return;
    pthread_mutex_lock(&v->mutex);
    v->stopping = true;
    pthread_cond_broadcast(&v->work);
    pthread_mutex_unlock(&v->mutex);
    for (unsigned i = 0; i < v->threads; i++)
        pthread_join(v->thread[i], NULL);
    list_free(&v->delayed);
    list_free(&v->queued);
    list_free(&v->done);
    auth_cache_free(&v->cache);
    throttle_free(&v->throttle);
    fd_close_at(&v->event_fd);
    pthread_cond_destroy(&v->work);
    pthread_mutex_destroy(&v->mutex);
    free(v);
    *vp = NULL;
}

int verifier_fd(const struct verifier *v)
{
    return v->event_fd;
}

/* No worker had to look at it: the caller asks for results now anyway. */
static void finish(struct verifier *v, struct job *j, enum err result)
{
    j->result = result;
    pthread_mutex_lock(&v->mutex);
    list_add(&v->done, j);
    pthread_mutex_unlock(&v->mutex);
}

static bool same_network(const struct job *a, const struct job *b)
{
    unsigned char space_a[16], space_b[16];
    return slice_eq(throttle_network(job_peer(a), space_a), throttle_network(job_peer(b), space_b));
}

/* In turns: the first of every network, then the second of every network ... A hundred guesses
 * from one place do not make the people of another wait. */
static void list_add_in_turn(struct list *l, struct job *j)
{
    struct job **at = &l->first;
    j->turn = 0;
    for (const struct job *k = l->first; k != NULL; k = k->next)
        if (same_network(j, k))
            j->turn = k->turn + 1;
    while (*at != NULL && (*at)->turn <= j->turn)
        at = &(*at)->next;
    j->next = *at;
    *at = j;
    if (j->next == NULL)
        l->end = &j->next;
}

static void enqueue(struct verifier *v, struct job *j)
{
    pthread_mutex_lock(&v->mutex);
    list_add_in_turn(&v->queued, j);
    pthread_cond_signal(&v->work);
    pthread_mutex_unlock(&v->mutex);
}

/* Name and password out of the request, whatever the mechanism. */
static enum err take_credentials(const struct handoff_request *r, struct job *j)
{
    struct slice user = r->user, password = r->secret;
    if (r->mechanism == HANDOFF_PLAIN) {
        struct sasl_plain plain;
        TRY(sasl_plain_parse(r->secret, &plain));
        struct auth_name as, self;
        /* Nobody may act as somebody else here, so the two must be one account. */
        if (plain.authzid.n > 0 && (auth_name_fold(plain.authzid, &as) != ERR_OK ||
                                    auth_name_fold(plain.authcid, &self) != ERR_OK ||
                                    !slice_eq(auth_name_slice(&as), auth_name_slice(&self))))
            return ERR_AUTHFAILED;
        user = plain.authcid;
        password = plain.password;
    }
    if (auth_name_fold(user, &j->user.name) != ERR_OK)
        j->user.name = (struct auth_name){0}; /* a name nobody can have: unknown, same time */
    j->n_password = password.n < sizeof(j->password) ? password.n : sizeof(j->password);
    memcpy(j->password, password.p, j->n_password);
    return ERR_OK;
}

static struct job *job_new(const struct verifier *v, const struct handoff_request *r)
{
    struct job *j = mem_new(struct job);
    j->id = r->id;
    j->asker = v->asker;
    j->n_peer = r->peer.n < sizeof(j->peer) ? r->peer.n : sizeof(j->peer);
    memcpy(j->peer, r->peer.p, j->n_peer);
    return j;
}

/* The row, keeping the folded name when there is none. */
static enum err look_up(struct verifier *v, struct job *j)
{
    struct auth_name name = j->user.name;
    enum err e = user_db_find(v->db, &name, &j->user);
    j->known = e == ERR_OK;
    j->user.name = name;
    if (e == ERR_OK || e == ERR_NOTFOUND)
        return ERR_OK;
    return ERR_UNAVAILABLE;
}

/* To a worker, now or when its throttle lets it. */
static void start(struct verifier *v, struct job *j, uint64_t now_ms)
{
    uint32_t delay =
        throttle_delay_ms(v->throttle, auth_name_slice(&j->user.name), job_peer(j), now_ms);
    if (v->jobs > VERIFIER_JOBS_MAX || (delay > 0 && v->n_delayed == VERIFIER_DELAYED_MAX)) {
        finish(v, j, ERR_UNAVAILABLE);
        return;
    }
    j->due_ms = now_ms + delay;
    if (delay == 0) {
        enqueue(v, j);
        return;
    }
    list_add(&v->delayed, j);
    v->n_delayed++;
}

void verifier_submit(struct verifier *v, const struct handoff_request *r, uint64_t now_ms)
{
    struct job *j = job_new(v, r);
    v->jobs++;
    enum err e = take_credentials(r, j);
    if (e == ERR_OK)
        e = look_up(v, j);
    if (e != ERR_OK)
        finish(v, j, e);
    else if (j->known && auth_cache_has(v->cache, &j->user, job_password(j), now_ms))
        finish(v, j, ERR_OK);
    else
        start(v, j, now_ms);
}

void verifier_forget(struct verifier *v)
{
    v->asker++;
}

int verifier_turn(struct verifier *v, uint64_t now_ms)
{
    struct list keep;
    struct job *j;
    int wait = -1;
    list_init(&keep);
    while ((j = list_take(&v->delayed)) != NULL) {
        if (j->due_ms <= now_ms) {
            v->n_delayed--;
            enqueue(v, j);
            continue;
        }
        int left = (int)(j->due_ms - now_ms);
        wait = wait < 0 || left < wait ? left : wait;
        list_add(&keep, j);
    }
    v->delayed = keep;
    if (keep.first == NULL)
        list_init(&v->delayed);
    return wait;
}

/* What a finished hash teaches. */
static void learn(struct verifier *v, const struct job *j, uint64_t now_ms)
{
    struct slice name = auth_name_slice(&j->user.name);
    if (j->result == ERR_OK) {
        auth_cache_add(v->cache, &j->user, job_password(j), now_ms);
        throttle_succeeded(v->throttle, name, job_peer(j));
    } else {
        throttle_failed(v->throttle, name, job_peer(j), now_ms);
    }
}

static struct job *take_done(struct verifier *v)
{
    pthread_mutex_lock(&v->mutex);
    struct job *j = list_take(&v->done);
    if (j == NULL && v->woken) {
        uint64_t count;
        ssize_t n = read(v->event_fd, &count, sizeof(count)); /* under the mutex: no lost wake */
        (void)n;
        v->woken = false;
    }
    pthread_mutex_unlock(&v->mutex);
    return j;
}

bool verifier_next(struct verifier *v, uint64_t now_ms, struct verify_result *out)
{
    bool found = false;
    struct job *j;
    while (!found && (j = take_done(v)) != NULL) {
        if (j->hashed)
            learn(v, j, now_ms);
        found = j->asker == v->asker;
        if (found && j->result == ERR_OK)
            user_db_note_login(v->db, &j->user, clock_wall_s());
        *out = (struct verify_result){.id = j->id, .result = j->result, .account = j->user.name};
        memcpy(out->peer, j->peer, j->n_peer);
        v->jobs--;
        job_free(j);
    }
    return found;
}
