/* auth/verifier.h -- from a login request to a verdict, without making anybody wait in line.
 *
 * The caller's loop submits requests and takes results; slow hashing happens on worker threads.
 * On the way of a request: taken apart (PLAIN), name folded, row looked up, cache asked (a hit
 * is a result at once), throttle asked (a wait without a thread), then hashed. An unknown name
 * is hashed against nobody's password and takes the same time.
 *
 * Everything but the hashing runs on the caller's thread, so the database and the tables have
 * one user.
 */
#ifndef ROOST_AUTH_VERIFIER_H
#define ROOST_AUTH_VERIFIER_H

#include "auth/handoff.h"
#include "auth/user_db.h"

enum {
    VERIFIER_JOBS_MAX = 1000,   /* waiting or running; beyond: ERR_UNAVAILABLE, cache hits apart */
    VERIFIER_DELAYED_MAX = 500, /* of them throttled: who guesses takes no place of who does not */
};

struct verifier;

struct verify_result {
    uint64_t id;              /* of the request */
    enum err result;          /* ERR_OK, AUTHFAILED, SYNTAX, UNAVAILABLE */
    struct auth_name account; /* folded; who logged in only when ERR_OK, else who was tried */
    char peer[HANDOFF_PEER_OCTETS_MAX + 1]; /* of the request, for the log */
};

/* Borrows the database. ERR_UNAVAILABLE: no threads, descriptors or randomness. */
must_use enum err verifier_new(struct user_db *db, unsigned threads, struct verifier **out);
/* Waits for the hashes that are being computed. */
void verifier_free(struct verifier **v);

/* Readable when results of the threads wait. */
int verifier_fd(const struct verifier *v);

/* Takes a copy. Its result comes from verifier_next; ask at once, and again when verifier_fd is
 * readable. */
void verifier_submit(struct verifier *v, const struct handoff_request *r, uint64_t now_ms);

/* Whoever submitted until now is gone: the results of that are learned from, but not given out.
 * The next one numbers its requests anew, and must not be told the verdict of another's. */
void verifier_forget(struct verifier *v);

/* Starts what has waited long enough; returns milliseconds until it wants to be called again,
 * or -1. */
int verifier_turn(struct verifier *v, uint64_t now_ms);

/* The next result; false when there is none. */
bool verifier_next(struct verifier *v, uint64_t now_ms, struct verify_result *out);

#endif
