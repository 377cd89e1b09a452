/* store/folder.c -- CREATE, DELETE, RENAME (RFC 9051 sections 6.3.4 to 6.3.6).
 *
 * A superior name always exists, if only as \Noselect, so whoever looks for children looks at one
 * range of names. A deleted folder's row stays as a tombstone, and its messages stay behind it
 * until retention ends: DELETE costs the same for ten messages and for a million.
 */
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/internal.h"
#include "wire/mailbox.h"

enum err event_log(struct account *a, enum event_kind kind, uint64_t modseq, uint64_t folder,
                   struct slice name, struct slice old_name)
{
    a->idle.log_due = true;
    events_forget(a);
    return sql_run(a, EVENT_INSERT, I(modseq), I(kind), I_OR(folder, 0), T(name),
                   old_name.p != NULL ? T(old_name) : NIL);
}

/* Some at a time: most of a call is the call. No more than getrandom gives without being cut short
 * by a signal, 256 octets. */
enum err random_id(uint64_t *out)
{
    static _Thread_local uint64_t ready[16];
    static _Thread_local size_t n;

    do {
        if (n == 0) {
            if (getrandom(ready, sizeof(ready), 0) != sizeof(ready))
                return ERR_UNAVAILABLE;
            n = sizeof(ready) / sizeof(ready[0]);
        }
        *out = ready[--n] & INT64_MAX;
    } while (*out == 0);
    return ERR_OK;
}

/* ---- create --------------------------------------------------------------------------------- */

static enum err insert(struct account *a, struct slice name, struct slice key, uint32_t use,
                       bool noselect, uint64_t modseq, struct folder_state **out)
{
    uint64_t mailbox_id;

    if (a->uidvalidity_last == UINT32_MAX)
        return ERR_LIMIT;
    TRY(random_id(&mailbox_id));
    a->structure_txn = true;
    a->structure_command = a->structure_command || a->in_command;
    a->uidvalidity_last++;
    TRY(sql_run(a, FOLDER_INSERT, I(mailbox_id), T(name), T(key), I(a->uidvalidity_last), I(modseq),
                I(modseq), I(use), I(noselect)));
    TRY(folder_read_new(a, (uint64_t)sqlite3_last_insert_rowid(a->db), out));
    folder_touch(*out);
    return event_log(a, EVENT_CREATE, modseq, (*out)->pub.id, name, SLICE_NULL);
}

/* A \Noselect name becomes a mailbox: with a UIDVALIDITY of its own, as it never had messages
 * the old one is as good. */
static enum err make_selectable(struct folder_state *f, uint32_t use, uint64_t modseq)
{
    folder_touch(f);
    f->pub.noselect = false;
    f->pub.special_use |= use;
    f->pub.highestmodseq = modseq;
    folder_note_all(f, modseq);
    return event_log(f->pub.account, EVENT_CREATE, modseq, f->pub.id, f->pub.name, SLICE_NULL);
}

/* The superior names of `name`, from the top down, that do not exist yet. */
static enum err create_superiors(struct account *a, struct slice name, uint64_t modseq)
{
    for (size_t i = 1; i < name.n; i++) {
        struct slice superior, key;
        struct folder_state *f = NULL;
        enum err err;

        if (name.p[i] != '/')
            continue;
        TRY(name_canonical(slice_of(name.p, i), &superior, &key));
        err = folders_find(a, key) != NULL ? ERR_OK : insert(a, superior, key, 0, true, modseq, &f);
        name_free(&superior, &key);
        TRY(err);
    }
    return ERR_OK;
}

static size_t levels(struct slice name)
{
    size_t n = 1;

    for (size_t i = 0; i < name.n; i++)
        n += name.p[i] == '/';
    return n;
}

static bool use_is_taken(const struct account *a, uint32_t use)
{
    for (size_t i = 0; i < a->n_folders; i++)
        if ((a->folders[i]->special_use & use) != 0)
            return true;
    return false;
}

static enum err check_create(struct account *a, struct slice name, struct slice key, uint32_t use)
{
    const struct folder_state *f = folders_find(a, key);

    if (name_is_reserved(name))
        return ERR_CANNOT;
    if (f != NULL && !f->pub.noselect)
        return ERR_EXISTS; /* INBOX always does */
    if (use != 0 && use_is_taken(a, use))
        return ERR_USEATTR;
    if (a->n_folders + levels(name) > STORE_FOLDERS_MAX)
        return ERR_LIMIT;
    return quota_check_mailboxes(a);
}

static enum err create(struct account *a, struct slice name, struct slice key, uint32_t use,
                       struct folder_state **out)
{
    uint64_t modseq = account_tick(a);

    *out = folders_find(a, key);
    if (*out != NULL)
        return make_selectable(*out, use, modseq);
    TRY(create_superiors(a, name, modseq));
    return insert(a, name, key, use, false, modseq, out);
}

static enum err create_checked(struct account *a, struct slice name, struct slice key, uint32_t use,
                               struct folder_state **out)
{
    TRY(check_create(a, name, key, use));
    TRY(change_begin(a));
    return change_end(a, create(a, name, key, use, out));
}

enum err folder_create(struct account *a, struct slice name, uint32_t special_use,
                       struct folder **out)
{
    struct folder_state *f = NULL;
    struct slice canonical, key;
    enum err err;

    TRY(name_canonical(name, &canonical, &key));
    err = create_checked(a, canonical, key, special_use, &f);
    name_free(&canonical, &key);
    if (err == ERR_OK && out != NULL)
        *out = &f->pub;
    return err;
}

enum err folder_create_inbox(struct account *a)
{
    struct folder_state *f;

    TRY(change_begin(a));
    return change_end(a, insert(a, SLICE("INBOX"), SLICE("INBOX"), 0, false, account_tick(a), &f));
}

enum err folder_set_use(struct folder *f, uint32_t special_use, uint64_t modseq)
{
    struct account *a = f->account;

    if (f->gone)
        return ERR_NOTFOUND;
    if (f->special_use == special_use)
        return ERR_OK;
    TRY(change_begin(a));
    folder_touch(state_of(f));
    f->special_use = special_use;
    f->highestmodseq = modseq;
    return change_end(
        a, event_log(a, EVENT_METADATA, modseq, f->id, SLICE("/private/specialuse"), SLICE_NULL));
}

/* ---- delete --------------------------------------------------------------------------------- */

static enum err bury(struct folder_state *f, uint64_t modseq)
{
    struct account *a = f->pub.account;

    TRY(pending_flush(a));
    if (f->row_dirty)
        TRY(folder_write_counts(f));
    TRY(sql_run(a, FOLDER_GONE, I(modseq), I(clock_wall_s()), I(modseq), I(f->pub.id)));
    TRY(annotations_drop(f));
    return event_log(a, EVENT_DELETE, modseq, f->pub.id, f->pub.name, SLICE_NULL);
}

/* In memory a gone folder has no messages; whoever still shows them asks folder_changes. */
static void vanish(struct folder_state *f, uint64_t modseq)
{
    struct account *a = f->pub.account;

    folders_take_out(a, f);
    folders_note_children(a, f->key);
    ring_reset(f);
    messages_empty(f);
    f->pub.highestmodseq = modseq;
    folder_become_gone(f);
}

static enum err delete_folder(struct folder_state *f)
{
    struct account *a = f->pub.account;
    bool keep_name = f->pub.has_children;
    uint64_t modseq = account_tick(a);
    struct slice name = slice_of(mem_dup_slice(f->pub.name), f->pub.name.n);
    struct slice key = slice_of(mem_dup_slice(f->key), f->key.n);
    struct folder_state *heir;
    enum err err;

    folder_touch(f);
    a->structure_txn = true;
    a->structure_command = a->structure_command || a->in_command;
    err = bury(f, modseq);
    if (err == ERR_OK) {
        vanish(f, modseq);
        if (keep_name)
            err = insert(a, name, key, 0, true, modseq, &heir);
    }
    name_free(&name, &key);
    return err;
}

enum err folder_delete(struct folder *f)
{
    if (f->gone)
        return ERR_NOTFOUND;
    if (mailbox_is_inbox(f->name))
        return ERR_CANNOT;
    if (f->noselect && f->has_children)
        return ERR_HASCHILDREN;
    TRY(change_begin(f->account));
    return change_end(f->account, delete_folder(state_of(f)));
}

/* ---- rename --------------------------------------------------------------------------------- */

/* RENAME INBOX (RFC 9051 section 6.3.6): a new mailbox gets all its messages, and a copy of its
 * metadata (RFC 5464 section 4.1). */
static enum err move_inbox(struct folder_state *inbox, struct slice name, struct slice key)
{
    struct account *a = inbox->pub.account;
    struct folder_state *to;
    struct messages *m;
    uint32_t first;
    scoped_free uint32_t *uids = NULL;
    uint32_t n;

    TRY(create(a, name, key, 0, &to));
    TRY(annotations_copy(inbox, to, a->modseq));
    TRY(folder_messages(&inbox->pub, &m));
    n = m->n;
    uids = mem_calloc(n + 1, sizeof(*uids));
    if (n == 0)
        return ERR_OK;
    for (uint32_t i = 0; i < n; i++)
        uids[i] = uid_at(m->map, i);
    TRY(messages_copy(&inbox->pub, uids, n, &to->pub, a->modseq, &first));
    return messages_expunge(&inbox->pub, uids, n, a->modseq);
}

static enum err rename_one(struct folder_state *f, struct slice name, struct slice key,
                           uint64_t modseq)
{
    struct account *a = f->pub.account;

    folder_touch(f);
    TRY(sql_run(a, FOLDER_RENAME, T(name), T(key), I(f->pub.id)));
    TRY(event_log(a, EVENT_RENAME, modseq, f->pub.id, name, f->pub.name));
    folder_set_name(f, name, key);
    f->pub.highestmodseq = modseq; /* so that the next opening knows too */
    folder_note_all(f, modseq);
    return ERR_OK;
}

/* Where the levels of `top` end in the name of an inferior. Not at top's length: the inferior may
 * have been created with another normalisation of the same letters. */
static size_t cut_of(struct slice top, struct slice name)
{
    size_t left = levels(top), i = 0;

    for (; i < name.n; i++)
        if (name.p[i] == '/' && --left == 0)
            break;
    return i;
}

static struct slice new_name(struct buf *b, struct slice top, struct slice old, size_t cut)
{
    buf_clear(b);
    buf_add_slice(b, top);
    buf_add_slice(b, slice_sub(old, cut, old.n));
    return buf_slice(b);
}

/* `f` and its inferiors, which are n folders of `list`; the names' beginnings change, their
 * order does not matter here: the array is sorted again afterwards. */
static enum err rename_tree(struct folder_state **list, size_t n, struct slice name,
                            struct slice key, uint64_t modseq)
{
    struct slice top = slice_of(mem_dup_slice(list[0]->key), list[0]->key.n);
    struct buf name_buf, key_buf;
    enum err err = ERR_OK;

    buf_init(&name_buf, STORE_NAME_OCTETS_MAX * 8);
    buf_init(&key_buf, STORE_NAME_OCTETS_MAX * 8);
    for (size_t i = 0; i < n && err == ERR_OK; i++)
        err = rename_one(
            list[i], new_name(&name_buf, name, list[i]->pub.name, cut_of(top, list[i]->pub.name)),
            new_name(&key_buf, key, list[i]->key, top.n), modseq);
    buf_release(&name_buf);
    buf_release(&key_buf);
    free((char *)top.p);
    return err;
}

static bool fits(const struct folder_state *top, struct folder *const *below, size_t n,
                 struct slice name)
{
    for (size_t i = 0; i < n; i++)
        if (below[i]->name.n - cut_of(top->key, below[i]->name) + name.n > STORE_NAME_OCTETS_MAX)
            return false;
    return true;
}

static enum err rename_folder(struct folder_state *f, struct slice name, struct slice key)
{
    struct account *a = f->pub.account;
    uint64_t modseq = account_tick(a);
    size_t first, n = folders_below(a, f->key, &first);
    scoped_free struct folder_state **list = mem_calloc(n + 1, sizeof(struct folder_state *));
    enum err err;

    list[0] = f;
    for (size_t i = 0; i < n; i++)
        list[i + 1] = state_of(a->folders[first + i]);
    a->structure_txn = true;
    a->structure_command = a->structure_command || a->in_command;
    TRY(create_superiors(a, name, modseq));
    err = rename_tree(list, n + 1, name, key, modseq);
    folders_sort(a);
    return err;
}

static enum err check_rename(struct folder_state *f, struct slice name, struct slice key)
{
    struct account *a = f->pub.account;
    size_t first, n = folders_below(a, f->key, &first);

    if (mailbox_is_inbox(name) || name_is_reserved(name))
        return ERR_CANNOT;
    if (folders_find(a, key) != NULL)
        return ERR_EXISTS;
    if (slice_starts(key, f->key) && key.p[f->key.n] == '/' && !mailbox_is_inbox(f->key))
        return ERR_CANNOT; /* into itself */
    if (a->n_folders + levels(name) > STORE_FOLDERS_MAX)
        return ERR_LIMIT;
    if (mailbox_is_inbox(f->key))
        return quota_check_mailboxes(a);
    return fits(f, &a->folders[first], n, name) ? ERR_OK : ERR_LIMIT;
}

static enum err rename_checked(struct folder_state *f, struct slice name, struct slice key)
{
    struct account *a = f->pub.account;

    TRY(check_rename(f, name, key));
    TRY(change_begin(a));
    if (mailbox_is_inbox(f->key))
        return change_end(a, move_inbox(f, name, key));
    return change_end(a, rename_folder(f, name, key));
}

enum err folder_rename(struct folder *f, struct slice name)
{
    struct slice canonical, key;
    enum err err;

    if (f->gone)
        return ERR_NOTFOUND;
    TRY(name_canonical(name, &canonical, &key));
    err = rename_checked(state_of(f), canonical, key);
    name_free(&canonical, &key);
    return err;
}
