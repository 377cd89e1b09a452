/* Messages over a socket pair: whole or refused, and no descriptor lost. */
#include "../test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ipc.h"
#include "base/mem.h"

static char scratch[IPC_MESSAGE_OCTETS_MAX];

static int open_fds(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");

    assert_non_null(d);
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static void test_round_trip(void **state)
{
    int pair[2], pipe_fd[2];
    struct ipc_message m;
    char octet = 0;

    (void)state;
    assert_int_equal(ipc_pair(pair, true), ERR_OK);
    assert_int_equal(pipe(pipe_fd), 0);
    assert_int_equal(ipc_receive(pair[1], scratch, &m), ERR_MORE);
    assert_int_equal(ipc_send(pair[0], 0x1234, SLICE("hello"), pipe_fd, 2), ERR_OK);
    assert_int_equal(ipc_send(pair[0], 7, SLICE(""), NULL, 0), ERR_OK);

    assert_int_equal(ipc_receive(pair[1], scratch, &m), ERR_OK);
    assert_int_equal(m.type, 0x1234);
    assert_slice(m.payload, SLICE("hello"));
    assert_int_equal(m.n_fds, 2);
    assert_true((fcntl(m.fd[0], F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(write(m.fd[1], "x", 1), 1);
    assert_int_equal(read(pipe_fd[0], &octet, 1), 1);
    assert_int_equal(octet, 'x');
    ipc_message_close_fds(&m);

    assert_int_equal(ipc_receive(pair[1], scratch, &m), ERR_OK);
    assert_int_equal(m.type, 7);
    assert_int_equal(m.payload.n, 0);

    close(pair[0]);
    assert_int_equal(ipc_receive(pair[1], scratch, &m), ERR_UNAVAILABLE);
    assert_int_equal(ipc_send(pair[1], 1, SLICE("x"), NULL, 0), ERR_UNAVAILABLE);
    close(pair[1]);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
}

static void test_largest_and_beyond(void **state)
{
    int pair[2];
    struct ipc_message m;
    scoped_free char *big = mem_calloc(1, IPC_PAYLOAD_OCTETS_MAX + 1);

    (void)state;
    assert_int_equal(ipc_pair(pair, true), ERR_OK);
    assert_int_equal(ipc_send(pair[0], 1, slice_of(big, IPC_PAYLOAD_OCTETS_MAX + 1), NULL, 0),
                     ERR_LIMIT);
    assert_int_equal(ipc_send(pair[0], 1, slice_of(big, IPC_PAYLOAD_OCTETS_MAX), NULL, 0), ERR_OK);
    assert_int_equal(ipc_receive(pair[1], scratch, &m), ERR_OK);
    assert_int_equal(m.payload.n, IPC_PAYLOAD_OCTETS_MAX);

    enum err e = ERR_OK;
    for (int i = 0; i < 100 && e == ERR_OK; i++)
        e = ipc_send(pair[0], 1, slice_of(big, IPC_PAYLOAD_OCTETS_MAX), NULL, 0);
    assert_int_equal(e, ERR_MORE);
    close(pair[0]);
    close(pair[1]);
}

/* What a compromised peer could write: raw octets with descriptors. */
static void send_raw(int fd, const void *p, size_t n, int passed, int copies)
{
    struct iovec iov = {(void *)p, n};
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int) * 64)];
    } control = {0};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.space,
                         .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)copies)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)copies);
    for (int i = 0; i < copies; i++)
        memcpy(CMSG_DATA(c) + sizeof(int) * (size_t)i, &passed, sizeof(int));
    assert_int_equal(sendmsg(fd, &msg, 0), (ssize_t)n);
}

static void test_malformed(void **state)
{
    static char too_long[IPC_MESSAGE_OCTETS_MAX + 1];
    static const struct {
        const char *octets;
        size_t n;
        int fds;
    } cases[] = {
        {"\1", 1, 1},                              /* shorter than a header */
        {"\1\0\1\0\0\0", 6, 3},                    /* claims one octet, has none */
        {"\1\0\1\0\0\0ab", 8, 1},                  /* claims one octet, has two */
        {"\1\0\377\377\377\377a", 7, 1},           /* claims 4 GiB */
        {too_long, IPC_MESSAGE_OCTETS_MAX + 1, 1}, /* longer than the scratch */
        {"\1\0\0\0\0\0", 6, IPC_FDS_MAX + 4},      /* more descriptors than allowed */
    };
    int pair[2];
    struct ipc_message m = {.type = 99};

    (void)state;
    assert_int_equal(ipc_pair(pair, true), ERR_OK);
    int before = open_fds();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        send_raw(pair[0], cases[i].octets, cases[i].n, pair[0], cases[i].fds);
        assert_int_equal(ipc_receive(pair[1], scratch, &m), ERR_SYNTAX);
        assert_int_equal(m.type, 99);
        assert_int_equal(open_fds(), before);
    }
    assert_int_equal(ipc_send(pair[0], 5, SLICE("ok"), NULL, 0), ERR_OK);
    assert_int_equal(ipc_receive(pair[1], scratch, &m), ERR_OK);
    assert_int_equal(m.type, 5);
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_largest_and_beyond),
        cmocka_unit_test(test_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
