/* cli/verb_account.c -- `roost account ...`: who may log in. One row an action. */
#include <stdio.h>

#include "auth/scheme.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/account_quota.h"
#include "cli/accounts.h"
#include "cli/options.h"
#include "cli/password.h"
#include "cli/verb.h"

struct request {
    const struct settings *settings;
    struct accounts *accounts; /* NULL for actions on the mail */
    struct auth_name name;
    bool password_stdin;
    const char *hash; /* NULL: make one from a password */
    struct account_quota quota;
    struct buf why;
};

struct action {
    const char *word;
    bool wants_name;
    bool on_mail; /* speaks to the store and needs no users */
    enum err (*run)(struct request *r);
};

/* "VERB NAME", and TAB HASH if there is one. */
static enum err send_command(struct request *r, const char *verb, const char *hash, FILE *print)
{
    struct buf command, answer;
    buf_init(&command, 1000);
    buf_init(&answer, 64 << 20);
    buf_add_str(&command, verb);
    if (r->name.n > 0)
        buf_add_char(&command, ' ');
    buf_add_slice(&command, auth_name_slice(&r->name));
    if (hash != NULL)
        buf_addf(&command, "\t%s", hash);
    enum err e = accounts_auth(r->accounts, buf_slice(&command), &answer, &r->why);
    if (e == ERR_OK && print != NULL)
        fwrite(buf_slice(&answer).p, 1, answer.n, print);
    buf_release(&command);
    buf_release(&answer);
    return e;
}

/* The hash to store: as given, or of a password that is asked for. */
static enum err choose_hash(struct request *r, struct scheme_hash *out)
{
    struct buf password;
    if (r->hash != NULL) {
        if (!scheme_known(slice_of_str(r->hash))) {
            buf_add_str(&r->why, "that is not a password hash Roost can check");
            return ERR_SYNTAX;
        }
        snprintf(out->text, sizeof(out->text), "%s", r->hash);
        return ERR_OK;
    }
    buf_init(&password, SCHEME_PASSWORD_OCTETS_MAX);
    enum err e = password_read(r->password_stdin, &password);
    if (e == ERR_OK && (e = scheme_make(buf_slice(&password), out)) != ERR_OK)
        buf_addf(&r->why, "the password cannot be used: %s", err_text(e));
    if (password.p != NULL)
        mem_wipe(password.p, password.cap);
    buf_release(&password);
    return e;
}

static enum err run_add(struct request *r)
{
    struct scheme_hash hash;
    TRY(choose_hash(r, &hash));
    /* Mail first: who can log in has a mailbox to see. */
    TRY(accounts_create_mail(r->accounts, &r->name, &r->why));
    TRY(send_command(r, "add", hash.text, NULL));
    printf("account %s added\n", r->name.p);
    return ERR_OK;
}

static enum err run_passwd(struct request *r)
{
    struct scheme_hash hash;
    TRY(choose_hash(r, &hash));
    TRY(send_command(r, "passwd", hash.text, NULL));
    printf("password of %s changed\n", r->name.p);
    return ERR_OK;
}

static enum err run_remove(struct request *r)
{
    TRY(send_command(r, "remove", NULL, NULL));
    TRY(accounts_remove_mail(r->accounts, &r->name, &r->why));
    printf("account %s removed; its mail was moved to the data directory's removed/\n", r->name.p);
    return ERR_OK;
}

static enum err run_enable(struct request *r)
{
    return send_command(r, "enable", NULL, NULL);
}

static enum err run_disable(struct request *r)
{
    return send_command(r, "disable", NULL, NULL);
}

static enum err run_list(struct request *r)
{
    return send_command(r, "list", NULL, stdout);
}

static enum err run_show(struct request *r)
{
    return send_command(r, "show", NULL, stdout);
}

static enum err run_quota(struct request *r)
{
    return account_quota_run(r->settings, auth_name_slice(&r->name), &r->quota, &r->why);
}

static const struct action actions[] = {
    {"add", true, false, run_add},         {"passwd", true, false, run_passwd},
    {"remove", true, false, run_remove},   {"enable", true, false, run_enable},
    {"disable", true, false, run_disable}, {"list", false, false, run_list},
    {"show", true, false, run_show},       {"quota", true, true, run_quota},
};

static const char usage[] =
    "roost account add NAME       make an account; asks for its password\n"
    "roost account passwd NAME    set another password\n"
    "roost account remove NAME    forget it; its mail is moved to DATA/removed\n"
    "roost account disable NAME   refuse logins; enable NAME allows them again\n"
    "roost account list           name, state and last login, one a line\n"
    "roost account show NAME      all that is known\n"
    "roost account quota NAME     what it holds, and what it may; to set limits:\n"
    "    --storage SIZE     octets of messages, such as 500M or 2G\n"
    "    --messages NUMBER, --mailboxes NUMBER\n"
    "                       \"none\" takes a limit away\n"
    "\n"
    "    --password-stdin   read the password from standard input, one line\n"
    "    --hash HASH        take a hash ($argon2id$..., {CRYPT}$6$..., ...) instead\n"
    "    --data DIR         the data directory, if it is not the usual one\n"
    "    --config FILE      the configuration, if it is not /etc/roost/roost.conf\n"
    "\n"
    "Works whether the server runs or not. Needs to be root or the server's user.\n";

static const struct action *find_action(const struct options_rest *rest)
{
    for (size_t i = 0; rest->n > 0 && i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(actions[i].word, rest->word[0]) == 0 &&
            rest->n == (actions[i].wants_name ? 2U : 1U))
            return &actions[i];
    return NULL;
}

static enum err act(const struct action *action, const struct settings *s, struct request *r,
                    const char *name)
{
    if (action->wants_name && auth_name_fold(slice_of_str(name), &r->name) != ERR_OK) {
        buf_add_str(&r->why, "that is not a name an account can have");
        return ERR_SYNTAX;
    }
    r->settings = s;
    if (action->on_mail)
        return action->run(r);
    TRY(accounts_open(s, &r->accounts, &r->why));
    enum err e = action->run(r);
    accounts_close(&r->accounts);
    return e;
}

static int run(int argc, char **argv)
{
    const char *config = NULL, *data = NULL;
    struct request r = {0};
    struct options_rest rest;
    struct settings s;
    const struct option_row rows[] = {{"--config", &config, NULL},
                                      {"--data", &data, NULL},
                                      {"--hash", &r.hash, NULL},
                                      {"--password-stdin", NULL, &r.password_stdin},
                                      {"--storage", &r.quota.most[QUOTA_STORAGE], NULL},
                                      {"--messages", &r.quota.most[QUOTA_MESSAGE], NULL},
                                      {"--mailboxes", &r.quota.most[QUOTA_MAILBOX], NULL},
                                      {NULL, NULL, NULL}};

    log_init("account", LOG_LEVEL_WARN);
    if (options_parse(argc, argv, rows, &rest) != ERR_OK)
        return 2;
    const struct action *action = find_action(&rest);
    if (action == NULL) {
        fputs(usage, stderr);
        return 2;
    }
    buf_init(&r.why, 2000);
    enum err e = options_settings(config, data, &s, &r.why);
    if (e == ERR_OK)
        e = act(action, &s, &r, rest.n > 1 ? rest.word[1] : "");
    if (e != ERR_OK && r.why.n > 0)
        fprintf(stderr, "roost: %.*s\n", SLICE_ARG(buf_slice(&r.why)));
    buf_release(&r.why);
    return e == ERR_OK ? 0 : 1;
}

const struct verb verb_account = {
    .name = "account",
    .summary = "add, change, list and remove accounts",
    .usage = usage,
    .run = run,
};
