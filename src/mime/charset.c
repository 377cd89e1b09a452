/* mime/charset.c -- see charset.h. */
#include "mime/charset.h"

#include <errno.h>

#include "base/utf8.h"

enum { PIECE_OCTETS = 4096 };

static const uint32_t replacement = 0xFFFD;

/* Names that mail uses and iconv does not know, or knows as something narrower than what mail
 * means by them. `iconv` NULL: our own conversion. */
static const struct {
    const char *name;
    enum charset_kind kind;
    const char *iconv;
} aliases[] = {
    {"us-ascii", CHARSET_GUESS, NULL},
    {"ascii", CHARSET_GUESS, NULL},
    {"ansi_x3.4-1968", CHARSET_GUESS, NULL},
    {"unknown-8bit", CHARSET_GUESS, NULL},
    {"x-unknown", CHARSET_GUESS, NULL},
    {"default", CHARSET_GUESS, NULL},
    {"utf-8", CHARSET_UTF8, NULL},
    {"utf8", CHARSET_UTF8, NULL},
    {"unicode-1-1-utf-8", CHARSET_UTF8, NULL},
    {"iso-8859-1", CHARSET_LATIN, NULL},
    {"iso8859-1", CHARSET_LATIN, NULL},
    {"iso_8859-1", CHARSET_LATIN, NULL},
    {"latin1", CHARSET_LATIN, NULL},
    {"windows-1252", CHARSET_LATIN, NULL},
    {"cp1252", CHARSET_LATIN, NULL},
    {"gb2312", CHARSET_ICONV, "GB18030"},
    {"gbk", CHARSET_ICONV, "GB18030"},
    {"x-gbk", CHARSET_ICONV, "GB18030"},
    {"ks_c_5601-1987", CHARSET_ICONV, "CP949"},
    {"euc-kr", CHARSET_ICONV, "CP949"},
    {"x-windows-949", CHARSET_ICONV, "CP949"},
    {"shift_jis", CHARSET_ICONV, "CP932"},
    {"shift-jis", CHARSET_ICONV, "CP932"},
    {"x-sjis", CHARSET_ICONV, "CP932"},
    {"windows-31j", CHARSET_ICONV, "CP932"},
    {"iso-8859-8-i", CHARSET_ICONV, "ISO-8859-8"},
    {"x-mac-roman", CHARSET_ICONV, "MACINTOSH"},
    {"cp-850", CHARSET_ICONV, "CP850"},
};

/* A name iconv may be shown: no "//TRANSLIT" or other requests can be smuggled in. */
static bool is_plain_name(struct slice name)
{
    if (name.n == 0 || name.n > CHARSET_NAME_OCTETS_MAX)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = ascii_lower(name.p[i]);

        if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) &&
            (c == '\0' || strchr("-_.:+()", c) == NULL))
            return false;
    }
    return true;
}

static bool open_iconv(struct charset *c, const char *name)
{
    c->cd = iconv_open("UTF-8", name);
    if (c->cd == (iconv_t)-1)
        return false;
    c->kind = CHARSET_ICONV;
    return true;
}

void charset_init(struct charset *c, struct slice name)
{
    char text[CHARSET_NAME_OCTETS_MAX + 1];

    *c = (struct charset){.kind = CHARSET_UNKNOWN};
    name = slice_trim(name);
    if (name.n == 0)
        c->kind = CHARSET_GUESS;
    if (!is_plain_name(name))
        return;
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (!slice_eq_nocase(name, slice_of_str(aliases[i].name)))
            continue;
        if (aliases[i].iconv == NULL)
            c->kind = aliases[i].kind;
        else
            open_iconv(c, aliases[i].iconv);
        return;
    }
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    open_iconv(c, text);
}

void charset_release(struct charset *c)
{
    if (c->kind == CHARSET_ICONV)
        iconv_close(c->cd);
    *c = (struct charset){.kind = CHARSET_NONE};
}

static void add_windows_1252(unsigned char octet, struct buf *out)
{
    static const uint16_t high[32] = {
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

    utf8_encode(out, octet >= 0x80 && octet < 0xA0 ? high[octet - 0x80] : octet);
}

/* What one octet becomes that its charset does not allow (or, LATIN, any octet). */
static void add_lone_octet(struct charset *c, unsigned char octet, struct buf *out)
{
    if (c->kind == CHARSET_NONE) {
        buf_add_char(out, (char)octet);
        return;
    }
    c->replaced += c->kind != CHARSET_LATIN;
    if (c->kind == CHARSET_LATIN || c->kind == CHARSET_GUESS)
        add_windows_1252(octet, out);
    else
        utf8_encode(out, replacement);
}

static void push_octets(struct charset *c, struct slice in, struct buf *out)
{
    while (in.n > 0) {
        size_t n = ascii_run(in);

        buf_add_slice(out, slice_sub(in, 0, n));
        if (n < in.n)
            add_lone_octet(c, (unsigned char)in.p[n++], out);
        in = slice_sub(in, n, in.n);
    }
}

/* How many octets of `in` were used; the others are an unfinished sequence. */
static size_t push_utf8(struct charset *c, struct slice in, struct buf *out)
{
    size_t at = 0;

    while (at < in.n) {
        struct slice rest = slice_sub(in, at, in.n);
        size_t n = ascii_run(rest);

        if (n == 0 && utf8_decode(rest, &n) < 0) {
            if (utf8_unfinished(rest))
                break;
            add_lone_octet(c, (unsigned char)rest.p[0], out);
        } else {
            buf_add_slice(out, slice_sub(rest, 0, n));
        }
        at += n;
    }
    return at;
}

static size_t push_iconv(struct charset *c, struct slice in, struct buf *out)
{
    char *at = (char *)(uintptr_t)in.p; /* iconv(3) does not write there */
    size_t left = in.n;

    while (left > 0) {
        char text[PIECE_OCTETS];
        char *to = text;
        size_t room = sizeof(text);
        size_t done = iconv(c->cd, &at, &left, &to, &room);

        buf_add(out, text, (size_t)(to - text));
        if (done != (size_t)-1 || errno == E2BIG)
            continue;
        if (errno == EINVAL && left < CHARSET_HELD_OCTETS_MAX)
            break;
        add_lone_octet(c, (unsigned char)*at++, out);
        left--;
    }
    return in.n - left;
}

/* Kinds whose characters may be cut by the end of a piece. */
static void push_held(struct charset *c, struct slice in, struct buf *out)
{
    while (in.n > 0) {
        char piece[PIECE_OCTETS];
        size_t n = c->held_n, used;
        size_t take = in.n < sizeof(piece) - n ? in.n : sizeof(piece) - n;

        memcpy(piece, c->held, n);
        memcpy(piece + n, in.p, take);
        n += take;
        used = c->kind == CHARSET_ICONV ? push_iconv(c, slice_of(piece, n), out)
                                        : push_utf8(c, slice_of(piece, n), out);
        c->held_n = n - used;
        memcpy(c->held, piece + used, c->held_n);
        in = slice_sub(in, take, in.n);
    }
}

void charset_push(struct charset *c, struct slice in, struct buf *out)
{
    switch (c->kind) {
    case CHARSET_NONE:
        buf_add_slice(out, in);
        break;
    case CHARSET_LATIN:
    case CHARSET_UNKNOWN:
        push_octets(c, in, out);
        break;
    case CHARSET_GUESS:
    case CHARSET_UTF8:
    case CHARSET_ICONV:
        push_held(c, in, out);
        break;
    }
}

void charset_finish(struct charset *c, struct buf *out)
{
    for (size_t i = 0; i < c->held_n; i++)
        add_lone_octet(c, (unsigned char)c->held[i], out);
    c->held_n = 0;
    if (c->kind == CHARSET_ICONV) {
        char text[64];
        char *to = text;
        size_t room = sizeof(text);

        iconv(c->cd, NULL, NULL, &to, &room);
        buf_add(out, text, (size_t)(to - text));
    }
}

bool charset_known(struct slice name)
{
    struct charset c;
    bool known;

    charset_init(&c, name);
    known = slice_trim(name).n > 0 && c.kind != CHARSET_UNKNOWN;
    charset_release(&c);
    return known;
}

enum err charset_to_utf8(struct slice name, struct slice in, struct buf *out)
{
    struct charset c;
    size_t before = out->n;
    bool bad;

    if (!charset_known(name))
        return ERR_BADCHARSET;
    charset_init(&c, name);
    if (c.kind == CHARSET_GUESS && !ascii_only(in)) {
        charset_release(&c);
        return ERR_SYNTAX;
    }
    charset_push(&c, in, out);
    charset_finish(&c, out);
    bad = c.replaced > 0;
    charset_release(&c);
    if (bad) {
        buf_truncate(out, before);
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

void charset_preload(void)
{
    static const char *const names[] = {
        "ISO-8859-2",   "ISO-8859-15", "WINDOWS-1251", "KOI8-R",      "GB18030", "BIG5",
        "CP932",        "EUC-JP",      "ISO-2022-JP",  "CP949",       "UTF-7",   "UTF-16",
        "WINDOWS-1250", "ISO-8859-8",  "WINDOWS-1256", "ISO-2022-KR",
    };

    /* Left open on purpose: a module stays loaded as long as somebody uses it. */
    static iconv_t kept[sizeof(names) / sizeof(names[0])];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (kept[i] == NULL)
            kept[i] = iconv_open("UTF-8", names[i]);
    }
}
