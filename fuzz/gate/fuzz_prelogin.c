/* fuzz/gate/fuzz_prelogin.c -- the conversation with a stranger, whatever the stranger says.
 *
 * The first octet holds flags (bit 0: TLS, bit 1: loopback, bit 2: a certificate is there; bits 3
 * to 7: octets given per step, 0: all that fits). The rest is what the client sends. Logins are
 * refused each in another way. Promises checked: buffers stay within their maxima; without TLS or
 * loopback nobody is asked for a verdict; nothing is left of the credentials after one; after
 * STARTTLS no input is left; and once closed it stays closed.
 */
#include <stdlib.h>

#include "gate/prelogin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

static const enum err refusals[] = {ERR_UNAVAILABLE, ERR_AUTHFAILED, ERR_SYNTAX, ERR_LIMIT};

struct talk {
    struct prelogin p;
    struct buf in, out;
    unsigned logins;
    bool over;
};

static void refuse_login(struct talk *t)
{
    struct handoff_request r = prelogin_request(&t->p, 1, SLICE("192.0.2.1"));
    struct handoff_request back;
    struct buf message;

    CHECK(t->p.tls || t->p.loopback);
    CHECK(t->p.tag.n > 0);
    buf_init(&message, 65536);
    handoff_request_encode(&message, &r);
    CHECK(!message.overflowed);
    CHECK(handoff_request_decode(buf_slice(&message), &back) == ERR_OK);
    buf_release(&message);
    enum err why = refusals[t->logins++ % (sizeof(refusals) / sizeof(refusals[0]))];
    t->over = prelogin_fail(&t->p, why, &t->out) == PRELOGIN_CLOSE;
    CHECK(t->p.user.n == 0 && t->p.secret.n == 0 && !t->p.pending);
}

/* Steps until more input is needed. */
static void step(struct talk *t)
{
    for (;;) {
        size_t before = t->in.n;
        enum prelogin_action action = prelogin_step(&t->p, &t->in, &t->out);

        CHECK(!t->out.overflowed && t->in.n <= before);
        if (action == PRELOGIN_LOGIN)
            refuse_login(t);
        if (action == PRELOGIN_STARTTLS) {
            CHECK(t->in.n == 0 && !t->p.tls);
            prelogin_tls_done(&t->p);
        }
        t->over |= action == PRELOGIN_CLOSE;
        CHECK(!t->out.overflowed);
        bool full = t->out.n >= PRELOGIN_OUT_OCTETS_MAX / 2;
        buf_clear(&t->out);
        if (t->over || (action == PRELOGIN_MORE && !full))
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct talk t = {0};

    if (size == 0)
        return 0;
    size_t piece = data[0] >> 3;
    struct slice rest = slice_of(data + 1, size - 1);
    prelogin_init(&t.p, (data[0] & 1) != 0, (data[0] & 2) != 0, (data[0] & 4) != 0);
    buf_init(&t.in, PRELOGIN_IN_OCTETS_MAX);
    buf_init(&t.out, PRELOGIN_OUT_OCTETS_MAX);
    prelogin_greet(&t.p, &t.out);
    while (rest.n > 0 && !t.over) {
        size_t room = PRELOGIN_IN_OCTETS_MAX - t.in.n;
        struct slice give = slice_sub(rest, 0, piece > 0 && piece < room ? piece : room);

        CHECK(give.n > 0); /* a full buffer always becomes a decision */
        buf_add_slice(&t.in, give);
        rest = slice_sub(rest, give.n, rest.n);
        step(&t);
    }
    if (t.over && t.p.closed)
        CHECK(prelogin_step(&t.p, &t.in, &t.out) == PRELOGIN_CLOSE);
    prelogin_release(&t.p);
    buf_release(&t.in);
    buf_release(&t.out);
    return 0;
}
