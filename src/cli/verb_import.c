/* cli/verb_import.c -- `roost import maildir|mbox`: mail from elsewhere into an account. */
#include <stdio.h>

#include "auth/name.h"
#include "cli/local_session.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "migrate/maildir.h"
#include "migrate/mbox.h"
#include "wire/mailbox.h"

struct request {
    const char *config, *data, *account, *folder;
    struct slice path; /* NUL-terminated */
    struct settings settings;
    struct auth_name name;
    struct progress progress;
    struct buf why;
};

struct source {
    const char *word;
    const char *folder_option;
    enum err (*import)(struct import *im, const char *path, struct slice folder);
};

/* ---- what is said ---------------------------------------------------------------------------- */

static void on_problem(void *ctx, struct slice where, const char *why)
{
    struct request *r = ctx;

    progress_clear(&r->progress);
    fprintf(stderr, "roost: %.*s: %s\n", SLICE_ARG(where), why);
}

static void on_progress(void *ctx, const struct import_counts *c)
{
    struct request *r = ctx;

    progress_show(&r->progress, c);
}

static void print_sum(const struct request *r, const struct import_counts *c)
{
    uint64_t ms = progress_ms(&r->progress);

    printf(
        "%llu imported, %llu known from before, %llu skipped: %.1f MB in %.1f s, %llu a second\n",
        (unsigned long long)c->imported, (unsigned long long)c->known,
        (unsigned long long)c->skipped, (double)c->octets / 1e6, (double)ms / 1000,
        (unsigned long long)((c->imported + c->known) * 1000 / ms));
}

static const char *sentence(enum err e)
{
    switch (e) {
    case ERR_NOTFOUND:
        return "there is no such file, or nothing of this kind in it";
    case ERR_NOPERM:
        return "you may not read this";
    case ERR_SYNTAX:
        return "is not of this kind";
    case ERR_INUSE:
        return "changed meanwhile; run the same command again to go on";
    case ERR_UNAVAILABLE:
        return "the server went away; run the same command again to go on";
    default:
        return err_text(e);
    }
}

/* ---- the work -------------------------------------------------------------------------------- */

static int import_from(struct request *r, const struct source *source, struct client *c)
{
    const struct import_listener listener = {r, on_problem, on_progress};
    struct import *im = import_new(c, &listener);
    enum err e;
    int status;

    progress_begin(&r->progress);
    e = source->import(im, r->path.p, slice_of_str(r->folder));
    progress_clear(&r->progress);
    print_sum(r, import_counts(im));
    if (e != ERR_OK)
        fprintf(stderr, "roost: %s: %s\n", r->path.p, sentence(e));
    status = e == ERR_OK && import_counts(im)->skipped == 0 ? 0 : 1;
    import_free(&im);
    return status;
}

static enum err import_mbox(struct import *im, const char *path, struct slice folder)
{
    bool usable;

    if (folder.p == NULL)
        folder = SLICE("INBOX");
    TRY(import_folder(im, folder, &usable));
    if (!usable)
        return ERR_CANNOT;
    TRY(import_subscribe(im, folder));
    return mbox_import(im, path, folder);
}

static const struct source sources[] = {
    {"maildir", "--into", maildir_import},
    {"mbox", "--mailbox", import_mbox},
};

static enum err check_request(struct request *r)
{
    if (r->account == NULL) {
        buf_add_str(&r->why, "--account NAME says whose mail this is");
        return ERR_SYNTAX;
    }
    if (auth_name_fold(slice_of_str(r->account), &r->name) != ERR_OK) {
        buf_addf(&r->why, "\"%s\" cannot be the name of an account", r->account);
        return ERR_SYNTAX;
    }
    if (r->folder != NULL && !mailbox_valid(slice_of_str(r->folder))) {
        buf_addf(&r->why, "\"%s\" cannot be the name of a mailbox", r->folder);
        return ERR_SYNTAX;
    }
    return options_settings(r->config, r->data, &r->settings, &r->why);
}

static int run_request(struct request *r, const struct source *source)
{
    struct local_session *session = NULL;
    enum err e = check_request(r);
    int status = e == ERR_SYNTAX ? 2 : 1;

    if (e == ERR_OK)
        e = local_session_open(&r->settings, auth_name_slice(&r->name), LOCAL_SESSION_PATIENCE_MS,
                               &session, &r->why);
    if (e == ERR_OK)
        status = import_from(r, source, local_session_client(session));
    else
        fprintf(stderr, "roost: %.*s\n", SLICE_ARG(buf_slice(&r->why)));
    local_session_close(&session);
    return status;
}

static const struct source *find_source(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(sources) / sizeof(*sources); i++) {
        if (strcmp(sources[i].word, argv[1]) == 0)
            return &sources[i];
    }
    return NULL;
}

static int run(int argc, char **argv)
{
    const struct source *source = find_source(argc, argv);
    struct request r = {0};
    struct options_rest rest;
    int status = 2;

    buf_init(&r.why, 1000);
    if (source != NULL) {
        const struct option_row rows[] = {
            {"--account", &r.account, NULL},
            {source->folder_option, &r.folder, NULL},
            {"--config", &r.config, NULL},
            {"--data", &r.data, NULL},
            {NULL, NULL, NULL},
        };

        if (options_parse(argc - 1, argv + 1, rows, &rest) == ERR_OK && rest.n == 1) {
            r.path = slice_of_str(rest.word[0]);
            status = run_request(&r, source);
            source = NULL;
        }
    }
    if (status == 2)
        fputs(verb_import.usage, stderr);
    buf_release(&r.why);
    return status;
}

const struct verb verb_import = {
    .name = "import",
    .summary = "bring mail from a Maildir or an mbox into an account",
    .usage = "roost import maildir PATH --account NAME [--into FOLDER]\n"
             "roost import mbox FILE --account NAME [--mailbox NAME]\n"
             "              [--config FILE] [--data DIR]\n"
             "\n"
             "Takes flags, keywords, dates and folders along. A Maildir's folders become folders\n"
             "of the account, or children of FOLDER; an mbox goes to INBOX or to NAME. Nothing is\n"
             "changed in the source. Works whether the server runs or not.\n"
             "\n"
             "Interrupted and run again it goes on where it stopped: no message is lost or comes\n"
             "twice. What cannot be imported is named and counted, and the status is then 1.\n",
    .run = run,
};
