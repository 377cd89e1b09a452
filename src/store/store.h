/* store/store.h -- an account: its folders, messages, bodies and change log, in one SQLite file.
 *
 * This is the only door of the room. Above it nobody writes SQL, knows a table, or opens a file
 * below the account directory.
 *
 * WHO MAY CALL. An account belongs to one caller at a time (the worker that runs it); nothing in
 * here takes a lock. Different accounts are independent and may be used by different threads.
 *
 * TRANSACTIONS. The first change begins a transaction; account_commit makes every change since
 * then durable at once. What callers see in memory (struct messages, struct folder) already
 * includes uncommitted changes, so no reply that rests on it may leave before account_commit
 * returned ERR_OK. One command's changes sit between account_savepoint and account_release;
 * account_undo takes them back. When account_commit fails everything since the last commit is
 * gone from disk and from memory, every struct messages pointer is stale (fetch it again by
 * folder_messages) and the account stays usable or every call answers the error until it is
 * closed and opened again. A change that fails on the disk fails its bracket: only account_undo
 * (or account_release, which then undoes and answers the error) may follow. Outside a bracket,
 * or when SQLite rolled back on its own, it fails the transaction: every change is refused until
 * account_commit (which answers that error) or account_rollback. Calls that refuse without
 * having changed anything (ERR_EXISTS, ERR_LIMIT, ...) fail nothing. Pointers to struct folder stay
 * valid until account_close, also those of folders whose creation was undone or that were deleted
 * (folder->gone).
 *
 * CLOCK. Every step of a command that changes something takes account_tick() once and stamps
 * all its rows with that modseq (RFC 7162 section 3.1).
 */
#ifndef ROOST_STORE_STORE_H
#define ROOST_STORE_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "mime/fold.h"   /* enum collation */
#include "wire/create.h" /* SPECIAL_USE_ bits (RFC 6154) */
#include "wire/flag.h"   /* FLAG_SEEN ... FLAG_DRAFT: the bits of a message's system flags */
#include "wire/quota.h"  /* enum quota_resource */
#include "wire/store.h"  /* enum store_action */

struct account;
struct arrival;

enum {
    STORE_NAME_OCTETS_MAX = 1000, /* a mailbox name, UTF-8 */
    STORE_FOLDERS_MAX = 100000,   /* folders of an account, tombstones not counted */
    STORE_KEYWORDS_MAX = 5000,    /* distinct keywords of an account; beyond: ERR_LIMIT */
    STORE_KEYWORD_OCTETS_MAX = 255,
    STORE_ACCOUNT_NAME_OCTETS_MAX = 255,
    STORE_CHUNK_OCTETS = 256 * 1024,
    ACCOUNT_EVENTS_MAX = 1000,              /* events of one answer, ... */
    ACCOUNT_EVENTS_OCTETS_MAX = 256 * 1024, /* and of their names; beyond: ERR_LIMIT */
    STORE_ANNOTATIONS_MAX = 1000,           /* of one mailbox, or of the server */
    STORE_ANNOTATION_NAME_OCTETS_MAX = 1000,
    STORE_ANNOTATION_OCTETS_MAX = 32 * 1024, /* of one value */
    STORE_ANNOTATIONS_OCTETS_MAX = 64 << 20, /* values and names of an account together */
    STORE_EVERYBODY = 0,
    STORE_OWNER = 1, /* identities: whose row it is */
};

/* ---- accounts ---------------------------------------------------------------------------- */

/* Whether `name` can name an account: 1..255 octets of UTF-8 without control characters, '/',
 * '\\', NUL, not "." or "..", no leading '.'. Compared exactly; auth folds case before. */
bool account_name_valid(struct slice name);

/* Create the directory ROOT/accounts/<hash>/<account>/ and its database, durably, with INBOX
 * and the folders Drafts, Sent, Junk, Trash and Archive (special-use, subscribed).
 * ERR_EXISTS, ERR_SYNTAX (name), ERR_NOSPACE, ERR_IO. */
must_use enum err account_create(const char *root, struct slice name);

/* Open, lock (ERR_INUSE when another process has it), upgrade if older (one transaction),
 * ERR_NEWER if newer, ERR_NOTFOUND, ERR_CORRUPT, ERR_IO, ERR_NOSPACE. Staged chunks that no
 * message adopted are dropped by idle steps. *out is owned by the caller: account_close. `name`
 * is copied. */
must_use enum err account_open(const char *root, struct slice name, struct account **out);

/* For the log. */
const char *account_name(const struct account *a);

/* Rolls back what is not committed, releases all memory, nulls *a. Does not checkpoint. */
void account_close(struct account **a);

/* Whether the account's database is there. */
bool account_exists(const char *root, struct slice name);

/* Move the account's directory aside as ROOT/removed/<account>.<time> (its mail is not erased).
 * ERR_NOTFOUND, ERR_INUSE, ERR_IO. */
must_use enum err account_remove(const char *root, struct slice name);

/* Calls `each` for every account below ROOT, in no order. Stops at the first error. */
must_use enum err account_each(const char *root, enum err (*each)(void *ctx, struct slice name),
                               void *ctx);

/* Background work when nothing else waits: a packed snapshot of folders that changed much,
 * incremental vacuum, purge of what was expunged long ago, checkpoint. Bounded (about 5 ms).
 * *more says whether there is more to do. Never inside a transaction. */
must_use enum err account_idle_step(struct account *a, bool *more);

/* Octets of heap this account holds now, SQLite's included (for the memory budget). */
size_t account_memory(const struct account *a);

/* Microseconds of CPU that went into what it holds: opening, reading folders and what sorts them.
 * Closing it would cost the next user so much. */
uint64_t account_effort_us(const struct account *a);

/* PRAGMA integrity_check plus our own invariants (kept counts, snapshot, orphans). Each finding
 * is one line appended to `findings`; none means sound. */
must_use enum err account_check(struct account *a, struct buf *findings);

/* ---- transactions ------------------------------------------------------------------------ */

/* Whether there are changes that no commit has made durable yet. */
bool account_dirty(const struct account *a);

/* Make everything durable. ERR_OK also when there is nothing to do. ERR_NOSPACE, ERR_IO,
 * ERR_CORRUPT: nothing since the last commit happened (see TRANSACTIONS above). */
must_use enum err account_commit(struct account *a);

/* A commit may leave work of some milliseconds: what is in the WAL is to go into the database, or
 * the WAL is to have room for the next. It is best done when the answers have been sent, outside
 * any bracket. Who does not do it at all gets it done by account_commit, later. */
bool account_owes_work(const struct account *a);
void account_work_off(struct account *a);

/* Called by whoever calls into the store, before and after a read that waits for the disk. Set
 * once, before the first account is opened; nothing unless set. */
struct store_waits {
    void (*begin)(void);
    void (*end)(void);
};
extern struct store_waits store_waits;

/* Take back everything since the last commit, in memory too. */
void account_rollback(struct account *a);

/* One command's bracket. Not nested. ERR_IO and friends from account_savepoint. */
must_use enum err account_savepoint(struct account *a);
must_use enum err account_release(struct account *a);
void account_undo(struct account *a);

/* The next modseq, for one step. Greater than every one before; 1 or more; below 2^63. */
uint64_t account_tick(struct account *a);

/* The largest modseq given out (committed or not). */
uint64_t account_modseq(const struct account *a);

/* ---- folders ----------------------------------------------------------------------------- */

/* A folder as everybody sees it. Read only outside the room; kept current in memory. */
struct folder {
    uint64_t id;          /* never reused in this account */
    uint64_t mailbox_id;  /* OBJECTID's MAILBOXID (RFC 8474), random 63 bit, kept on RENAME */
    struct slice name;    /* UTF-8 as created; INBOX is always "INBOX" */
    uint32_t uidvalidity; /* from a per-account counter, never reused */
    uint32_t uidnext;
    uint64_t highestmodseq; /* largest modseq of any change in it, expunges too; at least 1 */
    /* Of the last change of each kind, at least: what was before this opening counts as all of
     * them at highestmodseq, and so does that the name became another mailbox's. */
    uint64_t new_modseq, flags_modseq, expunge_modseq;
    uint32_t messages; /* kept counts */
    uint32_t unseen;
    uint32_t deleted;     /* messages with \Deleted */
    uint64_t size_octets; /* sum of RFC822.SIZE */
    uint32_t special_use; /* SPECIAL_USE_ bits (wire/create.h) */
    bool noselect;        /* \Noselect: a name without messages (RFC 9051 section 6.3.9) */
    bool gone;            /* deleted, or its creation was undone; name is empty then */
    bool has_children;
    struct account *account;
};

/* The folders by name (octet order, INBOX first), *n of them. The array is valid until the next
 * folder_create/delete/rename or rollback; the folders themselves until account_close. */
struct folder *const *account_folders(struct account *a, size_t *n);

/* By name: INBOX in any case (also as first component), otherwise equal after NFC. NULL: none. */
struct folder *folder_find(struct account *a, struct slice name);
struct folder *folder_by_id(struct account *a, uint64_t id);

/* CREATE (RFC 9051 section 6.3.4): missing superior names are created as \Noselect; creating a
 * \Noselect name makes it selectable. `name` is valid UTF-8 without trailing separator.
 * ERR_EXISTS, ERR_CANNOT (reserved top-level names "Other Users", "Shared"; invalid
 * name), ERR_LIMIT, ERR_OVERQUOTA, ERR_USEATTR (a use that another folder has). Takes its own tick.
 * out may be NULL. */
must_use enum err folder_create(struct account *a, struct slice name, uint32_t special_use,
                                struct folder **out);

/* Give the folder these uses and no others; logged as a change of its metadata entry
 * /private/specialuse (RFC 6154 section 4). Whether another has them is the caller's affair. */
must_use enum err folder_set_use(struct folder *f, uint32_t special_use, uint64_t modseq);

/* DELETE (6.3.5): with children it stays as \Noselect and its messages go; a \Noselect name with
 * children is ERR_HASCHILDREN; INBOX is ERR_CANNOT. Subscriptions are not touched. The
 * deleted folder becomes gone = true (a tombstone; its messages are logged as expunged). When
 * it stays as \Noselect, a NEW struct folder takes the name and the old one is gone. */
must_use enum err folder_delete(struct folder *f);

/* RENAME (6.3.6), inferiors with it; UIDVALIDITY and MAILBOXID stay; missing superiors of the new
 * name are created. RENAME INBOX creates `name` and moves INBOX's messages there. ERR_EXISTS,
 * ERR_CANNOT, ERR_LIMIT. */
must_use enum err folder_rename(struct folder *f, struct slice name);

/* Subscriptions are by name and survive DELETE. Both calls are idempotent. */
must_use enum err subscription_set(struct account *a, struct slice name, bool subscribed);
bool subscription_has(struct account *a, struct slice name);
/* The subscribed names in octet order; valid until the next subscription_set or rollback. */
const struct slice *account_subscriptions(struct account *a, size_t *n);
/* Which of them are below `name`: the index of the first, *n of them. O(log n). */
size_t subscriptions_below(struct account *a, struct slice name, size_t *n);

/* ---- annotations ------------------------------------------------------------------------- */

/* Metadata (RFC 5464): named values of a folder, or of the account when `f` is NULL. `identity` is
 * STORE_EVERYBODY for entries below /shared and STORE_OWNER for those below /private; `name` is
 * what follows that prefix, "/comment", ASCII, compared without case (the case of the last
 * setting is kept). They stay on RENAME and go with DELETE. */

/* ERR_NOTFOUND: no such entry. *value is valid until the next call on this account. */
must_use enum err annotation_get(struct account *a, struct folder *f, int identity,
                                 struct slice name, struct slice *value);
/* Whether any folder has that entry: ERR_OK, ERR_NOTFOUND. Reads all annotations. */
must_use enum err annotation_any(struct account *a, int identity, struct slice name);
/* The entry whose name is the next after `after`, as octets of the lower-cased names are ordered;
 * ERR_NOTFOUND: none. *name and *value are valid until the next call on this account. */
must_use enum err annotation_next(struct account *a, struct folder *f, int identity,
                                  struct slice after, struct slice *name, struct slice *value);
/* Set, or remove when value.p is NULL (also what is not there), and log it as an event. ERR_TOOBIG:
 * value or name is too long; ERR_LIMIT: too many entries, or too much in all. */
must_use enum err annotation_set(struct account *a, struct folder *f, int identity,
                                 struct slice name, struct slice value, uint64_t modseq);

/* ---- quota ------------------------------------------------------------------------------- */

/* Limits of the whole account (RFC 9208), in each resource's unit (wire/quota.h). They bind
 * arrival_adopt and folder_create; whoever copies asks before. What is above a limit that was
 * lowered stays. */
struct quota_state {
    uint64_t used, most; /* QUOTA_NO_LIMIT */
};
must_use enum err quota_get(struct account *a, struct quota_state state[QUOTA_RESOURCES]);
/* These limits and no others. */
must_use enum err quota_set(struct account *a, const uint64_t most[QUOTA_RESOURCES]);
/* ERR_OVERQUOTA when so many messages, of so many octets together, may not be added. */
must_use enum err quota_check(struct account *a, uint64_t messages, uint64_t octets);
/* The same for copies of these messages. */
must_use enum err quota_check_copies(struct folder *from, const uint32_t *uids, size_t n);

/* ---- the messages of a folder ------------------------------------------------------------ */

/* Ascending UIDs, shared and only ever appended to; an expunge starts a new map. A session's
 * view is a reference to one and a count: the UIDs at 0..count-1 never change under it. As long as
 * they count up without a gap there is no array. References are counted without atomics: only the
 * account's current worker touches them. */
struct uid_map {
    uint32_t refs;
    uint32_t n;
    uint32_t first; /* the UIDs are first, first + 1, ... when uid is NULL */
    uint32_t cap;   /* entries of uid; while it is NULL: what to begin with */
    uint32_t *uid;
};
static inline uint32_t uid_at(const struct uid_map *m, size_t i)
{
    return m->uid != NULL ? m->uid[i] : m->first + (uint32_t)i;
}
struct uid_map *uid_map_new(uint32_t cap);
struct uid_map *uid_map_ref(struct uid_map *m);
void uid_map_unref(struct uid_map **m);
/* Append a UID larger than the last. */
void uid_map_add(struct uid_map *m, uint32_t uid);
/* Append `n` UIDs from `first` on, which is larger than the last. O(1) if they count on. */
void uid_map_add_run(struct uid_map *m, uint32_t first, uint32_t n);
/* Whether the first n are the same. */
bool uid_map_same(const struct uid_map *x, const struct uid_map *y, uint32_t n);
/* Of heap. */
size_t uid_map_octets(const struct uid_map *m);
/* Index of the first UID >= uid among the first `n` (n if there is none). O(log n). */
uint32_t uid_map_lower(const struct uid_map *m, uint32_t n, uint32_t uid);

/* Columns of the live messages of a folder, index 0..n-1 in UID order: uid_at(map, i) and the same
 * i everywhere else. Owned by the store; mutated in place by the calls below. */
struct messages {
    struct uid_map *map;
    uint32_t n;
    uint8_t *flags;     /* FLAG_* bits without \Recent */
    uint32_t *keywords; /* keyword set, 0 = none */
    uint64_t *modseq;
    uint32_t *size;        /* octets; RFC822.SIZE */
    int64_t *internaldate; /* seconds since 1970 UTC */
    int16_t *zone;         /* minutes east of UTC in which INTERNALDATE is shown */
    uint64_t *body;        /* body id */
    uint32_t *saved;       /* seconds, when it entered this folder (RFC 8514); 0: not known */
};

/* What opening a mailbox needs of it, which is read several times faster. */
struct outline {
    struct uid_map *map;
    uint32_t n;
    const uint8_t *flags;
};
/* Load at least that. Valid until anything is changed or folder_messages is called; map as long as
 * there is a reference. */
must_use enum err folder_outline(struct folder *f, struct outline *out);

/* Load (from the packed snapshot plus what is newer) or return what is loaded. The pointer stays
 * valid until account_close or a rollback/undo; its arrays move when messages arrive. */
must_use enum err folder_messages(struct folder *f, struct messages **out);

/* What SORT and THREAD compare (RFC 5256, RFC 5957). The texts are columns of their own each, and
 * that once for each collation: sort_text_column. */
enum sort_column {
    SORT_SUBJECT, /* the base subject */
    SORT_FROM,    /* the first address's mailbox name */
    SORT_TO,
    SORT_CC,
    SORT_DISPLAYFROM, /* its display name, or else the address */
    SORT_DISPLAYTO,
    SORT_TEXT_COLUMNS,
    SORT_TEXTS = SORT_TEXT_COLUMNS * COLLATIONS,
    SORT_SENT = SORT_TEXTS, /* the Date field, or else INTERNALDATE */
    SORT_REPLY,             /* whether the subject says it is a reply or a forward */
    SORT_THREAD,            /* the message's id and those it refers to */
    SORT_COLUMNS,
};
/* The column of a text (below SORT_TEXT_COLUMNS) as that collation has it: the column itself for
 * i;unicode-casemap. */
enum sort_column sort_text_column(enum sort_column text, enum collation collation);

/* Columns beside those of struct messages, index 0..n-1 likewise. Owned by the store; the arrays
 * move when messages arrive or go. Texts and ids are numbers: equal ones have the same. */
struct sort_columns {
    uint32_t *text[SORT_TEXTS];       /* 0: empty */
    const uint32_t *rank[SORT_TEXTS]; /* of a text, by the column's collation; dense from 0 */
    uint32_t texts[SORT_TEXTS];       /* texts there are, distinct by the collation */
    int64_t *sent;                    /* seconds since 1970 UTC */
    bool *reply;
    uint32_t *id;      /* 0: none */
    uint32_t ids;      /* every id is below this */
    uint32_t *ref_end; /* message i refers to ref[ref_end[i - 1]] .. ref[ref_end[i] - 1], oldest */
    uint32_t *ref;     /* first; from ref[0] for i = 0 */
};

/* Load the columns of `set` (bits 1 << enum sort_column), reading at most `most` messages; *more:
 * call again. What is loaded is kept until the account is closed, and counted in account_memory;
 * from then on only what is new is read. Costs about 5 us a message read. Errors: disk. */
must_use enum err folder_sort_load(struct folder *f, unsigned set, uint32_t most, bool *more);
/* Those loaded: right for every message until the next change of the folder. */
const struct sort_columns *folder_sort_columns(const struct folder *f);

/* \Recent (RFC 3501 section 2.3.2): the first UID that no session has seen as recent; when `take`,
 * moves the mark to uidnext in a lazy write that no reply waits for. */
uint32_t folder_recent(struct folder *f, bool take);

/* ---- keywords ---------------------------------------------------------------------------- */

/* The id (1..) of a keyword, compared without ASCII case; 0 if unknown. With `create` a new one
 * is made (keeps its case): ERR_LIMIT past STORE_KEYWORDS_MAX or if too long. */
must_use enum err keyword_id(struct account *a, struct slice name, bool create, uint32_t *id);
/* Valid until account_close. */
struct slice keyword_name(struct account *a, uint32_t id);
/* The set that results from applying action with ids[0..n) to `set`; sets are interned. */
must_use enum err keyword_set(struct account *a, uint32_t set, enum store_action action,
                              const uint32_t *ids, size_t n, uint32_t *out);
bool keyword_set_has(struct account *a, uint32_t set, uint32_t id);
/* The names joined by spaces, " $Junk Work", with a leading space; empty for set 0. Valid until
 * account_close. */
struct slice keyword_set_text(struct account *a, uint32_t set);
/* Ids of the keywords used by any message of the folder now or at some time since it was loaded,
 * ascending; *n of them; valid until the next change. folder_keyword_count grows whenever a new
 * one appears: FLAGS must then be sent again. */
const uint32_t *folder_keywords(struct folder *f, size_t *n);

/* ---- changing messages ------------------------------------------------------------------- */

/* Apply action to the flags of message index i. *changed says whether anything did change; if so
 * its modseq becomes `modseq` and the change is logged. Errors: disk. */
must_use enum err message_store(struct folder *f, uint32_t i, enum store_action action,
                                uint8_t flags, const uint32_t *keywords, size_t n_keywords,
                                uint64_t modseq, bool *changed);

/* Expunge the messages with these UIDs (ascending, n of them; absent ones are ignored). They are
 * kept for the retention time and stay fetchable through message_expunged. */
must_use enum err messages_expunge(struct folder *f, const uint32_t *uids, size_t n,
                                   uint64_t modseq);

/* Copy messages (ascending UIDs of `from`, all present) to the end of `to`, in that order; flags,
 * keywords and INTERNALDATE are kept, bodies shared. The copies get UIDs *first_uid .. +n-1.
 * from == to is allowed. ERR_LIMIT when the UIDs or counts would overflow. */
must_use enum err messages_copy(struct folder *from, const uint32_t *uids, size_t n,
                                struct folder *to, uint64_t modseq, uint32_t *first_uid);

/* One message as a row, for those that are no longer in struct messages. */
struct message_row {
    uint32_t uid;
    uint8_t flags;
    uint32_t keywords;
    uint64_t modseq;
    uint32_t size;
    int64_t internaldate;
    int16_t zone;
    uint64_t body;
    uint32_t saved;
};
/* An expunged message that is still kept. ERR_NOTFOUND. */
must_use enum err message_expunged(struct folder *f, uint32_t uid, struct message_row *out);

/* ---- the change log ---------------------------------------------------------------------- */

enum change_kind { CHANGE_NEW, CHANGE_FLAGS, CHANGE_EXPUNGE };
struct change {
    uint64_t modseq;
    uint32_t uid;
    enum change_kind kind;
};
/* What happened in the folder after modseq `since`, in modseq order; within one modseq by UID. A
 * message that was changed several times may appear only at its last change; one that is new
 * appears at its arrival, and again if it was changed later; one that came and went may appear
 * as expunged only. From a ring in memory when it reaches back far enough, else from the
 * database. *out is in `arena`.
 * ERR_NOMEM (arena), ERR_LIMIT when the log was cut above `since` (RFC 7162 section 3.2.5.2:
 * caller falls back to comparing), disk errors. */
must_use enum err folder_changes(struct folder *f, uint64_t since, struct arena *arena,
                                 struct change **out, size_t *n);
/* Only the expunges of that; what else changed is in the modseq column. */
must_use enum err folder_expunges(struct folder *f, uint64_t since, struct arena *arena,
                                  struct change **out, size_t *n);
/* Whether folder_changes would answer from the ring: few changes, whatever the folder's size. */
bool folder_remembers(struct folder *f, uint64_t since);

/* ---- what happened in the account (RFC 5465) --------------------------------------------- */

/* The modseq of the last change of a folder that somebody who watches it hears of. */
static inline uint64_t folder_news_modseq(const struct folder *f)
{
    uint64_t m = f->new_modseq > f->flags_modseq ? f->new_modseq : f->flags_modseq;

    return m > f->expunge_modseq ? m : f->expunge_modseq;
}

/* The folders with folder_news_modseq above `since`, in its order, *n of them, in `arena`. Costs
 * what changed since, not what there is. ERR_NOMEM. */
must_use enum err account_changed_folders(struct account *a, uint64_t since, struct arena *arena,
                                          struct folder ***out, size_t *n);

/* What happened to names, and to metadata. */
enum event_kind { /* also event.kind in the database */
                  EVENT_CREATE = 1,
                  EVENT_DELETE,
                  EVENT_RENAME,
                  EVENT_SUBSCRIBE,
                  EVENT_UNSUBSCRIBE,
                  EVENT_METADATA, /* of a mailbox; `name` is the entry, "/shared/comment" */
                  EVENT_METADATA_SERVER,
};
struct event {
    uint64_t modseq;
    enum event_kind kind;
    uint64_t folder;             /* id, 0: a name without a folder */
    struct slice name, old_name; /* then; old_name of a rename, else p is NULL */
};
/* The events after modseq `since`, in modseq order, *n of them, valid until the next call on this
 * account. Of a renamed tree only its top is told. ERR_LIMIT: more than ACCOUNT_EVENTS_MAX, or the
 * log was cut above `since`; disk errors. */
must_use enum err account_events(struct account *a, uint64_t since, const struct event **out,
                                 size_t *n);

/* ---- bodies ------------------------------------------------------------------------------ */

/* What the parser made of a body at the door (mime/mime.h), in the parts in which it is asked for.
 * The slices borrow from the store: until the next call of body_load, or any that changes the
 * store, commits or takes back. */
enum body_want {
    BODY_WANT_IDS = 1,   /* email_id, thread_id, size */
    BODY_WANT_TEXTS = 2, /* envelope, bodystructure, has_global */
    BODY_WANT_PARTS = 4, /* parts, sent_day */
    BODY_WANT_REST = 8,  /* body, preview */
};
struct body {
    uint64_t id;
    uint64_t email_id; /* OBJECTID (RFC 8474): random 63 bit, travels with every copy */
    uint64_t thread_id;
    uint32_t size;                              /* octets */
    struct slice envelope, bodystructure, body; /* finished wire text */
    bool has_global;                            /* some part is message/global: mime/mime.h */
    struct slice parts;                         /* packed part table: mime/part.h */
    int32_t sent_day; /* days since 1970 of the date as written; INT32_MIN: none */
    struct slice preview;
};
/* `want`: bits of what is set at least. Cheapest one kind at a time, with ids ascending, which then
 * costs little more than copying. ERR_CORRUPT: no such body. */
must_use enum err body_load(struct account *a, uint64_t id, unsigned want, struct body *out);

/* Bodies by their ids (RFC 8474). */
struct body_set {
    uint64_t *body; /* n of them, ascending */
    size_t n;
    uint64_t complete; /* newer bodies may be missing: body_load tells */
};
/* Those whose email_id, or thread_id, this is; in the arena. */
must_use enum err bodies_with_id(struct account *a, uint64_t id, bool is_thread,
                                 struct arena *arena, struct body_set *out);
bool body_set_has(const struct body_set *set, uint64_t body);

/* Which folders hold bodies that more than one message has, by body; in the arena. Looks at all
 * messages of the account. */
struct holding {
    uint64_t body, folder;
};
must_use enum err bodies_shared(struct account *a, struct arena *arena, struct holding **out,
                                size_t *n);

/* Append octets [at, at + n) of the body to `out`, clipped to its size, which the message's row
 * knows. ERR_CORRUPT when chunks are missing or not as long as that says, ERR_LIMIT when `out`
 * overflows. */
must_use enum err body_read(struct account *a, uint64_t id, uint32_t size, uint64_t at, uint64_t n,
                            struct buf *out);

/* The header fields of the body that clients list messages by (mime/usual.h). Empty if they are not
 * kept, or not worth looking for: then the header tells. Borrowed, until the next call and as
 * body_load's slices. */
must_use enum err body_usual(struct account *a, uint64_t id, struct slice *packed);

enum { GIST_BODIES = 256 };
/* What is asked of many bodies, kept beside them in few rows each (gist.h):
 * of the ids n * GIST_BODIES and those that follow. Not of all: the newest, and fields that are
 * long or occur more than once, have to be looked for in the body. */
enum gist_field {
    GIST_SUBJECT,
    GIST_FROM,
    GIST_TO,
    GIST_CC,
    GIST_MESSAGE_ID,
    GIST_FIELDS,
};
/* The field of that name, in any case; GIST_FIELDS: it is none of these. */
enum gist_field gist_field_of(struct slice name);

struct gist_row {
    struct buf data;
    uint64_t block; /* it is of, plus 1; 0: nothing was read */
    bool there;
};
/* Holds the rows that were asked for, of 256 bodies each: 10 KiB a field, at most 340 KiB. */
struct gist_reader {
    struct account *account;
    uint64_t asked, reads;
    struct gist_row row[1 + GIST_FIELDS];
};
void gist_reader_init(struct gist_reader *r, struct account *a);
void gist_reader_release(struct gist_reader *r);
enum gist_answer { GIST_UNKNOWN, GIST_NO_FIELD, GIST_HAS_TEXT };
/* The value decoded, in UTF-8, as mime/decode.h's header_decode has it; valid until the next call.
 * Errors: disk. */
must_use enum err gist_text(struct gist_reader *r, uint64_t body, enum gist_field field,
                            enum gist_answer *answer, struct slice *text);
/* Of another body, the i-th of the block in which the one is that gist_text told of last for this
 * field. It reads nothing, and does not count as a use of what was read. */
enum gist_answer gist_text_beside(const struct gist_reader *r, enum gist_field field, uint32_t i,
                                  struct slice *text);
/* Of the Date field: seconds since 1970, INT64_MIN for none, and the day as in struct body. */
must_use enum err gist_dates(struct gist_reader *r, uint64_t body, bool *known, int64_t *instant,
                             int32_t *day);

/* ---- arriving messages ------------------------------------------------------------------- */

/* A message on its way in: bytes are canonicalised (mime/canon.h), parsed and, beyond one chunk,
 * staged on disk as they come, in the account's running transaction, which may be committed in
 * between: staged chunks are invisible and uncounted until arrival_adopt. */
must_use enum err arrival_begin(struct account *a, uint64_t max_octets, struct arrival **out);
/* It comes as literal8: binary parts become base64 (mime/binary.h). Once, before any octet. */
void arrival_expect_binary(struct arrival *r);
/* ERR_TOOBIG past max_octets, disk errors. After an error only arrival_free is legal. */
must_use enum err arrival_write(struct arrival *r, struct slice octets);
/* All octets are there: finish parsing. Once, before adopting. Fails like arrival_write. */
must_use enum err arrival_finish(struct arrival *r);
/* Others are to come before this one is adopted: write all of it to the disk, unseen, so that it
 * waits in a few hundred octets of memory. Once, after finishing. Errors: disk. */
must_use enum err arrival_park(struct arrival *r);
/* The command that adopts it does so once and changes nothing behind that. */
void arrival_is_last(struct arrival *r);
/* Make it a message of `f` (may be called for several folders). zone as in struct messages.
 * ERR_OVERQUOTA. */
must_use enum err arrival_adopt(struct arrival *r, struct folder *f, uint8_t flags,
                                const uint32_t *keywords, size_t n_keywords, int64_t internaldate,
                                int16_t zone, uint64_t modseq, uint32_t *uid);
/* Frees the memory; drops staged chunks if nobody adopted them. Nulls *r. Must come before
 * account_close. After account_undo or a failed commit only arrival_free is legal. */
void arrival_free(struct arrival **r);

/* ---- imports ----------------------------------------------------------------------------- */

/* Remember in this transaction that the message with this key (1..64 octets, a digest of where
 * it came from) has been imported. ERR_EXISTS if it was known: the caller skips it. */
must_use enum err import_remember(struct account *a, struct slice key);

#endif
