/* store/sort_columns.c -- what SORT and THREAD compare, as columns beside struct messages.
 *
 * The bodies' rows hold the keys (RFC 5256, RFC 5957), one row a message; sorting a large mailbox
 * by them would read it all each time. So the first to ask pays for reading them, in pieces, and
 * from then on only what has arrived is read. A column nobody asks for is not there; that goes for
 * the texts in the order of another comparator too, which are columns beside those of the default
 * (RFC 5255 section 4.2), so that sessions of different comparators do not undo each other's. All
 * go with the folder's messages: when the account is closed, or a transaction is taken back.
 */
#include "store/sort_columns.h"

#include "base/clock.h"
#include "base/mem.h"
#include "mime/decode.h"
#include "mime/keys.h"
#include "mime/mime.h"
#include "wire/lex.h"

enum {
    REFS_MAX = 1000,                /* of one message; the newest */
    REFS_PLENTY = 16 << 20,         /* in all; from here on a message keeps only its parent */
    GARBAGE_MIN = 1000,             /* texts or ids nobody uses any more that are always borne */
    SUBJECT_OCTETS_MAX = 64 * 1024, /* MIME_FIELD_OCTETS_MAX */
};

/* The columns of the statement SORT_KEYS_FROM; texts stand from KEY_TEXTS on as in enum
 * sort_column. SORT_IDS_FROM has the first of them. */
enum {
    KEY_BODY,
    KEY_MESSAGE_ID,
    KEY_IN_REPLY_TO,
    KEY_REFERENCES,
    KEY_TEXTS,
    KEY_SENT = KEY_TEXTS + SORT_TEXT_COLUMNS,
    KEY_ENVELOPE
};

enum sort_column sort_text_column(enum sort_column text, enum collation collation)
{
    return (enum sort_column)(collation * SORT_TEXT_COLUMNS + text);
}

/* ---- life ----------------------------------------------------------------------------------- */

static void init_texts(struct sort_cache *c, int column)
{
    sort_texts_init(&c->texts[column], (enum collation)(column / SORT_TEXT_COLUMNS));
}

static void reset_column(struct sort_cache *c, enum sort_column column)
{
    c->filled[column] = 0;
    if (column < SORT_TEXTS) {
        sort_texts_release(&c->texts[column]);
        init_texts(c, column);
    } else if (column == SORT_THREAD) {
        sort_ids_release(&c->ids);
    }
}

void sort_cache_free(struct sort_cache **cp)
{
    struct sort_cache *c = *cp;

    if (c == NULL)
        return;
    for (int i = 0; i < SORT_TEXTS; i++) {
        sort_texts_release(&c->texts[i]);
        free(c->pub.text[i]);
    }
    sort_ids_release(&c->ids);
    free(c->pub.sent);
    free(c->pub.reply);
    free(c->pub.id);
    free(c->pub.ref_end);
    free(c->pub.ref);
    free(c);
    *cp = NULL;
}

size_t sort_cache_memory(const struct sort_cache *c)
{
    size_t a_message = 0, n = 0;

    if (c == NULL)
        return 0;
    for (int i = 0; i < SORT_TEXTS; i++) {
        a_message += c->pub.text[i] != NULL ? sizeof(uint32_t) : 0;
        n += sort_texts_memory(&c->texts[i]);
    }
    a_message += c->pub.sent != NULL ? sizeof(int64_t) : 0;
    a_message += c->pub.reply != NULL ? sizeof(bool) : 0;
    a_message += c->pub.id != NULL ? 2 * sizeof(uint32_t) : 0;
    return sizeof(*c) + n + sort_ids_memory(&c->ids) + c->cap * a_message +
           c->ref_cap * sizeof(uint32_t);
}

/* Room for `n` messages in the columns of the set, and in those already there. */
static void reserve(struct sort_cache *c, unsigned set, uint32_t n)
{
    bool grows = n > c->cap;

    if (grows)
        c->cap = c->cap > 0 ? n + n / 4 : n;
#define COLUMN(p, bit)                                                                             \
    if ((set & (bit)) != 0 ? grows || (p) == NULL : grows && (p) != NULL)                          \
    (p) = mem_resize((p), c->cap, sizeof(*(p)))
    for (int i = 0; i < SORT_TEXTS; i++)
        COLUMN(c->pub.text[i], 1U << i);
    COLUMN(c->pub.sent, 1U << SORT_SENT);
    COLUMN(c->pub.reply, 1U << SORT_REPLY);
    COLUMN(c->pub.id, 1U << SORT_THREAD);
    COLUMN(c->pub.ref_end, 1U << SORT_THREAD);
#undef COLUMN
}

/* ---- filling -------------------------------------------------------------------------------- */

static void add_ref(struct sort_cache *c, struct slice id, uint32_t *end)
{
    if (*end == c->ref_cap) {
        c->ref_cap = c->ref_cap > 0 ? c->ref_cap + c->ref_cap / 2 : 256;
        c->pub.ref = mem_resize(c->pub.ref, c->ref_cap, sizeof(*c->pub.ref));
    }
    c->pub.ref[(*end)++] = sort_ids_number(&c->ids, id);
}

/* Of ids with a space between them the newest, as many as may be kept. */
static struct slice newest(struct slice ids, uint32_t kept)
{
    size_t most = kept < REFS_PLENTY ? REFS_MAX : 1, at = ids.n;

    while (at > 0) {
        if (ids.p[at - 1] == ' ' && --most == 0)
            break;
        at--;
    }
    return slice_sub(ids, at, ids.n);
}

/* RFC 5256 section 3, REFERENCES: the References field, or else the first id of In-Reply-To. */
static void fill_thread(struct sort_cache *c, uint32_t i, struct slice id, struct slice reply_to,
                        struct slice refs)
{
    uint32_t end = i > 0 ? c->pub.ref_end[i - 1] : 0;

    c->pub.id[i] = id.n > 0 ? sort_ids_number(&c->ids, id) : 0;
    if (refs.n == 0)
        refs = slice_sub(reply_to, 0, slice_find(reply_to, ' '));
    refs = newest(refs, end);
    while (refs.n > 0) {
        size_t n = slice_find(refs, ' ');

        add_ref(c, slice_sub(refs, 0, n), &end);
        refs = slice_sub(refs, n + 1, refs.n);
    }
    c->pub.ref_end[i] = end;
}

/* The subject as it stands in an ENVELOPE: its second string. Empty if there is none. */
static struct slice envelope_subject(struct slice envelope, struct arena *a)
{
    struct lex in = lex_of(envelope, true);
    struct slice date, subject;

    if (lex_expect(&in, '(') != ERR_OK ||
        lex_nstring(&in, a, SUBJECT_OCTETS_MAX, &date) != ERR_OK || lex_space(&in) != ERR_OK ||
        lex_nstring(&in, a, SUBJECT_OCTETS_MAX, &subject) != ERR_OK || subject.p == NULL)
        return SLICE("");
    return subject;
}

/* Whether the base subject lost a "Re:", "Fwd:" or "(fwd)" (RFC 5256 section 3, REFERENCES). */
static bool is_reply(struct slice envelope, struct slice base)
{
    struct arena a;
    struct buf decoded, again;
    struct slice subject;
    bool reply;

    arena_init(&a, (size_t)4 * SUBJECT_OCTETS_MAX);
    buf_init(&decoded, (size_t)4 * SUBJECT_OCTETS_MAX);
    buf_init(&again, (size_t)4 * SUBJECT_OCTETS_MAX);
    subject = envelope_subject(envelope, &a);
    reply = !slice_eq(subject, base);
    if (reply) {
        header_decode(subject, &decoded);
        reply = base_subject(buf_slice(&decoded), &again);
    }
    buf_release(&decoded);
    buf_release(&again);
    arena_clear(&a);
    return reply;
}

static int64_t sent_of(sqlite3_stmt *q, int column, int64_t internaldate)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL ? internaldate
                                                         : sqlite3_column_int64(q, column);
}

/* Take the first column out of a set that is not empty. */
static int take_column(unsigned *set)
{
    int k = __builtin_ctz(*set);

    *set &= *set - 1;
    return k;
}

static void fill_keys(struct sort_cache *c, unsigned set, uint32_t i, sqlite3_stmt *q,
                      int64_t internaldate)
{
    for (unsigned left = set & ((1U << SORT_TEXTS) - 1); left != 0;) {
        int k = take_column(&left);

        c->pub.text[k][i] =
            sort_texts_number(&c->texts[k], sql_slice(q, KEY_TEXTS + k % SORT_TEXT_COLUMNS));
    }
    if ((set & 1U << SORT_SENT) != 0)
        c->pub.sent[i] = sent_of(q, KEY_SENT, internaldate);
    if ((set & 1U << SORT_REPLY) != 0)
        c->pub.reply[i] =
            is_reply(sql_slice(q, KEY_ENVELOPE), sql_slice(q, KEY_TEXTS + SORT_SUBJECT));
    if ((set & 1U << SORT_THREAD) != 0)
        fill_thread(c, i, sql_slice(q, KEY_MESSAGE_ID), sql_slice(q, KEY_IN_REPLY_TO),
                    sql_slice(q, KEY_REFERENCES));
}

/* What the gists tell: dates, and what is made of the subject. */
enum {
    SUBJECTS = 1 << SORT_SUBJECT | 1 << (SORT_TEXT_COLUMNS + SORT_SUBJECT) |
               1 << (2 * SORT_TEXT_COLUMNS + SORT_SUBJECT) | 1 << SORT_REPLY,
    OF_GISTS = SUBJECTS | 1 << SORT_SENT,
};
_Static_assert(COLLATIONS == 3, "SUBJECTS names each collation's column");

static void fill_subject(struct sort_cache *c, unsigned set, uint32_t i, struct slice subject)
{
    struct buf base;
    bool reply;

    buf_init(&base, subject.n + 1);
    reply = base_subject(subject, &base);
    for (int k = SORT_SUBJECT; k < SORT_TEXTS; k += SORT_TEXT_COLUMNS) {
        if ((set & 1U << k) != 0)
            c->pub.text[k][i] = sort_texts_number(&c->texts[k], buf_slice(&base));
    }
    if ((set & 1U << SORT_REPLY) != 0)
        c->pub.reply[i] = reply;
    buf_release(&base);
}

/* Fill entry i of those of the columns that the gists tell of, and take them out of the set; none
 * if they do not know all that is wanted. */
static enum err fill_by_gist(struct folder_state *f, struct gist_reader *g, unsigned *set,
                             uint32_t i)
{
    enum gist_answer answer = GIST_NO_FIELD;
    const struct messages *m = f->messages;
    struct slice subject = SLICE("");
    int64_t instant = INT64_MIN;
    bool dated = true;
    int32_t day;

    if ((*set & 1U << SORT_SENT) != 0)
        TRY(gist_dates(g, m->body[i], &dated, &instant, &day));
    if ((*set & SUBJECTS) != 0)
        TRY(gist_text(g, m->body[i], GIST_SUBJECT, &answer, &subject));
    if (!dated || answer == GIST_UNKNOWN)
        return ERR_OK;
    if ((*set & 1U << SORT_SENT) != 0)
        f->sort->pub.sent[i] = instant != INT64_MIN ? instant : m->internaldate[i];
    if ((*set & SUBJECTS) != 0)
        fill_subject(f->sort, *set, i, subject);
    *set &= ~(unsigned)OF_GISTS;
    return ERR_OK;
}

/* The statement that reads little more than what is wanted. */
static enum sql_id statement_for(unsigned set)
{
    if (set == 1U << SORT_SENT)
        return SQL_SORT_SENT_FROM;
    return set == 1U << SORT_THREAD ? SQL_SORT_IDS_FROM : SQL_SORT_KEYS_FROM;
}

static enum err fill_by_row(struct folder_state *f, unsigned set, uint32_t i)
{
    enum sql_id statement = statement_for(set);
    const struct messages *m = f->messages;
    sqlite3_stmt *q;

    TRY(reading_body(f->pub.account, statement, m->body[i], &q));
    if (statement == SQL_SORT_SENT_FROM)
        f->sort->pub.sent[i] = sent_of(q, 1, m->internaldate[i]);
    else
        fill_keys(f->sort, set, i, q, m->internaldate[i]);
    return ERR_OK;
}

/* Fill entry i of the columns of the set that have come as far as that. */
static enum err fill(struct folder_state *f, struct gist_reader *g, unsigned set, uint32_t i)
{
    struct sort_cache *c = f->sort;
    unsigned due = 0, left;

    for (left = set; left != 0;) {
        int k = take_column(&left);

        due |= c->filled[k] == i ? 1U << k : 0;
    }
    left = due;
    TRY(fill_by_gist(f, g, &left, i));
    if (left != 0)
        TRY(fill_by_row(f, left, i));
    while (due != 0)
        c->filled[take_column(&due)]++;
    return ERR_OK;
}

static uint32_t least_filled(const struct sort_cache *c, unsigned set)
{
    uint32_t least = UINT32_MAX;

    for (int k = 0; k < SORT_COLUMNS; k++) {
        if ((set & 1U << k) != 0 && c->filled[k] < least)
            least = c->filled[k];
    }
    return least;
}

static void finish(struct sort_cache *c, unsigned set)
{
    for (int k = 0; k < SORT_TEXTS; k++) {
        if ((set & 1U << k) == 0)
            continue;
        sort_texts_rank(&c->texts[k]);
        c->pub.rank[k] = c->texts[k].rank;
        c->pub.texts[k] = c->texts[k].n;
    }
    c->pub.ids = c->ids.n;
}

enum err folder_sort_load(struct folder *pub, unsigned set, uint32_t most, bool *more)
{
    struct folder_state *f = state_of(pub);
    struct gist_reader g;
    uint64_t began_us;
    struct messages *m;
    enum err e = ERR_OK;
    uint32_t i;

    TRY(folder_messages(pub, &m));
    began_us = clock_thread_us();
    if (f->sort == NULL) {
        f->sort = mem_new(struct sort_cache);
        for (int k = 0; k < SORT_TEXTS; k++)
            init_texts(f->sort, k);
    }
    reserve(f->sort, set, m->n > 0 ? m->n : 1);
    gist_reader_init(&g, pub->account);
    for (i = least_filled(f->sort, set); i < m->n && most > 0 && e == ERR_OK; i++, most--)
        e = fill(f, &g, set, i);
    gist_reader_release(&g);
    TRY(e);
    *more = i < m->n;
    if (!*more)
        finish(f->sort, set);
    pub->account->effort_us += clock_thread_us() - began_us;
    return ERR_OK;
}

const struct sort_columns *folder_sort_columns(const struct folder *pub)
{
    return &((const struct folder_state *)(const void *)pub)->sort->pub;
}

/* ---- messages that go ----------------------------------------------------------------------- */

static void compact_thread(struct sort_columns *p, const bool *drop, uint32_t n)
{
    uint32_t kept = 0, from = 0, to = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t end = p->ref_end[i];

        if (!drop[i]) {
            while (from < end)
                p->ref[to++] = p->ref[from++];
            p->id[kept] = p->id[i];
            p->ref_end[kept++] = to;
        }
        from = end;
    }
}

static uint32_t count_kept(const bool *drop, uint32_t n)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n; i++)
        kept += !drop[i];
    return kept;
}

static bool is_mostly_garbage(const struct sort_cache *c, int k)
{
    if (k < SORT_TEXTS)
        return c->texts[k].n > 2 * (uint64_t)c->filled[k] + GARBAGE_MIN;
    if (k == SORT_THREAD)
        return c->ids.n > 2 * ((uint64_t)c->filled[k] +
                               (c->filled[k] > 0 ? c->pub.ref_end[c->filled[k] - 1] : 0)) +
                              GARBAGE_MIN;
    return false;
}

void sort_cache_compact(struct sort_cache *c, const bool *drop)
{
    struct sort_columns *p;

    if (c == NULL)
        return;
    p = &c->pub;
#define COMPACT(column, filled)                                                                    \
    for (uint32_t i = 0, to = 0; i < (filled); i++) {                                              \
        if (!drop[i])                                                                              \
            (column)[to++] = (column)[i];                                                          \
    }
    for (int k = 0; k < SORT_TEXTS; k++)
        COMPACT(p->text[k], c->filled[k])
    COMPACT(p->sent, c->filled[SORT_SENT])
    COMPACT(p->reply, c->filled[SORT_REPLY])
#undef COMPACT
    compact_thread(p, drop, c->filled[SORT_THREAD]);
    for (int k = 0; k < SORT_COLUMNS; k++) {
        c->filled[k] = count_kept(drop, c->filled[k]);
        if (is_mostly_garbage(c, k))
            reset_column(c, k);
    }
}
