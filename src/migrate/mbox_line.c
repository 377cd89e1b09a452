/* migrate/mbox_line.c -- what single lines of an mbox say: From lines, quoting, marks.
 *
 * Source: RFC 4155 (From line: sender and date as asctime writes it), and for the marks the
 * custom of mail programs, which no RFC holds: Status and X-Status (c-client, mutt, Dovecot),
 * X-Keywords (c-client, Dovecot), X-Mozilla-Status and X-Mozilla-Keys (Mozilla).
 */
#include "migrate/mbox.h"

#include "wire/date.h"
#include "wire/flag.h"
#include "wire/reply.h"

/* ---- From lines ------------------------------------------------------------------------------ */

struct from_date {
    int year, month, day; /* 0: not seen */
    int hour, minute, second, zone_minutes;
    bool has_time;
};

static bool digits_at(struct slice s, size_t at, size_t n, int *out)
{
    uint64_t v;

    if (at + n > s.n || !slice_to_u64(slice_sub(s, at, n), 9999, &v))
        return false;
    *out = (int)v;
    return true;
}

static int month_of(struct slice word)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int i = 0; word.n == 3 && i < 12; i++) {
        if (slice_eq_nocase(word, slice_of(names + 3 * i, 3)))
            return i + 1;
    }
    return 0;
}

/* "02:44" or "02:44:25" */
static bool take_time(struct slice w, struct from_date *d)
{
    if (!(w.n == 5 || w.n == 8) || w.p[2] != ':' || !digits_at(w, 0, 2, &d->hour) ||
        !digits_at(w, 3, 2, &d->minute) || d->hour > 23 || d->minute > 59)
        return false;
    if (w.n == 8 && (w.p[5] != ':' || !digits_at(w, 6, 2, &d->second) || d->second > 60))
        return false;
    return true;
}

/* "-0700" */
static bool take_zone(struct slice w, struct from_date *d)
{
    int hours, minutes;

    if (w.n != 5 || (w.p[0] != '+' && w.p[0] != '-') || !digits_at(w, 1, 2, &hours) ||
        !digits_at(w, 3, 2, &minutes) || hours > 14 || minutes > 59)
        return false;
    d->zone_minutes = (hours * 60 + minutes) * (w.p[0] == '-' ? -1 : 1);
    return true;
}

static void take_word(struct slice w, struct from_date *d)
{
    int n;

    if (d->month == 0 && month_of(w) != 0)
        d->month = month_of(w);
    else if (!d->has_time && take_time(w, d))
        d->has_time = true;
    else if (d->day == 0 && w.n <= 2 && digits_at(w, 0, w.n, &n) && n >= 1 && n <= 31)
        d->day = n;
    else if (d->year == 0 && w.n == 4 && digits_at(w, 0, 4, &n) && n >= 1970)
        d->year = n;
    else
        (void)take_zone(w, d);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slice next_word(struct slice *s)
{
    size_t from = 0, to;

    while (from < s->n && is_space(s->p[from]))
        from++;
    for (to = from; to < s->n && !is_space(s->p[to]); to++)
        ;
    *s = slice_sub(*s, to, s->n);
    return slice_of(s->p - (to - from), to - from);
}

bool mbox_from_line(struct slice line, int64_t *date_s)
{
    struct from_date d = {0};
    struct slice rest = slice_sub(line, 5, line.n), word;

    if (!slice_starts(line, SLICE("From ")) || line.n > 1000)
        return false;
    while ((word = next_word(&rest)).n > 0)
        take_word(word, &d);
    if (d.year == 0 || d.month == 0 || d.day == 0 || !d.has_time)
        return false;
    *date_s = (int64_t)date_day_number(d.year, d.month, d.day) * 86400 + d.hour * 3600 +
              (d.minute - d.zone_minutes) * 60 + d.second;
    return true;
}

bool mbox_is_quoted_from(struct slice line)
{
    size_t n = 0;

    while (n < line.n && line.p[n] == '>')
        n++;
    return n > 0 && slice_starts(slice_sub(line, n, line.n), SLICE("From "));
}

/* ---- marks ----------------------------------------------------------------------------------- */

static void mark_status(struct slice value, struct mbox_marks *m)
{
    for (size_t i = 0; i < value.n; i++) {
        switch (value.p[i]) {
        case 'R':
            m->flags |= FLAG_SEEN;
            break;
        case 'A':
            m->flags |= FLAG_ANSWERED;
            break;
        case 'F':
            m->flags |= FLAG_FLAGGED;
            break;
        case 'D':
            m->flags |= FLAG_DELETED;
            break;
        case 'T':
            m->flags |= FLAG_DRAFT;
            break;
        }
    }
}

/* Four hexadecimal digits of bits. */
static void mark_mozilla(struct slice value, struct mbox_marks *m)
{
    unsigned bits = 0;

    if (value.n != 4)
        return;
    for (size_t i = 0; i < 4; i++) {
        char c = ascii_lower(value.p[i]);

        if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
            return;
        bits = bits << 4 | (unsigned)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    m->flags |=
        ((bits & 0x0001) != 0 ? FLAG_SEEN : 0) | ((bits & 0x0002) != 0 ? FLAG_ANSWERED : 0) |
        ((bits & 0x0004) != 0 ? FLAG_FLAGGED : 0) | ((bits & 0x0008) != 0 ? FLAG_DELETED : 0);
    m->forwarded |= (bits & 0x1000) != 0;
}

static void mark_keywords(struct slice value, struct mbox_marks *m)
{
    struct slice word;

    while ((word = next_word(&value)).n > 0) {
        size_t before = m->keywords.n;

        if (word.n > FLAG_KEYWORD_OCTETS_MAX || !reply_is_atom(word))
            continue;
        if (before > 0)
            buf_add_char(&m->keywords, ' ');
        buf_add_slice(&m->keywords, word);
        if (m->keywords.overflowed)
            buf_truncate(&m->keywords, before);
    }
}

/* What c-client and those who copied it keep in a first message that is none. */
static void mark_pseudo(struct slice value, struct mbox_marks *m)
{
    m->is_pseudo |= slice_starts(value, SLICE("DON'T DELETE THIS MESSAGE"));
}

static void mark_nothing(struct slice value, struct mbox_marks *m)
{
    (void)value;
    (void)m;
}

bool mbox_mark_line(struct slice line, struct mbox_marks *m)
{
    static const struct {
        const char *name;
        void (*mark)(struct slice value, struct mbox_marks *m);
        bool counts; /* belongs to the message all the same */
    } table[] = {{"Status", mark_status, false},
                 {"X-Status", mark_status, false},
                 {"X-Keywords", mark_keywords, false},
                 {"X-UID", mark_nothing, false},
                 {"X-IMAP", mark_nothing, false},
                 {"X-IMAPbase", mark_nothing, false},
                 {"X-Mozilla-Status", mark_mozilla, false},
                 {"X-Mozilla-Status2", mark_nothing, false},
                 {"X-Mozilla-Keys", mark_keywords, false},
                 {"Content-Length", mark_nothing, false}, /* changes with quoting, as Lines */
                 {"Lines", mark_nothing, false},
                 {"Subject", mark_pseudo, true}};
    size_t colon = slice_find(line, ':');
    struct slice name = slice_sub(line, 0, colon);

    for (size_t i = 0; colon < line.n && i < sizeof(table) / sizeof(*table); i++) {
        if (slice_eq_nocase(name, slice_of_str(table[i].name))) {
            table[i].mark(slice_trim(slice_sub(line, colon + 1, line.n)), m);
            return !table[i].counts;
        }
    }
    return false;
}
