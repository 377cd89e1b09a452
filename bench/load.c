/* bench/load.c -- `drive --user PREFIX --corpus real|small --count N [--account NAME]
 * [--mailbox NAME] load`: the corpus into a mailbox, by APPEND, on any server.
 *
 * The account is PREFIXreal or PREFIXsmall unless named. Messages that are there (EXISTS) are left
 * out, so an interrupted load goes on. Where the server has MULTIAPPEND (RFC 3502) a command
 * carries many messages, where it has LITERAL+ (RFC 7888) several commands are under way. In the
 * line of JSON an operation is a message; p50 and p99 are of commands.
 */
#include "corpus.h"
#include "drive.h"

enum {
    BATCH_MESSAGES_MAX = 100,
    BATCH_OCTETS_MAX = 4 << 20,
    UNDER_WAY = 4,
};

struct load {
    struct client *client;
    struct corpus *corpus;
    struct slice mailbox;
    struct buf message;
    uint32_t next, count;
    bool multiappend, literal_plus;
    double began[UNDER_WAY]; /* of the commands under way, in a ring */
    unsigned begun, answered;
    struct latency latency;
    uint64_t octets;
};

/* ---- one command ----------------------------------------------------------------------------- */

static void settle(struct load *l, unsigned most)
{
    while (l->begun - l->answered > most) {
        struct client_response r;

        drive_must(client_read(l->client, &r), "APPEND");
        if (r.kind != CLIENT_TAGGED)
            continue;
        if (client_result(&r) != ERR_OK)
            drive_die("APPEND: %.*s", SLICE_ARG(r.text));
        latency_add(&l->latency, drive_now() - l->began[l->answered++ % UNDER_WAY]);
    }
}

/* Without LITERAL+ the server asks for the octets. */
static void wait_to_send(struct load *l)
{
    struct client_response r;

    do
        drive_must(client_read(l->client, &r), "APPEND");
    while (r.kind == CLIENT_UNTAGGED);
    if (r.kind != CLIENT_CONTINUE)
        drive_die("APPEND: %.*s", SLICE_ARG(r.text));
}

static void add_message(struct load *l, bool first)
{
    struct corpus_note note;
    struct client_append a = {.mailbox = l->mailbox, .has_date = true, .waits = !l->literal_plus};

    buf_clear(&l->message);
    corpus_message(l->corpus, l->next, &l->message);
    corpus_note(l->corpus, l->next++, &note);
    a.flags = slice_of_str(note.flags);
    a.date_s = note.date_s;
    a.zone_minutes = note.zone_minutes;
    a.octets = l->message.n;
    l->octets += l->message.n;
    if (first)
        (void)client_append_begin(l->client, &a);
    else
        client_append_next(l->client, &a);
    if (a.waits)
        wait_to_send(l);
    drive_must(client_write(l->client, buf_slice(&l->message)), "APPEND");
}

static void append_batch(struct load *l)
{
    uint64_t from = l->octets;
    unsigned n = 0;

    l->began[l->begun++ % UNDER_WAY] = drive_now();
    do
        add_message(l, n++ == 0);
    while (l->multiappend && l->next < l->count && n < BATCH_MESSAGES_MAX &&
           l->octets - from < BATCH_OCTETS_MAX);
    drive_must(client_end(l->client), "APPEND");
    settle(l, l->literal_plus ? UNDER_WAY - 1 : 0);
}

/* ---- the whole mailbox ----------------------------------------------------------------------- */

static void begin(struct load *l, const struct drive *d)
{
    const char *account = d->account != NULL ? d->account : d->corpus;
    bool real = strcmp(d->corpus, "real") == 0;

    if (!real && strcmp(d->corpus, "small") != 0)
        drive_die("--corpus is \"real\" or \"small\"");
    *l = (struct load){.mailbox = slice_of_str(d->mailbox), .count = d->count};
    l->client = drive_login(d, account, CLIENT_PLAIN);
    l->corpus = corpus_new(real ? CORPUS_REAL : CORPUS_SMALL, d->count);
    buf_init(&l->message, CORPUS_MESSAGE_OCTETS_MAX);
    l->multiappend = client_has(l->client, "MULTIAPPEND");
    l->literal_plus = client_has(l->client, "LITERAL+");
    if (client_select(l->client, l->mailbox, &l->next) != ERR_OK) {
        drive_must(client_create(l->client, l->mailbox), "CREATE");
        drive_must(client_select(l->client, l->mailbox, &l->next), "SELECT");
    }
    /* not watched while it is filled: each session's news of 100,000 messages is work as well */
    drive_must(client_command(l->client, SLICE("UNSELECT"), NULL, NULL), "UNSELECT");
}

void drive_load(const struct drive *d, const struct workload *workload)
{
    struct load l;
    struct report r = {.workload = workload, .latency = &l.latency};
    uint64_t cpu;
    uint32_t from;
    double began;

    begin(&l, d);
    from = l.next;
    cpu = process_cpu_ns(d->process);
    began = drive_now();
    while (l.next < l.count)
        append_batch(&l);
    settle(&l, 0);
    r.operations = l.next - from;
    r.octets = l.octets;
    if (r.operations > 0) /* else it took no time */
        r.rate = (double)r.operations / (drive_now() - began);
    r.cpu_ns = process_cpu_ns(d->process) - cpu;
    r.pss = process_pss(d->process);
    report_print(&r);
    buf_release(&l.message);
    corpus_free(&l.corpus);
    client_close(&l.client);
}
