/* imap/resync.h -- what a client that remembers a mailbox is told of it: what vanished since its
 * mod-sequence, then what changed (RFC 7162 sections 3.2.5 and 3.2.6).
 */
#ifndef ROOST_IMAP_RESYNC_H
#define ROOST_IMAP_RESYNC_H

#include "imap/internal.h"
#include "wire/select.h"

struct resync {
    uint64_t since;
    struct target target; /* UIDs among which the changed ones are */
};

/* After SELECT has opened the view: "* VANISHED (EARLIER)" and what the steps need. Sets live in
 * the job's arena. ERR_NOMEM, errors of the store. */
must_use enum err resync_begin(struct imap_session *s, struct job *j, const struct qresync_args *q,
                               struct resync *r);
/* FETCH lines of the changed messages. ERR_MORE: the step is full, call again. */
must_use enum err resync_step(struct imap_session *s, struct job *j, struct resync *r);

/* "* VANISHED (EARLIER)" with those of `known` that the client does not see and that were expunged
 * after `since`, as far as the log goes back; beyond it all that are not there. */
must_use enum err resync_tell_vanished(struct imap_session *s, struct job *j, uint64_t since,
                                       const struct seq_set *known);

/* What of `known`, from `from` on and below uidnext, is no message of map's first n. Added to
 * `out`, in the arena. Linear in the ranges and the UIDs within them. ERR_NOMEM, ERR_LIMIT. */
must_use enum err resync_missing(const struct seq_set *known, uint32_t from, uint32_t uidnext,
                                 const struct uid_map *map, uint32_t n, struct arena *a,
                                 struct seq_set *out);

#endif
