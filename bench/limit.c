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

static unsigned number(const char *word)
{
    uint64_t n;

    if (!slice_to_u64(slice_of_str(word), INT32_MAX, &n))
        drive_die("\"%s\" is not a number", word);
    return (unsigned)n;
}

/* An option and its value; false if `name` is none. */
static bool take_option(struct limit_options *o, const char *name, const char *value)
{
    if (strcmp(name, "--seconds") == 0)
        o->seconds = strtod(value, NULL);
    else if (strcmp(name, "--connections") == 0)
        o->connections = number(value);
    else if (strcmp(name, "--octets") == 0)
        o->octets = number(value);
    else if (strcmp(name, "--pages") == 0)
        o->pages = number(value);
    else
        return false;
    return true;
}

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
    const struct limit *todo[32];
    size_t n = 0;

    for (int i = 1; i < argc; i++) {
        if (i + 1 < argc && take_option(&o, argv[i], argv[i + 1]))
            i++;
        else if (n < sizeof(todo) / sizeof(*todo))
            todo[n++] = find(argv[i]);
    }
    if (n == 0)
        drive_die("which limit? See bench/README.md");
    for (size_t i = 0; i < n; i++)
        limit_run(todo[i], &o);
    return 0;
}
