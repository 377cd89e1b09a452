/* bench/work_resync.c -- a client that remembers a large mailbox comes back after 100 changes: 50
 * flags, 25 expunges, 25 new messages (RFC 7162 section 3.2.5).
 */
#include <inttypes.h>

#include "base/mem.h"
#include "drive.h"

enum { FLAGS = 50, MOVED = 25, COMMAND_OCTETS = 200 };

static void command_at(struct worker *w, const char *verb, uint32_t number, const char *rest)
{
    char command[COMMAND_OCTETS];

    snprintf(command, sizeof(command), "%s %u %s", verb, number, rest);
    worker_command(w, command);
}

/* Each change is one command, as a day brings them; the mailbox keeps its size. */
static void change(struct worker *w)
{
    uint32_t step = w->exists / 100;

    if (step == 0)
        drive_die("resync wants a mailbox of at least 100 messages");
    for (uint32_t i = 0; i < FLAGS; i++) {
        command_at(w, "STORE", 1 + i * step, "-FLAGS.SILENT (\\Draft)");
        command_at(w, "STORE", 1 + i * step, "+FLAGS.SILENT (\\Draft)");
    }
    for (uint32_t i = 0; i < MOVED; i++) {
        command_at(w, "COPY", (60 + i) * step, "INBOX");
        command_at(w, "STORE", (60 + i) * step, "+FLAGS.SILENT (\\Deleted)");
    }
    worker_command(w, "EXPUNGE");
}

void drive_resync_prepare(struct worker *w)
{
    char *command = mem_calloc(1, COMMAND_OCTETS);

    worker_command(w, "ENABLE QRESYNC");
    worker_command(w, "SELECT INBOX");
    snprintf(command, COMMAND_OCTETS, "SELECT INBOX (QRESYNC (%" PRIu64 " %" PRIu64 " 1:%u))",
             w->uidvalidity, w->modseq, w->uidnext - 1);
    change(w);
    worker_command(w, "UNSELECT");
    w->own = command;
}

void drive_resync(struct worker *w)
{
    worker_command(w, w->own);
    worker_command(w, "UNSELECT");
}
