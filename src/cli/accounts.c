/* cli/accounts.c -- see accounts.h. */
#include "cli/accounts.h"

#include <grp.h>
#include <unistd.h>

#include "auth/control.h"
#include "auth/scheme.h"
#include "base/mem.h"
#include "cli/control.h"
#include "server/data_dir.h"
#include "store/store.h"

struct accounts {
    const char *data;
    bool running; /* a server does the work */
    int lock_fd;  /* else: ours for the moment */
    struct user_db *db;
    struct role_users users;
};

/* As root on what an ordinary user's server has made: as that user, or it could not go on. */
static enum err become_owner(const char *data, struct buf *why)
{
    uint32_t uid, gid;
    if (geteuid() != 0 || !data_dir_owner(data, &uid, &gid))
        return ERR_OK;
    if (setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0)
        return ERR_OK;
    buf_addf(why, "cannot become user %u, whose %s is", uid, data);
    return ERR_NOPERM;
}

static enum err open_files(struct accounts *a, struct buf *why)
{
    char path[SETTINGS_PATH_OCTETS_MAX + 32];
    long holder;
    TRY(become_owner(a->data, why));
    role_users_find(&a->users);
    TRY(data_dir_prepare(a->data, &a->users, why));
    enum err e = data_dir_lock(a->data, &a->lock_fd, &holder);
    if (e == ERR_INUSE)
        buf_addf(why, "the server (process %ld) is starting or stopping: try again", holder);
    else if (e != ERR_OK)
        buf_addf(why, "%s cannot be locked: %s", a->data, err_text(e));
    TRY(e);
    snprintf(path, sizeof(path), "%s/auth/auth.db", a->data);
    e = user_db_open(path, &a->db);
    if (e != ERR_OK)
        buf_addf(why, "%s cannot be opened: %s", path, err_text(e));
    return e;
}

enum err accounts_open(const struct settings *s, struct accounts **out, struct buf *why)
{
    struct accounts *a = mem_new(struct accounts);
    int probe = -1;
    a->data = s->data;
    a->lock_fd = -1;
    enum err e = control_connect(a->data, "auth.sock", &probe);
    if (e == ERR_OK) {
        a->running = true;
        fd_close_at(&probe);
    } else if (e == ERR_NOPERM) {
        buf_addf(why, "the server's sockets in %s/control are not for you: become its user or root",
                 a->data);
    } else {
        e = open_files(a, why);
    }
    if (e != ERR_OK)
        accounts_close(&a);
    else
        *out = a;
    return e;
}

void accounts_close(struct accounts **ap)
{
    struct accounts *a = *ap;
    if (a == NULL)
        return;
    bool worked = a->db != NULL;
    user_db_close(&a->db);
    if (worked)
        data_dir_give(a->data, &a->users);
    fd_close_at(&a->lock_fd);
    free(a);
    *ap = NULL;
}

/* Ask a socket; "NO reason" is ERR_CANNOT with the reason in `why`. */
static enum err ask(struct accounts *a, const char *socket, struct slice line, struct buf *answer,
                    struct buf *why)
{
    struct buf last;
    buf_init(&last, 1000);
    enum err e = control_ask(a->data, socket, line, answer, &last);
    struct slice s = buf_slice(&last);
    if (e != ERR_OK) {
        buf_addf(why, "the server does not answer on %s/control/%s", a->data, socket);
    } else if (!slice_eq(s, SLICE("OK"))) {
        buf_add_slice(why, slice_starts(s, SLICE("NO ")) ? slice_sub(s, 3, SIZE_MAX) : s);
        e = ERR_CANNOT;
    }
    buf_release(&last);
    return e;
}

/* Run on the file; the answer has the same form as the socket's. */
static enum err ask_file(struct accounts *a, struct slice line, struct buf *answer, struct buf *why)
{
    auth_control_run(a->db, line, answer);
    struct slice all = buf_slice(answer);
    size_t from = all.n > 0 ? all.n - 1 : 0;
    while (from > 0 && all.p[from - 1] != '\n')
        from--;
    struct slice last = slice_sub(all, from, all.n - from - 1);
    bool ok = slice_eq(last, SLICE("OK"));
    if (!ok)
        buf_add_slice(why, slice_sub(last, 3, SIZE_MAX));
    buf_truncate(answer, from);
    return ok ? ERR_OK : ERR_CANNOT;
}

enum err accounts_auth(struct accounts *a, struct slice command, struct buf *answer,
                       struct buf *why)
{
    struct buf line;
    buf_init(&line, AUTH_CONTROL_LINE_OCTETS_MAX);
    buf_add_str(&line, "ROOST1 ");
    buf_add_slice(&line, command);
    enum err e = a->running ? ask(a, "auth.sock", buf_slice(&line), answer, why)
                            : ask_file(a, buf_slice(&line), answer, why);
    if (line.p != NULL)
        mem_wipe(line.p, line.cap);
    buf_release(&line);
    return e;
}

enum err accounts_add_login(struct accounts *a, const struct auth_name *name, struct slice password,
                            struct buf *why)
{
    struct scheme_hash hash;
    struct buf command, answer;
    enum err e;

    TRY(scheme_make(password, &hash));
    buf_init(&command, AUTH_CONTROL_LINE_OCTETS_MAX);
    buf_init(&answer, 10000);
    buf_addf(&command, "add %.*s\t%s", SLICE_ARG(auth_name_slice(name)), hash.text);
    e = accounts_auth(a, buf_slice(&command), &answer, why);
    buf_release(&command);
    buf_release(&answer);
    return e;
}

/* "ROOST1 VERB NAME" to the store; a refusal that begins with `fine` is none. */
static enum err ask_store(struct accounts *a, const char *verb, const struct auth_name *name,
                          struct slice fine, struct buf *why)
{
    struct buf line, answer, refusal;
    buf_init(&line, 1000);
    buf_init(&answer, 10000);
    buf_init(&refusal, 1000);
    buf_addf(&line, "ROOST1 %s ", verb);
    buf_add_slice(&line, auth_name_slice(name));
    enum err e = ask(a, "store.sock", buf_slice(&line), &answer, &refusal);
    if (e == ERR_CANNOT && slice_starts(buf_slice(&refusal), fine))
        e = ERR_OK;
    if (e != ERR_OK)
        buf_add_slice(why, buf_slice(&refusal));
    buf_release(&line);
    buf_release(&answer);
    buf_release(&refusal);
    return e;
}

static enum err said(enum err e, enum err fine, struct buf *why)
{
    if (e == fine)
        return ERR_OK;
    if (e != ERR_OK)
        buf_add_str(why, err_text(e));
    return e;
}

enum err accounts_create_mail(struct accounts *a, const struct auth_name *name, struct buf *why)
{
    if (a->running)
        return ask_store(a, "create", name, SLICE("EXISTS "), why);
    return said(account_create(a->data, auth_name_slice(name)), ERR_EXISTS, why);
}

enum err accounts_remove_mail(struct accounts *a, const struct auth_name *name, struct buf *why)
{
    if (a->running)
        return ask_store(a, "remove", name, SLICE("NOTFOUND "), why);
    return said(account_remove(a->data, auth_name_slice(name)), ERR_NOTFOUND, why);
}
