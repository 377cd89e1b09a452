/* cli/verb_capabilities.c -- `roost capabilities`: what this server announces, and why not the
 * rest.
 *
 * Reads the same rows as the CAPABILITY command (wire/capability.h). README's table is the output
 * of --markdown; tests/docs/readme keeps the two equal.
 */
#include <stdio.h>

#include "cli/options.h"
#include "cli/verb.h"
#include "wire/capability.h"

/* What a condition means to an administrator. */
static const struct {
    unsigned condition;
    const char *text;
    bool by_settings; /* it holds or not for all connections */
} conditions[] = {
    {CAPABILITY_STARTTLS_POSSIBLE, "while there is no TLS", false},
    {CAPABILITY_LOGIN_ALLOWED, "inside TLS, or from this machine", false},
    {CAPABILITY_LOGIN_REFUSED, "without TLS from elsewhere", false},
    {CAPABILITY_COMPRESS_POSSIBLE, "until it is used", false},
    {CAPABILITY_UNAUTHENTICATE_POSSIBLE, "unauthenticate = yes turns it on", true},
    {CAPABILITY_GMAIL_ON, "gmail_extensions = yes turns it on", true},
    {CAPABILITY_APPENDLIMIT_SAME, "while all mailboxes have the same", false},
    {CAPABILITY_APPENDLIMIT_VARIES, "when one has another", false},
};

enum { CONDITIONS = sizeof(conditions) / sizeof(conditions[0]) };

/* What is known and not wanted. */
static const struct {
    const char *name, *source, *why;
} left_out[] = {
    {"URLAUTH", "RFC 4467", "hands out keys to single messages; no client asks for it"},
    {"CONVERT", "RFC 5259", "converting attachments is a client's work"},
    {"MAILBOX-REFERRALS", "RFC 2193", "the administrator moves accounts, clients need not know"},
    {"LOGIN-REFERRALS", "RFC 2221", "the same"},
    {"ANNOTATE-EXPERIMENT-1", "RFC 5257", "an experiment that ended"},
};

static void print_when(const struct capability *c, unsigned hold)
{
    static const char *const phases[] = {"", "before login", "after login", "always"};

    for (size_t i = 0; i < CONDITIONS; i++) {
        if (conditions[i].by_settings && (c->conditions & conditions[i].condition & ~hold) != 0) {
            printf("off: %s", conditions[i].text);
            return;
        }
    }
    fputs(phases[c->phases], stdout);
    for (size_t i = 0; i < CONDITIONS; i++) {
        if (!conditions[i].by_settings && (c->conditions & conditions[i].condition) != 0)
            printf(", %s", conditions[i].text);
    }
}

static void print_table(const struct capability_context *here)
{
    printf("%-24s %-28s %-6s %s\n", "capability", "source", "since", "announced");
    for (size_t i = 0; i < n_capabilities; i++) {
        const struct capability *c = &capabilities[i];
        char name[100];

        if (c->number == CAPABILITY_NO_NUMBER)
            snprintf(name, sizeof(name), "%.*s", SLICE_ARG(c->name));
        else
            snprintf(name, sizeof(name), "%.*s%llu", SLICE_ARG(c->name),
                     (unsigned long long)here->number[c->number]);
        printf("%-24s %-28s %-6s ", name, c->source, c->since);
        print_when(c, here->conditions);
        putchar('\n');
    }
}

static void print_markdown(const struct capability_context *here)
{
    printf("| capability | source | since | announced |\n|---|---|---|---|\n");
    for (size_t i = 0; i < n_capabilities; i++) {
        const struct capability *c = &capabilities[i];

        printf("| %.*s%s | %s | %s | ", SLICE_ARG(c->name),
               c->number == CAPABILITY_NO_NUMBER ? "" : "n", c->source, c->since);
        print_when(c, here->conditions);
        printf(" |\n");
    }
    for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
        printf("| %s | %s | | left out: %s |\n", left_out[i].name, left_out[i].source,
               left_out[i].why);
}

static const char usage[] =
    "roost capabilities          every capability this server announces, its RFC and when\n"
    "\n"
    "    --config FILE           settings; /etc/roost/roost.conf if that exists\n"
    "    --markdown              the table of README.md: with the defaults, and what is left out\n";

static enum err read_context(const char *config, bool defaults, struct capability_context *here)
{
    struct settings settings;
    struct buf why;
    enum err e;

    buf_init(&why, 2000);
    e = defaults ? settings_init(&settings, &why) : options_settings(config, NULL, &settings, &why);
    if (e == ERR_OK)
        imap_capability_context(&settings.imap, here);
    else
        fprintf(stderr, "roost: %.*s\n", SLICE_ARG(buf_slice(&why)));
    buf_release(&why);
    return e;
}

static int run(int argc, char **argv)
{
    const char *config = NULL;
    bool markdown = false;
    const struct option_row rows[] = {
        {"--config", &config, NULL}, {"--markdown", NULL, &markdown}, {NULL, NULL, NULL}};
    struct options_rest rest;
    struct capability_context here;

    if (options_parse(argc, argv, rows, &rest) != ERR_OK)
        return 2;
    if (rest.n > 0) {
        fputs(usage, stderr);
        return 2;
    }
    if (read_context(config, markdown, &here) != ERR_OK)
        return 1;
    if (markdown)
        print_markdown(&here);
    else
        print_table(&here);
    return 0;
}

const struct verb verb_capabilities = {
    .name = "capabilities",
    .summary = "what this server announces to clients, with the RFC of each",
    .usage = usage,
    .run = run,
};
