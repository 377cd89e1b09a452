/* server/tickets.c -- see tickets.h. */
#include "server/tickets.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/openssl.h"

void tickets_add(struct tickets *t, const struct handoff_ticket *m)
{
    struct ticket *slot;

    if (t->ticket == NULL)
        t->ticket = mem_calloc(TICKETS_MAX, sizeof(*t->ticket));
    slot = &t->ticket[t->next++ % TICKETS_MAX];
    *slot = (struct ticket){.expires_ms = clock_mono_ms() + (uint64_t)m->seconds * 1000};
    memcpy(slot->nonce, m->nonce, sizeof(slot->nonce));
    memcpy(slot->account, m->account.p, m->account.n); /* at most HANDOFF_NAME_OCTETS_MAX */
}

bool tickets_match(const struct handoff_ticket *m, const uint8_t nonce[HANDOFF_NONCE_OCTETS])
{
    return CRYPTO_memcmp(m->nonce, nonce, sizeof(m->nonce)) == 0;
}

bool tickets_take(struct tickets *t, const uint8_t nonce[HANDOFF_NONCE_OCTETS],
                  char account[HANDOFF_NAME_OCTETS_MAX + 1])
{
    uint64_t now_ms = clock_mono_ms();

    for (size_t i = 0; t->ticket != NULL && i < TICKETS_MAX; i++) {
        struct ticket *slot = &t->ticket[(t->next + TICKETS_MAX - 1 - i) % TICKETS_MAX];

        if (slot->expires_ms == 0)
            continue;
        if (CRYPTO_memcmp(slot->nonce, nonce, sizeof(slot->nonce)) != 0)
            continue;
        memcpy(account, slot->account, sizeof(slot->account));
        bool alive = now_ms <= slot->expires_ms;
        *slot = (struct ticket){0};
        return alive;
    }
    return false;
}

void tickets_release(struct tickets *t)
{
    free(t->ticket);
    *t = (struct tickets){0};
}
