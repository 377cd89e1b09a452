/* cli/verb_selftest.c -- `roost selftest`: every capability the running server announces is tried
 * with a scratch account, which is removed afterwards.
 */
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "auth/scheme.h"
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
    struct scheme_hash hash;
    struct buf command, answer;
    enum err e;

    TRY(auth_name_fold(slice_of_str(r->test.user), &r->name));
    TRY(scheme_make(slice_of_str(r->test.password), &hash));
    TRY(accounts_create_mail(accounts, &r->name, &r->why));
    buf_init(&command, 1000);
    buf_init(&answer, ANSWER_OCTETS_MAX);
    buf_addf(&command, "add %s\t%s", r->test.user, hash.text);
    e = accounts_auth(accounts, buf_slice(&command), &answer, &r->why);
    buf_release(&command);
    buf_release(&answer);
    return e;
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

static bool is_known(const struct buf *names, struct slice name)
{
    struct slice rest = buf_slice(names);

    while (rest.n > 0) {
        size_t n = slice_find(rest, ' ');

        if (slice_eq(slice_sub(rest, 0, n), name))
            return true;
        rest = slice_sub(rest, n + 1, rest.n);
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
    for (rest = slice_sub(rest, 11, rest.n); rest.n > 0;) {
        size_t n = slice_find(rest, ' ');
        struct slice name = slice_sub(rest, 0, n);
        size_t at = slice_find(name, '=');
        uint64_t number;

        if (slice_to_u64(slice_sub(name, at + 1, name.n), INT64_MAX, &number))
            name.n = at + 1;
        if (!is_known(&run->announced, name))
            buf_addf(&run->announced, "%.*s ", SLICE_ARG(name));
        rest = slice_sub(rest, n + 1, rest.n);
    }
    return ERR_OK;
}

/* Before login on both ports, and after it; fills INBOX on the way. */
static enum err ask(struct selftest_run *r)
{
    enum err e = ERR_OK;

    for (int tls = 0; tls <= 1 && e == ERR_OK; tls++) {
        struct client *c = NULL;

        TRY(selftest_connect(&r->test, tls == 1, &c));
        e = client_command(c, SLICE("CAPABILITY"), take_capabilities, r);
        if (e == ERR_OK && tls == 1) {
            char login[200];

            snprintf(login, sizeof(login), "LOGIN %s %s", r->test.user, r->test.password);
            e = client_command(c, slice_of_str(login), NULL, NULL);
        }
        if (e == ERR_OK && tls == 1)
            e = client_command(c, SLICE("CAPABILITY"), take_capabilities, r);
        for (size_t i = 0; tls == 1 && e == ERR_OK && i < sizeof(messages) / sizeof(*messages); i++)
            e = client_append(c, &(struct client_append){.mailbox = SLICE("INBOX")},
                              slice_of_str(messages[i]));
        client_close(&c);
    }
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

    while (rest.n > 0) {
        size_t n = slice_find(rest, ' ');

        try_one(r, slice_sub(rest, 0, n));
        rest = slice_sub(rest, n + 1, rest.n);
    }
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
