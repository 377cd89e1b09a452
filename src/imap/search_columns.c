/* imap/search_columns.c -- keys that the columns of a folder answer, asked of 64 messages at once.
 *
 * Going through the tree of keys for each message costs more than the comparisons do. So a block
 * of messages goes through it: a column is compared from end to end in a loop of its own, what
 * matches is a bit in a word, and AND, OR and NOT are those of words. A message by itself is a
 * block of one. Dates, ages, sizes and mod-sequences are all one question: is a number in a range?
 */
#include "imap/gmail.h"
#include "imap/search.h"

enum { DAY_SECONDS = 86400 };

/* ---- making --------------------------------------------------------------------------------- */

static void bind_day(struct matcher *t, enum search_kind before, enum search_kind on)
{
    const struct search_key *key = t->key;
    int64_t first = (int64_t)key->day * DAY_SECONDS;

    t->least = key->kind == before ? INT64_MIN : first;
    t->most = key->kind == before ? first - 1
              : key->kind == on   ? first + DAY_SECONDS - 1
                                  : INT64_MAX;
}

static int64_t clipped(uint64_t n)
{
    return n < INT64_MAX ? (int64_t)n : INT64_MAX;
}

void matcher_make_range(struct matcher *t, int64_t now)
{
    const struct search_key *key = t->key;

    t->least = INT64_MIN;
    t->most = INT64_MAX;
    switch (key->kind) {
    case SEARCH_BEFORE:
    case SEARCH_ON:
    case SEARCH_SINCE:
        bind_day(t, SEARCH_BEFORE, SEARCH_ON);
        break;
    case SEARCH_SAVEDBEFORE:
    case SEARCH_SAVEDON:
    case SEARCH_SAVEDSINCE:
        bind_day(t, SEARCH_SAVEDBEFORE, SEARCH_SAVEDON);
        break;
    case SEARCH_OLDER:
        t->most = now - key->seconds;
        break;
    case SEARCH_YOUNGER:
        t->least = now - key->seconds;
        break;
    case SEARCH_MODSEQ:
        t->least = clipped(key->size);
        break;
    case SEARCH_LARGER:
        t->least = clipped(key->size);
        t->least += t->least < INT64_MAX;
        break;
    case SEARCH_SMALLER:
        t->most = clipped(key->size) - 1;
        break;
    default:
        break;
    }
}

/* ---- asking a column ------------------------------------------------------------------------ */

/* A bit for each message i of the block for which `is` holds; k is its live index. */
#define MASK_OF(out, b, is)                                                                        \
    do {                                                                                           \
        (out) = 0;                                                                                 \
        for (uint32_t i = 0, k = (b)->k; i < (b)->n; i++, k++)                                     \
            (out) |= (uint64_t)(is) << i;                                                          \
    } while (0)

static int64_t local_time(const struct messages *m, uint32_t k)
{
    return m->internaldate[k] + (int64_t)m->zone[k] * 60;
}

/* Whether x is in t's range: one comparison, since what is below it wraps around. */
static bool in_range(uint64_t least, uint64_t width, int64_t x)
{
    return (uint64_t)x - least <= width;
}

static uint64_t ask_number(const struct matcher *t, const struct messages *m, const struct block *b)
{
    uint64_t least = (uint64_t)t->least, width = (uint64_t)t->most - least, mask;

    switch (t->key->kind) {
    case SEARCH_BEFORE:
    case SEARCH_ON:
    case SEARCH_SINCE:
        MASK_OF(mask, b, in_range(least, width, local_time(m, k)));
        return mask;
    case SEARCH_OLDER:
    case SEARCH_YOUNGER:
        MASK_OF(mask, b, in_range(least, width, m->internaldate[k]));
        return mask;
    case SEARCH_MODSEQ:
        MASK_OF(mask, b, in_range(least, width, (int64_t)m->modseq[k]));
        return mask;
    case SEARCH_LARGER:
    case SEARCH_SMALLER:
        MASK_OF(mask, b, in_range(least, width, m->size[k]));
        return mask;
    default: /* SAVED...: INTERNALDATE stands in for one not known (RFC 8514 section 4.3) */
        MASK_OF(mask, b, in_range(least, width, m->saved[k] > 0 ? m->saved[k] : local_time(m, k)));
        return mask;
    }
}

static uint64_t ask_flag(uint32_t flag, const struct candidate *c, const struct block *b)
{
    const struct uid_map *map = c->m->map;
    const uint8_t *flags = c->m->flags;
    uint64_t mask;

    if (flag == FLAG_RECENT)
        MASK_OF(mask, b, uid_at(map, k) >= c->view->recent_from);
    else
        MASK_OF(mask, b, (flags[k] & flag) != 0);
    return mask;
}

/* Most messages have no keyword at all. */
static uint64_t ask_keyword(uint32_t keyword, const struct candidate *c, const struct block *b)
{
    const uint32_t *set = c->m->keywords;
    uint64_t mask;

    if (keyword == 0)
        return 0;
    MASK_OF(mask, b, set[k] != 0 && keyword_set_has(c->s->account, set[k], keyword));
    return mask;
}

static uint64_t ask_set(const struct matcher *t, const struct messages *m, const struct block *b)
{
    uint64_t mask;

    if (t->uid)
        MASK_OF(mask, b, seq_set_has(&t->set, uid_at(m->map, k)));
    else
        MASK_OF(mask, b, seq_set_has(&t->set, b->index + i + 1));
    return mask;
}

static uint64_t ask_label(const struct matcher *t, const struct candidate *c, const struct block *b)
{
    enum gmail_mark mark = gmail_mark(t->key->text);
    uint64_t mask;

    if (mark == GMAIL_STARRED)
        return ask_flag(FLAG_FLAGGED, c, b);
    if (mark == GMAIL_IMPORTANT)
        return ask_keyword(t->keyword, c, b);
    MASK_OF(mask, b, body_set_has(&t->bodies, c->m->body[k]));
    return mask;
}

/* What is newer than the tables that trail is asked one by one. */
static bool has_object(const struct matcher *t, struct candidate *c, uint64_t body)
{
    bool is_thread = t->key->kind == SEARCH_THREADID || t->key->kind == SEARCH_GM_THRID;
    struct body b;
    enum err e;

    if (t->object == 0)
        return false;
    if (body <= t->bodies.complete)
        return body_set_has(&t->bodies, body);
    e = body_load(c->s->account, body, BODY_WANT_IDS, &b);
    if (e != ERR_OK && c->error == ERR_OK)
        c->error = e;
    return e == ERR_OK && t->object == (is_thread ? b.thread_id : b.email_id);
}

static uint64_t ask_object(const struct matcher *t, struct candidate *c, const struct block *b,
                           uint64_t wanted)
{
    uint64_t mask = 0;

    for (uint64_t left = wanted; left != 0; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctzll(left);

        mask |= (uint64_t)has_object(t, c, c->m->body[b->k + i]) << i;
    }
    return mask;
}

/* ---- asking the tree ------------------------------------------------------------------------ */

static uint64_t ask_all(const struct matcher *t, struct candidate *c, const struct block *b,
                        uint64_t wanted)
{
    for (t = t->child; t != NULL && wanted != 0; t = t->next)
        wanted = matcher_ask_columns(t, c, b, wanted);
    return wanted;
}

static uint64_t ask_any(const struct matcher *t, struct candidate *c, const struct block *b,
                        uint64_t wanted)
{
    uint64_t found = 0;

    for (t = t->child; t != NULL && found != wanted; t = t->next)
        found |= matcher_ask_columns(t, c, b, wanted & ~found);
    return found;
}

static uint64_t ask(const struct matcher *t, struct candidate *c, const struct block *b,
                    uint64_t wanted)
{
    switch (t->key->kind) {
    case SEARCH_ALL:
        return wanted;
    case SEARCH_AND:
        return ask_all(t, c, b, wanted);
    case SEARCH_OR:
        return ask_any(t, c, b, wanted);
    case SEARCH_SEQ:
    case SEARCH_UID:
        return ask_set(t, c->m, b);
    case SEARCH_FLAG:
        return ask_flag(t->key->flag, c, b);
    case SEARCH_KEYWORD:
        return ask_keyword(t->keyword, c, b);
    case SEARCH_NEW:
        return ask_flag(FLAG_RECENT, c, b) & ~ask_flag(FLAG_SEEN, c, b);
    case SEARCH_EMAILID:
    case SEARCH_THREADID:
    case SEARCH_GM_MSGID:
    case SEARCH_GM_THRID:
        return ask_object(t, c, b, wanted);
    case SEARCH_GM_LABEL:
        return ask_label(t, c, b);
    case SEARCH_FILTER: /* its keys took its place */
        return 0;
    default:
        return ask_number(t, c->m, b);
    }
}

uint64_t matcher_ask_columns(const struct matcher *t, struct candidate *c, const struct block *b,
                             uint64_t wanted)
{
    uint64_t mask = ask(t, c, b, wanted);

    return wanted & (t->key->negated ? ~mask : mask);
}
