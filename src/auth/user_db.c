/* auth/user_db.c -- the table of accounts, see user_db.h.
 *
 * A rollback journal and not a WAL: writes are rare, and one file is easier to look after, to
 * copy and to hand to another user. Locked for good: nobody else opens it beside us
 * (server/data_dir.h), and a login then reads the row from memory instead of asking the kernel
 * eight times whether the file has changed.
 */
#include "auth/user_db.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

enum { APPLICATION_ID = 0x526f4175 /* "RoAu" */, SCHEMA_VERSION = 1, LOGIN_NOTE_SECONDS = 3600 };

static const char schema[] =
    "CREATE TABLE account ( -- who may log in; written by `roost account` and the auth process\n"
    "    name TEXT PRIMARY KEY NOT NULL,    -- folded: case folding and NFC (auth/name.h)\n"
    "    password TEXT NOT NULL,            -- a hash in text form (auth/scheme.h), never a "
    "password\n"
    "    created INTEGER NOT NULL,          -- seconds since 1970-01-01T00:00:00Z, like all times\n"
    "    password_changed INTEGER NOT NULL, -- when `password` was last written\n"
    "    last_login INTEGER NOT NULL,       -- to the hour, lazily; 0 = never\n"
    "    disabled INTEGER NOT NULL          -- 1 = every login is refused\n"
    ") WITHOUT ROWID;\n";

struct user_db {
    sqlite3 *handle;
    sqlite3_stmt *find;
};

static enum err err_of_sqlite(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return ERR_OK;
    case SQLITE_CONSTRAINT:
        return ERR_EXISTS;
    case SQLITE_FULL:
        return ERR_NOSPACE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_INUSE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return ERR_NOPERM;
    default:
        return ERR_IO;
    }
}

static enum err report(struct user_db *db, int rc, const char *doing)
{
    enum err e = err_of_sqlite(rc);
    if (e != ERR_OK && e != ERR_EXISTS)
        log_error("auth database: %s failed: %s (%s)", doing, err_text(e),
                  sqlite3_errmsg(db->handle));
    return e;
}

static int64_t pragma_int(struct user_db *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    int64_t v = -1;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        v = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return v;
}

static enum err run(struct user_db *db, const char *sql)
{
    return report(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL), "setting up");
}

static enum err create_schema(struct user_db *db)
{
    char numbers[100];
    snprintf(numbers, sizeof(numbers), "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             APPLICATION_ID, SCHEMA_VERSION);
    TRY(run(db, "BEGIN IMMEDIATE"));
    TRY(run(db, schema));
    TRY(run(db, numbers));
    return run(db, "COMMIT");
}

static enum err prepare_file(struct user_db *db)
{
    sqlite3_busy_timeout(db->handle, 5000);
    TRY(run(db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA synchronous=FULL; "
                "PRAGMA journal_mode=DELETE;"));
    int64_t version = pragma_int(db, "PRAGMA user_version");
    if (version < 0)
        return report(db, sqlite3_errcode(db->handle), "opening");
    if (version == 0 && pragma_int(db, "SELECT count(*) FROM sqlite_schema") == 0)
        return create_schema(db);
    if (pragma_int(db, "PRAGMA application_id") != APPLICATION_ID)
        return ERR_CORRUPT;
    return version > SCHEMA_VERSION ? ERR_NEWER : ERR_OK;
}

enum err user_db_open(const char *path, struct user_db **out)
{
    struct user_db *db = mem_new(struct user_db);
    int rc = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    enum err e = rc == SQLITE_OK ? prepare_file(db) : report(db, rc, "opening");
    if (e != ERR_OK)
        user_db_close(&db);
    else
        *out = db;
    return e;
}

void user_db_close(struct user_db **db)
{
    if (*db != NULL) {
        sqlite3_finalize((*db)->find);
        sqlite3_close((*db)->handle);
        free(*db);
    }
    *db = NULL;
}

/* One change to one row: ?1 is the name, ?2 the hash (if any), ?3 the time, ?4 a number. */
static enum err change(struct user_db *db, const char *sql, const struct auth_name *name,
                       const char *hash, int64_t number)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL);
    if (rc != SQLITE_OK)
        return report(db, rc, "changing");
    sqlite3_bind_text(st, 1, name->p, (int)name->n, SQLITE_STATIC);
    if (sqlite3_bind_parameter_count(st) >= 2)
        sqlite3_bind_text(st, 2, hash, -1, SQLITE_STATIC);
    if (sqlite3_bind_parameter_count(st) >= 3)
        sqlite3_bind_int64(st, 3, clock_wall_s());
    if (sqlite3_bind_parameter_count(st) >= 4)
        sqlite3_bind_int64(st, 4, number);
    rc = sqlite3_step(st);
    sqlite3_finalize(st);
    TRY(report(db, rc, "changing"));
    return sqlite3_changes(db->handle) > 0 ? ERR_OK : ERR_NOTFOUND;
}

enum err user_db_add(struct user_db *db, const struct auth_name *name, const char *hash)
{
    return change(db, "INSERT INTO account VALUES (?1, ?2, ?3, ?3, 0, 0)", name, hash, 0);
}

enum err user_db_set_password(struct user_db *db, const struct auth_name *name, const char *hash)
{
    return change(db, "UPDATE account SET password=?2, password_changed=?3 WHERE name=?1", name,
                  hash, 0);
}

enum err user_db_set_disabled(struct user_db *db, const struct auth_name *name, bool disabled)
{
    return change(db, "UPDATE account SET disabled=?4 WHERE name=?1", name, NULL, disabled);
}

enum err user_db_remove(struct user_db *db, const struct auth_name *name)
{
    return change(db, "DELETE FROM account WHERE name=?1", name, NULL, 0);
}

/* Columns: name, password, created, password_changed, last_login, disabled. False when a text is
 * longer than anything we write. */
static bool read_row(sqlite3_stmt *st, struct user *out)
{
    *out = (struct user){0};
    size_t n = (size_t)sqlite3_column_bytes(st, 0);
    size_t n_hash = (size_t)sqlite3_column_bytes(st, 1);
    if (n > AUTH_NAME_OCTETS_MAX || n_hash > SCHEME_HASH_OCTETS_MAX)
        return false;
    memcpy(out->name.p, sqlite3_column_blob(st, 0) != NULL ? sqlite3_column_blob(st, 0) : "", n);
    out->name.n = n;
    memcpy(out->password.text, sqlite3_column_blob(st, 1) != NULL ? sqlite3_column_blob(st, 1) : "",
           n_hash);
    out->created = sqlite3_column_int64(st, 2);
    out->password_changed = sqlite3_column_int64(st, 3);
    out->last_login = sqlite3_column_int64(st, 4);
    out->disabled = sqlite3_column_int(st, 5) != 0;
    return true;
}

#define COLUMNS "name, password, created, password_changed, last_login, disabled"

static const char find_sql[] = "SELECT " COLUMNS " FROM account WHERE name=?1";

enum err user_db_find(struct user_db *db, const struct auth_name *name, struct user *out)
{
    struct user got;
    int rc = SQLITE_OK;
    if (db->find == NULL)
        rc = sqlite3_prepare_v3(db->handle, find_sql, sizeof(find_sql), SQLITE_PREPARE_PERSISTENT,
                                &db->find, NULL);
    if (rc != SQLITE_OK)
        return report(db, rc, "looking up");
    sqlite3_bind_text(db->find, 1, name->p, (int)name->n, SQLITE_STATIC);
    rc = sqlite3_step(db->find);
    enum err e = report(db, rc, "looking up");
    if (e == ERR_OK && rc == SQLITE_DONE)
        e = ERR_NOTFOUND;
    else if (e == ERR_OK && !read_row(db->find, &got))
        e = ERR_CORRUPT;
    sqlite3_reset(db->find);
    sqlite3_clear_bindings(db->find);
    if (e == ERR_OK)
        *out = got;
    return e;
}

enum err user_db_each(struct user_db *db, enum err (*each)(void *ctx, const struct user *u),
                      void *ctx)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db->handle, "SELECT " COLUMNS " FROM account ORDER BY name", -1,
                                &st, NULL);
    enum err e = report(db, rc, "listing");
    while (e == ERR_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct user u;
        e = read_row(st, &u) ? each(ctx, &u) : ERR_CORRUPT;
    }
    if (e == ERR_OK)
        e = report(db, rc, "listing");
    sqlite3_finalize(st);
    return e;
}

void user_db_note_login(struct user_db *db, const struct user *u, int64_t now)
{
    if (now - u->last_login < LOGIN_NOTE_SECONDS)
        return;
    enum err e = change(db, "UPDATE account SET last_login=?3 WHERE name=?1", &u->name, NULL, 0);
    (void)e;
}
