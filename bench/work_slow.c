/* bench/work_slow.c -- fifty clients, an account each, fetch all bodies of INBOX and take them at
 * 16 KiB every 20 ms, as over a slow line. What one costs: the largest PSS of all processes within
 * some seconds, less the PSS before they logged in.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "drive.h"

enum { PIECE_OCTETS = 16 * 1024, PAUSE_US = 20 * 1000, PIECES = 400, SETTLE_S = 3 };

static struct worker reader(const struct drive *d, const struct workload *workload, unsigned n)
{
    const int window = 4 * PIECE_OCTETS; /* what is not read stays with the server */
    struct worker w = {.drive = d, .workload = workload, .number = n};

    w.client = worker_login(&w);
    (void)setsockopt(client_fd(w.client), SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
    worker_command(&w, "SELECT INBOX");
    client_begin(w.client, "FETCH 1:* BODY.PEEK[]");
    drive_must(client_end(w.client), "FETCH");
    drive_must(client_flush(w.client), "FETCH");
    return w;
}

static void read_piece(const struct worker *w)
{
    static char piece[PIECE_OCTETS];

    if (recv(client_fd(w->client), piece, sizeof(piece), MSG_DONTWAIT) == 0)
        drive_die("the server has closed the connection");
}

/* The largest PSS seen on the way. */
static uint64_t read_slowly(const struct drive *d, const struct worker *w, unsigned n)
{
    uint64_t most = 0;

    for (unsigned i = 0; i < PIECES; i++) {
        uint64_t now = i % 16 == 0 ? process_pss(d->process) : 0;

        most = now > most ? now : most;
        for (unsigned r = 0; r < n; r++)
            read_piece(&w[r]);
        usleep(PAUSE_US);
    }
    return most;
}

void drive_slow(const struct drive *d, const struct workload *workload)
{
    unsigned n = workload->connections;
    struct worker *w = mem_calloc(n, sizeof(*w));
    uint64_t before, most;

    w[0] = reader(d, workload, 0); /* what the first session brings is nobody's */
    client_close(&w[0].client);
    sleep(SETTLE_S);
    before = process_pss(d->process);
    for (unsigned i = 0; i < n; i++)
        w[i] = reader(d, workload, i);
    most = read_slowly(d, w, n);
    for (unsigned i = 0; i < n; i++)
        client_close(&w[i].client);
    free(w);
    report_memory(workload, n, most > before ? (most - before) / n : 0, most);
}
