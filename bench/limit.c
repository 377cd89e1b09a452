/* bench/limit.c -- `limit [--seconds S] [--connections N] [--octets N] [--pages N] NAME...`: one
 * line of JSON for each, with the keys of `drive`. What it writes to disk stands in the working
 * directory meanwhile, which should be where the servers' data are. README.md says what is
 * measured.
 */
#include "limit.h"

const struct limit limits[] = {
    /* A delivery of 4 KB dirties seven pages, a STORE three, twenty deliveries of one commit 35. */
    {.name = "commit-append",
     .connections = 20,
     .octets = 4096,
     .pages = 7,
     .open = limit_append_open,
     .serve = limit_commit,
     .close = limit_commit_close},
    {.name = "commit-one",
     .connections = 1,
     .octets = 4096,
     .pages = 35,
     .open = limit_one_open,
     .serve = limit_one,
     .close = limit_commit_close},
    {.name = "commit-store",
     .connections = 20,
     .pages = 3,
     .open = limit_store_open,
     .serve = limit_commit,
     .close = limit_commit_close},
    {.name = "login",
     .form = LIMIT_ACCEPTS,
     .connections = 8,
     .serve = limit_login,
     .ask = limit_login_ask},
    {.name = "login-tls",
     .form = LIMIT_ACCEPTS,
     .connections = 8,
     .tls = true,
     .serve = limit_login,
     .ask = limit_login_ask},
    {.name = "reply-small",
     .form = LIMIT_CONNECTED,
     .connections = 4,
     .octets = 200,
     .serve = limit_reply,
     .ask = limit_reply_ask},
    {.name = "body",
     .form = LIMIT_CONNECTED,
     .connections = 4,
     .octets = 36642, /* the mean of CORPUS_REAL */
     .prepare = limit_body_prepare,
     .serve = limit_body,
     .ask = limit_reply_ask},
    {.name = "body-tls",
     .form = LIMIT_CONNECTED,
     .connections = 4,
     .octets = 36642,
     .tls = true,
     .prepare = limit_body_prepare,
     .serve = limit_body,
     .ask = limit_reply_ask},
    {.name = "body-large",
     .form = LIMIT_CONNECTED,
     .connections = 1,
     .octets = 25 << 20,
     .prepare = limit_body_prepare,
     .serve = limit_body,
     .ask = limit_reply_ask},
    {.name = "scan", .connections = 4, .prepare = limit_scan_prepare, .serve = limit_scan},
    {.name = "wake",
     .form = LIMIT_CONNECTED,
     .connections = 1,
     .octets = 4096,
     .pages = 7,
     .counts_itself = true,
     .prepare = limit_wake_prepare,
     .open = limit_append_open,
     .serve = limit_wake,
     .ask = limit_wake_ask,
     .close = limit_wake_close},
};

const size_t n_limits = sizeof(limits) / sizeof(*limits);

static const struct option_row options[] = {
    {"--seconds", OPTION_SECONDS, offsetof(struct limit_options, seconds)},
    {"--connections", OPTION_NUMBER, offsetof(struct limit_options, connections)},
    {"--octets", OPTION_NUMBER, offsetof(struct limit_options, octets)},
    {"--pages", OPTION_NUMBER, offsetof(struct limit_options, pages)},
};

static const struct limit *find(const char *name)
{
    for (size_t i = 0; i < n_limits; i++) {
        if (strcmp(limits[i].name, name) == 0)
            return &limits[i];
    }
    drive_die("there is no limit \"%s\"", name);
}

int main(int argc, char **argv)
{
    struct limit_options o = {.seconds = 3};

    argc = options_take(argv, options, sizeof(options) / sizeof(*options), &o);
    if (argc == 0)
        drive_die("which limit? See bench/README.md");
    for (int i = 0; i < argc; i++)
        limit_run(find(argv[i]), &o);
    return 0;
}
