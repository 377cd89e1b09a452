/* cli/verb_serve.c -- `roost serve`: settings from file and command line, then the supervisor. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/demo.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "server/supervisor.h"

/* What the command line said; it wins over the file, also at a reload. */
struct serve {
    const char *config, *data, *listen, *port_imap, *port_imaps;
    bool demo;
    struct settings settings;
};

static enum err override(struct settings *s, const char *name, const char *value, struct buf *why)
{
    if (value == NULL)
        return ERR_OK;
    return settings_set(s, slice_of_str(name), slice_of_str(value), why);
}

static enum err read_settings(void *ctx, struct settings *out, struct buf *why)
{
    struct serve *serve = ctx;
    struct settings s;
    TRY(options_settings(serve->config, serve->data, &s, why));
    TRY(override(&s, "listen", serve->listen, why));
    TRY(override(&s, "port_imap", serve->port_imap, why));
    TRY(override(&s, "port_imaps", serve->port_imaps, why));
    s.demo = serve->demo;
    *out = s;
    return ERR_OK;
}

/* In a process of its own: the supervisor waits for nobody. It is reaped with the others. */
static void serving(void *ctx)
{
    struct serve *serve = ctx;
    sigset_t none;
    if (!serve->demo || fork() != 0)
        return;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    log_init("demo", LOG_LEVEL_WARN);
    _exit(demo_run(&serve->settings));
}

static const char usage[] =
    "roost serve                 run the server until SIGTERM or Ctrl-C; SIGHUP reloads\n"
    "\n"
    "    --config FILE           settings; /etc/roost/roost.conf if that exists\n"
    "    --data DIR              where mail is kept: /var/lib/roost as root, else\n"
    "                            $XDG_DATA_HOME/roost or ~/.local/share/roost\n"
    "    --listen ADDRESS[,...]  0.0.0.0,::\n"
    "    --port-imap N           143 as root, else 1143; 0: not at all\n"
    "    --port-imaps N          993 as root, else 1993; 0: not at all\n"
    "    --demo                  make an account `demo` with some mail, and say how to connect\n";

static int run(int argc, char **argv)
{
    struct serve serve = {0};
    struct options_rest rest;
    struct buf why;
    const struct option_row rows[] = {{"--config", &serve.config, NULL},
                                      {"--data", &serve.data, NULL},
                                      {"--listen", &serve.listen, NULL},
                                      {"--port-imap", &serve.port_imap, NULL},
                                      {"--port-imaps", &serve.port_imaps, NULL},
                                      {"--demo", NULL, &serve.demo},
                                      {NULL, NULL, NULL}};

    log_init("supervisor", LOG_LEVEL_INFO);
    if (options_parse(argc, argv, rows, &rest) != ERR_OK)
        return 2;
    if (rest.n > 0) {
        fputs(usage, stderr);
        return 2;
    }
    buf_init(&why, 2000);
    enum err e = read_settings(&serve, &serve.settings, &why);
    if (e != ERR_OK)
        fprintf(stderr, "roost: %.*s\n", SLICE_ARG(buf_slice(&why)));
    buf_release(&why);
    if (e != ERR_OK)
        return 1;
    struct supervisor_hooks hooks = {.ctx = &serve, .reload = read_settings, .serving = serving};
    return supervisor_run(&serve.settings, &hooks);
}

const struct verb verb_serve = {
    .name = "serve",
    .summary = "run the server",
    .usage = usage,
    .run = run,
};
