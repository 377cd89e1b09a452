/* wire/gmail_query.c -- see gmail_query.h. Recursion is bounded by GMAIL_QUERY_DEPTH_MAX. */
#include "wire/gmail_query.h"

#include "wire/date.h"
#include "wire/reply.h"

struct query {
    struct slice rest;
    struct buf *out;
    unsigned depth;
};

/* ---- reading -------------------------------------------------------------------------------- */

static void skip(struct query *q, size_t n)
{
    q->rest = slice_sub(q->rest, n, q->rest.n);
}

static void skip_space(struct query *q)
{
    while (q->rest.n > 0 && (q->rest.p[0] == ' ' || q->rest.p[0] == '\t' || q->rest.p[0] == '\r' ||
                             q->rest.p[0] == '\n'))
        skip(q, 1);
}

static bool at(const struct query *q, char c)
{
    return q->rest.n > 0 && q->rest.p[0] == c;
}

static bool accept(struct query *q, char c)
{
    if (!at(q, c))
        return false;
    skip(q, 1);
    return true;
}

/* A word ends at white space and at what groups. */
static struct slice take_word(struct query *q)
{
    size_t n = 0;

    while (n < q->rest.n && strchr(" \t\r\n(){}\"", q->rest.p[n]) == NULL)
        n++;
    struct slice word = slice_sub(q->rest, 0, n);

    skip(q, n);
    return word;
}

/* Behind the first quotation mark. */
static enum err take_phrase(struct query *q, struct slice *out)
{
    size_t n = slice_find(q->rest, '"');

    if (n == q->rest.n)
        return ERR_SYNTAX;
    *out = slice_sub(q->rest, 0, n);
    skip(q, n + 1);
    return ERR_OK;
}

static enum err take_value(struct query *q, struct slice *out)
{
    if (accept(q, '"'))
        return take_phrase(q, out);
    *out = take_word(q);
    return ERR_OK;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void write_key(struct buf *out, const char *key, struct slice value)
{
    buf_add_str(out, key);
    buf_add_char(out, ' ');
    reply_literal(out, value);
}

static void write_date(struct buf *out, const char *key, int32_t day)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int y, m, d;

    date_from_day_number(day, &y, &m, &d);
    buf_addf(out, "%s %d-%s-%04d", key, d, months[m - 1], y);
}

/* ---- values of operators -------------------------------------------------------------------- */

/* Each writer tells whether the value is of the right form; else it has written nothing. */

enum form { TEXT, LABEL, HAS, IS, DATE, AGE, SIZE };

static const struct {
    const char *value, *key;
} states[] = {
    {"unread", "UNSEEN"},
    {"read", "SEEN"},
    {"starred", "FLAGGED"},
    {"unstarred", "UNFLAGGED"},
    {"important", "KEYWORD $Important"},
    {"replied", "ANSWERED"},
    {"draft", "DRAFT"},
};

static bool write_state(struct buf *out, struct slice value)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        if (slice_eq_nocase(value, slice_of_str(states[i].value))) {
            buf_add_str(out, states[i].key);
            return true;
        }
    }
    return false;
}

static const struct {
    const char *value, *label;
} places[] = {
    {"inbox", "\\Inbox"},     {"sent", "\\Sent"},           {"draft", "\\Draft"},
    {"drafts", "\\Draft"},    {"trash", "\\Trash"},         {"spam", "\\Spam"},
    {"starred", "\\Starred"}, {"important", "\\Important"},
};

static bool write_label(struct buf *out, struct slice value)
{
    if (value.n == 0)
        return false;
    if (slice_eq_nocase(value, SLICE("anywhere")) || slice_eq_nocase(value, SLICE("all"))) {
        buf_add_str(out, "ALL");
        return true;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (slice_eq_nocase(value, slice_of_str(places[i].value))) {
            write_key(out, "X-GM-LABELS", slice_of_str(places[i].label));
            return true;
        }
    }
    write_key(out, "X-GM-LABELS", value);
    return true;
}

static bool write_has(struct buf *out, struct slice value)
{
    if (!slice_eq_nocase(value, SLICE("attachment")))
        return false;
    buf_add_str(out, "HEADER Content-Type multipart/mixed");
    return true;
}

/* Digits up to the end, or up to one of `ends`, which is taken too. */
static bool take_number(struct slice *s, const char *ends, uint64_t max, uint64_t *out)
{
    size_t n = 0;

    while (n < s->n && ascii_is_digit(s->p[n]))
        n++;
    if (!slice_to_u64(slice_sub(*s, 0, n), max, out))
        return false;
    if (n < s->n && strchr(ends, s->p[n]) == NULL)
        return false;
    *s = slice_sub(*s, n + 1, s->n);
    return true;
}

static int days_of_month(int year, int month)
{
    int next = month == 12 ? date_day_number(year + 1, 1, 1) : date_day_number(year, month + 1, 1);

    return next - date_day_number(year, month, 1);
}

/* 2004/04/16 or 2004-04-16. */
static bool write_day(struct buf *out, const char *key, struct slice value)
{
    uint64_t year, month, day;

    if (!take_number(&value, "/-", 9999, &year) || value.n == 0 ||
        !take_number(&value, "/-", 12, &month) || value.n == 0 ||
        !take_number(&value, "", 31, &day) || value.n > 0 || month == 0 || day == 0 ||
        (int)day > days_of_month((int)year, (int)month))
        return false;
    write_date(out, key, date_day_number((int)year, (int)month, (int)day));
    return true;
}

/* A number and a letter: 2d, 3m, 1y. */
static bool write_age(struct buf *out, const char *key, struct slice value)
{
    uint64_t n, days;

    if (value.n < 2 || !slice_to_u64(slice_sub(value, 0, value.n - 1), 10000, &n) || n == 0)
        return false;
    switch (value.p[value.n - 1]) {
    case 'd':
        days = n;
        break;
    case 'm':
        days = n * 30;
        break;
    case 'y':
        days = n * 365;
        break;
    default:
        return false;
    }
    if (days > UINT32_MAX / 86400)
        days = UINT32_MAX / 86400;
    buf_addf(out, "%s ", key);
    buf_add_u64(out, days * 86400);
    return true;
}

/* Octets, or 10K, 5M, 1G. */
static bool write_size(struct buf *out, const char *key, struct slice value)
{
    static const char units[] = "kmg";
    uint64_t n, scale = 1;

    for (size_t i = 0; value.n > 0 && units[i] != '\0'; i++)
        if ((value.p[value.n - 1] | 0x20) == units[i]) {
            scale = 1ULL << (10 * (i + 1));
            value.n--;
            break;
        }
    if (!slice_to_u64(value, 1ULL << 32, &n))
        return false;
    buf_addf(out, "%s ", key);
    buf_add_u64(out, n * scale);
    return true;
}

/* ---- operators ------------------------------------------------------------------------------ */

static const struct operator_ {
    const char *name, *key;
    enum form form;
} operators[] = {
    {"from", "FROM", TEXT},
    {"to", "TO", TEXT},
    {"cc", "CC", TEXT},
    {"bcc", "BCC", TEXT},
    {"subject", "SUBJECT", TEXT},
    {"rfc822msgid", "HEADER Message-ID", TEXT},
    {"list", "HEADER List-Id", TEXT},
    {"deliveredto", "HEADER Delivered-To", TEXT},
    {"filename", "TEXT", TEXT},
    {"label", NULL, LABEL},
    {"in", NULL, LABEL},
    {"has", NULL, HAS},
    {"is", NULL, IS},
    {"before", "BEFORE", DATE},
    {"older", "BEFORE", DATE},
    {"after", "SINCE", DATE},
    {"newer", "SINCE", DATE},
    {"older_than", "OLDER", AGE},
    {"newer_than", "YOUNGER", AGE},
    {"larger", "LARGER", SIZE},
    {"size", "LARGER", SIZE},
    {"smaller", "SMALLER", SIZE},
};

static const struct operator_ *find_operator(struct slice name)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        if (slice_eq_nocase(name, slice_of_str(operators[i].name)))
            return &operators[i];
    return NULL;
}

static bool write_value(struct buf *out, const struct operator_ *o, struct slice value)
{
    switch (o->form) {
    case TEXT:
        write_key(out, o->key, value);
        return true;
    case LABEL:
        return write_label(out, value);
    case HAS:
        return write_has(out, value);
    case IS:
        return write_state(out, value);
    case DATE:
        return write_day(out, o->key, value);
    case AGE:
        return write_age(out, o->key, value);
    case SIZE:
        return write_size(out, o->key, value);
    }
    return false;
}

/* subject:(dinner movie): every value of the list. */
static enum err translate_list(struct query *q, const struct operator_ *o)
{
    const char *sep = "(";
    struct slice value;

    for (skip_space(q); !accept(q, ')'); skip_space(q)) {
        if (q->rest.n == 0 || at(q, '(') || at(q, '{') || at(q, '}'))
            return ERR_SYNTAX;
        TRY(take_value(q, &value));
        buf_add_str(q->out, sep);
        sep = " ";
        if (!write_value(q->out, o, value))
            write_key(q->out, "TEXT", value);
    }
    buf_add_str(q->out, *sep == '(' ? "ALL" : ")");
    return ERR_OK;
}

/* ---- terms ---------------------------------------------------------------------------------- */

static enum err translate_all(struct query *q, char end);

static enum err translate_group(struct query *q, char end)
{
    enum err e;

    if (q->depth++ == GMAIL_QUERY_DEPTH_MAX)
        return ERR_LIMIT;
    buf_add_char(q->out, '(');
    e = translate_all(q, end);
    buf_add_char(q->out, ')');
    q->depth--;
    return e;
}

/* A word, or an operator and its value. */
static enum err translate_word(struct query *q)
{
    struct slice whole = q->rest, word = take_word(q), value;
    size_t colon = slice_find(word, ':');
    const struct operator_ *o = colon < word.n ? find_operator(slice_sub(word, 0, colon)) : NULL;

    if (o == NULL) {
        write_key(q->out, "TEXT", word);
        return word.n > 0 ? ERR_OK : ERR_SYNTAX;
    }
    value = slice_sub(word, colon + 1, word.n);
    if (value.n == 0 && accept(q, '('))
        return translate_list(q, o);
    if (value.n == 0 && accept(q, '"'))
        TRY(take_phrase(q, &value));
    if (write_value(q->out, o, value))
        return ERR_OK;
    write_key(q->out, "TEXT", slice_sub(whole, 0, whole.n - q->rest.n));
    return ERR_OK;
}

static enum err translate_term(struct query *q)
{
    struct slice phrase;

    while (accept(q, '-'))
        buf_add_str(q->out, "NOT ");
    if (accept(q, '('))
        return translate_group(q, ')');
    if (accept(q, '{'))
        return translate_group(q, '}');
    if (!accept(q, '"'))
        return translate_word(q);
    TRY(take_phrase(q, &phrase));
    write_key(q->out, "TEXT", phrase);
    return ERR_OK;
}

/* Put "OR " before what was written from `from` on. */
static void insert_or(struct buf *out, size_t from)
{
    struct slice tail;

    buf_add_str(out, "OR ");
    if (out->overflowed)
        return;
    tail = slice_sub(buf_slice(out), from, out->n);
    memmove((char *)tail.p + 3, tail.p, tail.n - 3);
    memcpy((char *)tail.p, "OR ", 3);
}

static bool accept_or(struct query *q)
{
    struct query ahead = *q;

    skip_space(&ahead);
    if (!slice_eq(take_word(&ahead), SLICE("OR")))
        return false;
    skip_space(&ahead);
    *q = ahead;
    return true;
}

static bool at_end(const struct query *q, char end)
{
    return end == '\0' ? q->rest.n == 0 : at(q, end);
}

/* Terms up to `end`; in braces any of them is enough. */
static enum err translate_all(struct query *q, char end)
{
    size_t start = q->out->n, from = start;

    for (skip_space(q); !at_end(q, end); skip_space(q)) {
        if (q->rest.n == 0 || at(q, ')') || at(q, '}') || q->out->overflowed)
            return ERR_SYNTAX;
        if (from > start || q->out->n > start)
            buf_add_char(q->out, ' ');
        from = q->out->n;
        TRY(translate_term(q));
        while (accept_or(q) || (end == '}' && (skip_space(q), !at_end(q, end) && q->rest.n > 0))) {
            insert_or(q->out, from);
            buf_add_char(q->out, ' ');
            from = q->out->n;
            if (at_end(q, end) || q->rest.n == 0)
                return ERR_SYNTAX;
            TRY(translate_term(q));
        }
    }
    if (q->out->n == start)
        buf_add_str(q->out, "ALL");
    if (end != '\0')
        skip(q, 1);
    return ERR_OK;
}

enum err gmail_query_translate(struct slice query, struct buf *out)
{
    struct query q = {.rest = query, .out = out};

    if (query.n > GMAIL_QUERY_OCTETS_MAX)
        return ERR_LIMIT;
    TRY(translate_all(&q, '\0'));
    return out->overflowed ? ERR_LIMIT : ERR_OK;
}
