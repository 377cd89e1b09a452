/* migrate/import.h -- bringing messages into an account, each exactly once.
 *
 * The other end is an IMAP session of a trusted local connection: XIMPORT appends a message and
 * remembers its key in the same commit, so an import that was interrupted and is run again
 * neither loses nor doubles. Many XIMPORTs are under way at once, so that they share commits.
 *
 * A source (maildir.h, mbox.h) finds messages and gives each to import_begin, import_write,
 * import_end. What cannot be imported is told through `problem`, counted, and left out.
 */
#ifndef ROOST_MIGRATE_IMPORT_H
#define ROOST_MIGRATE_IMPORT_H

#include "base/err.h"
#include "client/client.h"

enum {
    IMPORT_IN_FLIGHT_MAX = 64, /* XIMPORTs sent and not yet answered */
    IMPORT_KEY_OCTETS = 40,    /* hexadecimal digits of a digest */
};

struct import_counts {
    uint64_t imported; /* answered OK: durable */
    uint64_t known;    /* imported by an earlier run */
    uint64_t skipped;  /* not imported: each has been told as a problem */
    uint64_t octets;   /* of messages, sent */
    uint64_t done;     /* of `total`: messages of a Maildir, octets of an mbox */
    uint64_t total;    /* 0: not known yet */
};

/* What the caller wants to hear. Either may be NULL. */
struct import_listener {
    void *ctx;
    /* One thing went wrong: where (a file, a folder), why (a sentence without full stop). */
    void (*problem)(void *ctx, struct slice where, const char *why);
    /* Counts have moved; called often. */
    void (*progress)(void *ctx, const struct import_counts *counts);
};

struct import_message {
    struct slice where;   /* for a problem: a file name; copied */
    struct slice mailbox; /* a valid name in UTF-8, which exists */
    char key[IMPORT_KEY_OCTETS];
    struct slice flags; /* "\\Seen $Forwarded" */
    bool has_date;
    int64_t date_s;  /* INTERNALDATE, seconds since 1970 */
    bool has_nul;    /* sent as literal8 (RFC 3516), which alone may hold NULs */
    uint64_t octets; /* 1 or more */
};

struct import;

/* `c` is a trusted session whose greeting has been read; borrowed, as is the listener. */
struct import *import_new(struct client *c, const struct import_listener *l);
void import_free(struct import **im);

const struct import_counts *import_counts(const struct import *im);
void import_set_total(struct import *im, uint64_t total);
void import_set_done(struct import *im, uint64_t done);

/* Errors of all that follow are those of client.h: the connection is of no use any more. Also
 * ERR_NOSPACE, ERR_OVERQUOTA, ERR_IO, ERR_UNAVAILABLE when the server can take nothing more now,
 * and from a source ERR_INUSE when a message changed while it was being sent.
 * Either way stop; another run goes on from there. */

/* The folder exists after this, or *usable is false and a problem was told. Not while a message is
 * begun. */
must_use enum err import_folder(struct import *im, struct slice name, bool *usable);
must_use enum err import_subscribe(struct import *im, struct slice name);

/* One message: begin, write exactly m->octets in pieces, end. */
must_use enum err import_begin(struct import *im, const struct import_message *m);
must_use enum err import_write(struct import *im, struct slice piece);
must_use enum err import_end(struct import *im);

/* Wait until everything sent is answered. */
must_use enum err import_drain(struct import *im);

/* Something that is no message or cannot be read: told and counted. */
void import_skip(struct import *im, struct slice where, const char *why);

/* The key of a message from what identifies it in its source: a digest over the parts, each with
 * its length. */
void import_key(char out[IMPORT_KEY_OCTETS], const struct slice *part, size_t n);

#endif
