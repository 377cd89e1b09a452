/* mime/params.c -- see params.h.
 *
 * RFC 2231 pieces (name*0, name*1*, ...) may come in any order and are joined under the plain
 * name. If any piece is extended the joined parameter is "name*", with the other pieces as they
 * are: that is what a client expects to decode itself.
 */
#include "mime/params.h"

#include "mime/imap_text.h"
#include "mime/token.h"

static struct slice name_of(const struct params *p, size_t i)
{
    return slice_sub(buf_slice(&p->text), p->param[i].name_at, p->param[i].name_n);
}

static struct slice value_of(const struct params *p, size_t i)
{
    return slice_sub(buf_slice(&p->text), p->param[i].value_at, p->param[i].value_n);
}

/* Words up to ";": many senders do not quote file names with spaces. A comment ends the value. */
static void read_value(struct slice *in, struct buf *out)
{
    token_skip_cfws(in, NULL);
    if (in->n > 0 && in->p[0] == '"') {
        token_quoted(in, out);
        return;
    }
    for (bool first = true;; first = false) {
        struct slice word = token_run(in, ";(\"");

        if (word.n == 0)
            return;
        if (!first)
            buf_add_char(out, ' ');
        buf_add_slice(out, word);
        token_skip_space(in);
    }
}

/* Up to and past the next ";" outside quotes. False at the end. */
static bool skip_past_semicolon(struct slice *in)
{
    struct buf drop;

    buf_init(&drop, 0);
    while (in->n > 0 && !token_take(in, ';')) {
        if (in->p[0] == '"')
            token_quoted(in, &drop);
        else if (!token_skip_cfws(in, NULL))
            *in = slice_sub(*in, 1, in->n);
        if (in->n == 0)
            return false;
    }
    return in->n > 0;
}

/* "name*", "name*3", "name*3*": cut to the plain name, note what was there. */
static void read_name_suffix(struct params *p, struct param *param)
{
    struct slice name = slice_sub(buf_slice(&p->text), param->name_at, param->name_n);
    size_t star = slice_find(name, '*');
    struct slice rest = slice_sub(name, star, name.n);
    uint64_t section;

    param->section = -1;
    param->extended = false;
    if (star == 0 || star == name.n)
        return;
    rest = slice_sub(rest, 1, rest.n);
    if (rest.n > 0 && rest.p[rest.n - 1] == '*') {
        param->extended = true;
        rest.n--;
    } else if (rest.n == 0) {
        param->extended = true;
        param->name_n = star;
        return;
    }
    if (slice_to_u64(rest, PARAMS_MAX, &section)) {
        param->section = (int)section;
        param->name_n = star;
    } else {
        param->extended = false;
    }
}

static void read_param(struct params *p, struct slice *in)
{
    struct param *param = &p->param[p->n];
    struct slice name;

    token_skip_cfws(in, NULL);
    name = token_run(in, "=;(\"");
    token_skip_cfws(in, NULL);
    if (name.n == 0 || name.n > PARAM_NAME_OCTETS_MAX || !token_take(in, '='))
        return;
    *param = (struct param){.name_at = p->text.n, .name_n = name.n};
    buf_add_slice(&p->text, name);
    param->value_at = p->text.n;
    read_value(in, &p->text);
    param->value_n = p->text.n - param->value_at;
    read_name_suffix(p, param);
    p->n++;
}

static bool same_name(const struct params *p, size_t a, size_t b)
{
    return slice_eq_nocase(name_of(p, a), name_of(p, b));
}

/* Index of section `section` of the parameter that i is section 0 of, or p->n. */
static size_t find_section(const struct params *p, size_t i, int section)
{
    for (size_t k = 0; k < p->n; k++) {
        if (p->param[k].section == section && same_name(p, i, k))
            return k;
    }
    return p->n;
}

/* Join the sections of the parameter whose section 0 is i; they become nameless. */
static void join_sections(struct params *p, size_t i)
{
    struct param joined = p->param[i];

    joined.value_at = p->text.n;
    for (int s = 0; s <= PARAMS_MAX; s++) {
        size_t k = find_section(p, i, s);

        if (k == p->n)
            break;
        joined.extended |= p->param[k].extended;
        /* The buffer may move: reserve before looking into it. */
        if (buf_reserve(&p->text, p->param[k].value_n) == NULL)
            break;
        buf_add_slice(&p->text, value_of(p, k));
        if (k != i)
            p->param[k].name_n = 0;
    }
    joined.value_n = p->text.n - joined.value_at;
    joined.section = -1;
    p->param[i] = joined;
}

/* An extended parameter gets its "*" back. */
static void name_extended(struct params *p, size_t i)
{
    size_t at = p->text.n;

    if (buf_reserve(&p->text, p->param[i].name_n + 1) == NULL)
        return;
    buf_add_slice(&p->text, name_of(p, i));
    buf_add_char(&p->text, '*');
    p->param[i].name_at = at;
    p->param[i].name_n++;
}

static void drop_nameless(struct params *p)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->n; i++) {
        if (p->param[i].name_n > 0)
            p->param[kept++] = p->param[i];
    }
    p->n = kept;
}

void params_parse(struct params *p, struct slice in)
{
    p->n = 0;
    /* Every octet once as read, once more when joined; names once more. */
    buf_init(&p->text, in.n * 2 + PARAMS_MAX * (PARAM_NAME_OCTETS_MAX + 1) + 1);
    while (p->n < PARAMS_MAX && skip_past_semicolon(&in))
        read_param(p, &in);
    for (size_t i = 0; i < p->n; i++) {
        if (p->param[i].section == 0 && p->param[i].name_n > 0)
            join_sections(p, i);
    }
    drop_nameless(p);
    for (size_t i = 0; i < p->n; i++) {
        if (p->param[i].extended)
            name_extended(p, i);
    }
}

void params_release(struct params *p)
{
    buf_release(&p->text);
    p->n = 0;
}

struct slice params_find(const struct params *p, struct slice name)
{
    for (size_t i = 0; i < p->n; i++) {
        if (slice_eq_nocase(name_of(p, i), name))
            return value_of(p, i);
    }
    return SLICE_NULL;
}

void params_to_imap(const struct params *p, size_t max_octets, struct buf *out)
{
    size_t start = out->n;

    buf_add_char(out, '(');
    for (size_t i = 0; i < p->n; i++) {
        size_t before = out->n;

        if (i > 0)
            buf_add_char(out, ' ');
        imap_string(out, name_of(p, i));
        buf_add_char(out, ' ');
        imap_string(out, value_of(p, i));
        if (out->n - start >= max_octets) {
            buf_truncate(out, before);
            break;
        }
    }
    if (out->n == start + 1) {
        buf_truncate(out, start);
        buf_add_str(out, "NIL");
    } else {
        buf_add_char(out, ')');
    }
}
