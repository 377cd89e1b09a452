/* mime/casemap.c -- see casemap.h. */
#include "mime/casemap.h"

#include <pthread.h>
#include <utf8proc.h>

#include "base/utf8.h"

enum { POINTS_MAX = 32 };

/* UnicodeData.txt, which RFC 5051 names, gives U+00DF no title case; utf8proc gives it U+1E9E. */
static int32_t title(int32_t c)
{
    return c == 0xDF ? c : utf8proc_totitle(c);
}

static void map_point(enum casemap how, int32_t c, struct slice raw, struct buf *out)
{
    utf8proc_int32_t points[POINTS_MAX];
    int class = 0, options = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
    utf8proc_ssize_t n;

    if (how == CASEMAP_FOLD)
        options |= UTF8PROC_CASEFOLD;
    n = utf8proc_decompose_char(title(c), points, POINTS_MAX, (utf8proc_option_t)options, &class);
    if (n < 0 || n > POINTS_MAX) {
        buf_add_slice(out, raw);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        utf8_encode(out, (uint32_t)points[i]);
}

/* What the characters of two octets become: all of Latin, Greek, Cyrillic, Hebrew and Arabic.
 * Asking for each anew costs ten times as much as all else that is done with it. 30 KiB, made when
 * first wanted. */
enum { SHORT_POINTS = 0x800, SHORT_OCTETS = 7, MAPPED_OCTETS_MAX = POINTS_MAX * 4 };

static struct {
    char text[SHORT_OCTETS];
    unsigned char n; /* 0: longer than that */
} short_points[CASEMAP_FOLD + 1][SHORT_POINTS];

static void make_short_point(enum casemap how, int32_t c)
{
    struct buf raw, mapped;

    buf_init(&raw, 4);
    buf_init(&mapped, MAPPED_OCTETS_MAX);
    utf8_encode(&raw, (uint32_t)c);
    map_point(how, c, buf_slice(&raw), &mapped);
    if (mapped.n <= SHORT_OCTETS) {
        short_points[how][c].n = (unsigned char)mapped.n;
        memcpy(short_points[how][c].text, buf_slice(&mapped).p, mapped.n);
    }
    buf_release(&raw);
    buf_release(&mapped);
}

static void make_short_points(void)
{
    for (int32_t c = 0x80; c < SHORT_POINTS; c++) {
        make_short_point(CASEMAP_TITLE, c);
        make_short_point(CASEMAP_FOLD, c);
    }
}

static void add_point(enum casemap how, int32_t c, struct slice raw, struct buf *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (c >= 0x4E00 && c <= 0x9FFF) { /* CJK ideographs are what they are */
        buf_add_slice(out, raw);
        return;
    }
    pthread_once(&once, make_short_points);
    if (c < SHORT_POINTS && short_points[how][c].n > 0)
        buf_add(out, short_points[how][c].text, short_points[how][c].n);
    else
        map_point(how, c, raw, out);
}

/* Eight octets at once: in each that is a letter from `first` to `first` + 25, bit 5 is turned.
 * What is above 0x7F has its top bit put aside, so that nothing carries into the next octet. */
static uint64_t turn_letters(uint64_t eight, unsigned char first)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t low = eight & ~tops;
    uint64_t from = low + (0x80u - first) * ones;      /* top bit: first or above */
    uint64_t past = low + (0x80u - first - 26) * ones; /* top bit: above the last */

    return eight ^ ((from & ~past & ~eight & tops) >> 2);
}

void casemap_ascii(enum casemap how, struct slice in, struct buf *out)
{
    char *to = in.n > 0 ? buf_reserve(out, in.n) : NULL;
    unsigned char first = how == CASEMAP_FOLD ? 'A' : 'a';
    size_t i = 0;

    if (to == NULL)
        return;
    for (; in.n - i >= 8; i += 8) {
        uint64_t eight;

        memcpy(&eight, in.p + i, sizeof(eight));
        eight = turn_letters(eight, first);
        memcpy(to + i, &eight, sizeof(eight));
    }
    for (; i < in.n; i++)
        to[i] = how == CASEMAP_FOLD ? ascii_lower(in.p[i]) : ascii_upper(in.p[i]);
    buf_added(out, in.n);
}

size_t casemap_unicode(enum casemap how, struct slice in, bool last, struct buf *out)
{
    size_t at = 0;

    while (at < in.n) {
        struct slice rest = slice_sub(in, at, in.n);
        size_t n = ascii_run(rest);

        casemap_ascii(how, slice_sub(rest, 0, n), out);
        if (n == 0) {
            int32_t c = utf8_decode(rest, &n);

            if (c < 0 && !last && utf8_unfinished(rest))
                break;
            if (c < 0)
                buf_add(out, rest.p, 1);
            else
                add_point(how, c, slice_sub(rest, 0, n), out);
        }
        at += n;
    }
    return at;
}
