/* bench/work_slow.c -- one message of 25 MB to a client that reads 16 KiB every 2 ms: the largest
 * PSS of all processes while it reads, less the PSS before.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "drive.h"

enum { PIECE_OCTETS = 16 * 1024, PAUSE_US = 2000, PIECES_A_LOOK = 16 };

/* The largest PSS seen on the way. */
static uint64_t read_slowly(const struct drive *d, int fd)
{
    static char piece[PIECE_OCTETS];
    uint64_t got = 0, most = 0;

    for (unsigned i = 0; got < DRIVE_LARGE_OCTETS; i++) {
        ssize_t n = recv(fd, piece, sizeof(piece), MSG_DONTWAIT);

        got += n > 0 ? (uint64_t)n : 0;
        if (n == 0)
            drive_die("the server has closed the connection");
        if (i % PIECES_A_LOOK == 0) {
            uint64_t now = process_pss(d->process);

            most = now > most ? now : most;
        }
        usleep(PAUSE_US);
    }
    return most;
}

void drive_slow(const struct drive *d, const struct workload *workload)
{
    struct worker w = {.drive = d, .workload = workload};
    uint64_t before, most;

    w.client = worker_login(&w);
    drive_prepare_body_large(&w);
    before = process_pss(d->process);
    client_begin(w.client, "FETCH 1 BODY.PEEK[]");
    drive_must(client_end(w.client), "FETCH");
    drive_must(client_flush(w.client), "FETCH");
    most = read_slowly(d, client_fd(w.client));
    client_close(&w.client);
    report_memory(workload, 1, most > before ? most - before : 0, most);
}
