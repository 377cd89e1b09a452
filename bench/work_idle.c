/* bench/work_idle.c -- sessions that do nothing.
 *
 * `idle`: what one costs that has selected INBOX and waits in IDLE, one an account: PSS of all
 * processes a few seconds after the last command, less the PSS before. `sit`: company for those
 * that another `drive` measures.
 */
#include <unistd.h>

#include "base/mem.h"
#include "drive.h"

enum { SETTLE_S = 3, SITTING_ACCOUNTS = 50 };

static struct client *open_one(const struct drive *d, const struct workload *x, unsigned number)
{
    char account[16];
    struct client *c;

    snprintf(account, sizeof(account), "%u", number);
    c = drive_login(d, account, x->security);
    if (x->needs != NULL) {
        drive_must(client_command(c, SLICE("COMPRESS DEFLATE"), NULL, NULL), "COMPRESS");
        drive_must(client_compress(c), "COMPRESS");
    }
    drive_begin_idle(c);
    return c;
}

void drive_idle(const struct drive *d, const struct workload *workload)
{
    unsigned n = d->connections > 0 ? d->connections : workload->connections;
    struct client **c = mem_calloc(n, sizeof(struct client *));
    uint64_t before, after;

    c[0] = open_one(d, workload, 0); /* what the first session brings is nobody's */
    client_close(&c[0]);
    sleep(SETTLE_S);
    before = process_pss(d->process);
    for (unsigned i = 0; i < n; i++)
        c[i] = open_one(d, workload, i);
    sleep(SETTLE_S);
    after = process_pss(d->process);
    report_memory(workload, n, after > before ? (after - before) / n : 0, after);
    for (unsigned i = 0; i < n; i++)
        client_close(&c[i]);
    free(c);
}

void drive_sit(const struct drive *d, const struct workload *workload)
{
    unsigned n = d->connections > 0 ? d->connections : workload->connections;
    struct client **c = mem_calloc(n, sizeof(struct client *));

    for (unsigned i = 0; i < n; i++) {
        char account[16];

        snprintf(account, sizeof(account), "%u", i % SITTING_ACCOUNTS);
        c[i] = drive_login(d, account, CLIENT_PLAIN);
        drive_must(client_select(c[i], SLICE("INBOX"), NULL), "SELECT");
    }
    report_memory(workload, n, 0, process_pss(d->process)); /* all sit */
    while (getchar() != EOF)
        ;
    for (unsigned i = 0; i < n; i++)
        client_close(&c[i]);
    free(c);
}
