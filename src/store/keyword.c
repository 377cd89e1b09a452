/* store/keyword.c -- keywords and sets of them, interned: a message holds one number.
 *
 * All are in memory from the opening on. Names and sets live in one arena until account_close,
 * so a slice once given out stays good; after an undo the entries made meanwhile are forgotten
 * and their numbers given anew, with the octets of the old ones left behind.
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "store/internal.h"

static struct slice name_of(const void *ctx, size_t entry)
{
    return ((const struct account *)ctx)->keyword[entry].name;
}

static struct slice ids_of(const void *ctx, size_t entry)
{
    const struct keyword_set_entry *e = &((const struct account *)ctx)->set[entry];

    return slice_of(e->ids, e->n * sizeof(*e->ids));
}

void words_release(struct account *a)
{
    slice_index_release(&a->keyword_by_name);
    slice_index_release(&a->set_by_ids);
    free(a->keyword);
    free(a->set);
    arena_clear(&a->words);
}

/* ---- entries --------------------------------------------------------------------------------- */

static enum err keyword_add(struct account *a, struct slice name)
{
    struct slice copy;

    if (!arena_copy(&a->words, name, &copy))
        return ERR_LIMIT;
    if (a->n_keywords == a->cap_keywords) {
        a->cap_keywords = a->cap_keywords > 0 ? a->cap_keywords * 2 : 16;
        a->keyword = mem_resize(a->keyword, a->cap_keywords, sizeof(*a->keyword));
    }
    a->keyword[a->n_keywords] = (struct keyword){.name = copy};
    slice_index_add(&a->keyword_by_name, copy, true, a->n_keywords, name_of, a);
    a->n_keywords++;
    return ERR_OK;
}

static bool set_text(struct account *a, const uint32_t *ids, size_t n, struct slice *out)
{
    struct buf text;
    bool ok;

    buf_init(&text, STORE_SETS_OCTETS_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_add_char(&text, ' ');
        buf_add_slice(&text, a->keyword[ids[i] - 1].name);
    }
    ok = !text.overflowed && arena_copy(&a->words, buf_slice(&text), out);
    buf_release(&text);
    return ok;
}

static enum err set_add(struct account *a, const uint32_t *ids, size_t n)
{
    struct keyword_set_entry e = {.n = n};
    uint32_t *copy = arena_array(&a->words, uint32_t, n);

    if (copy == NULL || !set_text(a, ids, n, &e.text))
        return ERR_LIMIT;
    memcpy(copy, ids, n * sizeof(*ids));
    e.ids = copy;
    if (a->n_sets == a->cap_sets) {
        a->cap_sets = a->cap_sets > 0 ? a->cap_sets * 2 : 16;
        a->set = mem_resize(a->set, a->cap_sets, sizeof(*a->set));
    }
    a->set[a->n_sets] = e;
    slice_index_add(&a->set_by_ids, ids_of(a, a->n_sets), false, a->n_sets, ids_of, a);
    a->n_sets++;
    a->sets_octets += e.text.n + n * sizeof(*ids);
    return ERR_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum err load_keywords(struct account *a)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, KEYWORDS));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        if ((uint64_t)sqlite3_column_int64(q, 0) != a->n_keywords + 1)
            return ERR_CORRUPT;
        TRY(keyword_add(a, sql_slice(q, 1)));
    }
}

/* "3 17 21", ascending, each a keyword that exists. */
static enum err parse_ids(const struct account *a, struct slice text, uint32_t *ids, size_t *n)
{
    *n = 0;
    while (text.n > 0) {
        size_t end = slice_find(text, ' ');
        uint64_t id;

        if (!slice_to_u64(slice_sub(text, 0, end), a->n_keywords, &id) || id == 0 ||
            (*n > 0 && id <= ids[*n - 1]))
            return ERR_CORRUPT;
        ids[(*n)++] = (uint32_t)id;
        text = slice_sub(text, end + 1, text.n);
    }
    return *n > 0 ? ERR_OK : ERR_CORRUPT;
}

static enum err load_sets(struct account *a)
{
    scoped_query sqlite3_stmt *q = NULL;
    scoped_free uint32_t *ids = mem_calloc(a->n_keywords + 1, sizeof(*ids));
    bool row;
    size_t n;

    TRY(sql_query(a, &q, SETS));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        if ((uint64_t)sqlite3_column_int64(q, 0) != a->n_sets + 1)
            return ERR_CORRUPT;
        TRY(parse_ids(a, sql_slice(q, 1), ids, &n));
        TRY(set_add(a, ids, n));
    }
}

enum err keywords_load(struct account *a)
{
    slice_index_release(&a->keyword_by_name);
    slice_index_release(&a->set_by_ids);
    a->n_keywords = a->n_sets = a->sets_octets = 0;
    TRY(load_keywords(a));
    return load_sets(a);
}

/* ---- making ---------------------------------------------------------------------------------- */

static void words_changed(struct account *a)
{
    a->words_txn = true;
    a->words_command = a->words_command || a->in_command;
}

static enum err keyword_create(struct account *a, struct slice name)
{
    words_changed(a);
    TRY(sql_run(a, KEYWORD_INSERT, I(a->n_keywords + 1), T(name)));
    return keyword_add(a, name);
}

enum err keyword_id(struct account *a, struct slice name, bool create, uint32_t *id)
{
    size_t at = slice_index_find(&a->keyword_by_name, name, true, name_of, a);

    if (at != SIZE_MAX || !create) {
        *id = at != SIZE_MAX ? (uint32_t)at + 1 : 0;
        return ERR_OK;
    }
    if (a->n_keywords >= STORE_KEYWORDS_MAX || name.n == 0 || name.n > STORE_KEYWORD_OCTETS_MAX)
        return ERR_LIMIT;
    TRY(change_begin(a));
    TRY(change_end(a, keyword_create(a, name)));
    *id = (uint32_t)a->n_keywords;
    return ERR_OK;
}

static enum err set_create(struct account *a, const uint32_t *ids, size_t n)
{
    struct buf text;
    enum err err;

    buf_init(&text, STORE_SETS_OCTETS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(&text, ' ');
        buf_add_u64(&text, ids[i]);
    }
    words_changed(a);
    err = sql_run(a, SET_INSERT, I(a->n_sets + 1), T(buf_slice(&text)));
    buf_release(&text);
    return err == ERR_OK ? set_add(a, ids, n) : err;
}

static enum err intern(struct account *a, const uint32_t *ids, size_t n, uint32_t *out)
{
    size_t at;

    if (n == 0) {
        *out = 0;
        return ERR_OK;
    }
    at = slice_index_find(&a->set_by_ids, slice_of(ids, n * sizeof(*ids)), false, ids_of, a);
    if (at != SIZE_MAX) {
        *out = (uint32_t)at + 1;
        return ERR_OK;
    }
    if (a->sets_octets + n * STORE_KEYWORD_OCTETS_MAX > STORE_SETS_OCTETS_MAX)
        return ERR_LIMIT;
    TRY(change_begin(a));
    TRY(change_end(a, set_create(a, ids, n)));
    *out = (uint32_t)a->n_sets;
    return ERR_OK;
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Sort and drop what is there twice or is no keyword. */
static size_t tidy(const struct account *a, uint32_t *ids, size_t n)
{
    size_t kept = 0;

    qsort(ids, n, sizeof(*ids), by_id);
    for (size_t i = 0; i < n; i++)
        if (ids[i] >= 1 && ids[i] <= a->n_keywords && (kept == 0 || ids[kept - 1] != ids[i]))
            ids[kept++] = ids[i];
    return kept;
}

static struct keyword_set_entry set_at(const struct account *a, uint32_t set)
{
    return set >= 1 && set <= a->n_sets ? a->set[set - 1] : (struct keyword_set_entry){0};
}

static bool among(const uint32_t *ids, size_t n, uint32_t id)
{
    return n > 0 && bsearch(&id, ids, n, sizeof(*ids), by_id) != NULL;
}

enum err keyword_set(struct account *a, uint32_t set, enum store_action action, const uint32_t *ids,
                     size_t n, uint32_t *out)
{
    struct keyword_set_entry old = set_at(a, set);
    scoped_free uint32_t *want = mem_calloc(n + old.n + 1, sizeof(*want));
    size_t m;

    if (n > 0)
        memcpy(want, ids, n * sizeof(*ids));
    if (action == STORE_REMOVE) {
        scoped_free uint32_t *left = mem_calloc(old.n + 1, sizeof(*left));
        size_t kept = 0;

        m = tidy(a, want, n);
        for (size_t i = 0; i < old.n; i++)
            if (!among(want, m, old.ids[i]))
                left[kept++] = old.ids[i];
        return intern(a, left, kept, out);
    }
    if (action == STORE_ADD && old.n > 0)
        memcpy(want + n, old.ids, old.n * sizeof(*want));
    m = tidy(a, want, n + (action == STORE_ADD ? old.n : 0));
    return intern(a, want, m, out);
}

/* ---- asking ---------------------------------------------------------------------------------- */

struct slice keyword_name(struct account *a, uint32_t id)
{
    return id >= 1 && id <= a->n_keywords ? a->keyword[id - 1].name : SLICE_NULL;
}

bool keyword_set_has(struct account *a, uint32_t set, uint32_t id)
{
    struct keyword_set_entry e = set_at(a, set);

    return among(e.ids, e.n, id);
}

struct slice keyword_set_text(struct account *a, uint32_t set)
{
    struct keyword_set_entry e = set_at(a, set);

    return e.text.p != NULL ? e.text : SLICE("");
}

/* Merge the set's ids into the folder's, both ascending. */
void folder_use_set(struct folder_state *f, uint32_t set)
{
    struct keyword_set_entry e = set_at(f->pub.account, set);
    size_t missing = 0;

    for (size_t i = 0; i < e.n; i++)
        missing += !among(f->keywords, f->n_keywords, e.ids[i]);
    if (missing == 0)
        return;
    f->keywords = mem_resize(f->keywords, f->n_keywords + missing, sizeof(*f->keywords));
    for (size_t i = 0; i < e.n; i++)
        if (!among(f->keywords, f->n_keywords, e.ids[i])) {
            size_t at = f->n_keywords++;

            for (; at > 0 && f->keywords[at - 1] > e.ids[i]; at--)
                f->keywords[at] = f->keywords[at - 1];
            f->keywords[at] = e.ids[i];
        }
}

const uint32_t *folder_keywords(struct folder *pub, size_t *n)
{
    struct folder_state *f = state_of(pub);
    struct outline o;

    if (f->messages == NULL && folder_outline(pub, &o) != ERR_OK) {
        *n = 0;
        return NULL;
    }
    *n = f->n_keywords;
    return f->keywords;
}
