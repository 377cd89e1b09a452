/* store/sql.c -- see sql.h. Lives on the fact that an account has one caller at a time: a
 * statement is either free or in the hands of the function that is running. */
#include "store/sql.h"

#include <assert.h>
#include <errno.h>

#include "store/internal.h"

static const char *const text_of[SQL_COUNT] = {
#define X(name, text) text,
    SQL_TABLE(X)
#undef X
};

enum err sql_err(int rc, int errno_)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return ERR_OK;
    case SQLITE_FULL:
        return ERR_NOSPACE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT: /* our own rows never clash: the file is not what we wrote */
    case SQLITE_MISMATCH:
        return ERR_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_INUSE;
    case SQLITE_NOMEM:
        return ERR_UNAVAILABLE;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return errno_ == ENOSPC || errno_ == EDQUOT ? ERR_NOSPACE : ERR_IO;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return ERR_IO;
    default:
        return ERR_BUG;
    }
}

static enum err prepare(struct account *a, enum sql_id id)
{
    int rc =
        sqlite3_prepare_v3(a->db, text_of[id], -1, SQLITE_PREPARE_PERSISTENT, &a->stmt[id], NULL);

    return rc == SQLITE_OK ? ERR_OK : account_fail(a, text_of[id], rc);
}

enum err sql_prepare(struct account *a, enum sql_id id)
{
    scoped_pool struct pool *before = db_enter(a->pool);

    return a->stmt[id] == NULL ? prepare(a, id) : ERR_OK;
}

static int bind_one(sqlite3_stmt *q, int at, const struct sql_arg *arg)
{
    const char *p = arg->s.p != NULL ? arg->s.p : "";

    switch (arg->kind) {
    case SQL_ARG_INT:
        return sqlite3_bind_int64(q, at, arg->i);
    case SQL_ARG_TEXT:
        return sqlite3_bind_text64(q, at, p, arg->s.n, SQLITE_STATIC, SQLITE_UTF8);
    case SQL_ARG_BLOB:
        return sqlite3_bind_blob64(q, at, p, arg->s.n, SQLITE_STATIC);
    case SQL_ARG_NULL:
        break;
    }
    return sqlite3_bind_null(q, at);
}

enum err sql_query_args(struct account *a, sqlite3_stmt **out, enum sql_id id,
                        const struct sql_arg *arg, size_t n)
{
    scoped_pool struct pool *before = db_enter(a->pool);
    sqlite3_stmt *q;

    if (a->db == NULL)
        return a->failed != ERR_OK ? a->failed : ERR_IO;
    if (a->stmt[id] == NULL)
        TRY(prepare(a, id));
    q = a->stmt[id];
    assert(!sqlite3_stmt_busy(q));
    assert((int)n == sqlite3_bind_parameter_count(q));
    for (size_t i = 0; i < n; i++) {
        int rc = bind_one(q, (int)i + 1, &arg[i + 1]);

        if (rc != SQLITE_OK)
            return account_fail(a, text_of[id], rc);
    }
    *out = q;
    return ERR_OK;
}

enum err sql_step(struct account *a, sqlite3_stmt *q, bool *row)
{
    scoped_pool struct pool *before = db_enter(a->pool);
    int rc = sqlite3_step(q);

    *row = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        return ERR_OK;
    /* Reset first: a statement that failed may hold up the rollback that follows. */
    sqlite3_reset(q);
    return account_fail(a, sqlite3_sql(q), rc);
}

void sql_end(sqlite3_stmt **q)
{
    if (*q == NULL)
        return;
    sqlite3_reset(*q);
    sqlite3_clear_bindings(*q);
    *q = NULL;
}

enum err sql_run_args(struct account *a, enum sql_id id, const struct sql_arg *arg, size_t n)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row = true;

    TRY(sql_query_args(a, &q, id, arg, n));
    while (row)
        TRY(sql_step(a, q, &row));
    return ERR_OK;
}

enum err sql_value_args(struct account *a, int64_t *out, int64_t none, enum sql_id id,
                        const struct sql_arg *arg, size_t n)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query_args(a, &q, id, arg, n));
    TRY(sql_step(a, q, &row));
    *out = row && sqlite3_column_type(q, 0) != SQLITE_NULL ? sqlite3_column_int64(q, 0) : none;
    return ERR_OK;
}

struct slice sql_slice(sqlite3_stmt *q, int column)
{
    const void *p = sqlite3_column_blob(q, column);

    return slice_of(p != NULL ? p : "", p != NULL ? (size_t)sqlite3_column_bytes(q, column) : 0);
}

void sql_forget(struct account *a)
{
    reading_end(a);
    for (int i = 0; i < SQL_COUNT; i++) {
        sqlite3_finalize(a->stmt[i]);
        a->stmt[i] = NULL;
    }
}

const char *sql_prepare_all(struct account *a)
{
    for (int i = 0; i < SQL_COUNT; i++)
        if (a->stmt[i] == NULL && prepare(a, (enum sql_id)i) != ERR_OK)
            return text_of[i];
    return NULL;
}
