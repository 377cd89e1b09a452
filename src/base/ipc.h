/* base/ipc.h -- one message between two of our processes, with descriptors beside it.
 *
 * Over a SOCK_SEQPACKET socket pair: the kernel keeps message borders, so a message is whole or
 * absent. On the wire a message is
 *
 *     u16 type | u32 length of payload | payload          (integers little-endian)
 *
 * The peer may be compromised: nothing it sends is trusted. A message that is too long, too
 * short, or lies about its length is ERR_SYNTAX, and the descriptors that came with it are closed.
 */
#ifndef ROOST_BASE_IPC_H
#define ROOST_BASE_IPC_H

#include "base/err.h"

enum {
    IPC_PAYLOAD_OCTETS_MAX = 65536,
    IPC_HEADER_OCTETS = 6,
    IPC_MESSAGE_OCTETS_MAX = IPC_HEADER_OCTETS + IPC_PAYLOAD_OCTETS_MAX,
    IPC_FDS_MAX = 16,
};

struct ipc_message {
    uint16_t type;
    struct slice payload; /* borrows from the scratch given to ipc_receive */
    int fd[IPC_FDS_MAX];  /* close-on-exec; the caller's to close, or to take and set to -1 */
    size_t n_fds;
};

/* A connected pair, both ends close-on-exec and, if asked, nonblocking; buffers large enough
 * for several messages of the largest size. ERR_IO. */
must_use enum err ipc_pair(int out[2], bool nonblocking);

/* Send one message with a copy of n_fds descriptors (the caller keeps its own). Never a part.
 * ERR_MORE         the socket is nonblocking and full: try again when it is writable
 * ERR_UNAVAILABLE  the peer is gone
 * ERR_LIMIT        payload or n_fds above the maximum
 * ERR_IO           anything else */
must_use enum err ipc_send(int fd, uint16_t type, struct slice payload, const int *fds,
                           size_t n_fds);

/* Receive one message into `scratch` (IPC_MESSAGE_OCTETS_MAX octets).
 * ERR_MORE         the socket is nonblocking and nothing waits
 * ERR_UNAVAILABLE  the peer is gone and everything it sent was received
 * ERR_SYNTAX       a malformed message was dropped; the next call goes on behind it
 * ERR_IO           anything else */
must_use enum err ipc_receive(int fd, char *scratch, struct ipc_message *out);

/* Closes the descriptors that nobody took. */
void ipc_message_close_fds(struct ipc_message *m);

#endif
