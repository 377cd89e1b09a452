/* mime/address.h -- address lists, RFC 5322 section 3.4 with the obsolete forms of 4.4, and what
 * real archives hold instead of them.
 */
#ifndef ROOST_MIME_ADDRESS_H
#define ROOST_MIME_ADDRESS_H

#include "base/buf.h"

enum address_kind { ADDRESS_MAILBOX, ADDRESS_GROUP_START, ADDRESS_GROUP_END };

/* Slices live until the reader's next call. p == NULL where IMAP says NIL. */
struct address {
    enum address_kind kind;
    struct slice name;    /* display name without quoting (encoded words as they are), else the
                           * comment behind the address; absent if neither */
    struct slice route;   /* "@a,@b" of an obsolete source route, or absent */
    struct slice mailbox; /* local part without quoting; of a group start, its name */
    struct slice host;    /* domain; empty if the address has none */
};

struct address_reader {
    struct slice in; /* unfolded value; borrowed */
    bool in_group;
    struct buf name, local, route, host;
};

void address_reader_init(struct address_reader *r, struct slice unfolded);
/* False at the end. A group that is never closed gets its ADDRESS_GROUP_END. Linear over a list. */
bool address_next(struct address_reader *r, struct address *out);
void address_reader_release(struct address_reader *r);

/* Append the list as RFC 9051 section 7.5.2 writes it, NIL if it is empty, cut after the last
 * address that keeps it within max_octets (a cut group is still closed). */
void address_list_to_imap(struct slice unfolded, size_t max_octets, struct buf *out);

#endif
