/* mime/token.c -- see token.h. */
#include "mime/token.h"

static void advance(struct slice *in, size_t n)
{
    *in = slice_sub(*in, n, in->n);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool token_skip_space(struct slice *in)
{
    size_t n = 0;

    while (n < in->n && is_space(in->p[n]))
        n++;
    advance(in, n);
    return n > 0;
}

/* `in` stands on an opening parenthesis; the octets between it and the one that closes it. */
static struct slice skip_comment(struct slice *in)
{
    size_t depth = 0, i;
    struct slice inside;

    for (i = 0; i < in->n; i++) {
        if (in->p[i] == '\\' && i + 1 < in->n)
            i++;
        else if (in->p[i] == '(')
            depth++;
        else if (in->p[i] == ')' && --depth == 0)
            break;
    }
    inside = slice_sub(*in, 1, i - 1);
    advance(in, i < in->n ? i + 1 : in->n);
    return inside;
}

bool token_skip_cfws(struct slice *in, struct slice *comment)
{
    bool any = false;

    for (;;) {
        any |= token_skip_space(in);
        if (in->n == 0 || in->p[0] != '(')
            return any;
        struct slice inside = skip_comment(in);

        if (comment != NULL)
            *comment = inside;
        any = true;
    }
}

void token_quoted(struct slice *in, struct buf *out)
{
    size_t i;

    for (i = 1; i < in->n && in->p[i] != '"'; i++) {
        if (in->p[i] == '\\' && i + 1 < in->n)
            i++;
        buf_add_char(out, in->p[i]);
    }
    advance(in, i < in->n ? i + 1 : in->n);
}

struct slice token_run(struct slice *in, const char *stops)
{
    struct slice run = *in;
    bool stop[256] = {[' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true};
    size_t n = 0;

    for (; *stops != '\0'; stops++)
        stop[(unsigned char)*stops] = true;
    while (n < in->n && !stop[(unsigned char)in->p[n]])
        n++;
    advance(in, n);
    run.n = n;
    return run;
}

struct slice token_mime_word(struct slice *in)
{
    return token_run(in, "()<>@,;\"=");
}

bool token_take(struct slice *in, char c)
{
    if (in->n == 0 || in->p[0] != c)
        return false;
    advance(in, 1);
    return true;
}

void token_comment_text(struct slice comment, struct buf *out)
{
    comment = slice_trim(comment);
    for (size_t i = 0; i < comment.n; i++) {
        if (comment.p[i] == '\\' && i + 1 < comment.n)
            i++;
        buf_add_char(out, comment.p[i]);
    }
}
