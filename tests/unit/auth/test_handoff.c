/* Every message survives encoding; every cut, overlong or lying one is refused. */
#include "../test.h"

#include "auth/handoff.h"
#include "base/ipc.h"

static struct buf out;

/* Feed `decode` every proper prefix and one octet more than the whole. */
#define REFUSES_ALL_CUTS(decode, type)                                                             \
    do {                                                                                           \
        type got_;                                                                                 \
        for (size_t n_ = 0; n_ < out.n; n_++)                                                      \
            assert_int_equal(decode(slice_sub(buf_slice(&out), 0, n_), &got_), ERR_SYNTAX);        \
        buf_add_char(&out, 'x');                                                                   \
        assert_int_equal(decode(buf_slice(&out), &got_), ERR_SYNTAX);                              \
        buf_clear(&out);                                                                           \
    } while (0)

static void test_request(void **state)
{
    struct handoff_request m = {.id = 0x1122334455667788,
                                .mechanism = HANDOFF_PLAIN,
                                .tls = true,
                                .user = SLICE("anna"),
                                .secret = SLICE("\0anna\0pa ss"),
                                .peer = SLICE("2001:db8::1")};
    struct handoff_request got;

    (void)state;
    handoff_request_encode(&out, &m);
    assert_int_equal(handoff_request_decode(buf_slice(&out), &got), ERR_OK);
    assert_true(got.id == m.id && got.tls && got.mechanism == HANDOFF_PLAIN);
    assert_slice(got.user, m.user);
    assert_slice(got.secret, m.secret);
    assert_slice(got.peer, m.peer);
    REFUSES_ALL_CUTS(handoff_request_decode, struct handoff_request);

    m.mechanism = (enum handoff_mechanism)9;
    handoff_request_encode(&out, &m);
    assert_int_equal(handoff_request_decode(buf_slice(&out), &got), ERR_SYNTAX);
    buf_clear(&out);
}

static void test_verdict(void **state)
{
    struct handoff_verdict m = {.id = 5, .result = ERR_AUTHFAILED, .nonce = {1, 2, 3}};
    struct handoff_verdict got;

    (void)state;
    handoff_verdict_encode(&out, &m);
    assert_int_equal(handoff_verdict_decode(buf_slice(&out), &got), ERR_OK);
    assert_int_equal(got.result, ERR_AUTHFAILED);
    assert_memory_equal(got.nonce, m.nonce, sizeof(m.nonce));
    REFUSES_ALL_CUTS(handoff_verdict_decode, struct handoff_verdict);

    m.result = ERR_COUNT;
    handoff_verdict_encode(&out, &m);
    assert_int_equal(handoff_verdict_decode(buf_slice(&out), &got), ERR_SYNTAX);
    buf_clear(&out);
}

static void test_ticket(void **state)
{
    struct handoff_ticket m = {.nonce = {9}, .seconds = 30, .account = SLICE("anna")};
    struct handoff_ticket got;

    (void)state;
    handoff_ticket_encode(&out, &m);
    assert_int_equal(handoff_ticket_decode(buf_slice(&out), &got), ERR_OK);
    assert_int_equal(got.seconds, 30);
    assert_slice(got.account, m.account);
    REFUSES_ALL_CUTS(handoff_ticket_decode, struct handoff_ticket);

    m.account = SLICE("");
    handoff_ticket_encode(&out, &m);
    assert_int_equal(handoff_ticket_decode(buf_slice(&out), &got), ERR_SYNTAX);
    buf_clear(&out);
}

static void test_session(void **state)
{
    static char big[HANDOFF_INPUT_OCTETS_MAX + 1];
    struct handoff_session m = {.nonce = {9},
                                .flags = HANDOFF_TLS | HANDOFF_LOOPBACK,
                                .place = 77,
                                .tag = SLICE("a1"),
                                .peer = SLICE("127.0.0.1"),
                                .client_id = SLICE(""),
                                .input = SLICE("a2 SELECT INBOX\r\n")};
    struct handoff_session got;

    (void)state;
    handoff_session_encode(&out, &m);
    assert_int_equal(handoff_session_decode(buf_slice(&out), &got), ERR_OK);
    assert_slice(got.tag, m.tag);
    assert_slice(got.input, m.input);
    assert_int_equal(got.flags, m.flags);
    assert_int_equal(got.place, 77);
    REFUSES_ALL_CUTS(handoff_session_decode, struct handoff_session);

    /* the largest fits one message; one octet more is refused */
    m.input = slice_of(big, HANDOFF_INPUT_OCTETS_MAX);
    m.tag = slice_of(big, HANDOFF_TAG_OCTETS_MAX);
    m.client_id = slice_of(big, HANDOFF_CLIENT_ID_OCTETS_MAX);
    handoff_session_encode(&out, &m);
    assert_false(out.overflowed);
    assert_int_equal(handoff_session_decode(buf_slice(&out), &got), ERR_OK);
    buf_clear(&out);
    m.input.n++;
    handoff_session_encode(&out, &m);
    assert_int_equal(handoff_session_decode(buf_slice(&out), &got), ERR_SYNTAX);
    buf_clear(&out);
    m.input = SLICE("");
    m.flags = 4;
    handoff_session_encode(&out, &m);
    assert_int_equal(handoff_session_decode(buf_slice(&out), &got), ERR_SYNTAX);
    buf_clear(&out);
}

static void test_return(void **state)
{
    static char big[HANDOFF_INPUT_OCTETS_MAX + 1];
    struct handoff_return m = {.place = 0x01020304, .input = SLICE("a9 LOGIN anna secret\r\n")};
    struct handoff_return got;

    (void)state;
    handoff_return_encode(&out, &m);
    assert_int_equal(handoff_return_decode(buf_slice(&out), &got), ERR_OK);
    assert_int_equal(got.place, 0x01020304);
    assert_slice(got.input, m.input);
    REFUSES_ALL_CUTS(handoff_return_decode, struct handoff_return);

    m.input = slice_of(big, HANDOFF_INPUT_OCTETS_MAX);
    handoff_return_encode(&out, &m);
    assert_false(out.overflowed);
    assert_int_equal(handoff_return_decode(buf_slice(&out), &got), ERR_OK);
    buf_clear(&out);
    m.input.n++;
    handoff_return_encode(&out, &m);
    assert_int_equal(handoff_return_decode(buf_slice(&out), &got), ERR_SYNTAX);
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request), cmocka_unit_test(test_verdict),
        cmocka_unit_test(test_ticket),  cmocka_unit_test(test_session),
        cmocka_unit_test(test_return),
    };

    buf_init(&out, IPC_PAYLOAD_OCTETS_MAX);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_release(&out);
    return failed;
}
