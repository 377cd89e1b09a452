/* cli/verb_deliver.c -- `roost deliver`: one message from standard input into an account, for the
 * pipe of a mail transfer agent.
 *
 * Exit statuses are those of sysexits.h, which Postfix, Exim and sendmail understand: what may be
 * better later is EX_TEMPFAIL, so that mail waits in their queue and is never bounced because of
 * us. EX_OK means that the message is on disk.
 */
#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "auth/name.h"
#include "cli/local_session.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "wire/flag.h"
#include "wire/mailbox.h"

enum {
    PATIENCE_MS = 30 * 1000,
    FLAGS_OCTETS_MAX = 8192,
    HEADER_OCTETS_MAX = 1200,
    SENDER_OCTETS_MAX = 1000,
};

struct delivery {
    const char *config, *data, *mailbox, *sender, *flag;
    struct settings settings;
    struct auth_name name;
    struct buf flags;
    struct buf header;  /* what goes in front of the message */
    struct buf message; /* as it came */
    struct slice body;  /* of message, without a "From " line in front */
    struct buf why;
};

/* ---- what was asked -------------------------------------------------------------------------- */

/* --flag may stand several times. */
static void collect_flags(int argc, char **argv, struct buf *flags)
{
    for (int i = 1; i < argc; i++) {
        const char *value = NULL;

        if (strcmp(argv[i], "--flag") == 0 && i + 1 < argc)
            value = argv[++i];
        else if (strncmp(argv[i], "--flag=", 7) == 0)
            value = argv[i] + 7;
        if (value == NULL)
            continue;
        if (flags->n > 0)
            buf_add_char(flags, ' ');
        buf_add_str(flags, value);
    }
}

static bool flags_valid(struct slice flags)
{
    struct buf text;
    struct arena a;
    struct flag_list list;
    struct lex in;
    bool valid;

    buf_init(&text, FLAGS_OCTETS_MAX + 2);
    buf_add_char(&text, '(');
    buf_add_slice(&text, flags);
    buf_add_char(&text, ')');
    arena_init(&a, 256 * 1024);
    in = lex_of(buf_slice(&text), false);
    valid = !text.overflowed && flag_list_parse(&in, &a, &list) == ERR_OK &&
            lex_end(&in) == ERR_OK && (list.system & FLAG_RECENT) == 0;
    arena_clear(&a);
    buf_release(&text);
    return valid;
}

/* A reverse path is one line of printable ASCII or UTF-8. */
static bool sender_valid(struct slice sender)
{
    for (size_t i = 0; i < sender.n; i++) {
        unsigned char c = (unsigned char)sender.p[i];

        if (c <= ' ' || c == 0x7f || c == '<' || c == '>')
            return false;
    }
    return sender.n <= SENDER_OCTETS_MAX;
}

static int check(struct delivery *d, const struct options_rest *rest)
{
    if (rest->n != 1) {
        buf_add_str(&d->why, "exactly one account is needed");
        return EX_USAGE;
    }
    if (!flags_valid(buf_slice(&d->flags))) {
        buf_add_str(&d->why, "--flag is not followed by an IMAP flag or keyword");
        return EX_USAGE;
    }
    if (d->mailbox != NULL && !mailbox_valid(slice_of_str(d->mailbox))) {
        buf_addf(&d->why, "\"%s\" cannot be the name of a mailbox", d->mailbox);
        return EX_USAGE;
    }
    if (d->sender != NULL && !sender_valid(slice_of_str(d->sender))) {
        buf_add_str(&d->why, "--sender is not followed by an address");
        return EX_USAGE;
    }
    if (auth_name_fold(slice_of_str(rest->word[0]), &d->name) != ERR_OK) {
        buf_addf(&d->why, "there is no account \"%s\"", rest->word[0]);
        return EX_NOUSER;
    }
    return options_settings(d->config, d->data, &d->settings, &d->why) == ERR_OK ? EX_OK
                                                                                 : EX_TEMPFAIL;
}

/* ---- the message ----------------------------------------------------------------------------- */

/* All of standard input; what is above the limit is read and dropped, so that the writer is not
 * cut off before it hears why. */
static int read_message(struct delivery *d)
{
    char piece[64 * 1024];
    ssize_t n;

    buf_init(&d->message, d->settings.imap.append_octets_max);
    for (;;) {
        n = read(STDIN_FILENO, piece, sizeof(piece));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        buf_add(&d->message, piece, (size_t)n);
    }
    if (n < 0) {
        buf_addf(&d->why, "standard input: %s", strerror(errno));
        return EX_TEMPFAIL;
    }
    if (d->message.overflowed) {
        buf_addf(&d->why, "the message is larger than %llu octets",
                 (unsigned long long)d->settings.imap.append_octets_max);
        return EX_DATAERR;
    }
    return EX_OK;
}

/* Some agents put a line of the mbox format in front. */
static void drop_from_line(struct delivery *d)
{
    d->body = buf_slice(&d->message);
    if (slice_starts(d->body, SLICE("From ")))
        d->body = slice_sub(d->body, slice_find(d->body, '\n') + 1, d->body.n);
}

static int take_message(struct delivery *d)
{
    int status = read_message(d);

    if (status != EX_OK)
        return status;
    drop_from_line(d);
    if (d->body.n == 0) {
        buf_add_str(&d->why, "the message is empty");
        return EX_DATAERR;
    }
    if (d->sender != NULL)
        buf_addf(&d->header, "Return-Path: <%s>\r\n", d->sender);
    return EX_OK;
}

/* ---- delivery -------------------------------------------------------------------------------- */

static enum err append(struct delivery *d, struct client *c, struct slice mailbox)
{
    const struct client_append a = {.mailbox = mailbox,
                                    .flags = buf_slice(&d->flags),
                                    .binary = slice_find(d->body, '\0') < d->body.n,
                                    .octets = d->header.n + d->body.n};
    uint32_t tag = client_append_begin(c, &a);
    struct client_response r;

    TRY(client_write(c, buf_slice(&d->header)));
    TRY(client_write(c, d->body));
    TRY(client_end(c));
    TRY(client_wait(c, tag, NULL, NULL, &r));
    return client_result(&r);
}

/* A mailbox that is missing is made; where that is not possible INBOX takes the message. */
static enum err deliver(struct delivery *d, struct client *c)
{
    struct slice mailbox = d->mailbox != NULL ? slice_of_str(d->mailbox) : SLICE("INBOX");
    enum err e = append(d, c, mailbox);

    if (e != ERR_TRYCREATE && e != ERR_CANNOT)
        return e;
    e = client_create(c, mailbox);
    if (e == ERR_OVERQUOTA) /* no more mailboxes: no reason to refuse the mail */
        return append(d, c, SLICE("INBOX"));
    if (e == ERR_OK || e == ERR_EXISTS) {
        TRY(client_subscribe(c, mailbox));
        e = append(d, c, mailbox);
    }
    return e == ERR_TRYCREATE || e == ERR_CANNOT ? append(d, c, SLICE("INBOX")) : e;
}

static int status_of(enum err e)
{
    switch (e) {
    case ERR_OK:
        return EX_OK;
    case ERR_NOTFOUND:
        return EX_NOUSER;
    case ERR_NOPERM:
        return EX_NOPERM;
    case ERR_TOOBIG:
    case ERR_PARSE:
        return EX_DATAERR;
    default:
        return EX_TEMPFAIL;
    }
}

/* A full account is no reason to lose mail: the queue keeps it until there is room or the sender
 * is told. The number in front is what Postfix's pipe(8) puts into the log and the bounce
 * (RFC 3463 section 3.3: mailbox full). */
static void explain(struct delivery *d, enum err e)
{
    if (e == ERR_OVERQUOTA)
        fprintf(stderr, "4.2.2 mailbox of %.*s is full\n", SLICE_ARG(auth_name_slice(&d->name)));
    else
        buf_addf(&d->why, "the message was not taken: %s", err_text(e));
}

static int deliver_to(struct delivery *d)
{
    struct local_session *session = NULL;
    enum err e =
        local_session_open(&d->settings, auth_name_slice(&d->name), PATIENCE_MS, &session, &d->why);
    int status = status_of(e);

    if (e == ERR_OK) {
        e = deliver(d, local_session_client(session));
        status = e == ERR_NOTFOUND ? EX_TEMPFAIL : status_of(e); /* the account itself was there */
        if (e != ERR_OK)
            explain(d, e);
    }
    local_session_close(&session);
    return status;
}

static int run(int argc, char **argv)
{
    struct delivery d = {0};
    const struct option_row rows[] = {
        {"--mailbox", &d.mailbox, NULL}, {"--sender", &d.sender, NULL}, {"--flag", &d.flag, NULL},
        {"--config", &d.config, NULL},   {"--data", &d.data, NULL},     {NULL, NULL, NULL},
    };
    struct options_rest rest;
    int status = EX_USAGE;

    buf_init(&d.flags, FLAGS_OCTETS_MAX);
    buf_init(&d.header, HEADER_OCTETS_MAX);
    buf_init(&d.why, 1000);
    if (options_parse(argc, argv, rows, &rest) == ERR_OK) {
        collect_flags(argc, argv, &d.flags);
        status = check(&d, &rest);
        if (status == EX_OK)
            status = take_message(&d);
        if (status == EX_OK)
            status = deliver_to(&d);
    }
    if (d.why.n > 0)
        fprintf(stderr, "roost: %.*s\n", SLICE_ARG(buf_slice(&d.why)));
    buf_release(&d.flags);
    buf_release(&d.header);
    buf_release(&d.message);
    buf_release(&d.why);
    return status;
}

const struct verb verb_deliver = {
    .name = "deliver",
    .summary = "put one message from standard input into an account",
    .usage = "roost deliver ACCOUNT [--mailbox NAME] [--flag FLAG]... [--sender ADDRESS]\n"
             "              [--config FILE] [--data DIR]\n"
             "\n"
             "For the pipe of a mail transfer agent. A \"From \" line in front is dropped;\n"
             "--sender adds Return-Path. A mailbox that does not exist is made. Works whether the\n"
             "server runs or not. Statuses are those of sysexits: 0 the message is on disk, 67 no\n"
             "such account, 75 try again later (also when the account is full), 65 empty or too\n"
             "large, 77 not permitted, 64 usage.\n",
    .run = run,
};
