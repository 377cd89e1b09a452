/* imap/cmd_metadata.c -- GETMETADATA and SETMETADATA, and the METADATA lines within LIST.
 *
 * Source: RFC 5464, RFC 9590 (LIST), RFC 6154 section 4 (/private/specialuse is what LIST shows,
 * and setting it moves the use here).
 *
 * An entry that was asked for by name and has no value is answered NIL; with DEPTH only what has a
 * value is told. One command writes one METADATA line, unless it has much to tell: a line ends
 * where a step does.
 */
#include "imap/internal.h"
#include "wire/create.h"
#include "wire/metadata.h"

#define TEXT_OF_(x)      #x
#define TEXT_OF(x)       TEXT_OF_(x)
#define VALUE_OCTETS_MAX 32768
_Static_assert(VALUE_OCTETS_MAX == STORE_ANNOTATION_OCTETS_MAX, "the answer names the maximum");

enum { CLOCK_EVERY = 64 }; /* entries */

struct metadata_job {
    struct metadata_args args;
    size_t at;                           /* entries done */
    bool base_done;                      /* of entry `at` the name itself has been answered, */
    char last[METADATA_NAME_OCTETS_MAX]; /* and of those below it all up to this one */
    size_t last_n;
    size_t longest;  /* octets of the longest value above MAXSIZE */
    unsigned looked; /* at so many entries */
};

/* One "* METADATA mailbox (" line being written; begun by its first entry. */
struct line {
    struct imap_session *s;
    struct folder *folder; /* NULL: the server */
    size_t max_octets;
    size_t longest; /* octets of the longest value that was left out; 0: none */
    bool open;
};

/* ---- answering ------------------------------------------------------------------------------- */

static int identity_of(bool private)
{
    return private ? STORE_OWNER : STORE_EVERYBODY;
}

static void line_add(struct line *l, bool private, struct slice name, struct slice value)
{
    struct buf *out = &l->s->out;

    if (value.n > l->max_octets) {
        l->longest = value.n > l->longest ? value.n : l->longest;
        return;
    }
    if (l->open) {
        buf_add_char(out, ' ');
    } else {
        buf_add_str(out, "* METADATA ");
        if (l->folder != NULL)
            mailbox_write(out, session_form(l->s), l->folder->name);
        else
            buf_add_str(out, "\"\"");
        buf_add_str(out, " (");
        l->open = true;
    }
    metadata_name_write(out, private, name);
    buf_add_char(out, ' ');
    metadata_value_write(out, value);
}

static void line_end(struct line *l)
{
    if (l->open)
        buf_add_str(&l->s->out, ")\r\n");
    l->open = false;
}

/* ---- /private/specialuse, which is not stored as an entry ------------------------------------ */

static const struct slice specialuse = {"/specialuse", 11};

static bool is_specialuse(const struct folder *f, bool private, struct slice name)
{
    return f != NULL && private && slice_eq_nocase(name, specialuse);
}

static void add_specialuse(struct line *l, bool nil)
{
    struct buf uses;

    buf_init(&uses, STORE_ANNOTATION_OCTETS_MAX);
    special_use_write(&uses, l->folder->special_use, false);
    if (uses.n > 0 || nil)
        line_add(l, true, specialuse, uses.n > 0 ? buf_slice(&uses) : SLICE_NULL);
    buf_release(&uses);
}

/* A use has one mailbox: whoever had it loses it, and the client is told (RFC 6154 section 5.4). */
static enum err set_specialuse(struct imap_session *s, struct folder *f, struct slice value,
                               uint64_t modseq)
{
    uint32_t uses = 0;
    size_t n;
    struct folder *const *all = account_folders(s->account, &n);

    if (value.p != NULL)
        TRY(special_use_read(value, &uses));
    for (size_t i = 0; i < n; i++) {
        struct line l = {.s = s, .folder = all[i], .max_octets = SIZE_MAX};

        if (all[i] == f || (all[i]->special_use & uses) == 0)
            continue;
        TRY(folder_set_use(all[i], all[i]->special_use & ~uses, modseq));
        add_specialuse(&l, true);
        line_end(&l);
    }
    return folder_set_use(f, uses, modseq);
}

/* ---- entries --------------------------------------------------------------------------------- */

/* The entry of that name. `nil`: also when it has no value. */
static enum err add_named(struct line *l, const struct metadata_entry *entry, bool nil)
{
    struct slice value = SLICE_NULL;
    enum err e;

    if (is_specialuse(l->folder, entry->private, entry->name)) {
        add_specialuse(l, nil);
        return ERR_OK;
    }
    e = annotation_get(l->s->account, l->folder, identity_of(entry->private), entry->name, &value);
    if (e != ERR_OK && e != ERR_NOTFOUND)
        return e;
    if (value.p != NULL || nil)
        line_add(l, entry->private, entry->name, value);
    return ERR_OK;
}

enum err metadata_write(struct imap_session *s, struct folder *f, const struct metadata_list *list)
{
    struct line l = {.s = s, .folder = f, .max_octets = SIZE_MAX};
    enum err e = ERR_OK;

    for (size_t i = 0; i < list->n && e == ERR_OK; i++)
        e = add_named(&l, &list->entry[i], true);
    line_end(&l);
    return e;
}

/* ---- GETMETADATA ----------------------------------------------------------------------------- */

static enum err parse(struct imap_session *s, struct job *j, struct lex *in,
                      enum err (*parser)(struct lex *, struct arena *, enum mailbox_form,
                                         struct metadata_args *))
{
    struct metadata_job *m = arena_new(&j->arena, struct metadata_job);

    if (m == NULL)
        return ERR_NOMEM;
    j->args = m;
    TRY(lex_space(in));
    return parser(in, &j->arena, session_form(s), &m->args);
}

enum err getmetadata_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    return parse(s, j, in, getmetadata_parse);
}

/* An entry has been looked at. The clock is not asked at once, so that what people ask for is told
 * in one line however busy the server is. */
static bool is_full_after_entry(struct imap_session *s, struct job *j, struct metadata_job *m)
{
    return session_is_full(s) || (++m->looked % CLOCK_EVERY == 0 && job_step_is_full(s, j));
}

/* Names below `base` begin with it and a slash; they stand together in the store's order. */
static void begin_below(struct metadata_job *m, struct slice base)
{
    memcpy(m->last, base.p, base.n);
    m->last[base.n] = '/';
    m->last_n = base.n + 1;
    m->base_done = true;
}

static enum err add_below(struct job *j, struct metadata_job *m, struct line *l,
                          const struct metadata_entry *entry)
{
    for (;;) {
        struct slice name, value;
        enum err e = annotation_next(l->s->account, l->folder, identity_of(entry->private),
                                     slice_of(m->last, m->last_n), &name, &value);

        if (e == ERR_NOTFOUND ||
            (e == ERR_OK && !metadata_is_below(entry->name, name, METADATA_DEPTH_INFINITY)))
            break;
        if (e != ERR_OK)
            return e;
        if (metadata_is_below(entry->name, name, m->args.depth))
            line_add(l, entry->private, name, value);
        memcpy(m->last, name.p, name.n);
        m->last_n = name.n;
        if (is_full_after_entry(l->s, j, m))
            return ERR_MORE;
    }
    if (l->folder != NULL && entry->private &&
        metadata_is_below(entry->name, specialuse, m->args.depth))
        add_specialuse(l, false);
    return ERR_OK;
}

static enum err add_entry(struct job *j, struct metadata_job *m, struct line *l,
                          const struct metadata_entry *entry)
{
    bool deep = m->args.depth != METADATA_DEPTH_0;

    if (!m->base_done)
        TRY(add_named(l, entry, !deep));
    if (deep) {
        if (!m->base_done)
            begin_below(m, entry->name);
        TRY(add_below(j, m, l, entry));
    }
    m->at++;
    m->base_done = false;
    return is_full_after_entry(l->s, j, m) && m->at < m->args.list.n ? ERR_MORE : ERR_OK;
}

static enum err find_folder(struct imap_session *s, const struct metadata_args *args,
                            struct folder **out)
{
    *out = args->mailbox.p != NULL ? folder_find(s->account, args->mailbox) : NULL;
    return *out != NULL || args->mailbox.p == NULL ? ERR_OK : ERR_NOTFOUND;
}

enum err getmetadata_run(struct imap_session *s, struct job *j)
{
    struct metadata_job *m = j->args;
    struct line l = {.s = s, .max_octets = m->args.max_octets, .longest = m->longest};
    enum err e = ERR_OK;

    TRY(find_folder(s, &m->args, &l.folder));
    while (m->at < m->args.list.n && e == ERR_OK)
        e = add_entry(j, m, &l, &m->args.list.entry[m->at]);
    line_end(&l);
    m->longest = l.longest;
    if (e == ERR_OK && m->longest > 0)
        buf_addf(&j->answer, "OK [METADATA LONGENTRIES %zu] GETMETADATA done", m->longest);
    return e;
}

/* ---- SETMETADATA ----------------------------------------------------------------------------- */

enum err setmetadata_parse_args(struct imap_session *s, struct job *j, struct lex *in)
{
    return parse(s, j, in, setmetadata_parse);
}

const char *setmetadata_refuse_literal(uint64_t octets)
{
    return octets > VALUE_OCTETS_MAX
               ? "NO [METADATA MAXSIZE " TEXT_OF(VALUE_OCTETS_MAX) "] Value is too long"
               : NULL;
}

/* RFC 5466 section 3.2: what is set below is checked. */
#define FILTERS SLICE("/filters/values/")

static enum err set_entry(struct imap_session *s, struct job *j, struct folder *f,
                          const struct metadata_entry *entry)
{
    if (is_specialuse(f, entry->private, entry->name))
        return set_specialuse(s, f, entry->value, job_modseq(s, j));
    if (f == NULL && !entry->private && slice_eq_nocase(entry->name, SLICE("/admin")) &&
        !s->trusted)
        return ERR_NOPERM; /* RFC 5464 section 6.2.2: clients cannot change it */
    if (f == NULL && slice_starts_nocase(entry->name, FILTERS) && entry->value.p != NULL &&
        !filter_is_valid(slice_sub(entry->name, FILTERS.n, entry->name.n), entry->value)) {
        j->refusal = "NO [CANNOT] Not a search criterion";
        return ERR_CANNOT;
    }
    return annotation_set(s->account, f, identity_of(entry->private), entry->name, entry->value,
                          job_modseq(s, j));
}

enum err setmetadata_run(struct imap_session *s, struct job *j)
{
    const struct metadata_job *m = j->args;
    struct folder *f;
    enum err e = ERR_OK;

    TRY(find_folder(s, &m->args, &f));
    for (size_t i = 0; i < m->args.list.n && e == ERR_OK; i++)
        e = set_entry(s, j, f, &m->args.list.entry[i]);
    if (e == ERR_TOOBIG)
        j->refusal = setmetadata_refuse_literal(UINT64_MAX);
    else if (e == ERR_LIMIT)
        j->refusal = "NO [METADATA TOOMANY] No room for more entries";
    return e;
}
