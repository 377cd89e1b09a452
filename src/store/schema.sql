-- store/schema.sql -- the account database, version 4. What is written inside the statements
-- stays in the file: `sqlite3 mail.db .schema` shows it once the account is closed.
--
-- Words used below. modseq: a value of the account's one clock (RFC 7162 section 3.1). identity:
-- whose row it is on a mailbox that several people see, 0 = everybody's. seconds: since 1970 UTC.
-- A table WITHOUT ROWID holds only rows below 900 octets; whatever may be longer has a rowid.
-- Few b-trees: a delivery writes to message, folder, body and chunk and to nothing else.

CREATE TABLE account ( -- exactly one row
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    created          INTEGER NOT NULL, -- seconds; account_create
    uidvalidity_last INTEGER NOT NULL, -- the last UIDVALIDITY given out; never reused
    modseq_reserved  INTEGER NOT NULL, -- no modseq above this was ever given out; the clock of the
                                       -- next opening starts here; moved on by account_commit
    body_last        INTEGER NOT NULL, -- no body id up to this is given out again; idle steps
    swept            INTEGER NOT NULL, -- seconds; when the last sweep over `expunged` ended
    threaded         INTEGER NOT NULL DEFAULT 0 -- bodies up to this id are in thread_key, object_id
);

CREATE TABLE folder ( -- mailboxes, deleted ones (tombstones) too
    id              INTEGER PRIMARY KEY, -- never reused
    mailbox_id      INTEGER NOT NULL, -- MAILBOXID (RFC 8474), random, 63 bits; kept by RENAME
    name            TEXT NOT NULL,    -- UTF-8 as created, '/' between levels; INBOX is 'INBOX'
    name_key        TEXT NOT NULL,    -- the name in Unicode NFC: what makes names equal
    uidvalidity     INTEGER NOT NULL, -- from account.uidvalidity_last; kept by RENAME
    uidnext         INTEGER NOT NULL, -- the next UID, 1 .. 2^32-1
    recent_uid      INTEGER NOT NULL, -- \Recent: the first UID no session was told of; lazily
    created_modseq  INTEGER NOT NULL,
    highestmodseq   INTEGER NOT NULL, -- the largest modseq of any change in it, expunges too
    gone_modseq     INTEGER,          -- NULL, or when it was deleted: then this is a tombstone,
    gone_time       INTEGER,          -- and seconds; its messages stay until retention ends
    expunge_floor   INTEGER NOT NULL, -- the highest modseq whose expunges were cut from `change`
    messages        INTEGER NOT NULL, -- kept counts of its rows in `message`:
    unseen          INTEGER NOT NULL, --   messages without \Seen
    deleted         INTEGER NOT NULL, --   messages with \Deleted
    size            INTEGER NOT NULL, --   octets, sum of message.size
    special_use     INTEGER NOT NULL, -- bits: 1 All 2 Archive 4 Drafts 8 Flagged 16 Junk 32 Sent
                                      -- 64 Trash 128 Important 256 Memos 512 Scheduled
                                      -- 1024 Snoozed (RFC 6154, RFC 8457, RFC 9979)
    noselect        INTEGER NOT NULL  -- 1: only a name, holds no messages (\Noselect)
);
CREATE UNIQUE INDEX folder_by_key ON folder (name_key) WHERE gone_modseq IS NULL;

CREATE TABLE message ( -- one message in one folder; clustered, so a folder is one range
    folder         INTEGER NOT NULL, -- folder.id
    uid            INTEGER NOT NULL,
    body           INTEGER NOT NULL, -- body.id; COPY and MOVE share it
    size           INTEGER NOT NULL, -- octets, RFC822.SIZE; equals body.size
    flags          INTEGER NOT NULL, -- bits: 1 \Seen 2 \Answered 4 \Flagged 8 \Deleted 16 \Draft
    keywords       INTEGER NOT NULL, -- keyword_set.id, 0 = none
    modseq         INTEGER NOT NULL, -- of its last change
    created_modseq INTEGER NOT NULL, -- of its arrival here; never falls as uid rises
    internaldate   INTEGER NOT NULL, -- seconds
    zone           INTEGER NOT NULL, -- minutes east of UTC in which INTERNALDATE is shown
    saved          INTEGER NOT NULL DEFAULT 0, -- seconds, when it entered this folder (RFC 8514);
                                               -- 0: before version 2 noted it
    PRIMARY KEY (folder, uid)
) WITHOUT ROWID;

CREATE TABLE expunged ( -- what was expunged: kept for some days, then a stub with its EMAILID
    folder       INTEGER NOT NULL, -- the columns as in `message`
    uid          INTEGER NOT NULL,
    body         INTEGER,          -- NULL once retention ended and the body was let go
    size         INTEGER NOT NULL,
    flags        INTEGER NOT NULL,
    keywords     INTEGER NOT NULL,
    modseq       INTEGER NOT NULL, -- of the expunge
    internaldate INTEGER NOT NULL,
    zone         INTEGER NOT NULL,
    time         INTEGER NOT NULL, -- seconds, when it was expunged
    email_id     INTEGER,          -- NULL until body is NULL; then body.email_id
    saved        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (folder, uid)
) WITHOUT ROWID;

CREATE TABLE keyword ( -- keywords of the account, equal without ASCII case
    id   INTEGER PRIMARY KEY, -- 1, 2, 3, ...
    name TEXT NOT NULL        -- in the case of its first use
);

CREATE TABLE keyword_set ( -- each distinct set of keywords once; never changed
    id       INTEGER PRIMARY KEY, -- 1, 2, 3, ...; 0 is the empty set and has no row
    keywords TEXT NOT NULL        -- ids ascending with a space between, '3 17 21'
);

CREATE TABLE body ( -- an immutable octet string and what the parser made of it
    id             INTEGER PRIMARY KEY, -- never reused
    email_id       INTEGER NOT NULL, -- EMAILID (RFC 8474), random, 63 bits
    thread_id      INTEGER NOT NULL, -- THREADID (RFC 8474), 63 bits
    size           INTEGER NOT NULL, -- octets in its chunks
    parser_version INTEGER NOT NULL, -- MIME_PARSER_VERSION of what follows
    envelope       BLOB NOT NULL,    -- finished wire text, parentheses included (RFC 9051)
    bodystructure  BLOB NOT NULL,    --   the same
    body_text      BLOB NOT NULL,    --   the same, of BODY: without extension data
    has_global     INTEGER NOT NULL, -- 1: some part is message/global
    parts          BLOB NOT NULL,    -- packed part table (mime/part.h)
    sent_instant   INTEGER,          -- seconds, of the Date field; NULL: none that is valid
    sent_day       INTEGER,          -- days since 1970 of the date as written; NULL: none
    base_subject   TEXT NOT NULL,    -- sort keys (RFC 5256, RFC 5957), UTF-8
    from_mailbox   TEXT NOT NULL,
    to_mailbox     TEXT NOT NULL,
    cc_mailbox     TEXT NOT NULL,
    from_display   TEXT NOT NULL,
    to_display     TEXT NOT NULL,
    message_id     TEXT NOT NULL,    -- ids without angle brackets, a space between
    in_reply_to    TEXT NOT NULL,
    refs           TEXT NOT NULL,    -- of References, oldest first
    preview        TEXT NOT NULL     -- RFC 8970
);

CREATE TABLE chunk ( -- the octets of bodies
    id   INTEGER PRIMARY KEY, -- body.id * 4096 + n, n = 0, 1, ...
    data BLOB NOT NULL        -- 256 KiB raw, the last one shorter
);

CREATE TABLE body_share ( -- bodies that more than one row of message and expunged refers to
    body  INTEGER PRIMARY KEY, -- body.id
    extra INTEGER NOT NULL     -- references beyond the first, 1 or more; none means no row
);

CREATE TABLE staged ( -- bodies whose chunks belong to nobody: arriving, or being freed
    body INTEGER PRIMARY KEY -- an id to which no message refers; idle steps drop its chunks, and
                             -- its row in `body` if it has one
);

CREATE TABLE change ( -- the log of each folder: what happened since a modseq. New messages are
                      -- not logged (message.created_modseq tells)
    folder    INTEGER NOT NULL, -- folder.id
    modseq    INTEGER NOT NULL,
    kind      INTEGER NOT NULL, -- 1 flags, 2 expunge
    uid_first INTEGER NOT NULL, -- flags: some messages of this range changed, see message.modseq
    uid_last  INTEGER NOT NULL, -- expunge: each UID of the range was expunged
    identity  INTEGER NOT NULL,
    PRIMARY KEY (folder, modseq, kind, uid_first)
) WITHOUT ROWID;

CREATE TABLE event ( -- the log of the account: what happened to folders and names
    id       INTEGER PRIMARY KEY,
    modseq   INTEGER NOT NULL,
    kind     INTEGER NOT NULL, -- 1 create 2 delete 3 rename 4 subscribe 5 unsubscribe
                               -- 6 metadata of a mailbox 7 metadata of the server
    folder   INTEGER,          -- folder.id, NULL for names without a folder
    name     TEXT NOT NULL,    -- the name then; 6 and 7: the entry, '/shared/comment'
    old_name TEXT,             -- rename: the name before
    identity INTEGER NOT NULL
);

CREATE TABLE subscription ( -- subscribed names; they survive DELETE
    id       INTEGER PRIMARY KEY,
    identity INTEGER NOT NULL,
    name     TEXT NOT NULL, -- UTF-8 as subscribed
    name_key TEXT NOT NULL  -- in NFC; unique per identity, kept so by subscription_set
);

CREATE TABLE annotation ( -- metadata of server, mailboxes and messages (RFC 5464, RFC 5257)
    id       INTEGER PRIMARY KEY,
    folder   INTEGER,          -- folder.id, NULL: of the account
    uid      INTEGER,          -- NULL: of the folder
    identity INTEGER NOT NULL, -- 0 for /shared, the owner's, 1, for /private
    name     TEXT NOT NULL,    -- '/comment', ASCII, equal without case
    value    BLOB NOT NULL,
    modseq   INTEGER NOT NULL
);

CREATE INDEX annotation_by_name ON annotation (folder, identity, name COLLATE NOCASE);

CREATE TABLE quota ( -- limits (RFC 9208); a resource without a row has none
    resource TEXT PRIMARY KEY, -- 'STORAGE', 'MESSAGE', 'MAILBOX'
    most     INTEGER NOT NULL  -- in the resource's unit: STORAGE in units of 1024 octets
);

CREATE TABLE thread_key ( -- how a new message finds its thread (RFC 8474 section 5.3). Trails the
                          -- bodies: idle steps add those above account.threaded
    key       INTEGER PRIMARY KEY, -- digest of a message id or of a base subject
    thread_id INTEGER NOT NULL     -- as in `body`; of ids the first to come stays, of
                                   -- subjects (odd keys) the last
);

CREATE TABLE object_id ( -- the bodies that an EMAILID or a THREADID names (RFC 8474 section 6), up to
                         -- account.threaded; trails like thread_key
    id   INTEGER NOT NULL, -- body.email_id, or body.thread_id with a minus sign
    body INTEGER NOT NULL, -- body.id
    PRIMARY KEY (id, body)
) WITHOUT ROWID;

CREATE TABLE gist ( -- what is asked of many bodies at once, copied from them column by column; trails
                    -- them: idle steps write it, and it may be missing (store/gist.h)
    id   INTEGER PRIMARY KEY, -- body.id / 256 * 8 + column
    data BLOB NOT NULL        -- that column of the 256 bodies
);

CREATE TABLE listing ( -- the header fields that clients list messages by, of 32 bodies, copied from
                       -- them; trails them like gist, and may be missing (store/listing.c)
    id   INTEGER PRIMARY KEY, -- body.id / 32
    data BLOB NOT NULL
);

CREATE TABLE acl ( -- rights of others (RFC 4314)
    id         INTEGER PRIMARY KEY,
    folder     INTEGER NOT NULL, -- folder.id
    identifier TEXT NOT NULL,    -- whom; a leading '-' takes rights away
    rights     TEXT NOT NULL,    -- letters, sorted
    modseq     INTEGER NOT NULL
);

CREATE TABLE snapshot ( -- a folder's columns packed, so that opening it need not step its rows;
                        -- disposable: written by idle steps, checked against folder's counts
    folder     INTEGER PRIMARY KEY, -- folder.id
    modseq     INTEGER NOT NULL, -- holds all changes up to this one
    uidnext    INTEGER NOT NULL, -- holds all messages below this
    messages   INTEGER NOT NULL,
    octets     INTEGER NOT NULL, -- of its parts together
    first_part INTEGER NOT NULL, -- snapshot_part.id
    parts      INTEGER NOT NULL
);

CREATE TABLE snapshot_part (
    id   INTEGER PRIMARY KEY, -- snapshot.first_part + n
    data BLOB NOT NULL        -- columns of some thousand messages (store/pack.c)
);

CREATE TABLE import_key ( -- digests of what was imported, so that nothing comes in twice
    key  BLOB PRIMARY KEY, -- 1 to 64 octets
    time INTEGER NOT NULL  -- seconds
) WITHOUT ROWID;
