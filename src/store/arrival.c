/* store/arrival.c -- a message on its way in.
 *
 * STATES
 *
 *      arrival_begin            arrival_finish                first arrival_adopt
 *    ----------------> WRITING ----------------> FINISHED -------------------------> ADOPTED
 *                         |                          |                                  |
 *                         |                          +--- arrival_park ---> PARKED -----+
 *                         |                          |                        |         |
 *                         +------- an undo, a rollback or an error ------> DEAD <-------+
 *
 * Octets pass the canonicaliser and the parser as they come; those of a literal8 first pass the
 * filter that makes text of binary parts. What is not yet a whole chunk is held in memory; whole
 * chunks are written at once, under a body id that `staged` names, so that whatever a crash leaves
 * behind is known for what it is. The body row is written together with the first message that
 * refers to it, or when the arrival is parked until others have come too; then `staged` names it.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "mime/binary.h"
#include "mime/canon.h"
#include "mime/mime.h"
#include "store/thread.h"

enum {
    PIECE_OCTETS = 32 * 1024, /* canonicalised and parsed at a time */
    HELD_OCTETS_MAX = STORE_CHUNK_OCTETS + 2 * PIECE_OCTETS,
};

enum arrival_state {
    ARRIVAL_WRITING,
    ARRIVAL_FINISHED,
    ARRIVAL_PARKED,
    ARRIVAL_ADOPTED,
    ARRIVAL_DEAD
};

struct arrival {
    struct account *account;
    struct arrival *next;
    enum arrival_state state;
    bool wrote_in_command, wrote_in_txn;
    bool last;                    /* see arrival_is_last */
    struct binary_filter *binary; /* NULL: not a literal8 */
    struct buf filtered;          /* what it made of one piece */
    struct canon canon;
    struct mime_parser *parser;
    struct mime_result result; /* from FINISHED on */
    struct buf held;           /* octets of no chunk yet */
    uint64_t size, max_octets;
    uint64_t body;   /* its id; 0 until the first chunk or row is written */
    uint32_t chunks; /* written */
    uint64_t email_id;
};

enum err arrival_begin(struct account *a, uint64_t max_octets, struct arrival **out)
{
    const uint64_t most = (uint64_t)STORE_BODY_CHUNKS * STORE_CHUNK_OCTETS;
    struct arrival *r;

    if (a->state == ACCOUNT_DEAD)
        return a->failed;
    r = mem_new(struct arrival);
    r->account = a;
    r->max_octets = max_octets < most ? max_octets : most;
    r->parser = mime_parser_new();
    canon_init(&r->canon);
    buf_init(&r->held, HELD_OCTETS_MAX);
    r->next = a->arrivals;
    a->arrivals = r;
    *out = r;
    return ERR_OK;
}

void arrival_expect_binary(struct arrival *r)
{
    r->binary = binary_filter_new();
    buf_init(&r->filtered, 2 * PIECE_OCTETS + BINARY_HELD_OCTETS_MAX);
}

/* Give back what only the making of the body needs. */
static void forget_octets(struct arrival *r)
{
    mime_parser_free(&r->parser);
    binary_filter_free(&r->binary);
    buf_release(&r->filtered);
    buf_release(&r->held);
    r->result = (struct mime_result){0};
}

void arrival_free(struct arrival **rp)
{
    struct arrival *r = *rp;
    struct arrival **at;

    *rp = NULL;
    if (r == NULL)
        return;
    for (at = &r->account->arrivals; *at != r; at = &(*at)->next)
        ;
    *at = r->next;
    /* Chunks that nobody adopted stay named in `staged`: an idle step frees them. */
    forget_octets(r);
    free(r);
}

/* ---- what transactions do to it -------------------------------------------------------------- */

void arrivals_undone(struct account *a, bool whole_transaction)
{
    for (struct arrival *r = a->arrivals; r != NULL; r = r->next) {
        if (r->wrote_in_command || (whole_transaction && r->wrote_in_txn))
            r->state = ARRIVAL_DEAD;
        r->wrote_in_command = false;
        r->wrote_in_txn = r->wrote_in_txn && !whole_transaction;
    }
}

void arrivals_released(struct account *a, bool whole_transaction)
{
    for (struct arrival *r = a->arrivals; r != NULL; r = r->next) {
        r->wrote_in_command = false;
        r->wrote_in_txn = r->wrote_in_txn && !whole_transaction;
    }
}

static int compare_ids(const void *pa, const void *pb)
{
    uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

    return a < b ? -1 : a > b;
}

uint64_t *arrivals_bodies(const struct account *a, size_t *n)
{
    uint64_t *ids = NULL;
    size_t cap = 0;

    *n = 0;
    for (const struct arrival *r = a->arrivals; r != NULL; r = r->next) {
        if (r->body == 0 || r->state == ARRIVAL_DEAD)
            continue;
        if (*n == cap) {
            cap = cap > 0 ? 2 * cap : 16;
            ids = mem_resize(ids, cap, sizeof(*ids));
        }
        ids[(*n)++] = r->body;
    }
    if (*n > 0)
        qsort(ids, *n, sizeof(*ids), compare_ids);
    return ids;
}

uint64_t arrivals_lowest(const struct account *a)
{
    uint64_t lowest = INT64_MAX;

    for (const struct arrival *r = a->arrivals; r != NULL; r = r->next)
        if (r->body != 0 && r->body < lowest && r->state != ARRIVAL_ADOPTED &&
            r->state != ARRIVAL_DEAD)
            lowest = r->body;
    return lowest;
}

static enum err begin_write(struct arrival *r)
{
    TRY(change_begin(r->account));
    r->wrote_in_txn = true;
    r->wrote_in_command = r->account->in_command;
    if (r->body == 0)
        r->body = ++r->account->body_last;
    return ERR_OK;
}

static enum err end_write(struct arrival *r, enum err err)
{
    if (err != ERR_OK)
        r->state = ARRIVAL_DEAD;
    return change_end(r->account, err);
}

/* ---- octets ---------------------------------------------------------------------------------- */

static enum err insert_chunk(struct arrival *r, struct slice data)
{
    uint64_t id = r->body * STORE_BODY_CHUNKS + r->chunks;

    TRY(sql_run(r->account, CHUNK_INSERT, I(id), B(data)));
    r->chunks++;
    return ERR_OK;
}

static enum err stage(struct arrival *r)
{
    if (r->chunks == 0)
        TRY(sql_run(r->account, STAGED_INSERT, I(r->body)));
    return insert_chunk(r, slice_sub(buf_slice(&r->held), 0, STORE_CHUNK_OCTETS));
}

/* A whole chunk is there, and more behind it: at the end one chunk at least is still held. */
static enum err spill(struct arrival *r)
{
    while (r->held.n > STORE_CHUNK_OCTETS) {
        TRY(begin_write(r));
        TRY(end_write(r, stage(r)));
        buf_consume(&r->held, STORE_CHUNK_OCTETS);
    }
    return ERR_OK;
}

static enum err take_piece(struct arrival *r, struct slice piece)
{
    size_t before = r->held.n;

    canon_push(&r->canon, piece, &r->held);
    r->size += r->held.n - before;
    if (r->size > r->max_octets) {
        r->state = ARRIVAL_DEAD;
        return ERR_TOOBIG;
    }
    mime_parser_push(r->parser, slice_sub(buf_slice(&r->held), before, r->held.n));
    return spill(r);
}

static enum err take(struct arrival *r, struct slice octets)
{
    while (octets.n > 0) {
        TRY(take_piece(r, slice_sub(octets, 0, PIECE_OCTETS)));
        octets = slice_sub(octets, PIECE_OCTETS, octets.n);
    }
    return ERR_OK;
}

static enum err take_filtered(struct arrival *r)
{
    if (r->filtered.overflowed)
        return ERR_BUG;
    TRY(take(r, buf_slice(&r->filtered)));
    buf_clear(&r->filtered);
    return ERR_OK;
}

static enum err filter(struct arrival *r, struct slice octets)
{
    while (octets.n > 0) {
        binary_filter_push(r->binary, slice_sub(octets, 0, PIECE_OCTETS), &r->filtered);
        TRY(take_filtered(r));
        octets = slice_sub(octets, PIECE_OCTETS, octets.n);
    }
    return ERR_OK;
}

enum err arrival_write(struct arrival *r, struct slice octets)
{
    if (r->state != ARRIVAL_WRITING)
        return r->state == ARRIVAL_DEAD ? ERR_IO : ERR_BUG;
    return r->binary != NULL ? filter(r, octets) : take(r, octets);
}

enum err arrival_finish(struct arrival *r)
{
    size_t before;

    if (r->state != ARRIVAL_WRITING)
        return r->state == ARRIVAL_DEAD ? ERR_IO : ERR_BUG;
    if (r->binary != NULL) {
        binary_filter_finish(r->binary, &r->filtered);
        TRY(take_filtered(r));
    }
    before = r->held.n;
    canon_finish(&r->canon, &r->held);
    r->size += r->held.n - before;
    mime_parser_push(r->parser, slice_sub(buf_slice(&r->held), before, r->held.n));
    mime_parser_finish(r->parser, &r->result);
    TRY(random_id(&r->email_id));
    r->state = ARRIVAL_FINISHED;
    return ERR_OK;
}

/* ---- the body row ---------------------------------------------------------------------------- */

static enum err insert_body(struct arrival *r, uint64_t thread_id)
{
    const struct mime_result *m = &r->result;

    return sql_run(r->account, BODY_INSERT, I(r->body), I(r->email_id), I(thread_id), I(r->size),
                   I(MIME_PARSER_VERSION), B(m->envelope), B(m->bodystructure), B(m->body),
                   I(m->has_global), B(m->parts), I_OR(m->sent_instant, MIME_NO_INSTANT),
                   I_OR(m->sent_day, MIME_NO_DAY), T(m->base_subject), T(m->from_mailbox),
                   T(m->to_mailbox), T(m->cc_mailbox), T(m->from_display), T(m->to_display),
                   T(m->message_id), T(m->in_reply_to), T(m->references), T(m->preview));
}

/* The last chunk, and the row that makes the chunks a body. */
static enum err write_body(struct arrival *r)
{
    const struct mime_result *m = &r->result;
    struct thread_keys keys;
    uint64_t thread_id;

    if (r->held.n > 0)
        TRY(insert_chunk(r, buf_slice(&r->held)));
    thread_keys_make(&keys, m->message_id, m->in_reply_to, m->references, m->base_subject);
    TRY(thread_choose(r->account, &keys, m->is_reply_or_forward, r->email_id, &thread_id));
    TRY(insert_body(r, thread_id));
    return thread_note(r->account, &keys, thread_id);
}

static enum err park(struct arrival *r)
{
    if (r->chunks == 0)
        TRY(sql_run(r->account, STAGED_INSERT, I(r->body)));
    return write_body(r);
}

enum err arrival_park(struct arrival *r)
{
    if (r->state != ARRIVAL_FINISHED)
        return r->state == ARRIVAL_DEAD ? ERR_IO : ERR_BUG;
    TRY(begin_write(r));
    TRY(end_write(r, park(r)));
    forget_octets(r);
    r->state = ARRIVAL_PARKED;
    return ERR_OK;
}

static enum err first_adopt(struct arrival *r)
{
    bool staged = r->chunks > 0 || r->state == ARRIVAL_PARKED;

    if (r->state == ARRIVAL_FINISHED)
        TRY(write_body(r));
    return staged ? sql_run(r->account, STAGED_DELETE, I(r->body)) : ERR_OK;
}

static enum err adopt(struct arrival *r, struct folder_state *f, struct message_row *row)
{
    if (r->state == ARRIVAL_ADOPTED)
        TRY(body_share(r->account, r->body, 1));
    else
        TRY(first_adopt(r));
    row->body = r->body;
    return message_insert(f, row);
}

void arrival_is_last(struct arrival *r)
{
    r->last = true;
}

enum err arrival_adopt(struct arrival *r, struct folder *f, uint8_t flags, const uint32_t *keywords,
                       size_t n_keywords, int64_t internaldate, int16_t zone, uint64_t modseq,
                       uint32_t *uid)
{
    struct message_row row = {.flags = flags & FLAG_SYSTEM,
                              .modseq = modseq,
                              .size = (uint32_t)r->size,
                              .internaldate = internaldate,
                              .zone = zone};

    if (r->state == ARRIVAL_WRITING)
        return ERR_BUG;
    if (r->state == ARRIVAL_DEAD)
        return ERR_IO;
    if (f->gone || f->noselect)
        return ERR_NOTFOUND;
    if (f->uidnext == UINT32_MAX)
        return ERR_LIMIT;
    TRY(quota_check(r->account, 1, r->size));
    TRY(keyword_set(r->account, 0, STORE_REPLACE, keywords, n_keywords, &row.keywords));
    if (r->last)
        account_joins(r->account);
    TRY(begin_write(r));
    TRY(end_write(r, adopt(r, state_of(f), &row)));
    r->state = ARRIVAL_ADOPTED;
    *uid = row.uid;
    return ERR_OK;
}
