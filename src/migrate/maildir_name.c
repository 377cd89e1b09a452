/* migrate/maildir_name.c -- what the names in a Maildir say: flags, times, folders, keywords.
 *
 * Source: cr.yp.to/proto/maildir.html ("2," and its letters; P for forwarded), RFC 5788 section 5
 * and the IANA registry of keywords ($Forwarded), RFC 3501 section 5.1.3 (modified UTF-7). All pure
 * functions over slices.
 */
#include "base/utf8.h"
#include "migrate/maildir.h"
#include "wire/flag.h"
#include "wire/mailbox.h"
#include "wire/reply.h"

enum { TIME_DIGITS_MAX = 11 }; /* until the year 5138 */

struct slice maildir_unique(struct slice file_name)
{
    return slice_sub(file_name, 0, slice_find(file_name, ':'));
}

static const char *flag_of(char letter)
{
    static const struct {
        char letter;
        const char *flag;
    } table[] = {{'D', "\\Draft"},    {'F', "\\Flagged"}, {'P', "$Forwarded"},
                 {'R', "\\Answered"}, {'S', "\\Seen"},    {'T', "\\Deleted"}};

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        if (table[i].letter == letter)
            return table[i].flag;
    }
    return NULL;
}

void maildir_flags(struct buf *out, struct slice file_name,
                   const struct slice keyword[MAILDIR_KEYWORDS])
{
    struct slice info = slice_sub(file_name, slice_find(file_name, ':'), file_name.n);
    uint64_t had = 0; /* letters seen: each counts once */

    if (!slice_starts(info, SLICE(":2,")))
        return;
    for (size_t i = 3; i < info.n; i++) {
        char c = info.p[i];
        const char *flag = flag_of(c);
        bool lower = c >= 'a' && c <= 'z';
        struct slice word = lower ? keyword[c - 'a'] : slice_of_str(flag);

        if (word.p == NULL || (had & (UINT64_C(1) << (c - 'A'))) != 0)
            continue;
        had |= UINT64_C(1) << (c - 'A');
        if (out->n > 0)
            buf_add_char(out, ' ');
        buf_add_slice(out, word);
    }
}

int64_t maildir_name_time(struct slice file_name)
{
    uint64_t seconds;
    size_t n = 0;

    while (n < file_name.n && ascii_is_digit(file_name.p[n]))
        n++;
    if (n > TIME_DIGITS_MAX || !slice_to_u64(slice_sub(file_name, 0, n), INT64_MAX, &seconds))
        return 0;
    return (int64_t)seconds;
}

/* ---- folders --------------------------------------------------------------------------------- */

/* Octets that are no UTF-8, as Latin-1, and controls as "_". */
static enum err force_utf8(struct arena *a, struct slice from, struct slice *out)
{
    bool utf8 = utf8_valid(from);
    char *p = arena_alloc(a, 2 * from.n);
    size_t n = 0;

    if (p == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < from.n; i++) {
        unsigned char c = (unsigned char)from.p[i];

        if (c < 0x20 || c == 0x7f || (!utf8 && c >= 0x80 && c < 0xa0)) {
            p[n++] = '_';
        } else if (utf8 || c < 0x80) {
            p[n++] = (char)c;
        } else {
            p[n++] = (char)(0xc0 | c >> 6);
            p[n++] = (char)(0x80 | (c & 0x3f));
        }
    }
    *out = slice_of(p, n);
    return ERR_OK;
}

/* Levels as they are on disk ("/" between them) to a name. */
static enum err decode_name(struct arena *a, struct slice wire, struct slice *out)
{
    struct slice name;
    enum err e = mailbox_mutf7_decode(a, wire, &name);

    if (e == ERR_CANNOT)
        e = force_utf8(a, wire, &name);
    TRY(e);
    if (slice_starts_nocase(name, SLICE("INBOX")) && (name.n == 5 || name.p[5] == '/')) {
        struct slice copy;

        if (!arena_copy(a, name, &copy))
            return ERR_NOMEM;
        memcpy((char *)copy.p, "INBOX", 5);
        name = copy;
    }
    if (!mailbox_valid(name))
        return ERR_CANNOT;
    *out = name;
    return ERR_OK;
}

/* A copy with every `from` replaced by "/". */
static enum err levels(struct arena *a, struct slice path, char from, struct slice *out)
{
    struct slice copy;

    if (!arena_copy(a, path, &copy))
        return ERR_NOMEM;
    for (size_t i = 0; i < copy.n; i++) {
        if (copy.p[i] == from)
            ((char *)copy.p)[i] = '/';
    }
    *out = copy;
    return ERR_OK;
}

enum err maildir_folder_name(struct arena *a, struct slice path, struct slice *out)
{
    struct slice wire = path;

    if (path.n > 0 && path.p[0] == '.')
        TRY(levels(a, slice_sub(path, 1, path.n), '.', &wire));
    return decode_name(a, wire, out);
}

/* ---- keywords and subscriptions -------------------------------------------------------------- */

bool maildir_keyword_line(struct arena *a, struct slice line,
                          struct slice keyword[MAILDIR_KEYWORDS])
{
    size_t space = slice_find(line, ' ');
    struct slice name = slice_sub(line, space + 1, line.n);
    uint64_t index;

    if (!slice_to_u64(slice_sub(line, 0, space), MAILDIR_KEYWORDS - 1, &index) ||
        name.n > FLAG_KEYWORD_OCTETS_MAX || !reply_is_atom(name))
        return false;
    return arena_copy(a, name, &keyword[index]);
}

enum err maildir_subscription(struct arena *a, enum maildir_subscriptions form, struct slice line,
                              struct slice *out)
{
    struct slice wire;

    TRY(levels(a, line, form == MAILDIR_SUBS_V2 ? '\t' : '.', &wire));
    if (form == MAILDIR_SUBS_COURIER && slice_starts_nocase(wire, SLICE("INBOX/")))
        wire = slice_sub(wire, 6, wire.n);
    return decode_name(a, wire, out);
}
