/* imap/cmd_append.c -- APPEND: messages taken off the stream; REPLACE, and XIMPORT, its trusted
 * sibling.
 *
 * Source: RFC 9051 section 6.3.12, RFC 4315 (APPENDUID), RFC 3502 (several messages, all or none),
 * RFC 4469 (CATENATE), RFC 7888 (literals), RFC 3516 (literal8, whose binary parts the store turns
 * into base64).
 *
 * The framer stops at every literal header. Everything that can be said against an APPEND is said
 * there, before the client sends the message: TRYCREATE, TOOBIG, bad flags. append.h draws the
 * rest. Messages wait unseen in the store until the command is complete; one step then adopts all.
 *
 * REPLACE (RFC 8508) takes one message, and expunges another of the selected mailbox in the same
 * step. Its number is made a UID before the message is sent, since numbers may change until then.
 *
 * XIMPORT key mailbox [flags] [date] literal   appends once for each key (1 to 64 octets):
 * "OK [ALREADYIMPORTED]" if a message with that key was imported before.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "imap/append.h"

void append_release(struct job *j)
{
    struct append_job *a = j->args;

    if (a == NULL)
        return;
    for (size_t i = a->n; i > 0; i--) /* the account finds the last to begin at once */
        arrival_free(&a->item[i - 1].arrival);
    free(a->item);
    buf_release(&a->url);
    free(a->line_text);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static enum err find_folder(struct imap_session *s, struct append_job *a)
{
    enum err e = folder_selectable(s, a->mailbox, &a->folder);

    if (e == ERR_OK)
        a->limit = append_limit(s, a->folder);
    return e == ERR_NOTFOUND ? ERR_TRYCREATE : e;
}

/* REPLACE: the number of the message that goes, as seq-number, and a space. */
static enum err parse_replaced(struct imap_session *s, struct job *j, struct append_job *a,
                               struct lex *in)
{
    const struct view *v = &s->view;
    bool by_uid = (j->command->flags & COMMAND_UID) != 0;
    struct messages *m;
    uint32_t number, at, k;

    if (!by_uid && session_enabled(s, ENABLED_UIDONLY))
        return ERR_UIDREQUIRED; /* RFC 9586 section 3.8 */
    if (lex_accept(in, '*'))
        number = v->n == 0 ? 0 : by_uid ? uid_at(v->map, v->n - 1) : v->n;
    else
        TRY(lex_nz_number(in, &number));
    TRY(lex_space(in));
    at = by_uid ? view_find(v, number) : number - 1;
    if (at >= v->n)
        return by_uid ? ERR_NOTFOUND : ERR_SYNTAX;
    TRY(view_check_writable(s));
    TRY(folder_messages(v->folder, &m));
    k = view_live(v, m, at);
    if (k == UINT32_MAX)
        return ERR_EXPUNGED;
    a->uid = uid_at(v->map, at);
    a->uid_octets = m->size[k];
    a->single = true;
    return ERR_OK;
}

/* What stands before the messages. The first line is read on from there. */
enum err append_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    struct append_job *a = arena_new(&j->arena, struct append_job);

    if (a == NULL)
        return ERR_NOMEM;
    TRY(lex_space(in));
    if ((j->command->flags & COMMAND_TRUSTED) != 0) {
        TRY(lex_astring(in, &j->arena, 64, &a->key));
        a->single = true;
        TRY(lex_space(in));
    }
    if ((j->command->flags & COMMAND_READWRITE) != 0)
        TRY(parse_replaced(s, j, a, in));
    TRY(mailbox_parse(in, &j->arena, session_form(s), &a->mailbox));
    TRY(lex_space(in));
    j->args = a;
    TRY(find_folder(s, a));
    a->line = *in;
    in->at = in->in.n;
    a->stage = APPEND_PARSE;
    return ERR_OK;
}

/* The command has been answered. */
static void drop_literal(struct imap_session *s)
{
    frame_refuse(&s->frame);
    s->draining = true;
}

static void refuse_literal(struct imap_session *s, struct slice tag, const char *text)
{
    command_answer(s, tag, text);
    drop_literal(s);
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
    } else if (!frame_literal_inline(&s->frame)) {
        refuse_literal(s, tag, "BAD [TOOBIG] Literal is too large");
    } else if (l.sync) {
        reply_continue(&s->out, SLICE("OK"));
        s->batch.invited = true;
    }
}

/* A literal to which this command's grammar gives a message: the rest goes on in the job. */
static void begin(struct imap_session *s, struct job *j)
{
    struct append_job *a = j->args;

    a->open = true;
    a->tail = s->frame.literal;
    buf_consume(&s->in, s->frame.prefix_octets);
    frame_reset(&s->frame);
    s->batch.invited = false;
    command_start(s, j);
}

void append_literal(struct imap_session *s)
{
    struct slice text = slice_sub(buf_slice(&s->in), 0, s->frame.prefix_octets), tag;
    struct lex in = lex_of(text, true);
    const struct command *c = NULL;
    struct job *j;
    bool cut = false;

    if (lex_tag(&in, &tag) != ERR_OK) {
        imap_session_bye(s, "Command does not begin with a tag");
        return;
    }
    if (lex_space(&in) != ERR_OK || (c = command_find(&in)) == NULL ||
        (c->flags & COMMAND_STREAMS) == 0) {
        inline_literal(s, tag, c);
        return;
    }
    j = command_prepare(s, text, &cut);
    if (j != NULL)
        begin(s, j);
    else if (cut) /* the literal is the mailbox name */
        inline_literal(s, tag, c);
    else
        drop_literal(s);
}

/* ---- the end -------------------------------------------------------------------------------- */

static enum err adopt(struct imap_session *s, struct job *j, struct append_job *a,
                      struct append_item *item, uint32_t *uid)
{
    const struct append_options *o = &item->options;
    int64_t date = o->has_date ? o->date.seconds : clock_wall_s();
    int16_t zone = o->has_date ? o->date.zone_minutes : 0;
    uint32_t *keywords;

    TRY(keywords_resolve(s, &j->arena, &o->flags, &keywords));
    return arrival_adopt(item->arrival, a->folder, (uint8_t)(o->flags.system & FLAG_SYSTEM),
                         keywords, o->flags.n, date, zone, job_modseq(s, j), uid);
}

/* All messages, one after the other: their UIDs have no gaps. */
static enum err adopt_all(struct imap_session *s, struct job *j, struct append_job *a,
                          uint32_t *last_uid)
{
    *last_uid = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (i + 1 == a->n)
            arrival_is_last(a->item[i].arrival);
        TRY(adopt(s, j, a, &a->item[i], last_uid));
    }
    return ERR_OK;
}

/* REPLACE: one message comes and one goes, in this step; what others have expunged is not there to
 * be replaced. APPENDUID is told before the EXPUNGE (RFC 8508 section 4.3). */
static enum err finish_replace(struct imap_session *s, struct job *j, struct append_job *a)
{
    struct messages *m;
    uint32_t k, uid;

    TRY(view_check_writable(s));
    TRY(folder_messages(s->view.folder, &m));
    k = uid_map_lower(m->map, m->n, a->uid);
    if (k == m->n || uid_at(m->map, k) != a->uid)
        return ERR_EXPUNGED;
    TRY(messages_expunge(s->view.folder, &a->uid, 1, job_modseq(s, j)));
    j->expunged = true;
    TRY(adopt_all(s, j, a, &uid));
    buf_addf(&s->out, "* OK [APPENDUID %u %u] Replacement is there\r\n", a->folder->uidvalidity,
             uid);
    return ERR_OK;
}

static enum err finish(struct imap_session *s, struct job *j, struct append_job *a)
{
    uint32_t last;

    if (a->folder->gone)
        return ERR_TRYCREATE;
    if (a->uid != 0)
        return finish_replace(s, j, a);
    if (a->key.n > 0) {
        enum err e = import_remember(s->account, a->key);

        if (e == ERR_EXISTS) {
            buf_add_str(&j->answer, "OK [ALREADYIMPORTED] Known");
            return ERR_OK;
        }
        TRY(e);
    }
    TRY(adopt_all(s, j, a, &last));
    buf_addf(&j->answer, "OK [APPENDUID %u ", a->folder->uidvalidity);
    if (a->n > 1)
        buf_addf(&j->answer, "%u:", last - (uint32_t)a->n + 1);
    buf_addf(&j->answer, "%u] %s done", last, j->command->name);
    return ERR_OK;
}

/* ---- on the way ----------------------------------------------------------------------------- */

void append_abandon(struct imap_session *s, struct job *j)
{
    struct append_job *a = j->args;
    bool waits = a->open ? a->tail.sync : s->batch.invited;

    if (!a->open && a->stage != APPEND_LITERAL && a->stage != APPEND_LINE &&
        (a->stage != APPEND_COPY || a->line.at < a->line.in.n))
        return; /* all of it has been read */
    s->batch.invited = false;
    if (waits) /* it hears NO in place of "+", and sends nothing more of this command */
        return;
    if (a->open)
        s->skip_octets = a->tail.size;
    else if (a->stage == APPEND_LITERAL)
        s->skip_octets = a->left;
    s->draining = true;
}

static enum err advance(struct imap_session *s, struct job *j, struct append_job *a)
{
    switch (a->stage) {
    case APPEND_LINE:
        return append_take_line(s, j, a);
    case APPEND_PARSE:
        return append_parse_element(s, j, a);
    case APPEND_LITERAL:
        return append_receive(s, j, a);
    case APPEND_COPY:
        return append_copy(s, j, a);
    case APPEND_END:
        break;
    }
    return ERR_BUG;
}

static enum err run(struct imap_session *s, struct job *j, struct append_job *a)
{
    while (a->stage != APPEND_END)
        TRY(advance(s, j, a));
    if (a->nul) {
        j->refusal = "BAD NUL in a literal";
        return ERR_SYNTAX;
    }
    return finish(s, j, a);
}

enum err append_run(struct imap_session *s, struct job *j)
{
    enum err e = run(s, j, j->args);

    if (e != ERR_OK && e != ERR_MORE)
        append_abandon(s, j);
    return e;
}
