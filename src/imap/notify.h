/* imap/notify.h -- NOTIFY (RFC 5465): news a client has asked for, also between commands.
 *
 * What is watched is a cursor on the account's log, as the view is one on its folder's: two
 * modseqs, up to which names and other folders have been told. Nothing is queued. After a commit
 * the session asks what happened since its cursor, tells what its groups pick as things are now,
 * and moves the cursor; a slow reader's cursor waits, and what happens meanwhile merges.
 *
 * Five files: cmd_notify.c the command, notify.c what is watched, notify_tell.c names and other
 * folders, notify_fetch.c new messages of the selected one, whose other news are view_tell.c's.
 * A session that never used NOTIFY has a NULL pointer.
 */
#ifndef ROOST_IMAP_NOTIFY_H
#define ROOST_IMAP_NOTIFY_H

#include "imap/internal.h"
#include "wire/notify.h"

/* What is told of the selected mailbox (section 6.1). */
enum notify_selected {
    NOTIFY_SELECTED_NONE,    /* nothing: the view stands still */
    NOTIFY_SELECTED_DELAYED, /* expunges only in commands that allow them */
    NOTIFY_SELECTED_NOW,
};

/* How far the client has been told. */
struct notify_cursor {
    uint64_t names;     /* events up to this modseq, */
    uint64_t names_now; /*   and from this one, if not 0, only what has the names of then */
    uint64_t folders;   /* changes of other folders up to this modseq, */
    uint64_t at_id;     /* and at it those of folders up to this id; UINT64_MAX: all */
    uint64_t left;      /* the id of a folder that was left with news untold, 0: none */
    uint32_t new_from;  /* UIDs from here to before new_to have been told to exist, and are */
    uint32_t new_to;    /*   still to be fetched, */
    uint32_t own_from;  /* except those the session itself made, from here to before own_to */
    uint32_t own_to;
    bool all_kinds; /* tell whole STATUS lines: whoever is told in parts may miss a kind */
};

struct notify {
    struct notify *before; /* what it replaced in this batch, which may fail; see batch_begin */
    bool fresh;            /* it was set in this batch */
    bool flags;            /* of the selected mailbox: FlagChange */
    enum notify_selected selected;
    struct notify_cursor cursor, batch_cursor;
    struct slice fetch; /* "(UID FLAGS)": what is fetched of new messages; n 0: nothing */
    uint32_t events;    /* of all groups together but the selected mailbox's */
    size_t n;
    struct notify_group group[]; /* n; keys and text follow in the same block */
};

/* What `args` ask for, in one block of memory, told up to now. args->set false: nothing. */
struct notify *notify_new(struct account *a, const struct notify_args *args);
/* Make n (owned from here on) what the session watches; what was watched before comes back when
 * the batch fails. */
void notify_install(struct imap_session *s, struct notify *n);

/* NOTIFY_ bits of what the client wants to hear of a folder's messages; 0 for the selected one. */
uint32_t notify_of_folder(const struct imap_session *s, const struct folder *f);
/* And of what becomes of a name, mailbox or not. */
uint32_t notify_of_name(const struct imap_session *s, struct slice name);

/* notify_tell.c: names and other folders. ERR_MORE when the output is full. */
must_use enum err notify_tell_others(struct imap_session *s);
/* Whether all of them have been told. */
bool notify_in_step(const struct imap_session *s);
/* Only the changed folders, which at the beginning may be all (SET STATUS). */
must_use enum err notify_tell_folders(struct imap_session *s);

#endif
