/* imap/command.c -- the command table, and how a row becomes a job and a job an answer.
 *
 * Source: RFC 9051 section 6, RFC 3501 (LSUB, CHECK). Everything the session needs to know of a
 * command before running it stands in its row.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/slab.h"
#include "imap/internal.h"

enum {
    AUTH = STATE_AUTHENTICATED,
    SEL = STATE_SELECTED,
    ANY = STATE_ANY,
    W = COMMAND_WRITES,
    N = COMMAND_NUMBERS,
    U = COMMAND_UID,
    RW = COMMAND_READWRITE,
    S = COMMAND_STREAMS,
    Y = COMMAND_SYNCS,
};

/* clang-format off */
static const struct command commands[] = { /* in the order of their names */
    /* name          states flags         parse             run             release        source */
    {"APPEND",       ANY, W|S,           append_parse_args, append_run,     append_release}, /* RFC 9051 6.3.12 */
    {"AUTHENTICATE", ANY, 0,             already_parse,     already_run,    NULL}, /* 6.2.2: only before login */
    {"CANCELUPDATE", SEL, 0,             cancelupdate_parse, cancelupdate_run, NULL}, /* RFC 5267 4.3.5 */
    {"CAPABILITY",   ANY, 0,             noop_parse,        capability_run, NULL}, /* 6.1.1 */
    {"CHECK",        SEL, 0,             noop_parse,        noop_run,       NULL}, /* RFC 3501 6.4.1 */
    {"CLOSE",        SEL, W|COMMAND_SILENT, noop_parse,     close_run,      NULL}, /* RFC 9051 6.4.1 */
    {"COMPARATOR",   ANY, 0,             i18n_parse_args,   comparator_run, NULL}, /* RFC 5255 4.7 */
    {"COMPRESS",     ANY, 0,             compress_parse,    compress_run,   NULL}, /* RFC 4978 3 */
    {"COPY",         SEL, W|N,           copy_parse,        copy_run,       NULL}, /* 6.4.7 */
    {"CREATE",       ANY, W,             create_parse_args, create_run,     NULL}, /* 6.3.4, RFC 6154 */
    {"DELETE",       ANY, W,             mailbox_name_parse, delete_run,     NULL}, /* 6.3.5 */
    {"ENABLE",       AUTH, 0,             enable_parse_args, enable_run,     NULL}, /* 6.3.1, RFC 5161 */
    {"ESEARCH",      ANY, 0,             multisearch_parse_args, multisearch_run, multisearch_release}, /* RFC 7377 2 */
    {"EXAMINE",      ANY, COMMAND_SILENT, select_parse_args, examine_run,   NULL}, /* 6.3.3 */
    {"EXPUNGE",      SEL, W|RW|Y,        expunge_parse,     expunge_run,    NULL}, /* 6.4.3 */
    {"FETCH",        SEL, N,             fetch_parse_args,  fetch_run,      fetch_release}, /* 6.4.5 */
    {"GETMETADATA",  ANY, 0,             getmetadata_parse_args, getmetadata_run, NULL}, /* RFC 5464 4.2 */
    {"GETQUOTA",     ANY, 0,             getquota_parse_args, getquota_run, NULL}, /* RFC 9208 4.1.1 */
    {"GETQUOTAROOT", ANY, 0,             mailbox_name_parse, getquotaroot_run, NULL}, /* RFC 9208 4.1.2 */
    {"ID",           ANY, 0,             id_parse,          id_run,         NULL}, /* RFC 2971 */
    {"IDLE",         ANY, 0,             noop_parse,        idle_run,       NULL}, /* 6.3.13, RFC 2177 */
    {"LANGUAGE",     ANY, 0,             i18n_parse_args,   language_run,   NULL}, /* RFC 5255 3.2 */
    {"LIST",         ANY, 0,             list_parse_args,   list_run,       NULL}, /* 6.3.9, RFC 5258 */
    {"LOGIN",        ANY, 0,             already_parse,     already_run,    NULL}, /* 6.2.3: only before login */
    {"LOGOUT",       ANY, COMMAND_SILENT, noop_parse,       logout_run,     NULL}, /* 6.1.3 */
    {"LSUB",         ANY, 0,             lsub_parse,        lsub_run,       NULL}, /* RFC 3501 6.3.9 */
    {"MOVE",         SEL, W|N|RW|Y,      copy_parse,        move_run,       NULL}, /* 6.4.8, RFC 6851 */
    {"NAMESPACE",    ANY, 0,             noop_parse,        namespace_run,  NULL}, /* 6.3.10, RFC 2342 */
    {"NOOP",         ANY, 0,             noop_parse,        noop_run,       NULL}, /* 6.1.2 */
    {"NOTIFY",       ANY, Y,             notify_parse_args, notify_run,     NULL}, /* RFC 5465 3.1 */
    {"RENAME",       ANY, W,             rename_parse,      rename_run,     NULL}, /* 6.3.6 */
    {"REPLACE",      SEL, W|RW|S|Y,      append_parse_args, append_run,     append_release}, /* RFC 8508 3.2 */
    {"SEARCH",       SEL, N,             search_parse_args, search_run,     search_release}, /* 6.4.4 */
    {"SELECT",       ANY, COMMAND_SILENT, select_parse_args, select_run,    NULL}, /* 6.3.2 */
    {"SETMETADATA",  ANY, W,             setmetadata_parse_args, setmetadata_run, NULL}, /* RFC 5464 4.3 */
    {"SETQUOTA",     ANY, W,             setquota_parse_args, setquota_run, NULL}, /* RFC 9208 4.1.3 */
    {"SORT",         SEL, N,             sort_parse_args,   sort_run,       sort_release}, /* RFC 5256 3 */
    {"STARTTLS",     ANY, 0,             already_parse,     already_run,    NULL}, /* 6.2.1: only before login */
    {"STATUS",       ANY, 0,             status_parse_args, status_run,     NULL}, /* 6.3.11 */
    {"STORE",        SEL, W|N|RW,        store_parse_args,  store_run,      NULL}, /* 6.4.6 */
    {"SUBSCRIBE",    ANY, W,             mailbox_name_parse, subscribe_run,  NULL}, /* 6.3.7 */
    {"THREAD",       SEL, N,             thread_parse_args, thread_run,     thread_release}, /* RFC 5256 3 */
    {"UID COPY",     SEL, W|U,           copy_parse,        copy_run,       NULL}, /* 6.4.9 */
    {"UID EXPUNGE",  SEL, W|U|RW|Y,      expunge_parse,     expunge_run,    NULL}, /* RFC 4315 2.1 */
    {"UID FETCH",    SEL, U,             fetch_parse_args,  fetch_run,      fetch_release},
    {"UID MOVE",     SEL, W|U|RW|Y,      copy_parse,        move_run,       NULL}, /* RFC 6851 3.2 */
    {"UID REPLACE",  SEL, W|U|RW|S|Y,    append_parse_args, append_run,     append_release}, /* RFC 8508 3.3 */
    {"UID SEARCH",   SEL, U,             search_parse_args, search_run,     search_release},
    {"UID SORT",     SEL, U,             sort_parse_args,   sort_run,       sort_release},
    {"UID STORE",    SEL, W|U|RW,        store_parse_args,  store_run,      NULL},
    {"UID THREAD",   SEL, U,             thread_parse_args, thread_run,     thread_release},
    {"UIDBATCHES",   SEL, 0,             uidbatches_parse,  uidbatches_run, NULL}, /* RFC 10022 */
    {"UNAUTHENTICATE", ANY, COMMAND_SILENT, unauthenticate_parse, unauthenticate_run, NULL}, /* RFC 8437 3 */
    {"UNSELECT",     SEL, COMMAND_SILENT, noop_parse,       unselect_run,   NULL}, /* 6.4.2, RFC 3691 */
    {"UNSUBSCRIBE",  ANY, W,             mailbox_name_parse, unsubscribe_run, NULL}, /* 6.3.8 */
    {"XIMPORT",      ANY, W|S|COMMAND_TRUSTED, append_parse_args, append_run, append_release}, /* ours: imports */
    {"XLIST",        ANY, 0,             xlist_parse,       list_run,       NULL}, /* before RFC 6154 */
};
/* clang-format on */

static const size_t n_commands = sizeof(commands) / sizeof(commands[0]);

/* ---- finding -------------------------------------------------------------------------------- */

enum { NAME_OCTETS_MAX = 64 };

/* "WORD" or "UID WORD", in capitals. */
static enum err read_name(struct lex *in, char octets[NAME_OCTETS_MAX + 4], struct slice *name)
{
    struct slice word;
    size_t n = 0;

    TRY(lex_atom(in, NAME_OCTETS_MAX, &word));
    if (slice_eq_nocase(word, SLICE("UID"))) {
        memcpy(octets, "UID ", n = 4);
        TRY(lex_space(in));
        TRY(lex_atom(in, NAME_OCTETS_MAX, &word));
    }
    for (size_t i = 0; i < word.n; i++)
        octets[n++] = ascii_upper(word.p[i]);
    *name = slice_of(octets, n);
    return ERR_OK;
}

static int compare_name(const void *key, const void *row)
{
    const struct command *c = row;

    return slice_cmp(*(const struct slice *)key, slice_of_str(c->name));
}

const struct command *command_find(struct lex *in)
{
    char octets[NAME_OCTETS_MAX + 4];
    struct slice name;

    if (read_name(in, octets, &name) != ERR_OK)
        return NULL;
    return bsearch(&name, commands, n_commands, sizeof(*commands), compare_name);
}

/* ---- jobs ----------------------------------------------------------------------------------- */

/* Ten thousand clients may wait in IDLE for hours. On the heap each of their jobs would hold a page
 * or two of what came and went around it. */
static bool waits_long(const struct command *c)
{
    return c->run == idle_run;
}

static struct job *job_alloc(const struct command *c)
{
    struct job *j = waits_long(c) ? slab_alloc(sizeof(*j)) : mem_new(struct job);

    j->command = c;
    return j;
}

struct job *job_new(const struct command *c, struct slice text, struct slice tag)
{
    struct job *j = job_alloc(c);

    j->writes = (c->flags & COMMAND_WRITES) != 0;
    if (waits_long(c) && text.n < sizeof(j->room))
        j->text = memcpy(j->room, text.p, text.n);
    else
        j->text = mem_dup_slice(text);
    j->tag = slice_of(j->text + (tag.p - text.p), tag.n);
    arena_init(&j->arena, SESSION_ARENA_OCTETS_MAX);
    buf_init(&j->answer, 32 << 20);
    return j;
}

void job_free(struct job **jp)
{
    struct job *j = *jp;

    if (j == NULL)
        return;
    if (j->command->release != NULL)
        j->command->release(j);
    job_free(&j->behind);
    arena_clear(&j->arena);
    buf_release(&j->answer);
    if (j->text != j->room)
        free(j->text);
    if (waits_long(j->command))
        slab_free(j, sizeof(*j));
    else
        free(j);
    *jp = NULL;
}

uint64_t job_modseq(struct imap_session *s, struct job *j)
{
    if (j->modseq == 0)
        j->modseq = account_tick(s->account);
    return j->modseq;
}

enum err job_refuse_messages(struct job *j, uint32_t limit)
{
    enum { REFUSAL_OCTETS_MAX = 80 };
    char *text = arena_alloc(&j->arena, REFUSAL_OCTETS_MAX);

    if (text == NULL)
        return ERR_NOMEM;
    snprintf(text, REFUSAL_OCTETS_MAX, "NO [MESSAGELIMIT %u] Too many messages at once", limit);
    j->refusal = text;
    return ERR_LIMIT;
}

bool job_step_is_full(struct imap_session *s, struct job *j)
{
    return session_is_full(s) || clock_mono_us() >= j->deadline_us;
}

/* ---- beginning ------------------------------------------------------------------------------ */

void command_answer(struct imap_session *s, struct slice tag, const char *text)
{
    reply_tagged(&s->out, tag, text);
    s->batch.commands++;
    buf_add_slice(&s->batch.tags, tag);
    buf_add_char(&s->batch.tags, ' ');
}

static bool state_allows(const struct imap_session *s, const struct command *c)
{
    unsigned state = s->view.folder_id != 0 ? STATE_SELECTED : STATE_AUTHENTICATED;

    return (c->states & state) != 0;
}

static enum err parse(struct imap_session *s, struct job *j, struct lex *in)
{
    TRY(j->command->parse(s, j, in));
    return lex_end(in);
}

/* The row for the command, whose tag has been read, if it may be run now. */
static const struct command *find_allowed(struct imap_session *s, struct lex *in, const char **why)
{
    const struct command *c;

    if (lex_space(in) != ERR_OK || (c = command_find(in)) == NULL ||
        ((c->flags & COMMAND_TRUSTED) != 0 && !s->trusted)) {
        *why = "BAD Unknown command";
        return NULL;
    }
    if (!state_allows(s, c)) {
        *why = s->view.folder_id != 0 ? "BAD Not while a mailbox is selected"
                                      : "BAD No mailbox is selected";
        return NULL;
    }
    if ((c->flags & COMMAND_NUMBERS) != 0 && session_enabled(s, ENABLED_UIDONLY)) {
        *why = err_wire(ERR_UIDREQUIRED); /* RFC 9586 section 3.2 */
        return NULL;
    }
    return c;
}

struct job *command_prepare(struct imap_session *s, struct slice text, bool *cut)
{
    struct lex in = lex_of(text, true);
    const struct command *c;
    struct slice tag;
    const char *why;
    struct job *j;
    enum err e;

    if (lex_tag(&in, &tag) != ERR_OK) {
        reply_untagged(&s->out, "BAD Command does not begin with a tag");
        return NULL;
    }
    c = find_allowed(s, &in, &why);
    if (c == NULL) {
        command_answer(s, tag, why);
        return NULL;
    }
    if (c->run != idle_run) /* which looks at nothing, for a long time */
        view_attend(s);
    j = job_new(c, text, tag);
    in.in = slice_of(j->text, text.n);
    e = parse(s, j, &in);
    if (e == ERR_OK && (c->flags & COMMAND_READWRITE) != 0)
        e = view_check_writable(s);
    if (e == ERR_OK)
        return j;
    if (cut != NULL && e == ERR_SYNTAX && in.at == text.n)
        *cut = true;
    else
        command_answer(s, tag, j->refusal != NULL ? j->refusal : err_wire(e));
    job_free(&j);
    view_rest(s);
    return NULL;
}

void command_start(struct imap_session *s, struct job *j)
{
    s->job = j;
    s->batch.begun = true;
}

void command_begin(struct imap_session *s, struct slice text)
{
    struct job *j = command_prepare(s, text, NULL);

    if (j != NULL)
        command_start(s, j);
}

/* ---- running -------------------------------------------------------------------------------- */

/* The step has changed nothing after all, so what it said of its changes is not true. */
static void take_back(struct imap_session *s, const struct job *j, bool mid_line)
{
    struct view *v = &s->view;

    account_undo(s->account);
    if (!mid_line && !s->closed) {
        buf_truncate(&s->out, j->answers_at);
        v->keywords_told = 0;
    }
    if (v->folder != NULL && v->modseq > v->folder->highestmodseq)
        v->modseq = v->folder->highestmodseq; /* our own change never happened */
}

static enum err run_step(struct imap_session *s, struct job *j)
{
    bool mid_line = j->in_line, in_step = false;
    enum err e;

    j->modseq = 0;
    j->answers_at = s->out.n;
    if (!j->writes)
        return j->command->run(s, j);
    if (s->notify != NULL)
        in_step = notify_before_write(s, j);
    j->answers_at = s->out.n;
    TRY(account_savepoint(s->account));
    e = j->command->run(s, j);
    if (in_step)
        notify_after_write(s);
    if (e == ERR_OK || e == ERR_MORE) {
        enum err released = account_release(s->account);

        return released != ERR_OK ? released : e;
    }
    take_back(s, j, mid_line);
    return e;
}

/* A command at work for long says how far it is (RFC 9585), unless the client hears of it anyway.
 */
static void tell_progress(struct imap_session *s, struct job *j, size_t out_before)
{
    uint64_t now_us = clock_mono_us();
    uint64_t interval_ms =
        s->settings->progress_ms != 0 ? s->settings->progress_ms : IMAP_PROGRESS_MS;

    if (s->out.n != out_before || j->in_line || j->told_us == 0)
        j->told_us = now_us;
    if (now_us - j->told_us < interval_ms * 1000)
        return;
    j->told_us = now_us;
    buf_add_str(&s->out, "* OK [INPROGRESS (");
    reply_quoted(&s->out, j->tag);
    buf_addf(&s->out, " %llu ", (unsigned long long)j->done);
    if (j->goal > 0)
        buf_add_u64(&s->out, j->goal);
    else
        buf_add_str(&s->out, "NIL");
    buf_add_str(&s->out, ")] Still at work\r\n");
}

static bool may_tell_expunges(const struct job *j)
{
    return (j->command->flags & COMMAND_NUMBERS) == 0 && !j->numbers;
}

/* What is said of a command that did only a part (RFC 9738 section 3.1): in the tagged OK, or
 * before it if that has a code of its own. */
static void tell_limit(struct imap_session *s, struct job *j, enum err e)
{
    struct buf *to = e == ERR_OK && j->answer.n == 0 ? &j->answer : &s->out;

    buf_add_str(to, to == &s->out ? "* NO" : "OK");
    buf_addf(to, " [MESSAGELIMIT %u %u] Only the last messages, go on below that UID",
             s->settings->message_limit, j->limited_uid);
    if (to == &s->out)
        buf_add_str(to, "\r\n");
}

static void end_job(struct imap_session *s, struct job *j)
{
    enum err e = j->late;

    if ((j->command->flags & COMMAND_UNASKED) != 0) {
        fetch_unasked_end(s);
        return;
    }
    if (j->in_line) { /* the connection ends within it: these octets would pass for its own */
        job_free(&s->job);
        return;
    }
    if (j->limited)
        tell_limit(s, j, e);
    modseq_tell(s, j, e);
    if (e == ERR_OK && j->answer.n > 0) {
        buf_add_char(&j->answer, '\0');
        command_answer(s, j->tag, buf_slice(&j->answer).p);
    } else if (e == ERR_OK) {
        struct buf text;

        buf_init(&text, 64);
        buf_addf(&text, "OK %s done", j->command->name);
        buf_add_char(&text, '\0');
        command_answer(s, j->tag, buf_slice(&text).p);
        buf_release(&text);
    } else {
        command_answer(s, j->tag, j->refusal != NULL ? j->refusal : err_wire(e));
    }
    job_free(&s->job);
    view_rest(s);
}

bool command_step(struct imap_session *s, uint64_t deadline_us)
{
    struct job *j = s->job;
    size_t out_before = s->out.n;
    enum err e = ERR_OK;

    j->deadline_us = deadline_us;
    j->wants_input = j->wants_output = false;
    if (!j->ran) {
        e = run_step(s, j);
        if (e == ERR_MORE && !j->wants_input)
            tell_progress(s, j, out_before);
        if (e == ERR_MORE)
            return !j->wants_input && !job_step_is_full(s, j);
        j->ran = true;
        if (e != ERR_OK)
            j->late = e;
    }
    if (s->view.folder_id != 0 && (j->command->flags & COMMAND_SILENT) == 0 && !s->closed) {
        e = view_tell(s, may_tell_expunges(j));
        if (e == ERR_MORE) {
            j->wants_output = true;
            return false;
        }
    }
    if ((j->command->flags & COMMAND_UNASKED) == 0 && s->contexts != NULL &&
        contexts_fetch_begin(s))
        return true; /* and then on from here */
    end_job(s, j);
    return true;
}
