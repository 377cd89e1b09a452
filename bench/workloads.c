/* bench/workloads.c -- the table of workloads, and the operations that are a command or two. */
#include "base/mem.h"
#include "corpus.h"
#include "drive.h"

enum { RANGE = 100, PAGE = 20, APPEND_OCTETS = 4096, COMMAND_OCTETS = 300 };

#define ITEMS_ENVELOPE "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"
#define ITEMS_HEADERS  "(UID BODY.PEEK[HEADER.FIELDS (From To Subject Date Message-ID References)])"

const struct workload workloads[] = {
    {.name = "login", .connections = 8, .operate = drive_login_logout, .logs_in = true},
    {.name = "login-tls",
     .connections = 8,
     .operate = drive_login_logout,
     .logs_in = true,
     .security = CLIENT_TLS},
    {.name = "noop", .connections = 4, .command = "NOOP"},
    {.name = "append", .connections = 20, .operate = drive_append},
    {.name = "append-one", .connections = 20, .account = "0", .operate = drive_append},
    {.name = "select",
     .connections = 4,
     .account = "small",
     .command = "SELECT INBOX",
     .then = "UNSELECT"},
    {.name = "open", .connections = 1, .account = "small", .once = true, .command = "SELECT INBOX"},
    {.name = "fetch-flags",
     .connections = 4,
     .account = "small",
     .command = "FETCH 1:* (UID FLAGS)"},
    {.name = "fetch-envelope",
     .connections = 4,
     .account = "real",
     .command = "FETCH @range " ITEMS_ENVELOPE},
    {.name = "fetch-headers",
     .connections = 4,
     .account = "real",
     .command = "FETCH @range " ITEMS_HEADERS},
    {.name = "fresh-envelope",
     .connections = 1,
     .account = "fresh0",
     .once = true,
     .command = "SELECT INBOX",
     .then = "FETCH 1:* " ITEMS_ENVELOPE},
    {.name = "fresh-headers",
     .connections = 1,
     .account = "fresh1",
     .once = true,
     .command = "SELECT INBOX",
     .then = "FETCH 1:* " ITEMS_HEADERS},
    {.name = "body", .connections = 4, .account = "real", .command = "FETCH @one BODY.PEEK[]"},
    {.name = "body-tls",
     .connections = 4,
     .account = "real",
     .command = "FETCH @one BODY.PEEK[]",
     .security = CLIENT_TLS},
    {.name = "bodies", .connections = 1, .account = "real", .command = "FETCH 1:* BODY.PEEK[]"},
    {.name = "body-large",
     .connections = 1,
     .account = "real",
     .prepare = drive_prepare_body_large,
     .command = "FETCH 1 BODY.PEEK[]"},
    {.name = "store", .connections = 20, .command = "STORE @one @signFLAGS.SILENT (\\Flagged)"},
    {.name = "search-unseen", .connections = 4, .account = "small", .command = "SEARCH UNSEEN"},
    {.name = "search-since",
     .connections = 4,
     .account = "small",
     .command = "SEARCH SINCE 1-Oct-2025"},
    {.name = "search-subject",
     .connections = 4,
     .account = "small",
     .command = "SEARCH SUBJECT " CORPUS_RARE_WORD},
    {.name = "search-body",
     .connections = 4,
     .account = "small",
     .command = "SEARCH BODY " CORPUS_RARE_WORD},
    {.name = "sort-date",
     .connections = 4,
     .account = "small",
     .needs = "SORT",
     .command = "SORT (DATE) US-ASCII ALL"},
    {.name = "thread",
     .connections = 4,
     .account = "small",
     .needs = "THREAD=REFERENCES",
     .command = "THREAD REFERENCES US-ASCII ALL"},
    {.name = "resync",
     .connections = 1,
     .account = "small",
     .needs = "QRESYNC",
     .prepare = drive_resync_prepare,
     .operate = drive_resync},
    {.name = "mixed",
     .connections = 50,
     .per_account = 2,
     .prepare = drive_mixed_prepare,
     .operate = drive_mixed},
    {.name = "load", .run = drive_load},
    {.name = "sit", .connections = 1, .run = drive_sit},
    {.name = "push", .connections = 10, .needs = "IDLE", .run = drive_push},
    {.name = "push-many", .connections = 1000, .needs = "IDLE", .run = drive_push},
    {.name = "slow", .connections = 50, .run = drive_slow},
    {.name = "idle", .connections = 1000, .run = drive_idle},
    {.name = "idle-tls", .connections = 1000, .run = drive_idle, .security = CLIENT_TLS},
    {.name = "idle-compress",
     .connections = 1000,
     .needs = "COMPRESS=DEFLATE",
     .run = drive_idle,
     .security = CLIENT_TLS},
};

const size_t n_workloads = sizeof(workloads) / sizeof(*workloads);

/* ---- sessions -------------------------------------------------------------------------------- */

struct client *drive_login(const struct drive *d, const char *account,
                           enum client_security security)
{
    char user[100];
    struct client *c;

    snprintf(user, sizeof(user), "%s%s", d->user, account);
    drive_must(client_connect("127.0.0.1", security == CLIENT_TLS ? d->port_imaps : d->port_imap,
                              security, &c),
               "connect");
    drive_must(client_login(c, slice_of_str(user), SLICE("secret")), user);
    return c;
}

struct client *worker_login(const struct worker *w)
{
    const struct workload *x = w->workload;
    const char *named = w->drive->account != NULL ? w->drive->account : x->account;
    char account[32];

    if (named == NULL)
        snprintf(account, sizeof(account), "%u",
                 w->number / (x->per_account > 0 ? x->per_account : 1));
    return drive_login(w->drive, named != NULL ? named : account, x->security);
}

struct wanted {
    struct slice word;
    bool found;
};

static enum err look_for(void *ctx, const struct client_response *r)
{
    struct wanted *x = ctx;
    struct slice rest = r->text;

    while (rest.n > 0) {
        size_t n = slice_find(rest, ' ');

        x->found |= slice_eq_nocase(slice_sub(rest, 0, n), x->word);
        rest = slice_sub(rest, n + 1, rest.n);
    }
    return ERR_OK;
}

bool client_has(struct client *c, const char *capability)
{
    struct wanted x = {.word = slice_of_str(capability)};

    drive_must(client_command(c, SLICE("CAPABILITY"), look_for, &x), "CAPABILITY");
    return x.found;
}

/* ---- commands -------------------------------------------------------------------------------- */

static uint64_t number_in(struct slice code)
{
    uint64_t n;
    size_t at = slice_find(code, ' ');

    return slice_to_u64(slice_sub(code, at + 1, code.n), UINT64_MAX, &n) ? n : 0;
}

/* What is said of the mailbox, in any answer (RFC 9051 sections 7.1, 7.4.1, 7.5.1). */
static enum err listen(void *ctx, const struct client_response *r)
{
    struct worker *w = ctx;
    size_t digits = slice_find(r->text, ' ');
    struct slice word = slice_sub(r->text, digits + 1, r->text.n);
    uint64_t n;

    w->octets += r->text.n;
    if (slice_starts(r->code, SLICE("UIDNEXT ")))
        w->uidnext = (uint32_t)number_in(r->code);
    else if (slice_starts(r->code, SLICE("UIDVALIDITY ")))
        w->uidvalidity = number_in(r->code);
    else if (slice_starts(r->code, SLICE("HIGHESTMODSEQ ")))
        w->modseq = number_in(r->code);
    if (r->text.n == 0 || !ascii_is_digit(r->text.p[0]))
        return ERR_OK;
    if (slice_eq(word, SLICE("EXISTS")) &&
        slice_to_u64(slice_sub(r->text, 0, digits), UINT32_MAX, &n))
        w->exists = (uint32_t)n;
    else if (slice_eq(word, SLICE("EXPUNGE")))
        w->exists -= w->exists > 0;
    return ERR_OK;
}

enum err worker_try(struct worker *w, const char *command)
{
    return client_command(w->client, slice_of_str(command), listen, w);
}

void worker_command(struct worker *w, const char *command)
{
    drive_must(worker_try(w, command), command);
}

/* "@one" and its like become what they stand for. */
static void add_word(struct worker *w, struct buf *out, const char **at)
{
    bool page = slice_starts(slice_of_str(*at), SLICE("@page"));
    uint32_t most = page ? PAGE : RANGE, range = w->exists < most ? w->exists : most;

    if (slice_starts(slice_of_str(*at), SLICE("@last"))) {
        buf_add_u64(out, w->exists);
        *at += 5;
    } else if (slice_starts(slice_of_str(*at), SLICE("@one"))) {
        buf_add_u64(out, 1 + random_below(&w->random, w->exists));
        *at += 4;
    } else if (page || slice_starts(slice_of_str(*at), SLICE("@range"))) {
        uint32_t first = 1 + random_below(&w->random, w->exists - range + 1);

        buf_addf(out, "%u:%u", first, first + range - 1);
        *at += page ? 5 : 6;
    } else {
        buf_add_char(out, random_below(&w->random, 2) == 0 ? '+' : '-');
        *at += 5; /* "@sign" */
    }
}

enum err worker_try_of(struct worker *w, const char *template)
{
    struct buf out;
    enum err e;

    if (strchr(template, '@') == NULL)
        return worker_try(w, template);
    if (w->exists == 0)
        return ERR_NOTFOUND;
    buf_init(&out, COMMAND_OCTETS);
    for (const char *at = template; *at != '\0';) {
        if (*at == '@')
            add_word(w, &out, &at);
        else
            buf_add_char(&out, *at++);
    }
    buf_add_char(&out, '\0');
    e = worker_try(w, out.p + out.head);
    buf_release(&out);
    return e;
}

void worker_command_of(struct worker *w, const char *template)
{
    drive_must(worker_try_of(w, template), template);
}

void worker_create(struct worker *w, struct slice mailbox)
{
    enum err e = client_create(w->client, mailbox);

    if (e != ERR_EXISTS && e != ERR_CANNOT) /* a peer may say no more than NO */
        drive_must(e, "CREATE");
}

/* ---- operations that are more ---------------------------------------------------------------- */

void drive_login_logout(struct worker *w)
{
    struct client *c = worker_login(w);

    drive_must(client_command(c, SLICE("LOGOUT"), NULL, NULL), "LOGOUT");
    client_close(&c);
}

/* `octets` of text in lines behind a short header whose subject is a number. */
static struct slice make_message(struct buf *out, size_t octets, uint64_t number)
{
    buf_clear(out);
    buf_addf(out,
             "Subject: number %010llu\r\nFrom: Sender <sender@example.org>\r\n"
             "To: Bench <bench@example.net>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n"
             "Message-ID: <%llu.append@example.org>\r\n\r\n",
             (unsigned long long)number, (unsigned long long)number);
    while (out->n < octets)
        buf_add_char(out, out->n % 72 == 70 ? '\r' : out->n % 72 == 71 ? '\n' : 'a');
    return buf_slice(out);
}

static void append(struct worker *w, struct slice mailbox, struct slice message)
{
    const struct client_append a = {.mailbox = mailbox, .octets = message.n};
    struct client_response r;
    uint32_t tag = client_append_begin(w->client, &a);

    drive_must(client_write(w->client, message), "APPEND");
    drive_must(client_end(w->client), "APPEND");
    drive_must(client_wait(w->client, tag, listen, w, &r), "APPEND");
    drive_must(client_result(&r), "APPEND");
}

void drive_append(struct worker *w)
{
    struct buf message;

    buf_init(&message, APPEND_OCTETS + 1000);
    append(w, SLICE("INBOX"),
           make_message(&message, APPEND_OCTETS, w->number * 1000000ULL + w->operations));
    buf_release(&message);
}

void drive_prepare_body_large(struct worker *w)
{
    struct buf message;

    worker_create(w, SLICE("Large"));
    worker_command(w, "SELECT Large");
    if (w->exists > 0)
        return;
    buf_init(&message, DRIVE_LARGE_OCTETS + 1000);
    append(w, SLICE("Large"), make_message(&message, DRIVE_LARGE_OCTETS, 0));
    buf_release(&message);
    worker_command(w, "SELECT Large");
}
