/* server/tickets.h -- the store's memory of who may be let in: tickets that auth has sent and no
 * handoff has used yet (auth/handoff.h). Each works once and dies at its time. Few get here: most
 * wait in auth's socket for the handoff that takes them.
 */
#ifndef ROOST_SERVER_TICKETS_H
#define ROOST_SERVER_TICKETS_H

#include "auth/handoff.h"

enum { TICKETS_MAX = 4096 }; /* the oldest gives way */

struct ticket {
    uint64_t expires_ms; /* clock_mono_ms; 0: free */
    uint8_t nonce[HANDOFF_NONCE_OCTETS];
    char account[HANDOFF_NAME_OCTETS_MAX + 1];
};

struct tickets {
    struct ticket *ticket; /* TICKETS_MAX of them, a ring; NULL until the first */
    size_t next;
};

/* Whether it is the ticket with this nonce. */
bool tickets_match(const struct handoff_ticket *m, const uint8_t nonce[HANDOFF_NONCE_OCTETS]);
void tickets_add(struct tickets *t, const struct handoff_ticket *m);
/* Use up the ticket with this nonce: its account into `account`; false if there is none. */
bool tickets_take(struct tickets *t, const uint8_t nonce[HANDOFF_NONCE_OCTETS],
                  char account[HANDOFF_NAME_OCTETS_MAX + 1]);
void tickets_release(struct tickets *t);

#endif
