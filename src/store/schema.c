/* store/schema.c -- the schema's text, its version, and who may open which.
 *
 * schema.sql is turned into an array of octets at build time (meson.build), so that the file
 * people read is the file that runs.
 */
#include "base/log.h"
#include "store/internal.h"

static const char schema[] = {
#include "store/schema.inc"
    , '\0'};

enum err schema_write(sqlite3 *db)
{
    char head[100];
    int rc;

    snprintf(head, sizeof(head), "BEGIN; PRAGMA application_id = %d; PRAGMA user_version = %d;",
             STORE_APPLICATION_ID, STORE_VERSION);
    rc = sqlite3_exec(db, head, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, schema, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        log_error("store: cannot write the schema: %s", sqlite3_errmsg(db));
    return sql_err(rc, sqlite3_system_errno(db));
}

static int first_integer(void *out, int n, char **value, char **name)
{
    uint64_t v;

    (void)name;
    if (n > 0 && value[0] != NULL && slice_to_u64(slice_of_str(value[0]), INT32_MAX, &v))
        *(int64_t *)out = (int64_t)v;
    return 0;
}

static enum err pragma_get(struct account *a, const char *pragma, int64_t *out)
{
    int rc = sqlite3_exec(a->db, pragma, first_integer, out, NULL);

    return rc == SQLITE_OK ? ERR_OK : account_fail(a, pragma, rc);
}

/* What makes a database of version i one of version i + 1: SQL without BEGIN and COMMIT. Version 0
 * never was. A step is never changed once released; schema.sql is what all steps together give. */
const char *const schema_steps[STORE_VERSION] = {
    NULL,
    /* 1 to 2: SAVEDATE, threads, quota; snapshots lack the new column */
    "ALTER TABLE message ADD COLUMN saved INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE expunged ADD COLUMN saved INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN threaded INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX annotation_by_name ON annotation (folder, identity, name COLLATE NOCASE);"
    "CREATE TABLE quota (resource TEXT PRIMARY KEY, most INTEGER NOT NULL);"
    "CREATE TABLE thread_key (key INTEGER PRIMARY KEY, thread_id INTEGER NOT NULL);"
    "CREATE TABLE object_id (id INTEGER NOT NULL, body INTEGER NOT NULL, PRIMARY KEY (id, body)) "
    "WITHOUT ROWID;"
    "DELETE FROM snapshot; DELETE FROM snapshot_part",
    /* 2 to 3: gists, which idle steps write */
    "CREATE TABLE gist (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    /* 3 to 4: listings, which idle steps write */
    "CREATE TABLE listing (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
};

enum err schema_upgrade(sqlite3 *db, const char *const *step, int from, int to)
{
    char version[48];
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

    for (int i = from; i < to && rc == SQLITE_OK; i++)
        rc = sqlite3_exec(db, step[i], NULL, NULL, NULL);
    snprintf(version, sizeof(version), "PRAGMA user_version = %d; COMMIT", to);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, version, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return ERR_OK;
    log_error("store: cannot upgrade from version %d to %d: %s", from, to, sqlite3_errmsg(db));
    enum err e = sql_err(rc, sqlite3_system_errno(db));
    if (sqlite3_get_autocommit(db) == 0)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return e;
}

enum err schema_check(struct account *a)
{
    int64_t application = 0, version = 0;

    TRY(pragma_get(a, "PRAGMA application_id", &application));
    TRY(pragma_get(a, "PRAGMA user_version", &version));
    if (application != STORE_APPLICATION_ID || version < 1) {
        log_error("store: %s is not a database of Roost", a->path);
        return ERR_CORRUPT;
    }
    if (version > STORE_VERSION) {
        log_error("store: %s was written by a newer Roost: its version is %d, this one knows %d. "
                  "Run the newer Roost, or restore a backup made before the upgrade",
                  a->path, (int)version, STORE_VERSION);
        return ERR_NEWER;
    }
    if (version < STORE_VERSION)
        return schema_upgrade(a->db, schema_steps, (int)version, STORE_VERSION);
    return ERR_OK;
}
