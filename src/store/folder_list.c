/* store/folder_list.c -- the account's folders in memory: the array by name, and reading rows.
 *
 * Rows may be read a second time after an undo. A struct folder is never freed before
 * account_close, because sessions hold pointers: one whose row is not there any more becomes
 * `gone`.
 */
#include "base/mem.h"
#include "store/sort_columns.h"
#include "wire/mailbox.h"

/* Columns of FOLDER_COLUMNS. */
enum {
    COL_ID,
    COL_MAILBOX_ID,
    COL_NAME,
    COL_NAME_KEY,
    COL_UIDVALIDITY,
    COL_UIDNEXT,
    COL_RECENT_UID,
    COL_CREATED_MODSEQ,
    COL_HIGHESTMODSEQ,
    COL_GONE_MODSEQ,
    COL_EXPUNGE_FLOOR,
    COL_MESSAGES,
    COL_UNSEEN,
    COL_DELETED,
    COL_SIZE,
    COL_SPECIAL_USE,
    COL_NOSELECT,
};

static uint64_t get64(sqlite3_stmt *q, int column)
{
    return (uint64_t)sqlite3_column_int64(q, column);
}

static uint32_t get32(sqlite3_stmt *q, int column)
{
    return (uint32_t)sqlite3_column_int64(q, column);
}

void folder_set_name(struct folder_state *f, struct slice name, struct slice key)
{
    name_free(&f->pub.name, &f->key);
    f->pub.name = slice_of(mem_dup_slice(name), name.n);
    f->key = slice_eq(name, key) ? f->pub.name : slice_of(mem_dup_slice(key), key.n);
}

void folder_become_gone(struct folder_state *f)
{
    name_free(&f->pub.name, &f->key);
    f->pub.name = f->key = SLICE("");
    f->pub.name.p = f->key.p = mem_strdup("");
    f->pub.gone = true;
    f->pub.has_children = false;
    quota_forget_sums(f->pub.account);
    f->pub.messages = f->pub.unseen = f->pub.deleted = 0;
    f->pub.size_octets = 0;
}

void folder_note_all(struct folder_state *f, uint64_t modseq)
{
    struct folder *p = &f->pub;

    p->new_modseq = p->new_modseq > modseq ? p->new_modseq : modseq;
    p->flags_modseq = p->flags_modseq > modseq ? p->flags_modseq : modseq;
    p->expunge_modseq = p->expunge_modseq > modseq ? p->expunge_modseq : modseq;
}

static void read_row(struct folder_state *f, sqlite3_stmt *q)
{
    struct folder *p = &f->pub;

    quota_forget_sums(p->account);
    p->id = get64(q, COL_ID);
    p->mailbox_id = get64(q, COL_MAILBOX_ID);
    p->uidvalidity = get32(q, COL_UIDVALIDITY);
    p->uidnext = get32(q, COL_UIDNEXT);
    p->highestmodseq = get64(q, COL_HIGHESTMODSEQ);
    p->messages = get32(q, COL_MESSAGES);
    p->unseen = get32(q, COL_UNSEEN);
    p->deleted = get32(q, COL_DELETED);
    p->size_octets = get64(q, COL_SIZE);
    p->special_use = get32(q, COL_SPECIAL_USE);
    p->noselect = get32(q, COL_NOSELECT) != 0;
    p->gone = sqlite3_column_type(q, COL_GONE_MODSEQ) != SQLITE_NULL;
    f->created_modseq = get64(q, COL_CREATED_MODSEQ);
    f->expunge_floor = get64(q, COL_EXPUNGE_FLOOR);
    if (get32(q, COL_RECENT_UID) > f->recent_uid) /* the lazy mark in memory may be ahead */
        f->recent_uid = get32(q, COL_RECENT_UID);
    f->row_dirty = false;
    folder_note_all(f, p->highestmodseq);
    if (p->gone)
        folder_become_gone(f);
    else
        folder_set_name(f, sql_slice(q, COL_NAME), sql_slice(q, COL_NAME_KEY));
}

/* Rows are read, and folders asked for, mostly in the order they stand in: begin where the last
 * search ended. */
static struct folder_state *any_by_id(struct account *a, uint64_t id)
{
    for (size_t i = 0; i < a->n_all; i++) {
        size_t at = (a->id_hint + i) % a->n_all;

        if (a->all[at]->pub.id == id) {
            a->id_hint = at;
            return a->all[at];
        }
    }
    return NULL;
}

static struct folder_state *add_to_all(struct account *a)
{
    struct folder_state *f = mem_new(struct folder_state);

    if (a->n_all == a->cap_all) {
        a->cap_all = a->cap_all > 0 ? a->cap_all * 2 : 16;
        a->all = mem_resize(a->all, a->cap_all, sizeof(struct folder_state *));
    }
    a->all[a->n_all++] = f;
    f->pub.account = a;
    f->pub.name = f->key = slice_of(mem_strdup(""), 0);
    f->ring.floor = a->modseq;
    return f;
}

void folder_release(struct folder_state *f)
{
    name_free(&f->pub.name, &f->key);
    messages_free(&f->messages);
    sort_cache_free(&f->sort);
    free(f->ring.at);
    free(f->keywords);
    free(f);
}

/* ---- the array by key ------------------------------------------------------------------------ */

size_t folders_lower(const struct account *a, struct slice key)
{
    size_t lo = 0, hi = a->n_folders;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (name_cmp(state_of(a->folders[mid])->key, key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

struct folder_state *folders_find(const struct account *a, struct slice key)
{
    size_t i = folders_lower(a, key);

    if (i == a->n_folders || !slice_eq(state_of(a->folders[i])->key, key))
        return NULL;
    return state_of(a->folders[i]);
}

void folders_insert(struct account *a, struct folder_state *f)
{
    size_t i = folders_lower(a, f->key);

    if (a->n_folders == a->cap_folders) {
        a->cap_folders = a->cap_folders > 0 ? a->cap_folders * 2 : 16;
        a->folders = mem_resize(a->folders, a->cap_folders, sizeof(struct folder *));
    }
    memmove(&a->folders[i + 1], &a->folders[i], (a->n_folders - i) * sizeof(struct folder *));
    a->folders[i] = &f->pub;
    a->n_folders++;
}

void folders_take_out(struct account *a, struct folder_state *f)
{
    size_t i = folders_lower(a, f->key);

    a->n_folders--;
    memmove(&a->folders[i], &a->folders[i + 1], (a->n_folders - i) * sizeof(struct folder *));
}

size_t folders_below(const struct account *a, struct slice key, size_t *first)
{
    char prefix[STORE_NAME_OCTETS_MAX * 4]; /* NFC may be longer than the name */
    size_t n = 0;

    if (key.n >= sizeof(prefix))
        return 0;
    memcpy(prefix, key.p, key.n);
    prefix[key.n] = '/';
    *first = folders_lower(a, slice_of(prefix, key.n + 1));
    while (*first + n < a->n_folders &&
           slice_starts(state_of(a->folders[*first + n])->key, slice_of(prefix, key.n + 1)))
        n++;
    return n;
}

static bool has_children(const struct account *a, struct slice key)
{
    char prefix[STORE_NAME_OCTETS_MAX * 4];
    size_t i;

    if (key.n >= sizeof(prefix))
        return false;
    memcpy(prefix, key.p, key.n);
    prefix[key.n] = '/';
    i = folders_lower(a, slice_of(prefix, key.n + 1));
    return i < a->n_folders &&
           slice_starts(state_of(a->folders[i])->key, slice_of(prefix, key.n + 1));
}

void folders_note_children(struct account *a, struct slice key)
{
    struct slice parent = mailbox_parent(key);
    struct folder_state *f = parent.p != NULL ? folders_find(a, parent) : NULL;

    if (f != NULL)
        f->pub.has_children = has_children(a, parent);
}

static int by_key(const void *a, const void *b)
{
    const struct folder *const *x = a, *const *y = b;

    return name_cmp(state_of((struct folder *)*x)->key, state_of((struct folder *)*y)->key);
}

void folders_sort(struct account *a)
{
    if (a->n_folders > 1)
        qsort(a->folders, a->n_folders, sizeof(struct folder *), by_key);
    for (size_t i = 0; i < a->n_folders; i++)
        a->folders[i]->has_children = has_children(a, state_of(a->folders[i])->key);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void append(struct account *a, struct folder_state *f)
{
    if (a->n_folders == a->cap_folders) {
        a->cap_folders = a->cap_folders > 0 ? a->cap_folders * 2 : 16;
        a->folders = mem_resize(a->folders, a->cap_folders, sizeof(struct folder *));
    }
    a->folders[a->n_folders++] = &f->pub;
}

/* Which in-memory folder is the row's: the first load has none, so asks nothing. */
static struct folder_state *of_row(struct account *a, sqlite3_stmt *q, bool first)
{
    struct folder_state *f = first ? NULL : any_by_id(a, get64(q, COL_ID));

    return f != NULL ? f : add_to_all(a);
}

enum err folders_load(struct account *a)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool first = a->n_all == 0, row;

    for (size_t i = 0; i < a->n_folders; i++)
        a->folders[i]->gone = true; /* until its row is seen */
    a->n_folders = 0;
    TRY(sql_query(a, &q, FOLDERS));
    for (;;) {
        struct folder_state *f;

        TRY(sql_step(a, q, &row));
        if (!row)
            break;
        f = of_row(a, q, first);
        read_row(f, q);
        append(a, f);
    }
    for (size_t i = 0; i < a->n_all; i++)
        if (a->all[i]->pub.gone && a->all[i]->pub.name.n > 0)
            folder_become_gone(a->all[i]);
    folders_sort(a);
    return ERR_OK;
}

/* After an undo or rollback: the row, and nothing kept of the messages. */
enum err folder_reread(struct folder_state *f)
{
    struct account *a = f->pub.account;
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    messages_free(&f->messages);
    sort_cache_free(&f->sort);
    ring_reset(f);
    f->row_dirty = false;
    TRY(sql_query(a, &q, FOLDER_GET, I(f->pub.id)));
    TRY(sql_step(a, q, &row));
    if (row)
        read_row(f, q);
    else if (!f->pub.gone)
        folder_become_gone(f);
    return ERR_OK;
}

enum err folder_write_counts(struct folder_state *f)
{
    struct folder *p = &f->pub;

    f->row_dirty = false;
    if (p->gone) /* the row keeps what it held when it was deleted */
        return ERR_OK;
    TRY(sql_run(p->account, FOLDER_COUNTS, I(p->uidnext), I(f->recent_uid), I(p->highestmodseq),
                I(p->messages), I(p->unseen), I(p->deleted), I(p->size_octets), I(p->special_use),
                I(p->noselect), I(p->id)));
    f->recent_dirty = false;
    return ERR_OK;
}

enum err folder_read_new(struct account *a, uint64_t id, struct folder_state **out)
{
    struct folder_state *f = add_to_all(a);
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    f->pub.gone = true; /* unless the row is read */
    TRY(sql_query(a, &q, FOLDER_GET, I(id)));
    TRY(sql_step(a, q, &row));
    if (!row)
        return ERR_CORRUPT;
    read_row(f, q);
    folders_insert(a, f);
    folders_note_children(a, f->key);
    f->pub.has_children = has_children(a, f->key);
    *out = f;
    return ERR_OK;
}

/* ---- the door -------------------------------------------------------------------------------- */

struct folder *const *account_folders(struct account *a, size_t *n)
{
    *n = a->n_folders;
    return a->folders;
}

struct folder *folder_find(struct account *a, struct slice name)
{
    struct slice canonical, key;
    struct folder_state *f;

    if (name_canonical(name, &canonical, &key) != ERR_OK)
        return NULL;
    f = folders_find(a, key);
    name_free(&canonical, &key);
    return f != NULL ? &f->pub : NULL;
}

struct folder *folder_by_id(struct account *a, uint64_t id)
{
    struct folder_state *f = any_by_id(a, id);

    return f != NULL && !f->pub.gone ? &f->pub : NULL;
}

uint32_t folder_recent(struct folder *pub, bool take)
{
    struct folder_state *f = state_of(pub);
    uint32_t first = f->recent_uid;

    if (take && first < pub->uidnext) {
        f->recent_uid = pub->uidnext;
        f->recent_dirty = true;
    }
    return first;
}
