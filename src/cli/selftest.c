/* cli/selftest.c -- see selftest.h; the language is explained in selftest.txt. */
#include "cli/selftest.h"

#include <stdio.h>

#include "cli/password.h"
#include "wire/base64.h"

static const char text[] = {
#include "cli/selftest.inc"
    , '\0'};

enum { COMMAND_OCTETS_MAX = 4096, SHOWN_OCTETS_MAX = 200 };

/* ---- the scratch account -------------------------------------------------------------------- */

static void to_base64(struct slice from, char *to)
{
    struct buf out;

    buf_init(&out, SELFTEST_VALUE_OCTETS_MAX - 1);
    base64_encode(&out, from);
    memcpy(to, out.p, out.n);
    to[out.n] = '\0';
    buf_release(&out);
}

enum err selftest_init(struct selftest *t)
{
    char tail[9], both[SELFTEST_VALUE_OCTETS_MAX / 2];
    int n;

    TRY(password_make(tail, sizeof(tail) - 1));
    TRY(password_make(t->password, SELFTEST_PASSWORD_OCTETS));
    snprintf(t->user, sizeof(t->user), "selftest-%s", tail);
    n = snprintf(both, sizeof(both), "-%s-%s", t->user, t->password);
    both[0] = both[1 + strlen(t->user)] = '\0'; /* RFC 4616 section 2 */
    to_base64(slice_of(both, (size_t)n), t->plain);
    to_base64(slice_of_str(t->user), t->user64);
    to_base64(slice_of_str(t->password), t->password64);
    return ERR_OK;
}

enum err selftest_connect(const struct selftest *t, bool tls, struct client **out)
{
    enum err e;

    if (tls ? t->tls_port[0] == '\0' : t->port[0] == '\0')
        tls = !tls;
    TRY(client_connect(t->host, tls ? t->tls_port : t->port, tls ? CLIENT_TLS : CLIENT_PLAIN, out));
    e = client_greeting(*out, NULL);
    if (e != ERR_OK)
        client_close(out);
    return e;
}

/* ---- a block -------------------------------------------------------------------------------- */

struct trial {
    const struct selftest *test;
    struct client *client;
    struct slice command; /* the last one, as it stands in the text */
    struct buf heard;     /* all that it brought */
    struct buf *why;
};

static struct slice next_line(struct slice *rest)
{
    size_t n = slice_find(*rest, '\n');
    struct slice line = slice_sub(*rest, 0, n);

    *rest = slice_sub(*rest, n < rest->n ? n + 1 : n, rest->n);
    return line;
}

/* Put in what stands for something at the front of *in; false: it stands for itself. */
static bool add_value(struct buf *out, struct slice *in, const struct selftest *t)
{
    const struct {
        const char *name, *value;
    } values[] = {{"\\r\\n", "\r\n"},    {"{user}", t->user},     {"{password}", t->password},
                  {"{plain}", t->plain}, {"{user64}", t->user64}, {"{password64}", t->password64}};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct slice name = slice_of_str(values[i].name);

        if (slice_starts(*in, name)) {
            buf_add_str(out, values[i].value);
            *in = slice_sub(*in, name.n, in->n);
            return true;
        }
    }
    return false;
}

static void expand(struct buf *out, struct slice in, const struct selftest *t)
{
    while (in.n > 0) {
        if (add_value(out, &in, t))
            continue;
        buf_add_char(out, in.p[0]);
        in = slice_sub(in, 1, in.n);
    }
}

static enum err failed(struct trial *x, const char *what, struct slice detail)
{
    struct slice heard = buf_slice(&x->heard);

    if (heard.n > SHOWN_OCTETS_MAX)
        heard = slice_sub(heard, heard.n - SHOWN_OCTETS_MAX, heard.n);
    buf_addf(x->why, "%.*s: %s %.*s", SLICE_ARG(x->command), what, SLICE_ARG(detail));
    if (heard.n > 0)
        buf_addf(x->why, "; the server said: %.*s", SLICE_ARG(heard));
    return ERR_CANNOT;
}

static enum err hear(void *ctx, const struct client_response *r)
{
    struct buf *heard = ctx;

    if (r->code.p != NULL)
        buf_addf(heard, "[%.*s] ", SLICE_ARG(r->code));
    buf_add_slice(heard, r->text);
    buf_add_char(heard, '\n');
    return ERR_OK;
}

static enum err send_command(struct trial *x, struct slice line, bool want_ok)
{
    struct client_response answer;
    struct buf command;
    uint32_t tag;
    enum err e;

    x->command = line;
    buf_clear(&x->heard);
    buf_init(&command, COMMAND_OCTETS_MAX);
    expand(&command, line, x->test);
    tag = client_begin(x->client, NULL);
    client_add(x->client, buf_slice(&command));
    buf_release(&command);
    e = client_end(x->client);
    if (e == ERR_OK)
        e = client_wait(x->client, tag, hear, &x->heard, &answer);
    if (e != ERR_OK)
        return failed(x, "no answer:", slice_of_str(err_text(e)));
    (void)hear(&x->heard, &answer);
    if ((answer.condition == CLIENT_OK) != want_ok)
        return failed(x, want_ok ? "not OK" : "OK, and should have been refused", SLICE_NULL);
    return ERR_OK;
}

static bool has_part(struct slice s, struct slice part)
{
    for (size_t i = 0; i + part.n <= s.n; i++) {
        if (slice_starts(slice_sub(s, i, s.n), part))
            return true;
    }
    return false;
}

static enum err take_line(struct trial *x, struct slice line)
{
    struct slice rest = slice_sub(line, 2, line.n);

    if (slice_starts(line, SLICE("> ")))
        return send_command(x, rest, true);
    if (slice_starts(line, SLICE("! ")))
        return send_command(x, rest, false);
    if (slice_starts(line, SLICE("< ")))
        return has_part(buf_slice(&x->heard), rest) ? ERR_OK : failed(x, "did not bring", rest);
    if (slice_eq(line, SLICE("tls")) && client_start_tls(x->client) != ERR_OK)
        return failed(x, "no TLS after it", SLICE_NULL);
    if (slice_eq(line, SLICE("compressed")) && client_compress(x->client) != ERR_OK)
        return failed(x, "not compressed after it", SLICE_NULL);
    return ERR_OK;
}

static enum err begin(struct trial *x, struct slice header)
{
    bool plain = has_part(header, SLICE(" plain")), login = !has_part(header, SLICE(" nologin"));
    enum err e = selftest_connect(x->test, !plain, &x->client);

    if (e != ERR_OK)
        return failed(x, "cannot connect:", slice_of_str(err_text(e)));
    return login ? send_command(x, SLICE("LOGIN {user} {password}"), true) : ERR_OK;
}

/* The lines behind "= NAME", which is left in *header; .p NULL when there is no such block. */
static struct slice find_block(struct slice name, struct slice *header)
{
    struct slice rest = slice_of(text, sizeof(text) - 1);

    while (rest.n > 0) {
        struct slice line = next_line(&rest);
        struct slice behind = slice_sub(line, line.n < 2 ? line.n : 2, line.n);

        if (slice_starts(line, SLICE("= ")) &&
            slice_eq(slice_sub(behind, 0, slice_find(behind, ' ')), name)) {
            *header = line;
            return rest;
        }
    }
    return SLICE_NULL;
}

enum err selftest_try(const struct selftest *t, struct slice name, struct buf *why)
{
    struct trial x = {.test = t, .why = why};
    struct slice header, rest = find_block(name, &header);
    enum err e;

    if (rest.p == NULL)
        return ERR_NOTFOUND;
    x.command = header;
    buf_init(&x.heard, SELFTEST_HEARD_OCTETS_MAX);
    e = begin(&x, header);
    while (e == ERR_OK && rest.n > 0 && rest.p[0] != '=')
        e = take_line(&x, next_line(&rest));
    client_close(&x.client);
    buf_release(&x.heard);
    return e;
}
