/* imap/object.h -- OBJECTID in answers: RFC 8474, and the compound form of OBJECTID+. */
#ifndef ROOST_IMAP_OBJECT_H
#define ROOST_IMAP_OBJECT_H

#include "imap/internal.h"

/* The client has used something of OBJECTID+: from now on it gets its answers. Tells, once. */
void object_activate(struct imap_session *s);

/* The mailbox that has these ids (.p == NULL: not given), or NULL: then the name decides. */
struct folder *object_find_mailbox(struct account *a, struct slice mailbox_id,
                                   struct slice account_id);

/* "MAILBOXID (F...)", as STATUS and response codes have it (RFC 8474 section 4). */
void object_write_mailbox_id(struct buf *out, const struct folder *f);
/* "OBJECTID (MAILBOXID F... ACCOUNTID A...)" and "OBJECTID (EMAILID M... THREADID T...)". */
void object_write_mailbox(struct buf *out, const struct folder *f);
void object_write_message(struct buf *out, const struct body *b);
/* The response code for a mailbox, in brackets, in the form this session knows. */
void object_write_code(const struct imap_session *s, struct buf *out, const struct folder *f);

#endif
