/* mime/html_text.c -- see html_text.h. Source: the HTML standard, sections 13.1 and 13.5, as far as
 * a preview needs them.
 */
#include "mime/html_text.h"

#include "base/utf8.h"

enum { REFERENCE_OCTETS_MAX = 12 };

struct page {
    struct slice rest; /* not read yet */
    struct buf *out;
};

static void put(struct page *p, struct slice s)
{
    buf_add_slice(p->out, s);
}

static void skip(struct page *p, size_t n)
{
    p->rest = slice_sub(p->rest, n, p->rest.n);
}

/* ---- tags ------------------------------------------------------------------------------------ */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The name of a tag that begins with "<" or "</"; empty if this is none. */
static struct slice tag_name(struct slice s)
{
    size_t from = s.n > 1 && s.p[1] == '/' ? 2 : 1, to = from;

    while (to < s.n && (is_letter(s.p[to]) || (to > from && s.p[to] >= '0' && s.p[to] <= '9')))
        to++;
    return slice_sub(s, from, to - from);
}

static bool is_one_of(struct slice name, const struct slice *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq_nocase(name, list[i]))
            return true;
    return false;
}

#define NAME(s)                                                                                    \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }

/* Those that stand within a line of text. */
static bool is_inline(struct slice name)
{
    static const struct slice names[] = {
        NAME("a"),    NAME("abbr"), NAME("b"),      NAME("big"),  NAME("code"),  NAME("em"),
        NAME("font"), NAME("i"),    NAME("s"),      NAME("span"), NAME("small"), NAME("strong"),
        NAME("sub"),  NAME("sup"),  NAME("strike"), NAME("tt"),   NAME("u"),     NAME("wbr"),
    };

    return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
}

static bool hides(struct slice name)
{
    static const struct slice names[] = {NAME("style"), NAME("script"), NAME("title")};

    return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
}

/* Up to the tag that ends `name`, which is left to be read. */
static void skip_hidden(struct page *p, struct slice name)
{
    while (p->rest.n > 0) {
        skip(p, slice_find(p->rest, '<'));
        if (p->rest.n > 1 && p->rest.p[1] == '/' && slice_eq_nocase(tag_name(p->rest), name))
            return;
        skip(p, 1);
    }
}

static void skip_comment(struct page *p)
{
    while (p->rest.n > 0 && !slice_starts(p->rest, SLICE("-->")))
        skip(p, 1);
    skip(p, 3);
}

/* At "<". A "<" that begins no tag is text. */
static void take_tag(struct page *p)
{
    struct slice name = tag_name(p->rest);
    bool opens = p->rest.n > 1 && p->rest.p[1] != '/';

    if (slice_starts(p->rest, SLICE("<!--"))) {
        skip_comment(p);
        return;
    }
    if (name.n == 0 && !slice_starts(p->rest, SLICE("<!")) && !slice_starts(p->rest, SLICE("</")) &&
        !slice_starts(p->rest, SLICE("<?"))) {
        put(p, slice_sub(p->rest, 0, 1));
        skip(p, 1);
        return;
    }
    skip(p, slice_find(p->rest, '>') + 1);
    if (!is_inline(name))
        put(p, SLICE(" "));
    if (opens && hides(name))
        skip_hidden(p, name);
}

/* ---- character references -------------------------------------------------------------------- */

static const struct {
    struct slice name;
    uint32_t code;
} references[] = {
    {NAME("amp"), '&'},      {NAME("lt"), '<'},       {NAME("gt"), '>'},
    {NAME("quot"), '"'},     {NAME("apos"), '\''},    {NAME("nbsp"), ' '},
    {NAME("ensp"), ' '},     {NAME("emsp"), ' '},     {NAME("thinsp"), ' '},
    {NAME("shy"), 0xad},     {NAME("zwnj"), 0x200c},  {NAME("zwj"), 0x200d},
    {NAME("auml"), 0xe4},    {NAME("ouml"), 0xf6},    {NAME("uuml"), 0xfc},
    {NAME("Auml"), 0xc4},    {NAME("Ouml"), 0xd6},    {NAME("Uuml"), 0xdc},
    {NAME("szlig"), 0xdf},   {NAME("eacute"), 0xe9},  {NAME("egrave"), 0xe8},
    {NAME("agrave"), 0xe0},  {NAME("ccedil"), 0xe7},  {NAME("copy"), 0xa9},
    {NAME("reg"), 0xae},     {NAME("euro"), 0x20ac},  {NAME("ndash"), 0x2013},
    {NAME("mdash"), 0x2014}, {NAME("lsquo"), 0x2018}, {NAME("rsquo"), 0x2019},
    {NAME("ldquo"), 0x201c}, {NAME("rdquo"), 0x201d}, {NAME("hellip"), 0x2026},
    {NAME("bull"), 0x2022},  {NAME("middot"), 0xb7},  {NAME("laquo"), 0xab},
    {NAME("raquo"), 0xbb},
};

/* "#8364" or "#x20AC"; 0 if it is none, or of what is no character. */
static uint32_t number_of(struct slice name)
{
    bool hex = name.n > 1 && (name.p[1] == 'x' || name.p[1] == 'X');
    uint32_t code = 0;

    for (size_t i = hex ? 2 : 1; i < name.n; i++) {
        char c = name.p[i];
        int digit = hex || ascii_is_digit(c) ? ascii_hex_value(c) : -1;

        if (digit < 0 || code > 0x10ffff)
            return 0;
        code = code * (hex ? 16 : 10) + (uint32_t)digit;
    }
    return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : code;
}

/* No-break spaces are spaces; what only fills a line is nothing. */
static void put_character(struct page *p, uint32_t code)
{
    if (code < ' ' || code == 0x7f || code == 0xa0)
        put(p, SLICE(" "));
    else if (code != 0xad && code != 0x34f && (code < 0x200b || code > 0x200f) && code != 0xfeff)
        utf8_encode(p->out, code);
}

/* 0 if it is none that is known here. */
static uint32_t code_of(struct slice name)
{
    if (name.n > 1 && name.p[0] == '#')
        return number_of(name);
    for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
        if (slice_eq(references[i].name, name))
            return references[i].code;
    }
    return 0;
}

/* At "&". */
static void take_reference(struct page *p)
{
    struct slice head = slice_sub(p->rest, 1, REFERENCE_OCTETS_MAX);
    struct slice name = slice_sub(head, 0, slice_find(head, ';'));
    uint32_t code = name.n < head.n ? code_of(name) : 0;

    if (code == 0) {
        put(p, SLICE("&"));
        skip(p, 1);
        return;
    }
    skip(p, name.n + 2);
    put_character(p, code);
}

void html_to_text(struct slice page, struct buf *out)
{
    struct page p = {.rest = page, .out = out};

    while (p.rest.n > 0) {
        if (p.rest.p[0] == '<') {
            take_tag(&p);
        } else if (p.rest.p[0] == '&') {
            take_reference(&p);
        } else {
            put(&p, slice_sub(p.rest, 0, 1));
            skip(&p, 1);
        }
    }
}
