/* wire/select.c -- see select.h. */
#include "wire/select.h"

#include "wire/object_id.h"

/* A set without "*" and "$": what is known is known by number. */
static enum err parse_known(struct lex *in, struct arena *a, struct seq_set *out)
{
    size_t start = in->at;

    TRY(seq_set_parse(in, a, out));
    if (!out->star && !out->saved)
        return ERR_OK;
    in->at = start;
    return ERR_SYNTAX;
}

/* "(" known-sequence-set SP known-uid-set ")" */
static enum err parse_match(struct lex *in, struct arena *a, struct qresync_args *q)
{
    TRY(lex_expect(in, '('));
    TRY(parse_known(in, a, &q->match_numbers));
    TRY(lex_space(in));
    TRY(parse_known(in, a, &q->match_uids));
    if (seq_set_count(&q->match_numbers) != seq_set_count(&q->match_uids))
        return ERR_SYNTAX;
    q->has_match = true;
    return lex_expect(in, ')');
}

/* SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")" */
static enum err parse_qresync(struct lex *in, struct arena *a, struct qresync_args *q)
{
    TRY(lex_space(in));
    TRY(lex_expect(in, '('));
    TRY(lex_nz_number(in, &q->uidvalidity));
    TRY(lex_space(in));
    TRY(lex_number64(in, &q->modseq));
    if (lex_accept(in, ')'))
        return ERR_OK;
    TRY(lex_space(in));
    if (lex_peek(in) != '(') {
        TRY(parse_known(in, a, &q->uids));
        q->has_uids = true;
        if (lex_accept(in, ')'))
            return ERR_OK;
        TRY(lex_space(in));
    }
    TRY(parse_match(in, a, q));
    return lex_expect(in, ')');
}

/* SP "(" key SP objectid *(SP key SP objectid) ")"; keys of later versions are passed over. */
static enum err parse_objectid(struct lex *in, struct select_args *got)
{
    struct slice key, id;

    if (!lex_accept(in, ' '))
        return ERR_OK;
    TRY(lex_expect(in, '('));
    do {
        TRY(lex_atom(in, OBJECT_ID_OCTETS_MAX, &key));
        TRY(lex_space(in));
        TRY(object_id_lex(in, &id));
        if (slice_eq_nocase(key, SLICE("MAILBOXID")))
            got->mailbox_id = id;
        else if (slice_eq_nocase(key, SLICE("ACCOUNTID")))
            got->account_id = id;
    } while (lex_accept(in, ' '));
    return lex_expect(in, ')');
}

static enum err parse_parameter(struct lex *in, struct arena *a, struct select_args *got)
{
    if (!got->condstore && lex_accept_atom(in, SLICE("CONDSTORE"))) {
        got->condstore = true;
        return ERR_OK;
    }
    if (!got->has_qresync && lex_accept_atom(in, SLICE("QRESYNC"))) {
        got->has_qresync = true;
        return parse_qresync(in, a, &got->qresync);
    }
    if (!got->has_objectid && lex_accept_atom(in, SLICE("OBJECTID"))) {
        got->has_objectid = true;
        return parse_objectid(in, got);
    }
    return ERR_SYNTAX;
}

enum err select_parse(struct lex *in, struct arena *a, enum mailbox_form form,
                      struct select_args *out)
{
    scoped_undo struct arena_mark undo = arena_mark(a);
    struct select_args got = {0};
    enum err named = mailbox_parse(in, a, form, &got.mailbox);

    if (named != ERR_OK && named != ERR_CANNOT)
        return named;
    if (lex_accept(in, ' ')) {
        TRY(lex_expect(in, '('));
        do
            TRY(parse_parameter(in, a, &got));
        while (lex_accept(in, ' '));
        TRY(lex_expect(in, ')'));
    }
    if (named != ERR_OK)
        return named;
    *out = got;
    arena_keep(&undo);
    return ERR_OK;
}
