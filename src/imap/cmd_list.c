/* imap/cmd_list.c -- LIST with its extensions, LSUB, and XLIST.
 *
 * Source: RFC 9051 section 6.3.9, RFC 5258 (selection and return options), RFC 5819 (STATUS),
 * RFC 6154 (SPECIAL-USE), RFC 9590 (METADATA), RFC 3348 (CHILDREN), RFC 3501 section 6.3.9 (LSUB).
 * XLIST is what old clients ask for special uses: LIST's syntax without extensions, and other
 * words.
 *
 * The names looked at are the folders and the subscribed names, merged in octet order; the job
 * remembers the last name it has handled, so folders may come and go between two steps; so it does
 * with the subscribed names without a folder, which come behind the folders.
 */
#include "imap/internal.h"
#include "wire/create.h"
#include "wire/list.h"

enum { SHOW_XLIST = 1 << 30 }; /* beside LIST_RETURN_ bits: XLIST's words for special uses */

struct list_job {
    struct list_args args;
    bool lsub, xlist;
    char last[STORE_NAME_OCTETS_MAX]; /* the last name handled */
    size_t last_n;
    bool started;
    bool orphans;  /* the folders are done */
    size_t orphan; /* how many subscribed names are done; the last of them is `last` */
};

/* One name to answer: a folder, a subscribed name, or both. */
struct entry {
    struct slice name;
    struct folder *folder; /* NULL: \NonExistent */
    bool subscribed;
};

static enum err parse(struct imap_session *s, struct job *j, struct lex *in, bool lsub)
{
    struct list_job *l = arena_new(&j->arena, struct list_job);

    if (l == NULL)
        return ERR_NOMEM;
    j->args = l;
    l->lsub = lsub;
    TRY(lex_space(in));
    return lsub ? list_parse_lsub(in, &j->arena, session_form(s), &l->args)
                : list_parse(in, &j->arena, session_form(s), &l->args);
}

enum err list_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    return parse(s, j, in, false);
}

enum err xlist_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    struct list_job *l;

    TRY(parse(s, j, in, true));
    l = j->args;
    l->lsub = false;
    l->xlist = true;
    return ERR_OK;
}

enum err lsub_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    return parse(s, j, in, true);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void add_attribute(struct buf *out, bool *any, const char *attribute)
{
    if (*any)
        buf_add_char(out, ' ');
    buf_add_str(out, attribute);
    *any = true;
}

static void add_uses(struct buf *out, const struct entry *e, uint32_t returns, bool any)
{
    if ((returns & SHOW_XLIST) == 0) {
        special_use_write(out, e->folder->special_use, any);
        return;
    }
    if (mailbox_is_inbox(e->name))
        add_attribute(out, &any, "\\Inbox");
    special_use_write_xlist(out, e->folder->special_use, any);
}

/* "* LIST (attributes) "/" name", to which extended items may be added. */
static void write_head(struct imap_session *s, const struct entry *e, const char *verb,
                       uint32_t returns)
{
    struct buf *out = &s->out;
    bool any = false;

    buf_addf(out, "* %s (", verb);
    if (e->folder == NULL)
        add_attribute(out, &any, "\\NonExistent");
    else if (e->folder->noselect)
        add_attribute(out, &any, "\\Noselect");
    if (e->folder != NULL && (returns & LIST_RETURN_CHILDREN) != 0)
        add_attribute(out, &any, e->folder->has_children ? "\\HasChildren" : "\\HasNoChildren");
    if (e->subscribed && (returns & LIST_RETURN_SUBSCRIBED) != 0)
        add_attribute(out, &any, "\\Subscribed");
    if (e->folder != NULL && (returns & LIST_RETURN_SPECIAL_USE) != 0)
        add_uses(out, e, returns, any);
    buf_add_str(out, ") \"/\" ");
    mailbox_write(out, session_form(s), e->name);
}

static void write_line(struct imap_session *s, const struct entry *e, const char *verb,
                       uint32_t returns, bool childinfo)
{
    write_head(s, e, verb, returns);
    if (childinfo)
        buf_add_str(&s->out, " (\"CHILDINFO\" (\"SUBSCRIBED\"))");
    buf_add_str(&s->out, "\r\n");
}

void list_write_as(struct imap_session *s, const struct folder *f, struct slice name,
                   struct slice old_name)
{
    struct entry e = {.name = name,
                      .folder = (struct folder *)f,
                      .subscribed = subscription_has(s->account, name)};

    write_head(s, &e, "LIST",
               LIST_RETURN_CHILDREN | LIST_RETURN_SUBSCRIBED | LIST_RETURN_SPECIAL_USE);
    if (old_name.p != NULL) { /* RFC 5465 section 5.4 */
        buf_add_str(&s->out, " (\"OLDNAME\" (");
        mailbox_write(&s->out, session_form(s), old_name);
        buf_add_str(&s->out, "))");
    }
    buf_add_str(&s->out, "\r\n");
}

void list_write_folder(struct imap_session *s, struct folder *f)
{
    list_write_as(s, f, f->name, SLICE_NULL);
}

/* ---- choosing ------------------------------------------------------------------------------- */

static bool matches(struct job *j, const struct list_job *l, struct slice name)
{
    scoped_undo struct arena_mark undo = arena_mark(&j->arena);
    struct slice key;

    if (mailbox_key(&j->arena, name, &key) != ERR_OK)
        return false;
    for (size_t i = 0; i < l->args.n; i++) {
        if (mailbox_match(&l->args.pattern[i], key))
            return true;
    }
    return false;
}

/* Whether a name below `name` is subscribed and itself not told of (RFC 5258 section 3.5). */
static bool has_subscribed_child(struct imap_session *s, struct job *j, const struct list_job *l,
                                 const struct entry *e)
{
    size_t all, n, first = subscriptions_below(s->account, e->name, &n);
    const struct slice *subscribed = account_subscriptions(s->account, &all);

    for (size_t i = first; i < first + n; i++) {
        if (!matches(j, l, subscribed[i]))
            return true;
    }
    return false;
}

static void answer_list(struct imap_session *s, struct job *j, const struct list_job *l,
                        const struct entry *e)
{
    const struct list_args *args = &l->args;
    uint32_t returns = args->returns;
    bool childinfo = false, selected;

    if (!args->extended)
        returns |= LIST_RETURN_CHILDREN | LIST_RETURN_SPECIAL_USE;
    if ((args->select & LIST_SELECT_SUBSCRIBED) != 0)
        returns |= LIST_RETURN_SUBSCRIBED;
    if ((args->select & LIST_SELECT_SPECIAL_USE) != 0)
        returns |= LIST_RETURN_SPECIAL_USE;
    selected = ((args->select & LIST_SELECT_SUBSCRIBED) == 0 || e->subscribed) &&
               ((args->select & LIST_SELECT_SPECIAL_USE) == 0 ||
                (e->folder != NULL && e->folder->special_use != 0)) &&
               (e->folder != NULL || (args->select & LIST_SELECT_SUBSCRIBED) != 0);
    if ((args->select & LIST_SELECT_RECURSIVEMATCH) != 0 &&
        (args->select & LIST_SELECT_SUBSCRIBED) != 0)
        childinfo = has_subscribed_child(s, j, l, e);
    if (!selected && !childinfo)
        return;
    if (l->xlist)
        returns |= SHOW_XLIST;
    write_line(s, e, l->xlist ? "XLIST" : "LIST", returns, childinfo);
    if (selected && e->folder != NULL && (args->returns & LIST_RETURN_METADATA) != 0) {
        enum err err = metadata_write(s, e->folder, &args->metadata);

        j->late = err != ERR_OK ? err : j->late;
    }
    if ((args->returns & LIST_RETURN_STATUS) != 0 && e->folder != NULL && !e->folder->noselect &&
        selected)
        status_write(s, e->folder, args->status_items);
}

/* LSUB: a subscribed name; or, with "%", a level above one that does not match itself, which is
 * told as \Noselect (RFC 3501 section 6.3.9). */
static void answer_lsub(struct imap_session *s, struct job *j, const struct list_job *l,
                        const struct entry *e)
{
    if (e->subscribed) {
        write_line(s, e, "LSUB", 0, false);
    } else if (has_subscribed_child(s, j, l, e)) {
        buf_add_str(&s->out, "* LSUB (\\Noselect) \"/\" ");
        mailbox_write(&s->out, session_form(s), e->name);
        buf_add_str(&s->out, "\r\n");
    }
}

/* ---- walking -------------------------------------------------------------------------------- */

/* INBOX first, then octet order: the order of account_folders. */
static int name_order(struct slice a, struct slice b)
{
    bool ia = mailbox_is_inbox(a), ib = mailbox_is_inbox(b);

    return ia || ib ? ib - ia : slice_cmp(a, b);
}

size_t folders_after(struct folder *const *f, size_t n, struct slice last)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (name_order(f[mid]->name, last) <= 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void remember(struct list_job *l, struct slice name)
{
    memcpy(l->last, name.p, name.n);
    l->last_n = name.n;
}

static void answer(struct imap_session *s, struct job *j, struct list_job *l, const struct entry *e)
{
    if (matches(j, l, e->name)) {
        if (l->lsub)
            answer_lsub(s, j, l, e);
        else
            answer_list(s, j, l, e);
    }
    remember(l, e->name);
    l->started = true;
}

static bool wants_subscribed(const struct list_job *l)
{
    return l->lsub || (l->args.select & LIST_SELECT_SUBSCRIBED) != 0;
}

/* Subscribed name i and the levels above it, as far as there is no folder of that name. */
static void answer_orphan(struct imap_session *s, struct job *j, struct list_job *l,
                          const struct slice *names, size_t i)
{
    struct slice name = names[i], before = i > 0 ? names[i - 1] : SLICE_NULL;

    for (size_t end = 1; end <= name.n; end++) {
        struct entry e = {.name = slice_sub(name, 0, end), .subscribed = end == name.n};

        if (end < name.n && name.p[end] != '/')
            continue;
        if (end < name.n && before.n >= end && slice_starts(before, e.name) &&
            (before.n == end || before.p[end] == '/'))
            continue; /* this level was looked at for the name before */
        if (folder_find(s->account, e.name) != NULL || !matches(j, l, e.name) ||
            (!e.subscribed && subscription_has(s->account, e.name)))
            continue;
        if (l->lsub)
            answer_lsub(s, j, l, &e);
        else
            answer_list(s, j, l, &e);
    }
}

/* Where to go on: behind the last name, which may have moved meanwhile, or be gone. */
static size_t next_orphan(const struct list_job *l, const struct slice *names, size_t n)
{
    struct slice last = slice_of(l->last, l->last_n);

    if (l->orphan == 0 || (l->orphan <= n && slice_eq(names[l->orphan - 1], last)))
        return l->orphan;
    for (size_t i = 0; i < n; i++) {
        if (slice_eq(names[i], last))
            return i + 1;
    }
    return l->orphan - 1 < n ? l->orphan - 1 : n; /* gone: the next one stands in its place */
}

static enum err answer_orphans(struct imap_session *s, struct job *j, struct list_job *l)
{
    size_t n;
    const struct slice *names = account_subscriptions(s->account, &n);

    for (size_t i = next_orphan(l, names, n); i < n; i++) {
        answer_orphan(s, j, l, names, i);
        remember(l, names[i]);
        l->orphan = i + 1;
        if (job_step_is_full(s, j) && i + 1 < n)
            return ERR_MORE;
    }
    return ERR_OK;
}

static enum err walk(struct imap_session *s, struct job *j)
{
    struct list_job *l = j->args;
    size_t n, i = 0;
    struct folder *const *f = account_folders(s->account, &n);

    if (l->started && !l->orphans)
        i = folders_after(f, n, slice_of(l->last, l->last_n));
    for (; i < n && !l->orphans; i++) {
        struct entry e = {.name = f[i]->name,
                          .folder = f[i],
                          .subscribed = subscription_has(s->account, f[i]->name)};

        answer(s, j, l, &e);
        if (job_step_is_full(s, j) && i + 1 < n)
            return ERR_MORE;
    }
    l->orphans = true;
    return wants_subscribed(l) ? answer_orphans(s, j, l) : ERR_OK;
}

enum err list_run(struct imap_session *s, struct job *j)
{
    struct list_job *l = j->args;

    if (l->args.hierarchy_only) {
        buf_addf(&s->out, "* %s (\\Noselect) \"/\" \"\"\r\n",
                 l->lsub    ? "LSUB"
                 : l->xlist ? "XLIST"
                            : "LIST");
        return ERR_OK;
    }
    return walk(s, j);
}

enum err lsub_run(struct imap_session *s, struct job *j)
{
    return list_run(s, j);
}
