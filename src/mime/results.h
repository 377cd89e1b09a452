/* mime/results.h -- what the parser keeps of the message's own header and first text, and how it
 * becomes sort keys, thread ids and a preview. Internal to the room.
 */
#ifndef ROOST_MIME_RESULTS_H
#define ROOST_MIME_RESULTS_H

#include "mime/mime.h"
#include "mime/tree.h"

enum { PREVIEW_OCTETS_MAX = 16 * 1024 };

struct results {
    struct buf envelope;
    struct buf bodystructure, body, table;
    struct buf base_subject, from_mailbox, to_mailbox, cc_mailbox, from_display, to_display;
    struct buf message_id, in_reply_to, references;
    struct buf preview; /* while parsing: text of the first text part; then the preview */
    bool preview_is_html;
    bool preview_begun;
    bool is_reply_or_forward;
    bool has_global;
    int64_t sent_instant;
    int32_t sent_day;
};

void results_init(struct results *r);
void results_release(struct results *r);
/* As after results_init, for the next message; of each buffer's memory at most so much is kept. */
void results_put_by(struct results *r, size_t most_octets);

/* The message's own header is complete, `envelope` is its finished text. */
void results_read_header(struct results *r, const struct collect *fields, struct slice envelope);

/* Whether the preview is to be made from this part; if so it is the one. */
bool results_wants_preview(struct results *r, const struct node *node);

/* Everything into *out; the slices live as long as *r. */
void results_finish(struct results *r, const struct tree *tree, struct mime_result *out);

#endif
