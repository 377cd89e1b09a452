/* imap/internal.h -- the insides of a session, shared by the files of this room only.
 *
 * A command is a row of the command table (command.c) and, while it runs, a job. A job's
 * `run` is called until it answers something else than ERR_MORE; between two calls the account
 * may be committed, run other sessions, or even fail, so a job keeps UIDs and numbers, never
 * pointers into the store.
 */
#ifndef ROOST_IMAP_INTERNAL_H
#define ROOST_IMAP_INTERNAL_H

#include "imap/session.h"
#include "mime/fold.h"
#include "wire/flag.h"
#include "wire/frame.h"
#include "wire/mailbox.h"
#include "wire/mailbox_filter.h"
#include "wire/partial.h"
#include "wire/reply.h"
#include "wire/seq_set.h"

enum {
    SESSION_LINE_OCTETS_MAX = 64 * 1024,
    SESSION_COMMAND_OCTETS_MAX = 64 * 1024,
    SESSION_OUTPUT_OCTETS_MAX = 256 << 20, /* never reached: steps end at the high-water mark */
    SESSION_ARENA_OCTETS_MAX = 64 << 20,   /* of one command */
    SESSION_BATCH_COMMANDS_MAX = 64,
    STEP_MESSAGES_MAX = 2000, /* messages one step of a changing command touches */
    VIEW_OWN_MAX = 1000,      /* own changes remembered while the view lags */
};

struct job;
struct notify;
struct contexts;

/* What ENABLE has turned on (RFC 5161), or a command that implies it. */
enum enabled {
    ENABLED_REV2 = 1,           /* RFC 9051 */
    ENABLED_CONDSTORE = 2,      /* RFC 7162 */
    ENABLED_QRESYNC = 4,        /* RFC 7162; implies CONDSTORE */
    ENABLED_UIDONLY = 8,        /* RFC 9586 */
    ENABLED_UTF8 = 16,          /* RFC 9755 */
    ENABLED_OBJECTID_PLUS = 32, /* draft-ietf-mailmaint-imap-objectid-bis */
};

/* ---- the selected mailbox (view.c) ---------------------------------------------------------- */

/* What the client knows of its mailbox: sequence number i + 1 is UID uid_at(map, i), for i < n.
 * With UIDONLY (RFC 9586) there are no numbers: what is known is every UID below uidnext that
 * exists or whose end has not been told. Such a view has a map only while a command runs, and never
 * one of its own: the folder's, as it was when the command began, as far as uidnext. */
struct view {
    uint64_t folder_id;    /* 0: nothing is selected */
    struct folder *folder; /* NULL while asleep, or when the folder no longer exists at all */
    struct uid_map *map;   /* NULL while asleep and in step */
    uint32_t n;
    uint32_t uidnext;       /* all UIDs below have been told */
    uint64_t modseq;        /* all changes up to here have been told */
    uint64_t told_modseq;   /* what the client takes for HIGHESTMODSEQ (RFC 7162 section 6) */
    uint64_t gone_modseq;   /* UIDONLY: all expunges up to here have been told */
    uint64_t part_modseq;   /* and of the changes of this one, those of */
    uint32_t part_uid;      /* UIDs up to here */
    uint32_t recent_from;   /* UIDs from here on are \Recent in this session */
    uint32_t keywords_told; /* how many of the folder's keywords FLAGS has named */
    bool readonly;          /* EXAMINE */
    bool held_back;         /* told_modseq was lowered, expunges being untold */
};

/* What the client has chosen for the session; a batch that fails takes it back as a whole. */
struct choices {
    unsigned enabled;         /* ENABLED_ bits; never taken back otherwise */
    enum collation collation; /* the active comparator (RFC 5255 section 4.2) */
    bool compressed;          /* COMPRESS was answered OK */
};

struct imap_session {
    const struct imap_settings *settings;
    struct account *account; /* NULL while asleep */
    struct buf in, out;
    uint32_t piece; /* octets of output that a step makes, about */
    struct frame frame;
    struct view view;
    struct seq_set saved; /* "$" (RFC 5182), UIDs, on the heap */
    uint64_t *own;        /* modseqs of own changes above view.modseq, n_own of them */
    size_t n_own;
    struct job *job;           /* the command that runs, or NULL */
    struct notify *notify;     /* what it watches (notify.h); NULL: NOTIFY was never used */
    struct contexts *contexts; /* results kept current (context.h); NULL: none */
    char *login_tag;           /* of the login that has not been answered; NULL afterwards */
    bool trusted;              /* local administrator: XIMPORT */
    struct choices chosen;
    bool draining; /* dropping the rest of a refused command */
    bool closed;
    bool identified;      /* ID was logged */
    enum imap_run then;   /* IMAP_INPUT, or what the owner has to do before the next command */
    uint64_t skip_octets; /* of a literal nobody wants */
    /* The batch that has not been committed. */
    struct {
        size_t out_mark; /* what stands in out before it */
        unsigned commands;
        struct buf tags;  /* of the commands that ended in it, each with a space behind */
        struct view view; /* as it was, with a reference to its map */
        struct buf ended; /* NOUPDATE for each context there was: told if it fails */
        struct choices chosen;
        bool in_job;  /* it began with a job at work */
        bool in_line; /* whose reply was not finished */
        bool begun;   /* a job has begun in it */
        bool invited; /* a "+ " for a literal stands in its output, and nothing came since */
        bool selects; /* a SELECT or EXAMINE was in it */
        bool saves;   /* "$" was changed in it */
    } batch;
};

static inline bool session_is_full(const struct imap_session *s)
{
    return s->out.n > imap_session_high(s);
}

/* ---- commands (command.c) ------------------------------------------------------------------- */

enum command_state { STATE_AUTHENTICATED = 1, STATE_SELECTED = 2, STATE_ANY = 3 };

enum command_flag {
    COMMAND_WRITES = 1,     /* each step runs in a savepoint */
    COMMAND_NUMBERS = 2,    /* uses sequence numbers: no EXPUNGE may be told while it runs
                             * (RFC 9051 section 7.5.1) */
    COMMAND_UID = 4,        /* the "UID ..." form */
    COMMAND_TRUSTED = 8,    /* only for trusted sessions */
    COMMAND_SILENT = 16,    /* tells no news (LOGOUT, SELECT) */
    COMMAND_READWRITE = 32, /* needs a mailbox that is selected read-write and still exists */
    COMMAND_STREAMS = 64,   /* takes its literals off the stream itself: append.h */
    COMMAND_SYNCS = 128,    /* its answer is news of the selected mailbox, which are told even to
                             * whom NOTIFY tells none (RFC 5465) */
    COMMAND_UNASKED = 256   /* a job of ours, which has no answer */
};

struct command {
    const char *name; /* upper case; "UID FETCH" for the UID form */
    unsigned states, flags;
    /* Check: read the arguments into job->args; change nothing. `in` stands behind the name. */
    enum err (*parse)(struct imap_session *s, struct job *j, struct lex *in);
    /* Act: one step. ERR_MORE: call again. */
    enum err (*run)(struct imap_session *s, struct job *j);
    /* Give back what args owns on the heap; may be NULL. */
    void (*release)(struct job *j);
};

struct job {
    const struct command *command;
    struct arena arena; /* arguments and everything else that lives as long as the job */
    char *text;         /* the command's octets, owned; slices in args borrow from them */
    char room[40];      /* `text` of a command that waits long, if it is short; zeroed */
    struct slice tag;
    void *args; /* the command's own, in the arena */
    uint64_t deadline_us;
    uint64_t modseq;     /* of this step; 0 until job_modseq is first asked */
    bool wants_input;    /* with ERR_MORE: not before more octets are there */
    bool wants_output;   /* with ERR_MORE: not before the output has drained */
    bool writes;         /* steps run in a savepoint; from COMMAND_WRITES, or set by parse */
    bool in_line;        /* part of a reply may have been sent: only its rest may follow */
    size_t answers_at;   /* where in the output begins what this step says of its own changes */
    enum err late;       /* found on the way; the answer when all else went well */
    const char *refusal; /* the answer of an error, instead of err_wire; static or in the arena */
    struct buf answer;   /* "OK [...] text", instead of the plain OK */
    bool ran;            /* run has answered; only the news is left to tell */
    struct job *behind;  /* of COMMAND_UNASKED: the job that waits for its end, owned; or NULL */
    bool limited;        /* MESSAGELIMIT: messages below limited_uid were not looked at */
    uint32_t limited_uid;
    uint64_t done, goal; /* messages, for INPROGRESS; goal 0: not known */
    uint64_t told_us;    /* monotonic; when the client last heard of this command */
    bool numbers;        /* it uses sequence numbers, though its row does not say so */
    bool expunged;       /* it has, so HIGHESTMODSEQ is told (RFC 7162 section 3.2.7) */
};

/* The tagged answer of a command; counts and remembers it for the batch. */
void command_answer(struct imap_session *s, struct slice tag, const char *text);
/* Find, parse and begin the whole command that stands in `text`. Answers errors itself. */
void command_begin(struct imap_session *s, struct slice text);
/* Make a job of the command in `text`. NULL: it cannot be run and has been answered; or, where
 * `cut` is given, `text` ends with a literal's header and an argument is that literal: *cut. */
struct job *command_prepare(struct imap_session *s, struct slice text, bool *cut);
/* Run it from now on. */
void command_start(struct imap_session *s, struct job *j);
/* The row for a command line: NULL if unknown. Leaves *in behind the name. */
const struct command *command_find(struct lex *in);
/* One step of s->job; ends and frees it when it is done. Returns false when it waits (see
 * wants_input, wants_output) or its time is up. */
bool command_step(struct imap_session *s, uint64_t deadline_us);
void job_free(struct job **j);
/* Make a job (not yet parsed). `text` is copied. */
struct job *job_new(const struct command *c, struct slice text, struct slice tag);
/* The modseq of this step. */
uint64_t job_modseq(struct imap_session *s, struct job *j);
/* The refusal of what is all or nothing and too much (RFC 9738 section 3.1). ERR_LIMIT, ERR_NOMEM.
 */
enum err job_refuse_messages(struct job *j, uint32_t limit);
/* Whether this step should end: time is up, or enough output. */
bool job_step_is_full(struct imap_session *s, struct job *j);

/* What CAPABILITY answers now. */
void session_write_capabilities(struct imap_session *s, struct buf *out);
/* Whether it is told of expunges by VANISHED (RFC 7162 section 3.2.10). */
static inline bool session_uses_vanished(const struct imap_session *s)
{
    return (s->chosen.enabled & (ENABLED_QRESYNC | ENABLED_UIDONLY)) != 0;
}
/* Whether the client has enabled all of these ENABLED_ bits. */
static inline bool session_enabled(const struct imap_session *s, unsigned bits)
{
    return (s->chosen.enabled & bits) == bits;
}
/* What "$" is from now on; owned by the session. */
void session_set_saved(struct imap_session *s, struct seq_set saved);
/* Leave what is selected, and say so (RFC 7162 section 3.2.11). */
void session_deselect(struct imap_session *s);
/* Whether UNAUTHENTICATE is announced and taken. */
bool session_can_unauthenticate(const struct imap_session *s);
/* Whether the client takes UTF-8 where RFC 3501 has only ASCII (RFC 9051, RFC 9755). */
static inline bool session_utf8(const struct imap_session *s)
{
    return (s->chosen.enabled & (ENABLED_REV2 | ENABLED_UTF8)) != 0;
}
enum mailbox_form session_form(const struct imap_session *s);
/* Tell a session that idles, or watches by NOTIFY, what it may hear now. ERR_MORE when the output
 * is full. */
must_use enum err session_tell(struct imap_session *s);
/* A session in a mailbox that was deleted, or is read-only: the error for a write. */
enum err view_check_writable(const struct imap_session *s);

/* ---- view.c, view_tell.c, view_write.c ------------------------------------------------------- */

void view_close(struct view *v);
/* Nothing is selected any more. */
void view_leave(struct imap_session *s);
struct view view_dup(const struct view *v);
/* Show folder f from now on; everything in it counts as told. */
must_use enum err view_open(struct imap_session *s, struct folder *f, bool readonly);
/* Take up / let go of the store's objects. */
must_use enum err view_wake(struct imap_session *s);
void view_sleep(struct imap_session *s);
/* Tell what happened since the cursor. Without `expunges` it stops before the first expunge.
 * ERR_MORE: the output is full; call again when it has drained. */
must_use enum err view_tell(struct imap_session *s, bool expunges);
/* UIDONLY, else nothing: a command begins to look at the mailbox; it has ended. */
void view_attend(struct imap_session *s);
void view_rest(struct imap_session *s);
/* view_tell for UIDONLY: expunges are always told. */
must_use enum err view_tell_by_uid(struct imap_session *s, struct arena *a);
/* What the two share: flag changes of messages below `known_uid`, if the client hears of them; if
 * not, *modseq, which has been reached, becomes what it may remember. ERR_MORE when the output is
 * full; the cursor then stands behind the last one told. */
must_use enum err view_tell_flags(struct imap_session *s, const struct messages *m,
                                  const struct change *c, size_t n, uint32_t known_uid,
                                  uint64_t *modseq);
/* "* 12 EXISTS", and RECENT in rev1, for the first n UIDs of map. */
void view_tell_exists(struct imap_session *s, const struct uid_map *map, uint32_t n);
/* What the log no longer tells: changed messages of the folder, in modseq order. */
must_use enum err view_compare_flags(const struct view *v, const struct messages *m,
                                     struct arena *a, size_t room, struct change **out, size_t *n);
/* The session itself has just changed its folder, whose HIGHESTMODSEQ was `before`: it has told
 * what it wanted to of that, so it is not news. */
void view_skip_own(struct imap_session *s, uint64_t before);
void view_forget_own(struct imap_session *s);
/* "* FLAGS" and PERMANENTFLAGS if there are keywords the client has not been told of. */
void view_tell_keywords(struct imap_session *s);
void view_write_flags_lines(struct imap_session *s);
/* "FLAGS (\Seen ...)". */
void view_write_flags(struct imap_session *s, uint32_t uid, uint8_t flags, uint32_t keywords);
/* The head of every FETCH line, "* 3 FETCH (" for view index 2. */
void view_write_fetch_begin(struct imap_session *s, uint32_t index, uint32_t uid);
/* A whole FETCH line that tells the flags of live message k, which stands at view index `index`;
 * with its UID if asked for (always where the protocol in use wants it, which goes for MODSEQ). */
void view_write_fetch_flags(struct imap_session *s, const struct messages *m, uint32_t index,
                            uint32_t k, bool with_uid);
/* The same without the flags: "* 3 FETCH (UID 7 MODSEQ (12))". */
void view_write_fetch_modseq(struct imap_session *s, const struct messages *m, uint32_t index,
                             uint32_t k);
/* "* VANISHED (EARLIER) 41,43:116", in lines of bounded length; nothing for an empty set. */
void view_write_vanished(struct imap_session *s, const struct seq_set *uids, bool earlier);
/* "* VANISHED" for UIDs that come one by one, ascending; nothing is allocated. */
enum { VANISHED_RANGES_MAX = 1000 }; /* in one line: some clients bound theirs */
struct vanished {
    struct imap_session *s;
    size_t n;
    struct seq_range range[VANISHED_RANGES_MAX];
};
void vanished_init(struct vanished *x, struct imap_session *s);
void vanished_add(struct vanished *x, uint32_t uid);
void vanished_end(struct vanished *x);
/* Where a UID stands in the view: index, or n if absent. */
uint32_t view_find(const struct view *v, uint32_t uid);
/* The live message of view index i: its index in *messages, or UINT32_MAX if it is expunged. */
uint32_t view_live(const struct view *v, const struct messages *m, uint32_t i);

/* ---- modseq.c: mod-sequences (RFC 7162) ------------------------------------------------------ */

/* The client has sent a CONDSTORE enabling command (section 3.1). */
void modseq_enable(struct imap_session *s);
/* "MODSEQ (12)", and remember that the client was told. */
void modseq_write(struct imap_session *s, uint64_t modseq);
/* "HIGHESTMODSEQ 12" of the selected mailbox, which the client takes from now on. */
void modseq_write_highest(struct imap_session *s, struct buf *out);
/* Before the tagged answer of a command that ends with `e`: what the client remembers must not
 * pass changes it has not been told, and it is to hear of its own expunges' mod-sequence. */
void modseq_tell(struct imap_session *s, struct job *j, enum err e);

/* ---- notify.c, notify_fetch.c: only with s->notify ------------------------------------------- */

void notify_free(struct notify **n);
/* Brackets of a batch, as in session.h. */
void notify_batch_begin(struct imap_session *s);
void notify_batch_failed(struct imap_session *s);
/* Whether news of the selected mailbox may be told at all now, and changed flags among them. */
bool notify_wants_selected(const struct imap_session *s);
bool notify_wants_flags(const struct imap_session *s);
/* The view is about to be left. */
void notify_left(struct imap_session *s);
/* Tell all that may be told now, of the selected mailbox too; its expunges if the client has asked
 * for them or if they are allowed anyhow. ERR_MORE when the output is full. */
must_use enum err notify_tell(struct imap_session *s, bool expunges);
/* Around a step that writes: tell others' changes first, so that the session's own can be passed
 * over (section 5). Call `after` when `before` was true. */
bool notify_before_write(struct imap_session *s, const struct job *j);
void notify_after_write(struct imap_session *s);
/* Messages with these UIDs, [from, to), have been told to exist. */
void notify_note_new(struct imap_session *s, uint32_t from, uint32_t to);
/* Fetch such messages (fetch_unasked_begin), if there are any. */
bool notify_fetch_begin(struct imap_session *s);

/* ---- fetch_unasked.c: a UID FETCH that nobody has sent --------------------------------------- */

/* Make " 7:9,12 (UID FLAGS)" the session's job; the one it has waits. False: it cannot be done. */
bool fetch_unasked_begin(struct imap_session *s, struct slice arguments);
/* That job, if it is the session's, is over, and what waited goes on. */
void fetch_unasked_end(struct imap_session *s);

/* ---- context*.c: only with s->contexts ------------------------------------------------------ */

void contexts_free(struct contexts **c);
/* Brackets of a batch, as in session.h; the second also without s->contexts. */
void contexts_batch_begin(struct imap_session *s);
void contexts_batch_failed(struct imap_session *s);
/* Around the view's own telling: what is expunged before, all else behind. Either may end the
 * contexts, and then s->contexts is NULL. */
void contexts_tell_expunges(struct imap_session *s);
void contexts_tell_rest(struct imap_session *s);
/* context_fetch.c: fetch (fetch_unasked_begin) what is to be fetched before more is told; false:
 * nothing. */
bool contexts_fetch_begin(struct imap_session *s);

/* ---- target.c: the messages a command names ------------------------------------------------- */

/* Walks a sequence set over the view, ascending. Sequence numbers are those of the view when the
 * walk began; the view must not change meanwhile (tell no expunges). */
struct target {
    struct seq_set set; /* resolved; UIDs or sequence numbers */
    bool uid;
    size_t range;
    uint32_t next; /* view index to go on with, within range */
    bool inside;
};
/* Resolve "*" and "$". ERR_SYNTAX for a sequence number that does not exist (RFC 9051 section
 * 6.4.5: BAD). */
must_use enum err target_init(struct imap_session *s, struct target *t, const struct seq_set *set,
                              bool uid);
/* Keep only this page of the messages; only of UIDs, and before the first is taken (RFC 9394
 * section 3.3). */
must_use enum err target_page(struct imap_session *s, struct arena *a, struct target *t,
                              const struct partial_range *page);
bool target_next(struct imap_session *s, struct target *t, uint32_t *index);
/* The same for those whose mod-sequence is above `since`, or which are no more in `m`, the
 * folder's messages. A view in step looks at nothing but the column. */
bool target_next_since(struct imap_session *s, struct target *t, const struct messages *m,
                       uint64_t since, uint32_t *index);
/* Put UIDs, or other numbers, in ascending order. */
void numbers_sort(uint32_t *number, size_t n);
/* For bsearch in such an array. */
int numbers_compare(const void *a, const void *b);
/* All UIDs named that are in the view, ascending, in the arena. */
must_use enum err target_uids(struct imap_session *s, struct arena *a, struct target *t,
                              uint32_t **uids, size_t *n);

/* Let the walk begin at the highest `limit` messages if it names more (RFC 9738 section 3.1), and
 * have the tagged answer say so. */
void target_limit(struct imap_session *s, struct job *j, struct target *t);
/* How many messages the walk still has before it, O(ranges log n). */
uint64_t target_count(const struct imap_session *s, const struct target *t);

/* ---- helpers of several families ------------------------------------------------------------ */

/* The folder of that name which can be selected; ERR_NOTFOUND, ERR_CANNOT for \Noselect. */
must_use enum err folder_selectable(struct imap_session *s, struct slice name, struct folder **f);
/* Whether the filter picks this folder: only what can be selected (RFC 5465 section 6). */
bool mailbox_filter_picks(const struct imap_session *s, const struct mailbox_filter *filter,
                          const struct folder *f);
/* The same by name, for what may be no mailbox any more. */
bool mailbox_filter_picks_name(struct account *a, const struct mailbox_filter *filter,
                               struct slice name);
/* Ids of the keywords of a flag list, created if need be. ERR_LIMIT, ERR_NOMEM. */
must_use enum err keywords_resolve(struct imap_session *s, struct arena *a,
                                   const struct flag_list *list, uint32_t **ids);
/* " <name> (MESSAGES 3 ...)" and " (attributes) "/" name". */
void status_write(struct imap_session *s, struct folder *f, uint32_t items);
/* Index of the first of `n` folders whose name is behind `last`, in the order of LIST. */
size_t folders_after(struct folder *const *f, size_t n, struct slice last);
void list_write_folder(struct imap_session *s, struct folder *f);
/* The same under another name, with \\NonExistent when f is NULL; old_name (p NULL: none) is what
 * it was called before (RFC 5465 section 5.4). */
void list_write_as(struct imap_session *s, const struct folder *f, struct slice name,
                   struct slice old_name);

struct metadata_list;
/* "* METADATA <name> (...)", one pair for each entry, NIL for those without a value. */
must_use enum err metadata_write(struct imap_session *s, struct folder *f,
                                 const struct metadata_list *list);
/* The answer when a value of so many octets is announced to SETMETADATA; NULL: it may come. */
const char *setmetadata_refuse_literal(uint64_t octets);

/* Handles a literal header: FRAME_LITERAL. */
void append_literal(struct imap_session *s);
/* append_limit.c: octets of the largest message this folder takes (RFC 7889), and whether that is
 * not the same for all of them. */
uint64_t append_limit(struct imap_session *s, struct folder *f);
bool append_limit_varies(struct imap_session *s);
/* A command with COMMAND_STREAMS will not be finished: have the rest of it dropped. */
void append_abandon(struct imap_session *s, struct job *j);

/* Whether `value` can be set as the filter of that name (RFC 5466 section 3.2). */
bool filter_is_valid(struct slice name, struct slice value);

/* ---- the families: one file each; what their rows point to ---------------------------------- */

#define COMMAND_PARSE(name) enum err name(struct imap_session *s, struct job *j, struct lex *in);
#define COMMAND_RUN(name)   enum err name(struct imap_session *s, struct job *j);
/* cmd_session.c */
COMMAND_PARSE(noop_parse)
COMMAND_RUN(noop_run)
COMMAND_RUN(capability_run)
COMMAND_PARSE(id_parse)
COMMAND_RUN(id_run)
COMMAND_PARSE(enable_parse_args)
COMMAND_RUN(enable_run)
COMMAND_RUN(logout_run)
COMMAND_RUN(namespace_run)
COMMAND_PARSE(already_parse)
COMMAND_RUN(already_run)
/* cmd_transport.c */
COMMAND_PARSE(compress_parse)
COMMAND_RUN(compress_run)
COMMAND_PARSE(unauthenticate_parse)
COMMAND_RUN(unauthenticate_run)
/* cmd_i18n.c */
COMMAND_PARSE(i18n_parse_args)
COMMAND_RUN(language_run)
COMMAND_RUN(comparator_run)
/* cmd_idle.c */
COMMAND_RUN(idle_run)
/* cmd_notify.c */
COMMAND_PARSE(notify_parse_args)
COMMAND_RUN(notify_run)
/* cmd_select.c */
COMMAND_PARSE(select_parse_args)
COMMAND_RUN(select_run)
COMMAND_RUN(examine_run)
COMMAND_RUN(unselect_run)
COMMAND_RUN(close_run)
/* cmd_mailbox.c */
/* One mailbox name, and nothing else. */
COMMAND_PARSE(mailbox_name_parse)
COMMAND_PARSE(create_parse_args)
COMMAND_RUN(create_run)
COMMAND_RUN(delete_run)
COMMAND_PARSE(rename_parse)
COMMAND_RUN(rename_run)
COMMAND_RUN(subscribe_run)
COMMAND_RUN(unsubscribe_run)
/* cmd_list.c, cmd_status.c */
COMMAND_PARSE(list_parse_args)
COMMAND_RUN(list_run)
COMMAND_PARSE(xlist_parse)
COMMAND_PARSE(lsub_parse)
COMMAND_RUN(lsub_run)
COMMAND_PARSE(status_parse_args)
COMMAND_RUN(status_run)
/* cmd_metadata.c */
COMMAND_PARSE(getmetadata_parse_args)
COMMAND_RUN(getmetadata_run)
COMMAND_PARSE(setmetadata_parse_args)
COMMAND_RUN(setmetadata_run)
/* cmd_quota.c */
COMMAND_PARSE(getquota_parse_args)
COMMAND_RUN(getquota_run)
COMMAND_RUN(getquotaroot_run)
COMMAND_PARSE(setquota_parse_args)
COMMAND_RUN(setquota_run)
/* cmd_append.c */
COMMAND_PARSE(append_parse_args)
COMMAND_RUN(append_run)
void append_release(struct job *j);
/* cmd_fetch.c */
COMMAND_PARSE(fetch_parse_args)
COMMAND_RUN(fetch_run)
void fetch_release(struct job *j);
/* cmd_store.c */
COMMAND_PARSE(store_parse_args)
COMMAND_RUN(store_run)
/* cmd_copy.c */
COMMAND_PARSE(copy_parse)
COMMAND_RUN(copy_run)
COMMAND_RUN(move_run)
/* cmd_expunge.c */
COMMAND_PARSE(expunge_parse)
COMMAND_RUN(expunge_run)
/* Expunge the messages with \Deleted in `only` (NULL: in the mailbox) from UID from_uid on, in this
 * step. *more: the step was not enough. */
must_use enum err expunge_step(struct imap_session *s, struct job *j, const struct seq_set *only,
                               uint32_t from_uid, bool *more);
/* cmd_uidbatches.c */
COMMAND_PARSE(uidbatches_parse)
COMMAND_RUN(uidbatches_run)
/* cmd_multisearch.c */
COMMAND_PARSE(multisearch_parse_args)
COMMAND_RUN(multisearch_run)
void multisearch_release(struct job *j);
/* cmd_search.c */
COMMAND_PARSE(search_parse_args)
COMMAND_RUN(search_run)
void search_release(struct job *j);
/* cmd_sort.c, cmd_thread.c */
COMMAND_PARSE(sort_parse_args)
COMMAND_RUN(sort_run)
void sort_release(struct job *j);
COMMAND_PARSE(thread_parse_args)
COMMAND_RUN(thread_run)
void thread_release(struct job *j);
/* context.c */
COMMAND_PARSE(cancelupdate_parse)
COMMAND_RUN(cancelupdate_run)
#undef COMMAND_PARSE
#undef COMMAND_RUN

#endif
