/* imap/cmd_transport.c -- commands after which the connection itself is another: COMPRESS,
 * UNAUTHENTICATE.
 *
 * Source: RFC 4978, RFC 8437. The session knows no connection: it says what is to happen by the
 * answer of imap_session_run, and its owner does it when the batch is durable.
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
    if (s->chosen.compressed) {
        j->refusal = "NO [COMPRESSIONACTIVE] DEFLATE is active by COMPRESS";
        return ERR_STATE;
    }
    return ERR_OK;
}

enum err compress_run(struct imap_session *s, struct job *j)
{
    (void)j;
    s->chosen.compressed = true;
    s->then = IMAP_COMPRESS;
    return ERR_OK;
}

/* Section 8: there is a way to disable it. A local session has nobody to give its connection to. */
bool session_can_unauthenticate(const struct imap_session *s)
{
    return s->settings->unauthenticate && !s->trusted;
}

enum err unauthenticate_parse(struct imap_session *s, struct job *j, struct lex *in)
{
    (void)in;
    if (session_can_unauthenticate(s))
        return ERR_OK;
    j->refusal = "BAD UNAUTHENTICATE is not available here";
    return ERR_STATE;
}

/* What section 4.1 wants to be reset is this session, which ends. */
enum err unauthenticate_run(struct imap_session *s, struct job *j)
{
    (void)j;
    s->then = IMAP_UNAUTHENTICATED;
    return ERR_OK;
}
