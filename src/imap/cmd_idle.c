/* imap/cmd_idle.c -- IDLE: news as they happen, until the client says DONE.
 *
 * Source: RFC 9051 section 6.3.13, RFC 2177. The server adds nothing by itself: a keep-alive
 * would wake a phone's radio, and TCP's own keep-alive finds dead peers.
 */
#include "imap/internal.h"

enum { IDLE_LINE_OCTETS_MAX = 64 };

enum err idle_run(struct imap_session *s, struct job *j)
{
    struct slice in = buf_slice(&s->in), line;
    size_t n;

    if (j->args == NULL) {
        j->args = j; /* the continuation has been sent */
        buf_add_str(&s->out, "+ idling\r\n");
    }
    if (session_tell(s) == ERR_MORE) {
        j->wants_output = true;
        return ERR_MORE;
    }
    n = slice_find(in, '\n');
    if (n == in.n && n <= IDLE_LINE_OCTETS_MAX) {
        j->wants_input = true;
        return ERR_MORE;
    }
    line = slice_sub(in, 0, n);
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    if (!slice_eq_nocase(line, SLICE("DONE"))) {
        j->refusal = "BAD Expected DONE";
        n = n < in.n ? n : in.n - 1;
        buf_consume(&s->in, n + 1);
        return ERR_SYNTAX;
    }
    buf_consume(&s->in, n + 1);
    return ERR_OK;
}
