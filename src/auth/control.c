/* auth/control.c -- one row a command; see control.h. */
#include "auth/control.h"

struct request {
    struct auth_name name;
    struct scheme_hash hash;
};

struct command {
    const char *verb;
    bool wants_name, wants_hash;
    enum err (*run)(struct user_db *db, const struct request *r, struct buf *out);
};

static enum err run_add(struct user_db *db, const struct request *r, struct buf *out)
{
    (void)out;
    return user_db_add(db, &r->name, r->hash.text);
}

static enum err run_passwd(struct user_db *db, const struct request *r, struct buf *out)
{
    (void)out;
    return user_db_set_password(db, &r->name, r->hash.text);
}

static enum err run_remove(struct user_db *db, const struct request *r, struct buf *out)
{
    (void)out;
    return user_db_remove(db, &r->name);
}

static enum err run_enable(struct user_db *db, const struct request *r, struct buf *out)
{
    (void)out;
    return user_db_set_disabled(db, &r->name, false);
}

static enum err run_disable(struct user_db *db, const struct request *r, struct buf *out)
{
    (void)out;
    return user_db_set_disabled(db, &r->name, true);
}

/* "never", or a date and an hour, UTC. */
static void add_time(struct buf *out, int64_t t)
{
    struct tm tm;
    time_t when = (time_t)t;
    char text[40];
    if (t == 0 || gmtime_r(&when, &tm) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        buf_add_str(out, "never");
    else
        buf_add_str(out, text);
}

static enum err list_one(void *ctx, const struct user *u)
{
    struct buf *out = ctx;
    buf_add_slice(out, auth_name_slice(&u->name));
    buf_add_str(out, u->disabled ? "\tdisabled\t" : "\tenabled\t");
    add_time(out, u->last_login);
    buf_add_char(out, '\n');
    return out->overflowed ? ERR_LIMIT : ERR_OK;
}

static enum err run_list(struct user_db *db, const struct request *r, struct buf *out)
{
    (void)r;
    return user_db_each(db, list_one, out);
}

/* The scheme of a hash, without anything that helps to guess: what is between the first two '$'. */
static struct slice scheme_of(const struct user *u)
{
    struct slice hash = slice_of_str(u->password.text);
    hash = slice_sub(hash, slice_find(hash, '$') + 1, SIZE_MAX);
    return slice_sub(hash, 0, slice_find(hash, '$'));
}

static enum err run_show(struct user_db *db, const struct request *r, struct buf *out)
{
    struct user u;
    TRY(user_db_find(db, &r->name, &u));
    buf_add_str(out, "name\t");
    buf_add_slice(out, auth_name_slice(&u.name));
    buf_addf(out, "\nstate\t%s\npassword scheme\t", u.disabled ? "disabled" : "enabled");
    buf_add_slice(out, scheme_of(&u));
    buf_add_str(out, "\ncreated\t");
    add_time(out, u.created);
    buf_add_str(out, "\npassword changed\t");
    add_time(out, u.password_changed);
    buf_add_str(out, "\nlast login\t");
    add_time(out, u.last_login);
    buf_add_char(out, '\n');
    return ERR_OK;
}

static const struct command commands[] = {
    {"add", true, true, run_add},          {"passwd", true, true, run_passwd},
    {"remove", true, false, run_remove},   {"enable", true, false, run_enable},
    {"disable", true, false, run_disable}, {"list", false, false, run_list},
    {"show", true, false, run_show},
};

static enum err parse_arguments(const struct command *c, struct slice rest, struct request *r)
{
    size_t tab = slice_find(rest, '\t');
    struct slice hash = slice_sub(rest, tab + 1, SIZE_MAX);
    if (!c->wants_name)
        return rest.n == 0 ? ERR_OK : ERR_SYNTAX;
    if (c->wants_hash != (tab < rest.n))
        return ERR_SYNTAX;
    TRY(auth_name_fold(slice_sub(rest, 0, tab), &r->name));
    if (!c->wants_hash)
        return ERR_OK;
    if (hash.n == 0 || hash.n > SCHEME_HASH_OCTETS_MAX || !scheme_known(hash))
        return ERR_SYNTAX;
    memcpy(r->hash.text, hash.p, hash.n);
    return ERR_OK;
}

static const struct command *find_command(struct slice verb)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (slice_eq(verb, slice_of_str(commands[i].verb)))
            return &commands[i];
    return NULL;
}

static const char *sentence(enum err e)
{
    switch (e) {
    case ERR_NOTFOUND:
        return "there is no such account";
    case ERR_EXISTS:
        return "there is an account of that name already";
    case ERR_SYNTAX:
        return "that is not a name an account can have";
    default:
        return err_text(e);
    }
}

void auth_control_run(struct user_db *db, struct slice line, struct buf *out)
{
    static const char prefix[] = "ROOST1 ";
    struct request r = {0};
    enum err e = ERR_SYNTAX;
    const struct command *c = NULL;
    size_t before = out->n;

    if (slice_starts(line, SLICE("ROOST1 "))) {
        struct slice rest = slice_sub(line, sizeof(prefix) - 1, SIZE_MAX);
        size_t space = slice_find(rest, ' ');
        c = find_command(slice_sub(rest, 0, space));
        if (c != NULL)
            e = parse_arguments(c, slice_sub(rest, space + 1, SIZE_MAX), &r);
    }
    if (c != NULL && e == ERR_OK)
        e = c->run(db, &r, out);
    if (e == ERR_OK) {
        buf_add_str(out, "OK\n");
        return;
    }
    buf_truncate(out, before);
    buf_addf(out, "NO %s\n", c != NULL ? sentence(e) : "that is not a command of this socket");
}
