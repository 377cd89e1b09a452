/* The control channel: what the supervisor encodes a process understands, and nothing else. */
#include "../test.h"

#include <unistd.h>

#include "base/mem.h"
#include "server/links.h"

static int pair[2];
static char scratch[IPC_MESSAGE_OCTETS_MAX];
static struct buf out;

static enum err pass(enum link_type type, const int *fds, size_t n_fds, struct link_message *got)
{
    assert_int_equal(ipc_send(pair[0], (uint16_t)type, buf_slice(&out), fds, n_fds), ERR_OK);
    buf_clear(&out);
    return link_receive(pair[1], scratch, got);
}

static void test_config(void **state)
{
    struct role_config c = {.data = "/var/lib/roost",
                            .hostname = "mail.example.org",
                            .uid = 61301,
                            .imap = {.append_octets_max = 1ULL << 40},
                            .max_connections = 10000,
                            .demo = true};
    struct role_config got = {0};

    (void)state;
    link_config_encode(&out, &c);
    assert_int_equal(ipc_send(pair[0], LINK_CONFIG, buf_slice(&out), NULL, 0), ERR_OK);
    assert_int_equal(link_wait_config(pair[1], &got), ERR_OK);
    assert_string_equal(got.data, c.data);
    assert_string_equal(got.hostname, c.hostname);
    assert_true(got.imap.append_octets_max == 1ULL << 40 && got.demo && got.uid == 61301);

    struct link_message m;
    for (size_t n = 0; n < out.n; n++) {
        struct slice cut = slice_sub(buf_slice(&out), 0, n);
        assert_int_equal(ipc_send(pair[0], LINK_CONFIG, cut, NULL, 0), ERR_OK);
        assert_int_equal(link_receive(pair[1], scratch, &m), ERR_SYNTAX);
    }
    buf_clear(&out);
}

static void test_peer_and_listen(void **state)
{
    struct link_message m;
    enum listen_kind kinds[2] = {LISTEN_IMAP, LISTEN_IMAPS};
    int fds[2] = {0, 1};

    (void)state;
    link_peer_encode(&out, ROLE_AUTH);
    assert_int_equal(pass(LINK_PEER, fds, 1, &m), ERR_OK);
    assert_int_equal(m.peer, ROLE_AUTH);
    fd_close_at(&m.fd[0]);
    link_peer_encode(&out, ROLE_AUTH);
    assert_int_equal(pass(LINK_PEER, NULL, 0, &m), ERR_SYNTAX);

    link_listen_encode(&out, kinds, 2);
    assert_int_equal(pass(LINK_LISTEN, fds, 2, &m), ERR_OK);
    assert_int_equal(m.n_fds, 2);
    assert_int_equal(m.kind[1], LISTEN_IMAPS);
    fd_close_at(&m.fd[0]);
    fd_close_at(&m.fd[1]);
    link_listen_encode(&out, kinds, 1);
    assert_int_equal(pass(LINK_LISTEN, fds, 2, &m), ERR_SYNTAX);
}

static void test_keys_stop_and_rubbish(void **state)
{
    struct link_message m;
    int fd = 0;

    (void)state;
    link_keys_encode(&out, SLICE("CHAIN"), SLICE("KEY"));
    assert_int_equal(pass(LINK_KEYS, NULL, 0, &m), ERR_OK);
    assert_slice(m.chain, SLICE("CHAIN"));
    assert_slice(m.key, SLICE("KEY"));
    assert_int_equal(pass(LINK_STOP, NULL, 0, &m), ERR_OK);
    assert_int_equal(m.type, LINK_STOP);
    assert_int_equal(pass(LINK_STOP, &fd, 1, &m), ERR_SYNTAX);
    assert_int_equal(pass((enum link_type)99, NULL, 0, &m), ERR_SYNTAX);
    link_ready(pair[0]);
    assert_int_equal(link_receive(pair[1], scratch, &m), ERR_OK);
    assert_int_equal(m.type, LINK_READY);
    assert_int_equal(link_receive(pair[1], scratch, &m), ERR_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config),
        cmocka_unit_test(test_peer_and_listen),
        cmocka_unit_test(test_keys_stop_and_rubbish),
    };

    if (ipc_pair(pair, true) != ERR_OK)
        return 1;
    buf_init(&out, IPC_PAYLOAD_OCTETS_MAX);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_release(&out);
    close(pair[0]);
    close(pair[1]);
    return failed;
}
