/* store/sql.h -- every statement the room runs, in one table, and how to run one.
 *
 * Statements are prepared at first use, kept by the account, and reset before the call that ran
 * them returns: a statement left in the middle of its rows would stop every checkpoint.
 */
#ifndef ROOST_STORE_SQL_H
#define ROOST_STORE_SQL_H

#include <sqlite3.h>

#include "base/err.h"

struct account;

#define FOLDER_COLUMNS                                                                             \
    "id, mailbox_id, name, name_key, uidvalidity, uidnext, recent_uid, created_modseq, "           \
    "highestmodseq, gone_modseq, expunge_floor, messages, unseen, deleted, size, special_use, "    \
    "noselect"
#define MESSAGE_COLUMNS "uid, flags, keywords, modseq, size, internaldate, zone, body, saved"

#define SQL_TABLE(X)                                                                               \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(SAVEPOINT, "SAVEPOINT command")                                                              \
    X(UNDO, "ROLLBACK TO command")                                                                 \
    X(RELEASE, "RELEASE command")                                                                  \
    X(ACCOUNT_GET,                                                                                 \
      "SELECT uidvalidity_last, modseq_reserved, body_last, swept, threaded FROM account")         \
    X(ACCOUNT_SET, "UPDATE account SET uidvalidity_last = ?, modseq_reserved = ?, body_last = ?, " \
                   "swept = ?")                                                                    \
    X(ACCOUNT_THREADED, "UPDATE account SET threaded = ?")                                         \
    X(THREAD_KEY_GET, "SELECT thread_id FROM thread_key WHERE key = ?")                            \
    X(THREAD_KEY_ADD,                                                                              \
      "INSERT INTO thread_key (key, thread_id) VALUES (?, ?) ON CONFLICT DO NOTHING")              \
    X(THREAD_SUBJECT_SET, "INSERT OR REPLACE INTO thread_key (key, thread_id) VALUES (?, ?)")      \
    X(THREAD_NEWEST,                                                                               \
      "SELECT id, thread_id, message_id, in_reply_to, refs, base_subject FROM body "               \
      "WHERE id > ? ORDER BY id DESC LIMIT ?")                                                     \
    X(THREAD_OLDEST,                                                                               \
      "SELECT id, thread_id, message_id, in_reply_to, refs, base_subject, email_id "               \
      "FROM body WHERE id > ? AND id < ? ORDER BY id LIMIT ?")                                     \
    X(SHARED_COUNT, "SELECT count(*) FROM message WHERE body IN (SELECT body FROM body_share)")    \
    X(SHARED_LIST, "SELECT body, folder FROM message WHERE body IN (SELECT body FROM body_share) " \
                   "ORDER BY body, folder")                                                        \
    X(BODY_ABOVE, "SELECT id FROM body WHERE id > ? LIMIT 1")                                      \
    X(OBJECT_INSERT, "INSERT INTO object_id (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING")      \
    X(OBJECT_DELETE, "DELETE FROM object_id WHERE id = ? AND body = ?")                            \
    X(OBJECT_COUNT, "SELECT count(*) FROM object_id WHERE id = ?")                                 \
    X(OBJECT_BODIES, "SELECT body FROM object_id WHERE id = ? ORDER BY body")                      \
    X(BODY_LAST, "SELECT max((SELECT body_last FROM account), "                                    \
                 "ifnull((SELECT max(id) FROM body), 0), "                                         \
                 "ifnull((SELECT max(id) >> 12 FROM chunk), 0), "                                  \
                 "ifnull((SELECT max(body) FROM staged), 0))")                                     \
    X(FOLDERS, "SELECT " FOLDER_COLUMNS " FROM folder WHERE gone_modseq IS NULL")                  \
    X(FOLDER_GET, "SELECT " FOLDER_COLUMNS " FROM folder WHERE id = ?")                            \
    X(FOLDER_INSERT, "INSERT INTO folder (mailbox_id, name, name_key, uidvalidity, uidnext, "      \
                     "recent_uid, created_modseq, highestmodseq, expunge_floor, messages, "        \
                     "unseen, deleted, size, special_use, noselect) "                              \
                     "VALUES (?, ?, ?, ?, 1, 1, ?, ?, 0, 0, 0, 0, 0, ?, ?)")                       \
    X(FOLDER_COUNTS, "UPDATE folder SET uidnext = ?, recent_uid = ?, highestmodseq = ?, "          \
                     "messages = ?, unseen = ?, deleted = ?, size = ?, special_use = ?, "          \
                     "noselect = ? WHERE id = ?")                                                  \
    X(FOLDER_RENAME, "UPDATE folder SET name = ?, name_key = ? WHERE id = ?")                      \
    X(FOLDER_GONE, "UPDATE folder SET gone_modseq = ?, gone_time = ?, highestmodseq = ? "          \
                   "WHERE id = ?")                                                                 \
    X(FOLDER_FLOOR, "UPDATE folder SET expunge_floor = ? WHERE id = ?")                            \
    X(MESSAGE_INSERT,                                                                              \
      "INSERT INTO message (folder, uid, body, size, flags, keywords, modseq, "                    \
      "created_modseq, internaldate, zone, saved) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")       \
    X(MESSAGE_FLAGS, "UPDATE message SET flags = ?, keywords = ?, modseq = ? "                     \
                     "WHERE folder = ? AND uid = ?")                                               \
    X(MESSAGE_RANGE, "SELECT " MESSAGE_COLUMNS " FROM message "                                    \
                     "WHERE folder = ? AND uid BETWEEN ? AND ? ORDER BY uid")                      \
    X(MESSAGE_UIDS, "SELECT uid FROM message WHERE folder = ? ORDER BY uid")                       \
    X(MESSAGE_CREATED, "SELECT uid, created_modseq FROM message WHERE folder = ? "                 \
                       "ORDER BY uid DESC")                                                        \
    X(MESSAGE_DELETE, "DELETE FROM message WHERE folder = ? AND uid BETWEEN ? AND ?")              \
    X(MESSAGE_EXPUNGE, "INSERT INTO expunged (folder, uid, body, size, flags, keywords, modseq, "  \
                       "internaldate, zone, saved, time) SELECT folder, uid, body, size, flags, "  \
                       "keywords, ?, internaldate, zone, saved, ? FROM message "                   \
                       "WHERE folder = ? AND uid BETWEEN ? AND ?")                                 \
    X(EXPUNGED_GET, "SELECT " MESSAGE_COLUMNS " FROM expunged "                                    \
                    "WHERE folder = ? AND uid = ? AND body IS NOT NULL")                           \
    X(EXPUNGED_SWEEP, "SELECT folder, uid, body, time FROM expunged "                              \
                      "WHERE (folder, uid) > (?, ?) ORDER BY folder, uid LIMIT ?")                 \
    X(EXPUNGED_LET_GO, "UPDATE expunged SET body = NULL, email_id = ? "                            \
                       "WHERE folder = ? AND uid = ?")                                             \
    X(EXPUNGED_DROP, "DELETE FROM expunged WHERE folder = ? AND uid = ?")                          \
    X(TOMBSTONE_MESSAGES, "SELECT m.folder, m.uid, m.body FROM folder f "                          \
                          "JOIN message m ON m.folder = f.id WHERE f.gone_time < ? LIMIT ?")       \
    X(TOMBSTONES, "SELECT id FROM folder f WHERE gone_time < ? "                                   \
                  "AND id < (SELECT max(id) FROM folder) "                                         \
                  "AND NOT EXISTS (SELECT 1 FROM message m WHERE m.folder = f.id) "                \
                  "AND NOT EXISTS (SELECT 1 FROM expunged e WHERE e.folder = f.id) LIMIT ?")       \
    X(TOMBSTONE_DELETE, "DELETE FROM folder WHERE id = ?")                                         \
    X(KEYWORDS, "SELECT id, name FROM keyword ORDER BY id")                                        \
    X(KEYWORD_INSERT, "INSERT INTO keyword (id, name) VALUES (?, ?)")                              \
    X(SETS, "SELECT id, keywords FROM keyword_set ORDER BY id")                                    \
    X(SET_INSERT, "INSERT INTO keyword_set (id, keywords) VALUES (?, ?)")                          \
    X(BODY_INSERT, "INSERT INTO body VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "  \
                   "?, ?, ?, ?, ?)")                                                               \
    X(BODY_IDS, "SELECT email_id, thread_id, size FROM body WHERE id = ?")                         \
    X(BODY_IDS_FROM, "SELECT id, email_id, thread_id, size FROM body WHERE id >= ? ORDER BY id")   \
    X(BODY_TEXTS_FROM, "SELECT id, envelope, bodystructure, has_global FROM body "                 \
                       "WHERE id >= ? ORDER BY id")                                                \
    X(BODY_PARTS_FROM, "SELECT id, parts, sent_day FROM body WHERE id >= ? ORDER BY id")           \
    X(BODY_FROM, "SELECT id, email_id, thread_id, size, envelope, bodystructure, has_global, "     \
                 "parts, sent_day, body_text, preview FROM body WHERE id >= ? ORDER BY id")        \
    X(SORT_SENT_FROM, "SELECT id, sent_instant FROM body WHERE id >= ? ORDER BY id")               \
    X(SORT_IDS_FROM,                                                                               \
      "SELECT id, message_id, in_reply_to, refs FROM body WHERE id >= ? ORDER BY id")              \
    X(SORT_KEYS_FROM, "SELECT id, message_id, in_reply_to, refs, base_subject, from_mailbox, "     \
                      "to_mailbox, cc_mailbox, from_display, to_display, sent_instant, envelope "  \
                      "FROM body WHERE id >= ? ORDER BY id")                                       \
    X(GIST_BODIES, "SELECT id, sent_instant, sent_day, base_subject, parts, size FROM body "       \
                   "WHERE id BETWEEN ? AND ? ORDER BY id")                                         \
    X(GIST_GET, "SELECT data FROM gist WHERE id = ?")                                              \
    X(GIST_HAS, "SELECT 1 FROM gist WHERE id = ?")                                                 \
    X(GIST_ABOVE, "SELECT id FROM gist WHERE id > ? ORDER BY id LIMIT 1")                          \
    X(GIST_SET, "INSERT OR REPLACE INTO gist (id, data) VALUES (?, ?)")                            \
    X(GIST_DELETE, "DELETE FROM gist WHERE id BETWEEN ? AND ?")                                    \
    X(LISTING_BODIES, "SELECT id, size FROM body WHERE id BETWEEN ? AND ? ORDER BY id")            \
    X(LISTING_GET, "SELECT data FROM listing WHERE id = ?")                                        \
    X(LISTING_FROM, "SELECT id FROM listing WHERE id >= ? ORDER BY id")                            \
    X(LISTING_ABOVE, "SELECT id FROM listing WHERE id > ? ORDER BY id LIMIT 1")                    \
    X(LISTING_SET, "INSERT OR REPLACE INTO listing (id, data) VALUES (?, ?)")                      \
    X(LISTING_DELETE, "DELETE FROM listing WHERE id = ?")                                          \
    X(BODY_DELETE, "DELETE FROM body WHERE id = ?")                                                \
    X(SHARE_ADD, "INSERT INTO body_share (body, extra) VALUES (?, ?) "                             \
                 "ON CONFLICT (body) DO UPDATE SET extra = extra + excluded.extra")                \
    X(SHARE_GET, "SELECT extra FROM body_share WHERE body = ?")                                    \
    X(SHARE_SET, "UPDATE body_share SET extra = ? WHERE body = ?")                                 \
    X(SHARE_DELETE, "DELETE FROM body_share WHERE body = ?")                                       \
    X(CHUNK_INSERT, "INSERT INTO chunk (id, data) VALUES (?, ?)")                                  \
    X(CHUNK_GET, "SELECT data FROM chunk WHERE id = ?")                                            \
    X(CHUNK_LAST, "SELECT max(id) FROM chunk WHERE id BETWEEN ? AND ?")                            \
    X(CHUNK_DELETE, "DELETE FROM chunk WHERE id = ?")                                              \
    X(STAGED_INSERT, "INSERT INTO staged (body) VALUES (?)")                                       \
    X(STAGED_DELETE, "DELETE FROM staged WHERE body = ?")                                          \
    X(STAGED_LIST, "SELECT body FROM staged WHERE body > ? ORDER BY body")                         \
    X(CHANGE_INSERT, "INSERT INTO change (folder, modseq, kind, uid_first, uid_last, identity) "   \
                     "VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET "                        \
                     "uid_last = max(uid_last, excluded.uid_last)")                                \
    X(CHANGE_SINCE, "SELECT modseq, kind, uid_first, uid_last FROM change "                        \
                    "WHERE folder = ? AND modseq > ? ORDER BY modseq, kind, uid_first")            \
    X(CHANGE_OLD_FLAGS, "SELECT modseq, uid_first FROM change "                                    \
                        "WHERE folder = ? AND modseq <= ? AND kind = 1 LIMIT ?")                   \
    X(CHANGE_DELETE, "DELETE FROM change WHERE folder = ? AND modseq = ? AND kind = ? "            \
                     "AND uid_first = ?")                                                          \
    X(CHANGE_NTH, "SELECT modseq FROM change WHERE folder = ? ORDER BY modseq DESC "               \
                  "LIMIT 1 OFFSET ?")                                                              \
    X(CHANGE_CUT, "DELETE FROM change WHERE folder = ? AND modseq <= ?")                           \
    X(EVENT_INSERT, "INSERT INTO event (modseq, kind, folder, name, old_name, identity) "          \
                    "VALUES (?, ?, ?, ?, ?, 0)")                                                   \
    X(EVENT_TAIL, "SELECT id, modseq, kind, folder, name, old_name FROM event ORDER BY id DESC")   \
    X(EVENT_CUT, "DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?")                  \
    X(SUBSCRIPTIONS, "SELECT name, name_key FROM subscription WHERE identity = 0")                 \
    X(SUBSCRIPTION_INSERT, "INSERT INTO subscription (identity, name, name_key) "                  \
                           "VALUES (0, ?, ?)")                                                     \
    X(SUBSCRIPTION_DELETE, "DELETE FROM subscription WHERE identity = 0 AND name_key = ?")         \
    X(ANNOTATION_GET, "SELECT value, name FROM annotation WHERE folder IS ? AND identity = ? "     \
                      "AND name = ? COLLATE NOCASE")                                               \
    X(ANNOTATION_NEXT, "SELECT value, name FROM annotation WHERE folder IS ? AND identity = ? "    \
                       "AND name > ? COLLATE NOCASE ORDER BY name COLLATE NOCASE LIMIT 1")         \
    X(ANNOTATION_ANY, "SELECT 1 FROM annotation WHERE folder IS NOT NULL AND identity = ? "        \
                      "AND name = ? COLLATE NOCASE LIMIT 1")                                       \
    X(ANNOTATION_COUNT, "SELECT count(*) FROM annotation WHERE folder IS ?")                       \
    X(ANNOTATION_OCTETS, "SELECT ifnull(sum(length(name) + length(value)), 0) FROM annotation")    \
    X(ANNOTATION_INSERT, "INSERT INTO annotation (folder, identity, name, value, modseq) "         \
                         "VALUES (?, ?, ?, ?, ?)")                                                 \
    X(ANNOTATION_DELETE, "DELETE FROM annotation WHERE folder IS ? AND identity = ? "              \
                         "AND name = ? COLLATE NOCASE")                                            \
    X(ANNOTATION_COPY, "INSERT INTO annotation (folder, identity, name, value, modseq) "           \
                       "SELECT ?, identity, name, value, ? FROM annotation WHERE folder = ?")      \
    X(ANNOTATION_DROP, "DELETE FROM annotation WHERE folder = ?")                                  \
    X(QUOTAS, "SELECT resource, most FROM quota")                                                  \
    X(QUOTAS_DELETE, "DELETE FROM quota")                                                          \
    X(QUOTA_INSERT, "INSERT INTO quota (resource, most) VALUES (?, ?)")                            \
    X(SNAPSHOT_GET, "SELECT modseq, uidnext, messages, octets, first_part, parts FROM snapshot "   \
                    "WHERE folder = ?")                                                            \
    X(SNAPSHOT_SET, "INSERT OR REPLACE INTO snapshot (folder, modseq, uidnext, messages, octets, " \
                    "first_part, parts) VALUES (?, ?, ?, ?, ?, ?, ?)")                             \
    X(SNAPSHOT_DELETE, "DELETE FROM snapshot WHERE folder = ?")                                    \
    X(PART_LAST, "SELECT ifnull(max(id), 0) FROM snapshot_part")                                   \
    X(PART_INSERT, "INSERT INTO snapshot_part (id, data) VALUES (?, ?)")                           \
    X(PART_DELETE, "DELETE FROM snapshot_part WHERE id BETWEEN ? AND ?")                           \
    X(PART_STRAY, "SELECT id FROM snapshot_part WHERE NOT EXISTS (SELECT 1 FROM snapshot s "       \
                  "WHERE snapshot_part.id BETWEEN s.first_part AND s.first_part + s.parts - 1) "   \
                  "LIMIT 1")                                                                       \
    X(IMPORT_INSERT, "INSERT INTO import_key (key, time) VALUES (?, ?)")                           \
    X(IMPORT_GET, "SELECT 1 FROM import_key WHERE key = ?")                                        \
    X(FREE_PAGES, "PRAGMA freelist_count")                                                         \
    X(ALL_PAGES, "PRAGMA page_count")                                                              \
    X(VACUUM, "PRAGMA incremental_vacuum(50)")                                                     \
    X(INTEGRITY, "PRAGMA integrity_check")                                                         \
    X(CHECK_COUNTS, "SELECT f.id, f.messages, f.unseen, f.deleted, f.size, count(m.uid), "         \
                    "ifnull(sum(1 - (m.flags & 1)), 0), ifnull(sum((m.flags & 8) != 0), 0), "      \
                    "ifnull(sum(m.size), 0), ifnull(max(m.uid), 0) >= f.uidnext, "                 \
                    "ifnull(max(m.modseq), 0) > f.highestmodseq, f.gone_modseq IS NOT NULL "       \
                    "FROM folder f LEFT JOIN message m ON m.folder = f.id GROUP BY f.id")          \
    X(CHECK_BODIES, "SELECT m.folder, m.uid, m.body FROM message m LEFT JOIN body b "              \
                    "ON b.id = m.body WHERE b.id IS NULL OR b.size != m.size "                     \
                    "UNION ALL SELECT e.folder, e.uid, e.body FROM expunged e LEFT JOIN body b "   \
                    "ON b.id = e.body WHERE e.body IS NOT NULL AND (b.id IS NULL OR "              \
                    "b.size != e.size) LIMIT 100")                                                 \
    X(CHECK_CHUNKS, "SELECT b.id, b.size, ifnull((SELECT sum(length(c.data)) FROM chunk c "        \
                    "WHERE c.id BETWEEN b.id * 4096 AND b.id * 4096 + 4095), 0) AS held "          \
                    "FROM body b WHERE held != b.size LIMIT 100")                                  \
    X(CHECK_PARTS, "SELECT id, size, parts FROM body ORDER BY id")                                 \
    X(CHECK_STRAYS, "SELECT DISTINCT c.id >> 12 FROM chunk c WHERE NOT EXISTS "                    \
                    "(SELECT 1 FROM body b WHERE b.id = c.id >> 12) AND NOT EXISTS "               \
                    "(SELECT 1 FROM staged s WHERE s.body = c.id >> 12) LIMIT 100")                \
    X(CHECK_SHARES, "SELECT b.id, ifnull(s.extra, 0) + 1, ifnull(r.n, 0) FROM body b "             \
                    "LEFT JOIN body_share s ON s.body = b.id LEFT JOIN (SELECT body, count(*) n "  \
                    "FROM (SELECT body FROM message UNION ALL SELECT body FROM expunged "          \
                    "WHERE body IS NOT NULL) GROUP BY body) r ON r.body = b.id "                   \
                    "WHERE ifnull(s.extra, 0) + 1 != ifnull(r.n, 0) "                              \
                    "AND b.id NOT IN (SELECT body FROM staged) LIMIT 100")                         \
    X(CHECK_ANNOTATIONS, "SELECT a.id, a.folder FROM annotation a LEFT JOIN folder f "             \
                         "ON f.id = a.folder WHERE a.folder IS NOT NULL AND (f.id IS NULL OR "     \
                         "f.gone_modseq IS NOT NULL) LIMIT 100")                                   \
    X(CHECK_OBJECTS,                                                                               \
      "SELECT b.id FROM account a JOIN body b ON b.id <= a.threaded WHERE NOT EXISTS "             \
      "(SELECT 1 FROM object_id o WHERE o.id = b.email_id AND o.body = b.id) OR NOT EXISTS "       \
      "(SELECT 1 FROM object_id o WHERE o.id = -b.thread_id AND o.body = b.id) LIMIT 100")         \
    X(CHECK_OBJECT_STRAYS,                                                                         \
      "SELECT o.id, o.body FROM object_id o LEFT JOIN body b ON b.id = o.body "                    \
      "WHERE b.id IS NULL OR (o.id != b.email_id AND o.id != -b.thread_id) LIMIT 100")             \
    X(CHECK_SETS, "SELECT folder, uid, keywords FROM message WHERE keywords != 0 AND NOT EXISTS "  \
                  "(SELECT 1 FROM keyword_set k WHERE k.id = message.keywords) LIMIT 100")

enum sql_id {
#define X(name, text) SQL_##name,
    SQL_TABLE(X)
#undef X
        SQL_COUNT
};

/* One value to bind. */
struct sql_arg {
    enum { SQL_ARG_INT, SQL_ARG_TEXT, SQL_ARG_BLOB, SQL_ARG_NULL } kind;
    int64_t i;
    struct slice s; /* borrowed until the statement is reset */
};
#define I(x)          ((struct sql_arg){.kind = SQL_ARG_INT, .i = (int64_t)(x)})
#define T(x)          ((struct sql_arg){.kind = SQL_ARG_TEXT, .s = (x)})
#define B(x)          ((struct sql_arg){.kind = SQL_ARG_BLOB, .s = (x)})
#define NIL           ((struct sql_arg){.kind = SQL_ARG_NULL})
#define I_OR(x, none) ((x) == (none) ? NIL : I(x))

/* Run a statement that returns no rows we want. The arguments are sql_args: I() T() B() NIL. */
#define sql_run(a, id, ...)                                                                        \
    sql_run_args((a), SQL_##id, (struct sql_arg[]){NIL, ##__VA_ARGS__},                            \
                 sizeof((struct sql_arg[]){NIL, ##__VA_ARGS__}) / sizeof(struct sql_arg) - 1)
must_use enum err sql_run_args(struct account *a, enum sql_id id, const struct sql_arg *arg,
                               size_t n);

/* Bind and leave *out before its first row. Declare it `scoped_query sqlite3_stmt *q = NULL;`:
 * it is reset when it leaves its scope. One statement cannot be in use twice. */
#define sql_query(a, out, id, ...)                                                                 \
    sql_query_args((a), (out), SQL_##id, (struct sql_arg[]){NIL, ##__VA_ARGS__},                   \
                   sizeof((struct sql_arg[]){NIL, ##__VA_ARGS__}) / sizeof(struct sql_arg) - 1)
must_use enum err sql_query_args(struct account *a, sqlite3_stmt **out, enum sql_id id,
                                 const struct sql_arg *arg, size_t n);

/* The next row: *row says whether there is one. */
must_use enum err sql_step(struct account *a, sqlite3_stmt *q, bool *row);

/* The first column of the first row, or `none` when there is no row. */
#define sql_value(a, out, none, id, ...)                                                           \
    sql_value_args((a), (out), (none), SQL_##id, (struct sql_arg[]){NIL, ##__VA_ARGS__},           \
                   sizeof((struct sql_arg[]){NIL, ##__VA_ARGS__}) / sizeof(struct sql_arg) - 1)
must_use enum err sql_value_args(struct account *a, int64_t *out, int64_t none, enum sql_id id,
                                 const struct sql_arg *arg, size_t n);

void sql_end(sqlite3_stmt **q);
#define scoped_query __attribute__((cleanup(sql_end)))

/* A column as a slice, valid until the next step; never absent. */
struct slice sql_slice(sqlite3_stmt *q, int column);

/* What an SQLite result code means to a caller; `errno_` is sqlite3_system_errno. */
enum err sql_err(int rc, int errno_);

/* Note that SQLite failed in this account: logs, and finds out whether the transaction is gone
 * (account.c). Returns what to answer. */
enum err account_fail(struct account *a, const char *what, int rc);

/* Compile a statement before it is asked for. */
must_use enum err sql_prepare(struct account *a, enum sql_id id);

/* Finalise every cached statement. */
void sql_forget(struct account *a);

/* For tests: whether every statement of the table can be prepared; the first that cannot. */
const char *sql_prepare_all(struct account *a);

#endif
