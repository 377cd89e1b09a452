/* imap/cmd_uidbatches.c -- UIDBATCHES: ranges of UIDs that part the mailbox into batches of a size.
 *
 * Source: RFC 10022. The newest messages are in batch 1; each batch ends where the next begins, so
 * that together they cover every UID from the largest down to 1.
 */
#include "imap/internal.h"
#include "wire/uid_batches.h"

enum { BATCH_MESSAGES_MIN = 500 }; /* RFC 10022 section 3.1.2: no server may ask for more */

enum err uidbatches_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    struct uid_batches_args *args = arena_new(&j->arena, struct uid_batches_args);

    (void)s;
    if (args == NULL)
        return ERR_NOMEM;
    j->args = args;
    TRY(lex_space(in));
    TRY(uid_batches_parse(in, args));
    if (args->first > args->last) {
        j->refusal = "BAD [CLIENTBUG] The range of batches runs backwards";
        return ERR_SYNTAX;
    }
    if (args->size < BATCH_MESSAGES_MIN) {
        j->refusal = "NO [TOOFEW] A batch has at least 500 messages";
        return ERR_LIMIT;
    }
    return ERR_OK;
}

/* UID of the newest message of batch `batch`, from 1, minus those of older ones: the UIDs between
 * two batches belong to the newer one. 0 when there is no such batch. */
static uint32_t top_of(const struct view *v, uint32_t size, uint32_t batch)
{
    uint64_t newer = (uint64_t)size * (batch - 1); /* messages in the batches before it */

    if (newer >= v->n)
        return 0;
    return batch == 1 ? uid_at(v->map, v->n - 1) : uid_at(v->map, v->n - newer) - 1;
}

enum err uidbatches_run(struct imap_session *s, struct job *j)
{
    const struct uid_batches_args *args = j->args;
    const struct view *v = &s->view;
    uint32_t high = top_of(v, args->size, args->first);
    char before = ' ';

    buf_add_str(&s->out, "* UIDBATCHES (TAG ");
    reply_quoted(&s->out, j->tag);
    buf_add_char(&s->out, ')');
    for (uint32_t batch = args->first; batch <= args->last && high != 0; batch++) {
        uint32_t next = top_of(v, args->size, batch + 1);

        buf_addf(&s->out, "%c%u:%u", before, high, next + 1);
        before = ',';
        high = next;
    }
    buf_add_str(&s->out, "\r\n");
    return ERR_OK;
}
