/* bench/work_mixed.c -- a day of 25 people with two devices each: many kinds of command at once. */
#include "drive.h"

enum { WEIGHTS = 100 };

/* As much goes as arrives, and what has arrived goes: the mailbox stays as large as it was, of the
 * same mail, on a server that does much of this and on one that does little. */
static const struct {
    unsigned weight; /* all of them are WEIGHTS */
    const char *command;
} day[] = {
    {25, "FETCH @page (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"},
    {25, "FETCH @one BODY.PEEK[]"},
    {10, "STORE @one @signFLAGS (\\Seen)"},
    {10, NULL}, /* APPEND */
    {10, "STORE @last +FLAGS (\\Deleted)"},
    {5, "EXPUNGE"},
    {5, "SEARCH UNSEEN"},
    {4, "STATUS Archive (MESSAGES UNSEEN UIDNEXT)"},
    {3, "SELECT INBOX"},
    {3, "COPY @one Archive"},
};

/* Another device may have expunged what a command names: the answer is NO, the day goes on. What
 * breaks a session ends the run. */
static void command(struct worker *w, const char *template)
{
    enum err e = worker_try_of(w, template);

    if (e == ERR_UNAVAILABLE || e == ERR_MORE || e == ERR_LIMIT || e == ERR_SYNTAX)
        drive_must(e, template);
}

void drive_mixed_prepare(struct worker *w)
{
    worker_create(w, SLICE("Archive"));
    worker_command(w, "SELECT INBOX");
}

void drive_mixed(struct worker *w)
{
    unsigned at = random_below(&w->random, WEIGHTS);
    size_t i = 0;

    while (at >= day[i].weight)
        at -= day[i++].weight;
    if (day[i].command == NULL)
        drive_append(w);
    else
        command(w, day[i].command);
}
