/* store/check.c -- whether a database is sound: SQLite's own check, then what account.c numbers
 * as invariants and what folders keep instead of counting. Reads everything; takes as long as
 * that takes.
 */
#include "base/mem.h"
#include "mime/part.h"
#include "store/gist.h"
#include "store/thread.h"

static enum err check_integrity(struct account *a, struct buf *findings)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, INTEGRITY));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        if (slice_eq(sql_slice(q, 0), SLICE("ok")))
            continue;
        buf_add_str(findings, "sqlite: ");
        buf_add_slice(findings, sql_slice(q, 0));
        buf_add_char(findings, '\n');
    }
}

static void finding(struct buf *findings, const char *text, sqlite3_stmt *q, int columns)
{
    buf_add_str(findings, text);
    for (int i = 0; i < columns; i++)
        buf_addf(findings, " %lld", (long long)sqlite3_column_int64(q, i));
    buf_add_char(findings, '\n');
}

/* Columns 1..4 are kept, 5..8 counted, then three conditions. */
static void check_folder_row(sqlite3_stmt *q, struct buf *findings)
{
    static const char *const kept[] = {"messages", "unseen", "deleted", "size"};
    long long id = sqlite3_column_int64(q, 0);

    for (int i = 0; i < 4; i++)
        if (sqlite3_column_int64(q, 1 + i) != sqlite3_column_int64(q, 5 + i) &&
            sqlite3_column_int(q, 11) == 0)
            buf_addf(findings, "folder %lld: %s is kept as %lld, counted %lld\n", id, kept[i],
                     (long long)sqlite3_column_int64(q, 1 + i),
                     (long long)sqlite3_column_int64(q, 5 + i));
    if (sqlite3_column_int(q, 9) != 0)
        buf_addf(findings, "folder %lld: holds a UID above its UIDNEXT\n", id);
    if (sqlite3_column_int(q, 10) != 0)
        buf_addf(findings, "folder %lld: holds a modseq above its HIGHESTMODSEQ\n", id);
}

static enum err check_folders(struct account *a, struct buf *findings)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, CHECK_COUNTS));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        check_folder_row(q, findings);
    }
}

static enum err check_rows(struct account *a, sqlite3_stmt *q, const char *text, int columns,
                           struct buf *findings)
{
    bool row;

    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        finding(findings, text, q, columns);
    }
}

static enum err check_references(struct account *a, struct buf *findings)
{
    scoped_query sqlite3_stmt *bodies = NULL;
    scoped_query sqlite3_stmt *chunks = NULL;
    scoped_query sqlite3_stmt *strays = NULL;
    scoped_query sqlite3_stmt *shares = NULL;
    scoped_query sqlite3_stmt *sets = NULL;
    scoped_query sqlite3_stmt *annotations = NULL;

    TRY(sql_query(a, &bodies, CHECK_BODIES));
    TRY(check_rows(a, bodies, "message without its body (folder, uid, body):", 3, findings));
    TRY(sql_query(a, &chunks, CHECK_CHUNKS));
    TRY(check_rows(a, chunks, "body without all its chunks (body, size, held):", 3, findings));
    TRY(sql_query(a, &strays, CHECK_STRAYS));
    TRY(check_rows(a, strays, "chunks of no body (body):", 1, findings));
    TRY(sql_query(a, &shares, CHECK_SHARES));
    TRY(check_rows(a, shares, "references to a body (body, kept, counted):", 3, findings));
    TRY(sql_query(a, &annotations, CHECK_ANNOTATIONS));
    TRY(check_rows(a, annotations, "annotation of no mailbox (id, folder):", 2, findings));
    TRY(sql_query(a, &sets, CHECK_SETS));
    return check_rows(a, sets, "message with an unknown keyword set (folder, uid, set):", 3,
                      findings);
}

/* Part tables that say where no part can be. */
static enum err check_parts(struct account *a, struct buf *findings)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, CHECK_PARTS));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        if (mime_parts_check(sql_slice(q, 2), (uint64_t)sqlite3_column_int64(q, 1)) != ERR_OK)
            finding(findings, "body whose parts are not inside it (body):", q, 1);
    }
}

static bool same(const struct messages *x, const struct messages *y)
{
    if (x->n != y->n)
        return false;
    if (x->n == 0)
        return true;
    if (!uid_map_same(x->map, y->map, x->n))
        return false;
#define SAME(c) (memcmp(x->c, y->c, x->n * sizeof(*x->c)) == 0)
    return SAME(flags) && SAME(keywords) && SAME(modseq) && SAME(size) && SAME(internaldate) &&
           SAME(zone) && SAME(body) && SAME(saved);
#undef SAME
}

/* What a loaded folder shows (from its snapshot, perhaps) against its rows. */
static enum err check_loaded(struct folder_state *f, struct buf *findings)
{
    struct messages *shown, *rows;
    uint32_t cap, stale;
    enum err err;

    TRY(folder_messages(&f->pub, &shown)); /* loads, and so sets cap and stale */
    cap = f->cap;
    stale = f->stale;
    f->messages = NULL;
    err = messages_scan(f);
    rows = f->messages;
    f->messages = shown;
    f->cap = cap;
    f->stale = stale;
    if (err == ERR_OK && !same(shown, rows))
        buf_addf(findings, "folder %llu: its snapshot differs from its rows\n",
                 (unsigned long long)f->pub.id);
    messages_free(&rows);
    return err;
}

/* What trails the bodies is complete up to account.threaded. */
static enum err check_objects(struct account *a, struct buf *findings)
{
    scoped_query sqlite3_stmt *missing = NULL;
    scoped_query sqlite3_stmt *strays = NULL;

    TRY(sql_query(a, &missing, CHECK_OBJECTS));
    TRY(check_rows(a, missing, "body not found by its ids (body):", 1, findings));
    TRY(sql_query(a, &strays, CHECK_OBJECT_STRAYS));
    return check_rows(a, strays, "id of no body (id, body):", 2, findings);
}

static enum err check_thread_keys(struct account *a, struct buf *findings)
{
    scoped_query sqlite3_stmt *q = NULL;
    struct thread_keys k;
    bool row;

    TRY(sql_query(a, &q, THREAD_OLDEST, I(0), I(a->threaded + 1), I(INT64_MAX)));
    for (;;) {
        TRY(sql_step(a, q, &row));
        if (!row)
            return ERR_OK;
        thread_keys_of_row(q, 2, &k);
        for (size_t i = 0; i < k.n; i++) {
            int64_t thread;

            TRY(sql_value(a, &thread, 0, THREAD_KEY_GET, I(k.id[i])));
            if (thread == 0)
                finding(findings, "body whose thread is not found (body, thread):", q, 2);
        }
    }
}

enum err account_check(struct account *a, struct buf *findings)
{
    TRY(check_integrity(a, findings));
    TRY(check_folders(a, findings));
    TRY(check_references(a, findings));
    TRY(check_parts(a, findings));
    TRY(check_objects(a, findings));
    TRY(check_thread_keys(a, findings));
    TRY(gist_check(a, findings));
    TRY(listing_check(a, findings));
    for (size_t i = 0; i < a->n_folders; i++)
        TRY(check_loaded(state_of(a->folders[i]), findings));
    return ERR_OK;
}
