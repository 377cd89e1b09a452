/* imap/cmd_append.c -- APPEND: a message taken off the stream, and XIMPORT, its trusted sibling.
 *
 * Source: RFC 9051 section 6.3.12, RFC 4315 (APPENDUID), RFC 7888 (literals), RFC 3516 (literal8,
 * whose binary parts the store turns into base64).
 *
 * The framer stops at every literal header. Everything that can be said against an APPEND is said
 * there, before the client sends the message: TRYCREATE, TOOBIG, bad flags. Then:
 *
 *     RECEIVE  octets go from the input to the store's arrival, any number at a time
 *     LINE     the rest of the command, which must be empty
 *
 * XIMPORT key mailbox [flags] [date] literal   appends once for each key (1 to 64 octets):
 * "OK [ALREADYIMPORTED]" if a message with that key was imported before.
 */
#include "base/clock.h"
#include "imap/internal.h"
#include "wire/append.h"

struct append_job {
    struct append_args args;
    struct slice key; /* XIMPORT */
    struct folder *folder;
    uint32_t *keywords;
    struct arrival *arrival;
    uint64_t left; /* octets of the literal still to come */
    bool nul;      /* in a plain literal: refused when the command is complete */
    bool lined;    /* the line behind the literal has been taken */
};

enum { APPEND_LINE_OCTETS_MAX = 1024 };

/* An APPEND that the framer delivers whole has no literal. */
enum err append_parse_whole(struct imap_session *s, struct job *j, struct lex *in)
{
    (void)s;
    (void)j;
    (void)in;
    return ERR_SYNTAX;
}

void append_release(struct job *j)
{
    struct append_job *a = j->args;

    if (a != NULL)
        arrival_free(&a->arrival);
}

/* ---- the literal header --------------------------------------------------------------------- */

static enum err parse(struct imap_session *s, struct job *j, struct lex *in)
{
    struct append_job *a = arena_new(&j->arena, struct append_job);

    if (a == NULL)
        return ERR_NOMEM;
    j->args = a;
    TRY(lex_space(in));
    if ((j->command->flags & COMMAND_TRUSTED) != 0) {
        TRY(lex_astring(in, &j->arena, 64, &a->key));
        TRY(lex_space(in));
    }
    return append_parse(in, &j->arena, session_form(s), &a->args);
}

static enum err check(struct imap_session *s, struct job *j)
{
    struct append_job *a = j->args;
    enum err e = folder_selectable(s, a->args.mailbox, &a->folder);

    if (e == ERR_NOTFOUND)
        return ERR_TRYCREATE;
    if (e != ERR_OK)
        return e;
    if (a->args.message.literal.size > s->settings->append_octets_max)
        return ERR_TOOBIG;
    if (a->args.message.literal.size == 0) {
        j->refusal = "NO Empty message";
        return ERR_CANNOT;
    }
    if ((a->args.message.flags.system & FLAG_RECENT) != 0) {
        j->refusal = "BAD \\Recent cannot be given";
        return ERR_SYNTAX;
    }
    if (!a->args.message.literal.sync && !s->trusted &&
        a->args.message.literal.size > LITERAL_MINUS_OCTETS_MAX) {
        j->refusal = "BAD [TOOBIG] Literal is too large for LITERAL-";
        return ERR_SYNTAX;
    }
    a->left = a->args.message.literal.size;
    return ERR_OK;
}

static void refuse_literal(struct imap_session *s, struct slice tag, const char *text)
{
    command_answer(s, tag, text);
    frame_refuse(&s->frame);
    s->draining = true;
}

/* A literal that becomes part of the command's text. */
static void inline_literal(struct imap_session *s, struct slice tag, const struct command *c)
{
    struct literal l = s->frame.literal;
    const char *refusal = NULL;

    if (c != NULL && c->run == setmetadata_run)
        refusal = setmetadata_refuse_literal(l.size);
    if (refusal != NULL) {
        refuse_literal(s, tag, refusal);
    } else if (!l.sync && l.size > LITERAL_MINUS_OCTETS_MAX) {
        refuse_literal(s, tag, "BAD [TOOBIG] Literal is too large for LITERAL-");
    } else if (!frame_literal_inline(&s->frame)) {
        refuse_literal(s, tag, "BAD [TOOBIG] Literal is too large");
    } else if (l.sync) {
        reply_continue(&s->out, SLICE("OK"));
        s->batch.invited = true;
    }
}

static void begin(struct imap_session *s, struct job *j)
{
    bool sync = s->frame.literal.sync;

    s->job = j;
    s->batch.begun = true;
    s->batch.invited = false;
    buf_consume(&s->in, s->frame.prefix_octets);
    frame_reset(&s->frame);
    if (sync)
        reply_continue(&s->out, SLICE("Ready for the message"));
}

void append_literal(struct imap_session *s)
{
    struct slice text = slice_sub(buf_slice(&s->in), 0, s->frame.prefix_octets), tag;
    struct lex in = lex_of(text, true);
    const struct command *c = NULL;
    struct job *j;
    enum err e;

    if (lex_tag(&in, &tag) != ERR_OK) {
        imap_session_bye(s, "Command does not begin with a tag");
        return;
    }
    if (lex_space(&in) != ERR_OK || (c = command_find(&in)) == NULL || c->run != append_run ||
        ((c->flags & COMMAND_TRUSTED) != 0 && !s->trusted)) {
        inline_literal(s, tag, c);
        return;
    }
    j = job_new(c, text, tag);
    in.in = slice_of(j->text, text.n);
    e = parse(s, j, &in);
    if (e == ERR_SYNTAX) { /* perhaps the literal is the mailbox name */
        job_free(&j);
        inline_literal(s, tag, c);
        return;
    }
    if (e == ERR_OK)
        e = check(s, j);
    if (e == ERR_OK) {
        begin(s, j);
        return;
    }
    refuse_literal(s, tag, j->refusal != NULL ? j->refusal : err_wire(e));
    job_free(&j);
}

/* ---- the message ---------------------------------------------------------------------------- */

static enum err receive(struct imap_session *s, struct append_job *a)
{
    struct slice piece =
        slice_sub(buf_slice(&s->in), 0, a->left < s->in.n ? (size_t)a->left : s->in.n);
    enum err e;

    if (a->arrival == NULL) {
        TRY(arrival_begin(s->account, s->settings->append_octets_max * 2, &a->arrival));
        if (a->args.message.literal.binary)
            arrival_expect_binary(a->arrival);
    }
    if (!a->args.message.literal.binary && slice_find(piece, '\0') < piece.n)
        a->nul = true;
    e = arrival_write(a->arrival, piece);
    buf_consume(&s->in, piece.n);
    a->left -= piece.n;
    return e;
}

/* The line behind the literal: only its end may be left. ERR_MORE until it is there. */
static enum err take_line(struct imap_session *s, struct job *j, struct append_job *a)
{
    struct slice in = buf_slice(&s->in);
    size_t n = slice_find(in, '\n');
    struct lex rest;

    if (n == in.n) {
        j->wants_input = n <= APPEND_LINE_OCTETS_MAX;
        return j->wants_input ? ERR_MORE : ERR_SYNTAX;
    }
    rest = lex_of(slice_sub(in, 0, n + 1), false);
    TRY(lex_end(&rest)); /* what else stands there, perhaps a literal, is drained */
    buf_consume(&s->in, n + 1);
    a->lined = true;
    return ERR_OK;
}

static enum err finish(struct imap_session *s, struct job *j, struct append_job *a)
{
    const struct append_message *m = &a->args.message;
    int64_t date = m->has_date ? m->date.seconds : clock_wall_s();
    int16_t zone = m->has_date ? m->date.zone_minutes : 0;
    uint32_t uid;

    if (a->folder->gone)
        return ERR_TRYCREATE;
    if (a->key.n > 0) {
        enum err e = import_remember(s->account, a->key);

        if (e == ERR_EXISTS) {
            buf_add_str(&j->answer, "OK [ALREADYIMPORTED] Known");
            return ERR_OK;
        }
        TRY(e);
    }
    TRY(arrival_finish(a->arrival));
    TRY(keywords_resolve(s, &j->arena, &m->flags, &a->keywords));
    TRY(arrival_adopt(a->arrival, a->folder, (uint8_t)(m->flags.system & FLAG_SYSTEM), a->keywords,
                      m->flags.n, date, zone, job_modseq(s, j), &uid));
    buf_addf(&j->answer, "OK [APPENDUID %u %u] APPEND done", a->folder->uidvalidity, uid);
    return ERR_OK;
}

/* The command has failed: what is still to come of it must be dropped. */
static void abandon(struct imap_session *s, struct append_job *a)
{
    s->skip_octets = a->left;
    a->left = 0;
    if (!a->lined) {
        frame_reset(&s->frame);
        frame_refuse(&s->frame);
        s->draining = true;
    }
    a->lined = true;
}

void append_abandon(struct imap_session *s, struct job *j, bool invited)
{
    struct append_job *a = j->args;
    struct literal l;

    if (j->command->run != append_run || a == NULL)
        return;
    l = a->args.message.literal;
    if (invited || !l.sync || a->left < l.size) /* else it hears NO before it has sent anything */
        abandon(s, a);
}

static enum err step(struct imap_session *s, struct job *j, struct append_job *a)
{
    while (a->left > 0) {
        if (s->in.n == 0) {
            j->wants_input = true;
            return ERR_MORE;
        }
        TRY(receive(s, a));
        if (job_step_is_full(s, j))
            return ERR_MORE;
    }
    if (!a->lined)
        TRY(take_line(s, j, a));
    if (a->nul) {
        j->refusal = "BAD NUL in a literal";
        return ERR_SYNTAX;
    }
    return finish(s, j, a);
}

enum err append_run(struct imap_session *s, struct job *j)
{
    struct append_job *a = j->args;
    enum err e = step(s, j, a);

    if (e != ERR_OK && e != ERR_MORE)
        abandon(s, a);
    return e;
}
