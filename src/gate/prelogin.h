/* gate/prelogin.h -- the conversation with a stranger, before login, as a pure state machine.
 *
 * Octets in, octets out, and an action for whoever holds the socket. It knows no socket, no TLS
 * library and no password database, so tests and the fuzzer drive it with arrays.
 *
 * Source: RFC 9051 sections 3.1, 6.1, 6.2 and 7.1.5; RFC 4959 (SASL-IR), RFC 2971 (ID),
 * RFC 5530 (PRIVACYREQUIRED, AUTHENTICATIONFAILED, UNAVAILABLE), RFC 7888 (LITERAL-).
 *
 * Bounds (a stranger gets the smaller ones): a command is at most PRELOGIN_COMMAND_OCTETS_MAX,
 * literals included; PRELOGIN_BAD_MAX commands that are BAD and PRELOGIN_FAILURES_MAX failed
 * logins end the connection. Nothing is kept of a command but the tag, and of ID a short text.
 *
 *      greet
 *        |     .------------- other commands, answered at once
 *        v     v             |
 *      COMMAND --------------+
 *        |  ^   \-- AUTHENTICATE without initial response --> SASL --.
 *        |  |                  cancelled or malformed: BAD <---------+
 *        |  +-- prelogin_fail --- LOGIN_PENDING <--- credentials ----'
 *        |                          |
 *        |                          +--> handed over: prelogin_release
 *        +--> STARTTLS: prelogin_tls_done
 *        `--> CLOSE
 */
#ifndef ROOST_GATE_PRELOGIN_H
#define ROOST_GATE_PRELOGIN_H

#include "auth/handoff.h"
#include "base/arena.h"
#include "base/buf.h"
#include "wire/frame.h"

enum {
    PRELOGIN_COMMAND_OCTETS_MAX = 8192,
    PRELOGIN_IN_OCTETS_MAX = 16384,  /* of the input buffer that the caller keeps */
    PRELOGIN_OUT_OCTETS_MAX = 16384, /* of the output buffer: far more than all answers to that */
    PRELOGIN_BAD_MAX = 10,
    PRELOGIN_FAILURES_MAX = 5,
};

enum prelogin_action {
    PRELOGIN_MORE,     /* flush `out`, read more, call again */
    PRELOGIN_STARTTLS, /* flush `out`, then negotiate; `in` is empty */
    PRELOGIN_LOGIN,    /* ask auth: prelogin_request; then prelogin_fail or hand over */
    PRELOGIN_CLOSE,    /* flush `out`, close */
};

enum prelogin_sasl { SASL_NONE, SASL_PLAIN, SASL_LOGIN_USER, SASL_LOGIN_PASSWORD };

struct prelogin {
    struct frame frame;
    bool tls;               /* the connection is encrypted */
    bool loopback;          /* passwords may travel in clear */
    bool starttls_possible; /* a certificate is there */
    bool draining;          /* the rest of a refused command is being dropped */
    bool pending;           /* between PRELOGIN_LOGIN and its outcome */
    bool closed;
    bool busy; /* the server is; set by the caller. Background work is then sent away by ID */
    enum prelogin_sasl sasl;
    unsigned bad, failures;
    enum handoff_mechanism mechanism; /* of the pending login */
    struct buf tag;                   /* of the command under way */
    struct buf user, secret;          /* of the pending login; wiped when it is over */
    struct buf client_id;             /* what ID said, made printable */
};

void prelogin_init(struct prelogin *p, bool tls, bool loopback, bool starttls_possible);
void prelogin_release(struct prelogin *p);

/* The greeting. */
void prelogin_greet(struct prelogin *p, struct buf *out);

/* Take complete commands from the front of `in`, answer into `out`, until there is something to
 * do or nothing complete left, or `out` holds half its maximum (call again when it is flushed). */
enum prelogin_action prelogin_step(struct prelogin *p, struct buf *in, struct buf *out);

/* The pending login as a message for auth; borrows from `p`. `id` and `peer` are the caller's. */
struct handoff_request prelogin_request(const struct prelogin *p, uint64_t id, struct slice peer);

/* The pending login did not succeed: tagged answer of the error table. Returns PRELOGIN_CLOSE
 * (BYE is in `out`) after too many, else PRELOGIN_MORE: go on with prelogin_step. Credentials
 * are wiped. */
enum prelogin_action prelogin_fail(struct prelogin *p, enum err why, struct buf *out);

/* TLS is there now: what was said in clear is forgotten (RFC 9051 section 6.2.1). */
void prelogin_tls_done(struct prelogin *p);

/* "* BYE" and a sentence; the connection is over. */
void prelogin_bye(struct prelogin *p, const char *why, struct buf *out);

#endif
