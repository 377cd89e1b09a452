/* bench/corpus_parts.c -- bodies of CORPUS_REAL: text, HTML, alternatives, inline images,
 * attachments, forwarded mail.
 *
 * Source: RFC 2046 (multipart, message/rfc822), RFC 2387 (related), RFC 2183 and RFC 2231 (names
 * of attachments), RFC 3676 (flowed).
 */
#include "corpus_internal.h"

enum { PARTS = 300 };

struct making {
    struct corpus *c;
    const struct facts *f;
    struct rng r;
    struct buf *out;
};

/* ---- sizes ----------------------------------------------------------------------------------- */

/* Octets at equal steps of probability, as mail is found to have them: log-normal, long tails. */
static const uint32_t text_sizes[] = {120, 260, 420, 600, 850, 1200, 1700, 2600, 4200, 9000};
static const uint32_t html_sizes[] = {1200,  2000,  3000,  4200,  6000, 8500,
                                      12000, 17000, 25000, 40000, 80000};
static const uint32_t image_sizes[] = {3000, 6000, 11000, 20000, 40000, 90000, 220000};
static const uint32_t file_sizes[] = {3000,  6000,  10000,  16000,  24000,  34000,  47000,
                                      64000, 90000, 130000, 190000, 280000, 480000, 2600000};

#define SIZE(r, table) draw_size(r, table, sizeof(table) / sizeof(*(table)))

static uint32_t draw_size(struct rng *r, const uint32_t *table, uint32_t n)
{
    uint32_t i = rng_below(r, n - 1);

    return table[i] + rng_below(r, table[i + 1] - table[i]);
}

/* ---- multipart ------------------------------------------------------------------------------- */

enum { BOUNDARY_OCTETS = 48 };

static void begin_multipart(struct making *m, const char *subtype, const char *parameter,
                            char boundary[BOUNDARY_OCTETS])
{
    static const char *const forms[][2] = {
        {"----=_Part_", ""}, {"000000000000", ""}, {"=-", "=="}, {"_000_", "mill_"}};
    uint32_t form = rng_below(&m->r, 4);

    snprintf(boundary, BOUNDARY_OCTETS, "%s%016llx%s", forms[form][0],
             (unsigned long long)rng_next(&m->r), forms[form][1]);
    buf_addf(m->out, "Content-Type: multipart/%s;%s boundary=\"%s\"\r\n\r\n", subtype, parameter,
             boundary);
}

static void next_part(struct making *m, const char *boundary)
{
    buf_addf(m->out, "--%s\r\n", boundary);
}

static void end_multipart(struct making *m, const char *boundary)
{
    buf_addf(m->out, "--%s--\r\n\r\n", boundary);
}

/* ---- text ------------------------------------------------------------------------------------ */

/* Content-Type and encoding of a text, then the text. */
static void text_leaf(struct making *m, const char *subtype, const char *parameter,
                      struct slice text)
{
    const struct voice *v = m->f->voice;
    uint32_t draw = rng_below(&m->r, 100);
    bool html = strcmp(subtype, "html") == 0;

    buf_addf(m->out, "Content-Type: text/%s; charset=%s%s\r\n", subtype, v->charset, parameter);
    if (v->shifts || (v->ascii && !html)) {
        buf_add_str(m->out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
        buf_add_slice(m->out, text);
    } else if (html || draw < 35) {
        buf_add_str(m->out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        text_quoted_printable(text, m->out);
    } else if (draw < 60 || (v->base64 && draw < 70)) {
        buf_add_str(m->out, "Content-Transfer-Encoding: base64\r\n\r\n");
        text_base64(text, m->out);
    } else {
        buf_add_str(m->out, "Content-Transfer-Encoding: 8bit\r\n\r\n");
        buf_add_slice(m->out, text);
    }
    buf_add_str(m->out, "\r\n");
}

/* What is said, then what it answers, in m->c->text. */
static void write_text(struct making *m, size_t octets, bool flowed)
{
    struct buf *text = &m->c->text;

    buf_clear(text);
    if (has_rare_word(m->f->number))
        buf_add_str(text, "Found: " CORPUS_RARE_WORD ".\r\n\r\n");
    text_paragraphs(m->f->voice, &m->r, octets, "", flowed, text);
    if (m->f->parent == NO_PARENT || !rng_percent(&m->r, 75))
        return;
    buf_add_str(text, "On Monday, ");
    person_address(m->f->to, text);
    buf_add_str(text, " wrote:\r\n");
    text_paragraphs(m->f->voice, &m->r, SIZE(&m->r, text_sizes), "> ", false, text);
    if (rng_percent(&m->r, 40))
        text_paragraphs(m->f->voice, &m->r, SIZE(&m->r, text_sizes), ">> ", false, text);
}

static void plain(struct making *m)
{
    bool flowed = m->f->voice->spaces && rng_percent(&m->r, 35);

    write_text(m, SIZE(&m->r, text_sizes), flowed);
    if (m->f->genre == GENRE_LIST)
        buf_addf(&m->c->text,
                 "_______________________________________________\r\n"
                 "talk-%u mailing list\r\nhttps://lists.example/talk-%u\r\n",
                 m->f->to, m->f->to);
    text_leaf(m, "plain", flowed ? "; format=flowed" : "", buf_slice(&m->c->text));
}

/* ---- HTML ------------------------------------------------------------------------------------ */

static void html_link(struct making *m, struct buf *html)
{
    buf_add_str(html, "<a href=\"https://click.news.example/ls/click?upn=");
    text_token(&m->r, 60 + rng_below(&m->r, 80), html);
    buf_add_str(html, "\"\r\n style=\"color:#0b6bcb;text-decoration:none;\" target=\"_blank\">");
    text_words(m->f->voice, &m->r, 3, html);
    buf_add_str(html, "</a>\r\n");
}

static void html_picture(struct making *m, struct buf *html)
{
    uint32_t height = 80 + rng_below(&m->r, 300);

    buf_addf(html,
             "<img src=\"https://img.news.example/%08x.png\" width=\"552\" height=\"%u\""
             " alt=\"\"\r\n style=\"display:block;border:0;\">\r\n",
             (unsigned)rng_next(&m->r), height);
}

/* A cell of a newsletter's table: two fifths of it are markup. */
static void html_block(struct making *m, struct buf *html)
{
    buf_addf(html,
             "<tr><td align=\"left\" valign=\"top\" style=\"padding:%upx 24px;font-family:Arial,"
             "Helvetica,sans-serif;\r\nfont-size:15px;line-height:22px;color:#3c4043;\">\r\n",
             8 + rng_below(&m->r, 20));
    if (rng_percent(&m->r, 50)) {
        buf_add_str(html, "<h2 style=\"margin:0 0 12px 0;\">");
        text_words(m->f->voice, &m->r, 2 + rng_below(&m->r, 4), html);
        buf_add_str(html, "</h2>\r\n");
    }
    buf_add_str(html, "<p>");
    text_paragraphs(m->f->voice, &m->r, 150 + rng_below(&m->r, 500), "", false, html);
    buf_add_str(html, "</p>\r\n");
    if (rng_percent(&m->r, 60))
        html_link(m, html);
    if (rng_percent(&m->r, 25))
        html_picture(m, html);
    buf_add_str(html, "</td></tr>\r\n");
}

/* `image`: the Content-ID of one that stands inside; NULL: none. */
static void html(struct making *m, size_t octets, const char *image)
{
    struct buf *html = &m->c->html;

    buf_clear(html);
    buf_addf(html,
             "<!DOCTYPE html>\r\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html;"
             " charset=%s\">\r\n<style type=\"text/css\">p {margin:0} td {border-collapse:"
             "collapse}\r\n@media only screen and (max-width:600px) {.w {width:100%%!important}}"
             "</style>\r\n</head><body bgcolor=\"#ffffff\"><table width=\"600\" class=\"w\">\r\n",
             m->f->voice->charset);
    if (image != NULL)
        buf_addf(html, "<tr><td><img src=\"cid:%s\"></td></tr>\r\n", image);
    while (html->n < octets)
        html_block(m, html);
    buf_add_str(html, "</table></body></html>\r\n");
    text_leaf(m, "html", "", buf_slice(html));
}

static void alternative(struct making *m, size_t octets, const char *image)
{
    char boundary[BOUNDARY_OCTETS];

    begin_multipart(m, "alternative", "", boundary);
    next_part(m, boundary);
    write_text(m, octets / 3 < 6000 ? octets / 3 : 6000, false);
    text_leaf(m, "plain", "", buf_slice(&m->c->text));
    next_part(m, boundary);
    html(m, octets, image);
    end_multipart(m, boundary);
}

/* ---- files ----------------------------------------------------------------------------------- */

static const struct {
    const char *type, *suffix, *magic; /* the first octets of such a file, in base64 */
} files[] = {
    /* JPEG and PNG are images that may stand inside */
    {"application/pdf", "pdf", "JVBERi0xLjUNCiW1tbW1"},
    {"application/pdf", "pdf", "JVBERi0xLjcKJeLjz9MK"},
    {"image/jpeg", "jpg", "/9j/4AAQSkZJRgABAQAA"},
    {"image/jpeg", "JPG", "/9j/4QAYRXhpZgAASUkq"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx",
     "UEsDBBQABgAIAAAAIQDf"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx",
     "UEsDBBQABgAIAAAAIQBi"},
    {"image/png", "png", "iVBORw0KGgoAAAANSUhE"},
    {"application/zip", "zip", "UEsDBBQAAAAIAAAAIQAA"},
    {"application/octet-stream", "bin", "AAECAwQFBgcICQoLDA0O"},
};

enum { JPEG = 2, PNG = 6, FILES = sizeof(files) / sizeof(*files) };

static void percent_encoded(struct slice text, struct buf *out)
{
    for (size_t i = 0; i < text.n; i++)
        buf_addf(out, "%%%02X", (unsigned char)text.p[i]);
}

/* The name in one of the ways in which it is met: quoted, RFC 2231 whole and in pieces, and the
 * encoded word in quotes that no RFC allows. */
static void file_name(struct making *m, const char *parameter, struct slice name,
                      const char *suffix)
{
    const struct voice *v = m->f->voice;

    if (v->ascii) {
        buf_addf(m->out, ";\r\n\t%s=\"%.*s.%s\"", parameter, SLICE_ARG(name), suffix);
        return;
    }
    switch (rng_below(&m->r, 3)) {
    case 0:
        buf_addf(m->out, ";\r\n\t%s*=%s''", parameter, v->charset);
        percent_encoded(name, m->out);
        buf_addf(m->out, ".%s", suffix);
        break;
    case 1:
        buf_addf(m->out, ";\r\n\t%s*0*=%s''", parameter, v->charset);
        percent_encoded(slice_sub(name, 0, name.n / 2), m->out);
        buf_addf(m->out, ";\r\n\t%s*1*=", parameter);
        percent_encoded(slice_sub(name, name.n / 2, name.n), m->out);
        buf_addf(m->out, ".%s", suffix);
        break;
    default:
        buf_addf(m->out, ";\r\n\t%s=\"", parameter);
        text_encoded_word(v, name, m->out);
        buf_addf(m->out, ".%s\"", suffix);
    }
}

static void attachment(struct making *m, size_t kind, uint32_t octets, const char *image)
{
    struct buf *raw = &m->c->raw;

    buf_clear(raw);
    text_words(m->f->voice, &m->r, 1 + rng_below(&m->r, 2), raw);
    buf_addf(m->out, "Content-Type: %s", files[kind].type);
    file_name(m, "name", buf_slice(raw), files[kind].suffix);
    if (image != NULL)
        buf_addf(m->out, "\r\nContent-ID: <%s>\r\nContent-Disposition: inline", image);
    else
        buf_add_str(m->out, "\r\nContent-Disposition: attachment");
    file_name(m, "filename", buf_slice(raw), files[kind].suffix);
    buf_add_str(m->out, "\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    text_base64_random(&m->r, files[kind].magic, octets, m->out);
    buf_add_str(m->out, "\r\n");
}

/* ---- whole bodies ---------------------------------------------------------------------------- */

static void body_alternative(struct making *m)
{
    alternative(m, SIZE(&m->r, html_sizes) / 2, NULL);
}

static void body_newsletter(struct making *m)
{
    if (rng_percent(&m->r, 70))
        alternative(m, SIZE(&m->r, html_sizes), NULL);
    else
        html(m, SIZE(&m->r, html_sizes), NULL);
}

static void body_images(struct making *m)
{
    char boundary[BOUNDARY_OCTETS], image[40];
    uint32_t octets;

    snprintf(image, sizeof(image), "image001.%08X@mill", (unsigned)rng_next(&m->r));
    begin_multipart(m, "related", " type=\"multipart/alternative\";", boundary);
    next_part(m, boundary);
    alternative(m, SIZE(&m->r, html_sizes) / 3, image);
    for (uint32_t n = 1 + rng_below(&m->r, 3); n > 0; n--) {
        next_part(m, boundary);
        octets = SIZE(&m->r, image_sizes);
        attachment(m, rng_percent(&m->r, 50) ? JPEG : PNG, octets, image);
        image[7]++; /* the others are referred to by nobody */
    }
    end_multipart(m, boundary);
}

static void body_files(struct making *m)
{
    char boundary[BOUNDARY_OCTETS];
    uint32_t octets;

    begin_multipart(m, "mixed", "", boundary);
    next_part(m, boundary);
    if (rng_percent(&m->r, 50))
        plain(m);
    else
        body_alternative(m);
    for (uint32_t n = 1 + rng_below(&m->r, 1 + rng_below(&m->r, 4)); n > 0; n--) {
        next_part(m, boundary);
        octets = SIZE(&m->r, file_sizes);
        attachment(m, rng_below(&m->r, FILES), octets, NULL);
    }
    end_multipart(m, boundary);
}

static void body_forward(struct making *m)
{
    char boundary[BOUNDARY_OCTETS];
    struct facts inner;

    begin_multipart(m, "mixed", "", boundary);
    next_part(m, boundary);
    plain(m);
    next_part(m, boundary);
    buf_add_str(m->out, "Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n");
    facts_of(m->c, m->f->number / 2, &inner);
    head_real(m->c, &inner, m->out);
    buf_add_str(m->out, "MIME-Version: 1.0\r\n");
    if (rng_percent(&m->r, 20))
        body_files(m);
    else
        body_alternative(m);
    end_multipart(m, boundary);
}

/* For each genre, of a hundred messages. */
static const struct {
    void (*make)(struct making *m);
    uint32_t share[4]; /* person, list, newsletter, notice */
} bodies[] = {
    {plain, {42, 80, 0, 38}},         {body_alternative, {39, 14, 0, 55}},
    {body_newsletter, {0, 0, 95, 0}}, {body_images, {7, 0, 4, 2}},
    {body_files, {8, 4, 1, 5}},       {body_forward, {4, 2, 0, 0}},
};

void parts_real(struct corpus *c, const struct facts *f, struct buf *out)
{
    struct making m = {.c = c, .f = f, .r = rng_of(f->number, PARTS), .out = out};
    uint32_t draw = rng_below(&m.r, 100);
    size_t i = 0;

    while (i + 1 < sizeof(bodies) / sizeof(*bodies) && draw >= bodies[i].share[f->genre])
        draw -= bodies[i++].share[f->genre];
    buf_add_str(out, "MIME-Version: 1.0\r\n");
    bodies[i].make(&m);
}
