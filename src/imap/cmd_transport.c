/* imap/cmd_transport.c -- commands after which the connection itself is another: COMPRESS.
 *
 * Source: RFC 4978. The session knows no connection: it says what is to happen by the answer of
 * imap_session_run, and its owner does it when the batch is durable.
 */
#include "imap/internal.h"

enum { ALGORITHM_OCTETS_MAX = 32 };

enum err compress_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    struct slice algorithm;

    TRY(lex_space(in));
    TRY(lex_atom(in, ALGORITHM_OCTETS_MAX, &algorithm));
    if (!slice_eq_nocase(algorithm, SLICE("DEFLATE"))) {
        j->refusal = "BAD Unknown compression mechanism"; /* section 3 */
        return ERR_SYNTAX;
    }
    if (s->compressed) {
        j->refusal = "NO [COMPRESSIONACTIVE] DEFLATE is active by COMPRESS";
        return ERR_STATE;
    }
    return ERR_OK;
}

enum err compress_run(struct imap_session *s, struct job *j)
{
    (void)j;
    s->compressed = true;
    s->then = IMAP_COMPRESS;
    return ERR_OK;
}
