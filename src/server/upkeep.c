/* server/upkeep.c -- what is done for an open account when nobody waits for it, how much it holds,
 * and how long it is kept. The timer asks for the steps; they are turns without sessions.
 */
#include "base/clock.h"
#include "base/log.h"
#include "server/actor.h"

enum {
    STEPS_MAX = 50,       /* background steps, of some milliseconds each, before a close */
    KEEP_TIMES = 1000,    /* an account is kept so many times as long as it takes to open, */
    KEEP_LEAST_MS = 1500, /* at least so long: clients that are at work ask more often */
};

void upkeep_step(struct actor *a)
{
    bool more = false;
    enum err e;

    if (a->account == NULL || atomic_load(&a->tended))
        return;
    crew_leave(&a->runtime->crew);
    e = account_idle_step(a->account, &more);
    crew_return(&a->runtime->crew);
    if (e != ERR_OK)
        log_error("background work failed account=%s: %s", a->name, err_text(e));
    atomic_store(&a->tended, e != ERR_OK || !more);
}

void upkeep_finish(struct actor *a)
{
    for (int i = 0; i < STEPS_MAX && !atomic_load(&a->tended); i++)
        upkeep_step(a);
}

/* That of one account at a time, while the server has not too much to do. In steps as far apart as
 * the timer's visits, a hundred thousand new messages would take minutes. */
bool upkeep_goes_on(struct actor *a, bool unused)
{
    struct runtime *r = a->runtime;
    struct actor *nobody = NULL;
    bool mine = atomic_load(&r->tending) == a;

    if (unused && !a->failed && a->account != NULL && !atomic_load(&a->tended) &&
        !atomic_load(&r->busy))
        return mine || atomic_compare_exchange_strong(&r->tending, &nobody, a);
    if (mine)
        atomic_store(&r->tending, NULL);
    return false;
}

void upkeep_work_off(struct actor *a)
{
    if (a->account == NULL || !account_owes_work(a->account))
        return;
    crew_leave(&a->runtime->crew);
    account_work_off(a->account);
    crew_return(&a->runtime->crew);
}

/* How long an unused account stays open follows from what it would cost to open it again: a
 * thousand times as long as that, so that no client, however often it asks, makes us spend more
 * than a thousandth of its time on opening. A small account goes at once, a large one stays. */
static uint32_t keep_ms(const struct actor *a)
{
    uint64_t ms = account_effort_us(a->account) * KEEP_TIMES / 1000;

    if (ms > KEEP_MOST_MS)
        return KEEP_MOST_MS;
    return ms > KEEP_LEAST_MS ? (uint32_t)ms : KEEP_LEAST_MS;
}

/* What the account holds is counted by walking it, which costs more than a short command: not at
 * each turn, but when it is opened, once a second, and at a turn without sessions, for which the
 * timer sees to it that there is one (`uncounted`). */
void upkeep_note(struct actor *a, bool used)
{
    uint64_t now_ms = clock_mono_ms();
    uint32_t now_s = (uint32_t)(now_ms / 1000);

    if (used)
        atomic_store_explicit(&a->used_ms, (uint32_t)now_ms, memory_order_relaxed);
    if (a->account == NULL)
        return;
    if (used && a->counted_s == now_s && atomic_load(&a->memory) != 0) {
        atomic_store_explicit(&a->uncounted, true, memory_order_relaxed);
        return;
    }
    a->counted_s = now_s;
    atomic_store_explicit(&a->memory, account_memory(a->account), memory_order_relaxed);
    atomic_store_explicit(&a->keep_ms, keep_ms(a), memory_order_relaxed);
    atomic_store_explicit(&a->uncounted, false, memory_order_relaxed);
}
