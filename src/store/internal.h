/* store/internal.h -- what the files of this room share. Nobody outside includes it, the room's
 * own tests excepted. The invariants and the states are written in account.c.
 */
#ifndef ROOST_STORE_INTERNAL_H
#define ROOST_STORE_INTERNAL_H

#include "base/pool.h"
#include "base/siphash.h"
#include "store/sql.h"
#include "store/store.h"

enum {
    STORE_APPLICATION_ID = 0x526f6f73, /* "Roos" */
    STORE_VERSION = 4,                 /* of schema.sql: PRAGMA user_version */
    STORE_RETENTION_DAYS = 7,          /* what was expunged can be brought back for so long */
    STORE_STUB_DAYS = 90,              /* and its EMAILID is remembered for so long */
    STORE_LOG_ROWS_MAX = 50000,        /* rows of `change` kept for one folder */
    STORE_EVENTS_MAX = 10000,          /* rows of `event` kept */
    STORE_MODSEQ_BLOCK = 4096,         /* modseqs reserved by one write of the account row */
    STORE_BODY_CHUNKS = 4096,          /* chunk.id = body * STORE_BODY_CHUNKS + n */
    STORE_SETS_OCTETS_MAX = 16 << 20,  /* text of all keyword sets together */
    STORE_RING_MAX = 1024,             /* recent changes of a folder kept in memory */
    STORE_WAL_PAGES_MAX = 1000,        /* with more, account_owes_work: 4 MiB, the octets that
                                        * journal_size_limit lets stand and reuse */
    STORE_WAL_PAGES_IDLE = 64,         /* an idle step checkpoints from here on */
};

enum { CHANGE_ROW_FLAGS = 1, CHANGE_ROW_EXPUNGE = 2 }; /* change.kind */

/* Recent changes of a folder, oldest first from `first`, wrapping at `cap`. Complete for every
 * modseq above `floor`. */
struct change_ring {
    struct change *at; /* NULL until the first change */
    uint32_t first, n, cap;
    uint64_t floor;
};

struct sort_cache; /* sort_columns.h */

/* What stands open while bodies are read; see reading.c. */
struct reading {
    sqlite3_stmt *bodies; /* NULL, or at row `body` of a statement with these columns; */
    enum sql_id columns;
    uint64_t body;       /* 0: before its first row */
    sqlite3_blob *chunk; /* NULL, or open at `chunk_id` */
    int64_t chunk_id;
    bool again; /* a chunk has been read */
    /* listing.c: */
    sqlite3_stmt *listing;  /* NULL, or at the row of the block asked for last, */
    uint64_t listing_block; /* which is this less 1; 0: none was */
    bool listing_read;      /* its row was looked for */
    unsigned listing_uses;  /* bodies that the row read last has served */
};

struct folder_state {
    struct folder pub; /* first, so that a struct folder is one of these */
    struct slice key;  /* NFC of pub.name, on the heap; may be pub.name itself */
    uint64_t created_modseq;
    uint64_t expunge_floor; /* expunges up to here were cut from the log */
    uint32_t recent_uid;
    bool recent_dirty;         /* recent_uid is above what the row says */
    bool in_txn;               /* in account.touched */
    bool in_command;           /* touched by the running command */
    bool row_dirty;            /* counts differ from the row */
    struct messages *messages; /* NULL until loaded */
    bool whole;                /* all its columns are; else map and flags only */
    uint32_t cap;              /* allocated entries of its columns; map has its own */
    struct sort_cache *sort;   /* beside them; NULL until somebody sorts */
    uint32_t stale;            /* changes since the snapshot was written */
    struct change_ring ring;
    struct folder_state *newer, *older; /* news.c: by the commits that changed them */
    uint64_t listed;                    /* the account's modseq when it was linked so */
    uint32_t *keywords;                 /* ids in use, ascending; see folder_keywords */
    size_t n_keywords;
};

struct keyword {
    struct slice name; /* in account.words */
};
struct keyword_set_entry {
    const uint32_t *ids; /* ascending, in account.words */
    size_t n;
    struct slice text; /* " Junk Work" */
};

/* A hash table from a slice to an index, open addressing; see index.c. */
struct slice_index {
    uint32_t *slot; /* entry + 1, 0 is empty */
    size_t n_slots, n;
    struct siphash_key key; /* random */
};

struct subscriptions {
    struct slice *name; /* n of them in octet order of key, on the heap */
    struct slice *key;
    size_t n, cap;
};

struct quota {
    bool limits_known, sums_known;
    uint64_t most[QUOTA_RESOURCES]; /* QUOTA_NO_LIMIT */
    uint64_t octets, messages;      /* of all folders, when sums_known */
};

struct pending_run { /* flag changes not yet written to `change`: one row for many messages */
    struct folder_state *folder; /* NULL: none */
    uint64_t modseq;
    uint32_t uid_first, uid_last, index_last;
};

/* Thread keys of bodies that are not in the table yet; see thread.c. */
struct thread_slot {
    int64_t key; /* 0: empty */
    uint64_t thread;
};
struct thread_slots {
    struct thread_slot *at; /* open addressing, at most half full */
    size_t n_slots, n;
};
struct thread_recent {
    struct thread_slots young, old; /* old: of bodies up to old_upto, being written */
    uint64_t old_upto;
    bool known;               /* it holds what it should */
    bool lost;                /* what is undone cannot be told from `undo`: read all of it again */
    struct thread_slot *undo; /* what stood in young before, since the last commit */
    size_t n_undo, cap_undo;
    size_t n_before; /* of them before the running command */
};

/* What bodies above account.threaded leave in the tables that trail; see thread_index.c. */
struct thread_row {
    int64_t key, value;
    size_t order; /* in which it came */
};
struct thread_gather {
    struct thread_row *key, *object;
    size_t n_keys, cap_keys, n_objects, cap_objects;
    size_t written; /* rows, keys first */
    size_t bodies;  /* gathered, */
    uint64_t upto;  /* up to this one */
    bool sorted;    /* enough are gathered */
};

enum account_state {
    ACCOUNT_CLEAN, /* no transaction */
    ACCOUNT_OPEN,  /* a transaction runs */
    ACCOUNT_LOST,  /* it failed or is gone; only commit and rollback leave this state */
    ACCOUNT_DEAD,  /* the file cannot be used any more; every call answers `failed` */
};

/* The events after `since`, as account_events has read them. */
struct event_tail {
    bool known;
    uint64_t since;
    struct event *at; /* n of them */
    size_t n;
    struct arena names;
};

struct account {
    struct pool *pool; /* all that SQLite holds for db */
    sqlite3 *db;       /* NULL when ACCOUNT_DEAD */
    sqlite3_stmt *stmt[SQL_COUNT];
    char *dir, *path; /* of the account, of its mail.db */
    char *name;
    int lock_fd; /* holds the lock as long as it is open */

    enum account_state state;
    enum err failed; /* why LOST or DEAD */
    bool suspect;    /* SQLite met an I/O error in this transaction: reopen the file */
    bool in_command;
    bool command_wrote; /* a savepoint, or the whole transaction, is the command's */
    bool command_owns_txn;
    bool command_joins; /* it wants no savepoint, see account_joins */
    bool command_saved; /* it has one */
    enum err command_failed;

    uint64_t modseq, modseq_reserved;
    uint64_t body_last;   /* the last body id given out */
    uint64_t body_opened; /* body_last when opened: staged bodies up to it are leftovers */
    uint64_t body_saved;  /* account.body_last */
    uint32_t uidvalidity_last, uidvalidity_saved;
    int64_t swept;
    uint64_t threaded;  /* account.threaded */
    uint64_t effort_us; /* account_effort_us */
    struct thread_recent thread;
    struct thread_gather gather;
    uint64_t gist_next; /* no block below this lacks its gist (gist.c), unless it has no bodies */
    uint64_t listing_next; /* the same for listings (listing.c) */

    struct folder **folders; /* those not gone, by key, INBOX first */
    size_t n_folders, cap_folders;
    struct folder_state **all; /* every folder ever handed out, for account_close */
    size_t n_all, cap_all;
    size_t id_hint;                /* in `all`: where the last one asked for by id was found */
    struct folder_state **touched; /* by this transaction */
    size_t n_touched, cap_touched;
    bool structure_txn, structure_command; /* folders were created, deleted, renamed */
    bool words_txn, words_command;         /* keywords or sets were made */
    bool subs_txn, subs_command;

    struct arena words;      /* names and sets; given back at account_close only */
    struct keyword *keyword; /* [id - 1] */
    size_t n_keywords, cap_keywords;
    struct slice_index keyword_by_name;
    struct keyword_set_entry *set; /* [id - 1] */
    size_t n_sets, cap_sets, sets_octets;
    struct slice_index set_by_ids;

    struct subscriptions subs;
    struct folder_state *latest; /* news.c; NULL until somebody asked */
    struct event_tail events;
    struct quota quota;
    int64_t annotation_octets; /* of all annotations; -1: not counted yet */
    struct pending_run pending;
    struct arrival *arrivals; /* a list of those alive */

    struct buf scratch; /* what body_load lends */
    struct reading reading;

    struct idle {
        uint64_t snapshot_folder; /* being written, 0 none; see snapshot.c */
        struct buf packed;
        uint64_t modseq, first_part;
        uint32_t uidnext, messages, part;
        size_t at, octets; /* of `packed`: the next part; its parts together */
        uint64_t sweep_folder;
        uint32_t sweep_uid;
        bool sweeping;
        bool strays_gone; /* snapshot parts nobody refers to were looked for */
        bool log_due;     /* something was logged since the log was last cut */
        size_t log_at;    /* in account.folders: the next whose log is looked at */
    } idle;
    int wal_pages;  /* in the WAL after the last commit */
    bool wal_long;  /* its octets stand although their pages are in the database */
    bool wal_short; /* it has no room for another such commit */
};

static inline struct folder_state *state_of(struct folder *f)
{
    return (struct folder_state *)(void *)f;
}

/* ---- account.c */

/* Every change is  TRY(change_begin(a)); ... return change_end(a, err);  Checks that refuse come
 * before change_begin. An error after it fails the command, or the transaction outside one. */
must_use enum err change_begin(struct account *a);
must_use enum err change_end(struct account *a, enum err err);

/* Nothing refuses what the command changes from here on, and it changes no more behind that: should
 * it fail all the same then the disk does, and the transaction with it. Spares a savepoint, unless
 * the command has one. */
void account_joins(struct account *a);

/* Note that the folder will differ from its row; call before the first change to it. */
void folder_touch(struct folder_state *f);

must_use enum err account_open_dir(const char *dir, struct account **out);
/* Move the WAL's pages into the database. While an account is busy the WAL's octets stay, since
 * overwriting is cheaper to sync than growing; an idle one's are `cut`, since the next opening
 * reads all of them, done with or not. */
must_use enum err account_checkpoint(struct account *a, bool cut);

/* ---- path.c: the account tree */
must_use enum err path_account(const char *root, struct slice name, char **dir);
must_use enum err path_lock(const char *dir, int *fd);
must_use enum err path_sync_dir(const char *dir);

/* ---- schema.c */
must_use enum err schema_write(sqlite3 *db);
/* ERR_NEWER, ERR_CORRUPT (not one of ours). */
must_use enum err schema_check(struct account *a);
/* [i] makes version i + 1 of version i. */
extern const char *const schema_steps[STORE_VERSION];
/* Run step[from] .. step[to - 1] and set the version, all in one transaction or nothing. */
must_use enum err schema_upgrade(sqlite3 *db, const char *const *step, int from, int to);

/* ---- db.c: opening SQLite as DESIGN has it */
must_use enum err db_open(const char *path, bool create, sqlite3 **out);
void db_close(sqlite3 **db);
/* What SQLite allocates on this thread is a piece of this pool from here on (NULL: the heap's);
 * returns whose it was before. Whatever may call SQLite for an account begins with
 *     scoped_pool struct pool *before = db_enter(a->pool);
 */
struct pool *db_enter(struct pool *p);
static inline void db_leave(struct pool **before)
{
    (void)db_enter(*before);
}
#define scoped_pool __attribute__((cleanup(db_leave), unused))
/* The VFS below ours; "unix-none", or another for tests. */
extern const char *db_vfs;

/* ---- cold_read.c: before the first database is opened */
void cold_read_install(void);

/* ---- ahead_vfs.c: the file of the database */
enum {
    AHEAD_OCTETS = 64 * 1024,
    AHEAD_CONTROL = 1001, /* file control: lend this window, NULL: take it back; SQLite's own are
                           * below 100 */
};
struct ahead {
    int wanted; /* octets about to be read, at most */
    int span;   /* octets read ahead the last time, 0: nothing yet */
    int lent;   /* pages SQLite holds of it */
    int n;      /* octets held, those of the file from `at` */
    sqlite3_int64 at;
    char octets[AHEAD_OCTETS];
};
int ahead_open(sqlite3_vfs *below, const char *name, sqlite3_file *f, int flags, int *out);
/* What its file takes before that of the VFS below. */
size_t ahead_file_octets(void);

/* ---- wal_vfs.c: the VFS every account is opened with */
#define WAL_VFS_NAME "roost"
/* Once in a process, after sqlite3_initialize. */
void wal_vfs_register(void);
/* Whether the next commit may have to make the WAL longer, which takes it twice as long. */
bool wal_is_short(sqlite3 *db);
/* Make it longer now; takes as long as a commit. Between transactions. */
void wal_make_room(sqlite3 *db);

/* ---- folder.c, folder_list.c */
must_use enum err folders_load(struct account *a);
must_use enum err folder_create_inbox(struct account *a);
must_use enum err folder_reread(struct folder_state *f);
must_use enum err folder_write_counts(struct folder_state *f);
void folder_release(struct folder_state *f);
/* Where `key` is, or would be, in account.folders. */
size_t folders_lower(const struct account *a, struct slice key);
struct folder_state *folders_find(const struct account *a, struct slice key);
void folders_insert(struct account *a, struct folder_state *f);
void folders_take_out(struct account *a, struct folder_state *f);
/* After keys have changed: order and has_children anew. */
void folders_sort(struct account *a);
/* How many folders are inferior to `key`, and where the first is. */
size_t folders_below(const struct account *a, struct slice key, size_t *first);
/* Set has_children of the superior of `key`. */
void folders_note_children(struct account *a, struct slice key);
/* Read a row just written, as a new folder. */
must_use enum err folder_read_new(struct account *a, uint64_t id, struct folder_state **out);
void folder_set_name(struct folder_state *f, struct slice name, struct slice key);
void folder_become_gone(struct folder_state *f);
/* Whoever watches this name must hear all of it again. */
void folder_note_all(struct folder_state *f, uint64_t modseq);
must_use enum err random_id(uint64_t *out);
must_use enum err event_log(struct account *a, enum event_kind kind, uint64_t modseq,
                            uint64_t folder, struct slice name, struct slice old_name);

/* ---- name.c */
/* A heap copy of the canonical name and its NFC key (which may be the same pointer; then only
 * the name is freed). ERR_CANNOT: not a valid name. */
must_use enum err name_canonical(struct slice name, struct slice *canonical, struct slice *key);
void name_free(struct slice *name, struct slice *key);
/* Order of keys: octets, INBOX first. */
int name_cmp(struct slice a, struct slice b);
bool name_is_reserved(struct slice name);

/* ---- keyword.c */
must_use enum err keywords_load(struct account *a);
must_use enum err keyword_apply(struct account *a, uint32_t set, enum store_action op,
                                const uint32_t *ids, size_t n, uint32_t *out);
/* Note that messages of `f` use this set. */
void folder_use_set(struct folder_state *f, uint32_t set);
void words_release(struct account *a);

/* ---- index.c */
/* The entry whose slice equals `s` (as `get` tells it), or SIZE_MAX. */
size_t slice_index_find(const struct slice_index *x, struct slice s, bool nocase,
                        struct slice (*get)(const void *ctx, size_t entry), const void *ctx);
void slice_index_add(struct slice_index *x, struct slice s, bool nocase, size_t entry,
                     struct slice (*get)(const void *ctx, size_t entry), const void *ctx);
void slice_index_release(struct slice_index *x);

/* ---- subscription.c */
must_use enum err subscriptions_load(struct account *a);
void subscriptions_release(struct account *a);

/* ---- annotation.c */
must_use enum err annotations_copy(struct folder_state *from, struct folder_state *to,
                                   uint64_t modseq);
must_use enum err annotations_drop(struct folder_state *f);

/* ---- quota.c */
void quota_forget(struct account *a);
void quota_forget_sums(struct account *a);
void quota_count(struct account *a, int64_t octets, int messages);
/* ERR_OVERQUOTA when one more may not be made. */
must_use enum err quota_check_mailboxes(struct account *a);

/* ---- message.c */
/* The columns of struct messages beside map and flags. */
#define REST_COLUMNS(X) X(keywords) X(modseq) X(size) X(internaldate) X(zone) X(body) X(saved)
/* Without `whole` there are only map and flags, and the other columns are NULL. */
struct messages *messages_new(struct folder_state *f, uint32_t cap, bool whole);
void messages_free(struct messages **m);
/* Of heap, what is loaded of the folder. */
size_t messages_octets(const struct folder_state *f);
/* Leave no message, in memory only. */
void messages_empty(struct folder_state *f);
/* Append to the columns that are loaded, and to the kept counts. */
void message_arrived(struct folder_state *f, const struct message_row *row);
void message_append(struct folder_state *f, const struct message_row *row);
void message_count(struct folder_state *f, const struct message_row *row, int by);
struct message_row message_at(const struct messages *m, uint32_t i);
struct message_row message_of_row(sqlite3_stmt *q);
must_use enum err message_insert(struct folder_state *f, struct message_row *row);
must_use enum err pending_flush(struct account *a);
/* Remove the messages with drop[i] set (n_drop of them); starts a new map. */
void messages_compact(struct folder_state *f, const bool *drop, uint32_t n_drop);

/* ---- snapshot.c */
/* All columns, or at least map and flags: f->whole says. */
must_use enum err messages_load(struct folder_state *f, bool whole);
must_use enum err messages_scan(struct folder_state *f);
bool snapshot_due(const struct folder_state *f);
must_use enum err snapshot_step(struct account *a, bool *did);
must_use enum err snapshot_drop(struct account *a, uint64_t folder);

/* ---- pack.c, unpack.c: a snapshot of n messages is parts 0 .. pack_parts(n) - 1; those below
 * pack_outlines(n) have map, flags and which keyword sets are in use, the others the rest */
uint32_t pack_outlines(uint32_t n);
uint32_t pack_parts(uint32_t n);
/* What stands in the first 8 octets of a part, of those behind them. */
uint64_t pack_sum(struct slice s);
/* Append that part. */
void pack_part(const struct messages *m, uint32_t part, struct buf *out);
/* Into the columns of f, which have room for n; parts come in order. ERR_CORRUPT. */
must_use enum err unpack_part(struct slice packed, uint32_t part, uint32_t n,
                              struct folder_state *f);

/* ---- change.c */
void ring_add(struct folder_state *f, uint64_t modseq, uint32_t uid, enum change_kind kind);
void ring_reset(struct folder_state *f);
must_use enum err change_log(struct folder_state *f, uint64_t modseq, int kind, uint32_t uid_first,
                             uint32_t uid_last);

/* ---- news.c */
/* Before the touched folders are forgotten: link what this commit changed. */
void news_committed(struct account *a);
/* Events were logged or taken back. */
void events_forget(struct account *a);

/* ---- body.c */
must_use enum err body_share(struct account *a, uint64_t id, uint32_t more);
/* One reference less; without any left the body is no more and its chunks are staged. */
must_use enum err body_unshare(struct account *a, uint64_t id);
/* For what idle steps copy from bodies, a block of `size` ids at a time (gist.c, listing.c): move
 * *block on to the first that has bodies. *found: there is one, and all of it has settled. None of
 * it still arrives; and ids that were given out and taken back, which may be given out again after
 * the next opening, are not among them, since there is a body at its end or behind. */
must_use enum err body_block(struct account *a, uint64_t size, uint64_t *block, bool *found);

/* ---- listing.c */

/* A piece of background work: what is missing below the bodies still arriving. */
must_use enum err listing_step(struct account *a, uint64_t until_us, bool *did);
/* The body goes: no listing may hold any of it. */
must_use enum err listing_drop(struct account *a, uint64_t body);
must_use enum err listing_check(struct account *a, struct buf *findings);

/* ---- reading.c */
/* A row of body, as long as nothing else is asked for by these two: `id` is one of the statements
 * BODY_..._FROM, whose first column is the id. ERR_CORRUPT: there is none. */
must_use enum err reading_body(struct account *a, enum sql_id id, uint64_t body,
                               sqlite3_stmt **out);
/* Octets [at, at + n) of a chunk of that length. ERR_CORRUPT when it is not there or not so long.
 */
must_use enum err reading_octets(struct account *a, int64_t chunk, size_t at, size_t n,
                                 size_t length, char *p);
void reading_end(struct account *a);
/* Adds all octets of a part of a snapshot to out. *blob is NULL at first, and stands open from one
 * part to the next until reading_part_end. ERR_CORRUPT: there is no such part, or it is larger than
 * out may be. */
must_use enum err reading_part(struct account *a, int64_t part, sqlite3_blob **blob,
                               struct buf *out);
void reading_part_end(sqlite3_blob **blob);
#define scoped_part __attribute__((cleanup(reading_part_end)))

/* ---- arrival.c */
/* What a command (or all since the last commit) wrote is gone. */
void arrivals_undone(struct account *a, bool whole_transaction);
void arrivals_released(struct account *a, bool whole_transaction);
/* Ids of the bodies that arrive, ascending, *n of them; the caller frees it. */
uint64_t *arrivals_bodies(const struct account *a, size_t *n);
/* The lowest id of a body that may still come to be, or more than any. */
uint64_t arrivals_lowest(const struct account *a);

#endif
