/* auth/handoff.h -- what gate, auth and store say to each other at a login.
 *
 *     gate --- request ----------> auth           name and password, once
 *              auth --- ticket ------------> store   nonce + account, BEFORE the next line
 *     gate <-- verdict ----------- auth           ok + nonce, or why not
 *     gate --- handoff + descriptor -------> store   nonce + connection
 *
 * Why so: only auth names an account to the store. A gate in a stranger's hands can present
 * nonces, but a nonce exists only where auth has seen the right password, works once and dies
 * within HANDOFF_TICKET_SECONDS.
 *
 * Because ticket and handoff come over different sockets, the store that does not know a nonce
 * first drains its link to auth: the ticket was sent before the gate could know the nonce.
 *
 * After the handoff the gate sends nothing more: the store answers the login command itself,
 * `TAG OK [CAPABILITY ...] Logged in`, or NO and BYE when it cannot open the account.
 *
 *     store --- return + descriptor -----> gate       UNAUTHENTICATE (RFC 8437): the same
 * connection, and what was read behind the command store --- gone --------------------> gate a
 * session that was handed over has ended
 *
 * Exactly one of the two for each handoff of a plaintext connection; gone is not said of TLS, whose
 * end the gate sees. `place` is the gate's name for what it gave. It trusts none of that: only the
 * very socket that was given under a place is taken back.
 *
 * All messages travel by base/ipc.h; `type` is one of enum handoff_type. Encoders append a
 * payload to `out`; if it overflows (IPC_PAYLOAD_OCTETS_MAX) the message must not be sent.
 * Decoders borrow from `in` and return ERR_SYNTAX, *out untouched, for anything else than an
 * exact encoding within the maxima below.
 */
#ifndef ROOST_AUTH_HANDOFF_H
#define ROOST_AUTH_HANDOFF_H

#include "base/buf.h"
#include "base/err.h"

enum handoff_type {
    HANDOFF_REQUEST = 1, /* gate -> auth */
    HANDOFF_VERDICT = 2, /* auth -> gate */
    HANDOFF_TICKET = 3,  /* auth -> store */
    HANDOFF_SESSION = 4, /* gate -> store, with one descriptor */
    HANDOFF_RETURN = 5,  /* store -> gate, with that descriptor */
    HANDOFF_GONE = 6,    /* store -> gate; the same payload, without input */
    HANDOFF_LOAD = 7,    /* store -> gate; "1": it has more to do than it can, "0": no more */
};

enum {
    HANDOFF_NONCE_OCTETS = 16,
    HANDOFF_TICKET_SECONDS = 30,
    HANDOFF_NAME_OCTETS_MAX = 255,      /* user or account name */
    HANDOFF_PASSWORD_OCTETS_MAX = 4096, /* password, or a whole SASL response */
    HANDOFF_PEER_OCTETS_MAX = 64,       /* textual address, without port */
    HANDOFF_TAG_OCTETS_MAX = 1024,
    HANDOFF_CLIENT_ID_OCTETS_MAX = 1024, /* "name version", as far as ID told */
    HANDOFF_INPUT_OCTETS_MAX = 32768,
};

enum handoff_mechanism {
    HANDOFF_LOGIN = 1, /* LOGIN, or SASL LOGIN: user and secret (the password) */
    HANDOFF_PLAIN = 2, /* SASL PLAIN (RFC 4616): secret is the decoded response, user is empty */
};

struct handoff_request {
    uint64_t id; /* the gate's, returned in the verdict; says nothing to auth */
    enum handoff_mechanism mechanism;
    bool tls;
    struct slice user, secret;
    struct slice peer;
};
void handoff_request_encode(struct buf *out, const struct handoff_request *m);
must_use enum err handoff_request_decode(struct slice in, struct handoff_request *out);

struct handoff_verdict {
    uint64_t id;
    enum err
        result; /* ERR_OK, AUTHFAILED, UNAVAILABLE, SYNTAX (bad SASL response), LIMIT, NOPERM */
    uint8_t nonce[HANDOFF_NONCE_OCTETS]; /* zeros unless ERR_OK */
};
void handoff_verdict_encode(struct buf *out, const struct handoff_verdict *m);
must_use enum err handoff_verdict_decode(struct slice in, struct handoff_verdict *out);

struct handoff_ticket {
    uint8_t nonce[HANDOFF_NONCE_OCTETS];
    uint32_t seconds;     /* to live, counted from receipt */
    struct slice account; /* folded: the name of the account directory, fit for account_open */
};
void handoff_ticket_encode(struct buf *out, const struct handoff_ticket *m);
must_use enum err handoff_ticket_decode(struct slice in, struct handoff_ticket *out);

enum handoff_flag {
    HANDOFF_TLS = 1,      /* the client's side is TLS (the descriptor is a relay's socket pair) */
    HANDOFF_LOOPBACK = 2, /* the client is on this machine */
};

struct handoff_session {
    uint8_t nonce[HANDOFF_NONCE_OCTETS];
    uint32_t flags;         /* enum handoff_flag */
    uint32_t place;         /* the gate's, for return and gone; says nothing to the store */
    struct slice tag;       /* of the LOGIN or AUTHENTICATE command, to be answered by the store */
    struct slice peer;      /* textual address, for the log */
    struct slice client_id; /* what ID said before login, printable; empty if nothing */
    struct slice input;     /* what the client sent behind the login command, unread */
};
void handoff_session_encode(struct buf *out, const struct handoff_session *m);
must_use enum err handoff_session_decode(struct slice in, struct handoff_session *out);

struct handoff_return {
    uint32_t place;
    struct slice input; /* unread, in front of what is in the socket */
};
void handoff_return_encode(struct buf *out, const struct handoff_return *m);
must_use enum err handoff_return_decode(struct slice in, struct handoff_return *out);

#endif
