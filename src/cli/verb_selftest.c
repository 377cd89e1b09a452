/* cli/verb_selftest.c -- `roost selftest`: every capability the running server announces is tried
 * with a scratch account, which is removed afterwards.
 */
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/accounts.h"
#include "cli/options.h"
#include "cli/selftest.h"
#include "cli/verb.h"

enum { NAMES_OCTETS_MAX = 16 * 1024, ANSWER_OCTETS_MAX = 64 * 1024, TREE_DESCRIPTORS = 16 };

struct selftest_run {
    struct settings settings;
    struct selftest test;
    struct auth_name name;
    struct buf announced; /* "NAME NAME ", each once */
    struct buf why;
    unsigned passed, failed;
};

/* ---- the scratch account -------------------------------------------------------------------- */

static const char *const messages[] = {
    "Message-ID: <one@selftest>\r\nSubject: selftest\r\nFrom: Roost <roost@example.org>\r\n\r\n"
    "selftest\r\n",
    "Message-ID: <two@selftest>\r\nIn-Reply-To: <one@selftest>\r\nReferences: <one@selftest>\r\n"
    "Subject: Re: selftest\r\nFrom: Roost <roost@example.org>\r\n\r\nAgain.\r\n",
    "Subject: parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\n\r\nText.\r\n--b\r\nContent-Type: application/octet-stream\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nYXR0YWNoZWQ=\r\n--b--\r\n",
};

/* Login and mail. */
static enum err add_account(struct selftest_run *r, struct accounts *accounts)
{
    TRY(auth_name_fold(slice_of_str(r->test.user), &r->name));
    TRY(accounts_create_mail(accounts, &r->name, &r->why));
    return accounts_add_login(accounts, &r->name, slice_of_str(r->test.password), &r->why);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

/* What accounts_remove_mail has moved aside: nobody will want it back. */
static void erase_mail(const struct selftest_run *r)
{
    char path[SETTINGS_PATH_OCTETS_MAX + 300];
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof(path), "%s/removed", r->settings.data);
    dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (!slice_starts(slice_of_str(entry->d_name), slice_of_str(r->test.user)))
            continue;
        snprintf(path, sizeof(path), "%s/removed/%s", r->settings.data, entry->d_name);
        nftw(path, remove_one, TREE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    }
    if (dir != NULL)
        closedir(dir);
}

static void remove_account(struct selftest_run *r, struct accounts *accounts)
{
    struct buf command, answer;

    buf_init(&command, 1000);
    buf_init(&answer, ANSWER_OCTETS_MAX);
    buf_addf(&command, "remove %s", r->test.user);
    if (accounts_auth(accounts, buf_slice(&command), &answer, &r->why) != ERR_OK ||
        accounts_remove_mail(accounts, &r->name, &r->why) != ERR_OK)
        fprintf(stderr, "roost: the account %s is left behind: %.*s\n", r->test.user,
                SLICE_ARG(buf_slice(&r->why)));
    else
        erase_mail(r);
    buf_release(&command);
    buf_release(&answer);
}

/* ---- what is announced ---------------------------------------------------------------------- */

static struct slice next_word(struct slice *rest)
{
    size_t n = slice_find(*rest, ' ');
    struct slice word = slice_sub(*rest, 0, n);

    *rest = slice_sub(*rest, n + 1, rest->n);
    return word;
}

static bool is_known(const struct buf *names, struct slice name)
{
    struct slice rest = buf_slice(names);

    while (rest.n > 0) {
        if (slice_eq(next_word(&rest), name))
            return true;
    }
    return false;
}

/* Of "* CAPABILITY IMAP4rev1 APPENDLIMIT=9 ..." each name, without the number behind "=". */
static enum err take_capabilities(void *ctx, const struct client_response *r)
{
    struct selftest_run *run = ctx;
    struct slice rest = r->text;

    if (!slice_starts_nocase(rest, SLICE("CAPABILITY ")))
        return ERR_OK;
    (void)next_word(&rest);
    while (rest.n > 0) {
        struct slice name = next_word(&rest);
        size_t at = slice_find(name, '=');
        uint64_t number;

        if (slice_to_u64(slice_sub(name, at + 1, name.n), INT64_MAX, &number))
            name.n = at + 1;
        if (!is_known(&run->announced, name))
            buf_addf(&run->announced, "%.*s ", SLICE_ARG(name));
    }
    return ERR_OK;
}

/* What is announced on one port. */
static enum err ask_port(struct selftest_run *r, bool tls, struct client **out)
{
    TRY(selftest_connect(&r->test, tls, out));
    return client_command(*out, SLICE("CAPABILITY"), take_capabilities, r);
}

/* What is announced to who has logged in; fills INBOX on the way. */
static enum err ask_inside(struct selftest_run *r, struct client *c)
{
    const struct client_append inbox = {.mailbox = SLICE("INBOX")};
    char login[200];

    snprintf(login, sizeof(login), "LOGIN %s %s", r->test.user, r->test.password);
    TRY(client_command(c, slice_of_str(login), NULL, NULL));
    TRY(client_command(c, SLICE("CAPABILITY"), take_capabilities, r));
    for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
        TRY(client_append(c, &inbox, slice_of_str(messages[i])));
    return ERR_OK;
}

static enum err ask(struct selftest_run *r)
{
    struct client *plain = NULL, *tls = NULL;
    enum err e = ask_port(r, false, &plain);

    if (e == ERR_OK)
        e = ask_port(r, true, &tls);
    if (e == ERR_OK)
        e = ask_inside(r, tls);
    client_close(&plain);
    client_close(&tls);
    return e;
}

/* ---- trying --------------------------------------------------------------------------------- */

static void try_one(struct selftest_run *r, struct slice name)
{
    enum err e;

    buf_clear(&r->why);
    e = selftest_try(&r->test, name, &r->why);
    if (e == ERR_NOTFOUND)
        buf_add_str(&r->why, "announced, but nothing here tries it");
    if (e == ERR_OK) {
        r->passed++;
        printf("ok %.*s\n", SLICE_ARG(name));
    } else {
        r->failed++;
        printf("not ok %.*s: %.*s\n", SLICE_ARG(name), SLICE_ARG(buf_slice(&r->why)));
    }
    fflush(stdout);
}

static void try_all(struct selftest_run *r)
{
    struct slice rest = buf_slice(&r->announced);

    while (rest.n > 0)
        try_one(r, next_word(&rest));
}

/* Where the server listens, as seen from this machine. */
static const char *host_of(const struct settings *s)
{
    if (strcmp(s->listen[0], "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(s->listen[0], "::") == 0 ? "::1" : s->listen[0];
}

static void port_text(char out[12], uint32_t port)
{
    if (port != 0)
        snprintf(out, 12, "%u", port);
}

static enum err test(struct selftest_run *r)
{
    struct accounts *accounts;
    enum err e;

    r->test.host = host_of(&r->settings);
    port_text(r->test.port, r->settings.port_imap);
    port_text(r->test.tls_port, r->settings.port_imaps);
    TRY(selftest_init(&r->test));
    TRY(accounts_open(&r->settings, &accounts, &r->why));
    e = add_account(r, accounts);
    if (e == ERR_OK && (e = ask(r)) != ERR_OK && r->why.n == 0)
        buf_addf(&r->why, "cannot talk to the server at %s: %s", r->test.host, err_text(e));
    if (e == ERR_OK)
        try_all(r);
    if (r->name.n > 0)
        remove_account(r, accounts);
    accounts_close(&accounts);
    return e;
}

static const char usage[] =
    "roost selftest              try all the running server announces, with a scratch account\n"
    "\n"
    "    --data DIR         the data directory, if it is not the usual one\n"
    "    --config FILE      the configuration, if it is not /etc/roost/roost.conf\n"
    "\n"
    "Prints a line for each capability. Needs to be root or the server's user; exits with 1 when\n"
    "anything does not work.\n";

static int run(int argc, char **argv)
{
    const char *config = NULL, *data = NULL;
    const struct option_row rows[] = {
        {"--config", &config, NULL}, {"--data", &data, NULL}, {NULL, NULL, NULL}};
    struct options_rest rest;
    struct selftest_run r = {0};
    enum err e;

    log_init("selftest", LOG_LEVEL_WARN);
    if (options_parse(argc, argv, rows, &rest) != ERR_OK)
        return 2;
    if (rest.n > 0) {
        fputs(usage, stderr);
        return 2;
    }
    buf_init(&r.why, SELFTEST_HEARD_OCTETS_MAX);
    buf_init(&r.announced, NAMES_OCTETS_MAX);
    e = options_settings(config, data, &r.settings, &r.why);
    if (e == ERR_OK)
        e = test(&r);
    if (e != ERR_OK)
        fprintf(stderr, "roost: %.*s\n", SLICE_ARG(buf_slice(&r.why)));
    else
        printf("selftest: %u work, %u do not\n", r.passed, r.failed);
    buf_release(&r.why);
    buf_release(&r.announced);
    return e != ERR_OK || r.failed > 0 ? 1 : 0;
}

const struct verb verb_selftest = {
    .name = "selftest",
    .summary = "try everything the running server announces",
    .usage = usage,
    .run = run,
};
