/* store/annotation.c -- metadata of mailboxes and of the account (RFC 5464): named values.
 *
 * Few accounts have any, so nothing is held in memory but how many octets they are in all; the
 * index finds an entry by folder, identity and name.
 */
#include "store/internal.h"

/* Take a row's value and name out of the statement, into what the account lends. */
static enum err lend(struct account *a, sqlite3_stmt *q, struct slice *name, struct slice *value)
{
    struct slice v = sql_slice(q, 0), n = sql_slice(q, 1);

    buf_clear(&a->scratch);
    buf_add_slice(&a->scratch, v);
    buf_add_slice(&a->scratch, n);
    if (a->scratch.overflowed)
        return ERR_CORRUPT;
    *value = slice_sub(buf_slice(&a->scratch), 0, v.n);
    if (name != NULL)
        *name = slice_sub(buf_slice(&a->scratch), v.n, n.n);
    return ERR_OK;
}

static uint64_t id_of(const struct folder *f)
{
    return f != NULL ? f->id : 0;
}

static enum err count_octets(struct account *a)
{
    if (a->annotation_octets >= 0)
        return ERR_OK;
    return sql_value(a, &a->annotation_octets, 0, ANNOTATION_OCTETS);
}

/* Most accounts have none at all, and every login and every upload asks. */
static bool has_none(struct account *a)
{
    return count_octets(a) == ERR_OK && a->annotation_octets == 0;
}

enum err annotation_get(struct account *a, struct folder *f, int identity, struct slice name,
                        struct slice *value)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    if (has_none(a))
        return ERR_NOTFOUND;
    TRY(sql_query(a, &q, ANNOTATION_GET, I_OR(id_of(f), 0), I(identity), T(name)));
    TRY(sql_step(a, q, &row));
    return row ? lend(a, q, NULL, value) : ERR_NOTFOUND;
}

enum err annotation_any(struct account *a, int identity, struct slice name)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    if (has_none(a))
        return ERR_NOTFOUND;
    TRY(sql_query(a, &q, ANNOTATION_ANY, I(identity), T(name)));
    TRY(sql_step(a, q, &row));
    return row ? ERR_OK : ERR_NOTFOUND;
}

enum err annotation_next(struct account *a, struct folder *f, int identity, struct slice after,
                         struct slice *name, struct slice *value)
{
    scoped_query sqlite3_stmt *q = NULL;
    bool row;

    TRY(sql_query(a, &q, ANNOTATION_NEXT, I_OR(id_of(f), 0), I(identity), T(after)));
    TRY(sql_step(a, q, &row));
    return row ? lend(a, q, name, value) : ERR_NOTFOUND;
}

/* ---- setting -------------------------------------------------------------------------------- */

/* Octets of the entry as it is now, name included; 0: there is none. */
static enum err entry_octets(struct account *a, struct folder *f, int identity, struct slice name,
                             size_t *octets)
{
    struct slice value;
    enum err e = annotation_get(a, f, identity, name, &value);

    if (e == ERR_NOTFOUND)
        *octets = 0;
    else if (e == ERR_OK)
        *octets = name.n + value.n;
    return e == ERR_NOTFOUND ? ERR_OK : e;
}

/* Whether the limits let it in, which replaces an entry of `old` octets. */
static enum err check_room(struct account *a, struct folder *f, size_t old, size_t octets)
{
    int64_t n;

    if (a->annotation_octets - (int64_t)old + (int64_t)octets > STORE_ANNOTATIONS_OCTETS_MAX)
        return ERR_LIMIT;
    if (old > 0)
        return ERR_OK;
    TRY(sql_value(a, &n, 0, ANNOTATION_COUNT, I_OR(id_of(f), 0)));
    return n < STORE_ANNOTATIONS_MAX ? ERR_OK : ERR_LIMIT;
}

/* The event's name is the whole entry, so that whoever tells of it need not put it together. */
static enum err log_set(struct account *a, struct folder *f, int identity, struct slice name,
                        uint64_t modseq)
{
    char entry[STORE_ANNOTATION_NAME_OCTETS_MAX + sizeof("/private")];
    int n = snprintf(entry, sizeof(entry), "%s%.*s",
                     identity == STORE_EVERYBODY ? "/shared" : "/private", SLICE_ARG(name));

    return event_log(a, f != NULL ? EVENT_METADATA : EVENT_METADATA_SERVER, modseq, id_of(f),
                     slice_of(entry, (size_t)n), SLICE_NULL);
}

/* What is said of a mailbox is a change of it (RFC 7162 section 3.2). */
static void note_change(struct folder *f, uint64_t modseq)
{
    if (f == NULL)
        return;
    folder_touch(state_of(f));
    f->highestmodseq = modseq;
}

static enum err replace(struct account *a, struct folder *f, int identity, struct slice name,
                        struct slice value, uint64_t modseq)
{
    TRY(sql_run(a, ANNOTATION_DELETE, I_OR(id_of(f), 0), I(identity), T(name)));
    if (value.p != NULL)
        TRY(sql_run(a, ANNOTATION_INSERT, I_OR(id_of(f), 0), I(identity), T(name), B(value),
                    I(modseq)));
    note_change(f, modseq);
    return log_set(a, f, identity, name, modseq);
}

enum err annotation_set(struct account *a, struct folder *f, int identity, struct slice name,
                        struct slice value, uint64_t modseq)
{
    size_t old, octets = value.p != NULL ? name.n + value.n : 0;

    if (name.n > STORE_ANNOTATION_NAME_OCTETS_MAX || value.n > STORE_ANNOTATION_OCTETS_MAX)
        return ERR_TOOBIG;
    if (f != NULL && f->gone)
        return ERR_NOTFOUND;
    TRY(count_octets(a));
    TRY(entry_octets(a, f, identity, name, &old));
    if (old == 0 && octets == 0)
        return ERR_OK;
    if (octets > 0)
        TRY(check_room(a, f, old, octets));
    TRY(change_begin(a));
    TRY(change_end(a, replace(a, f, identity, name, value, modseq)));
    a->annotation_octets += (int64_t)octets - (int64_t)old;
    return ERR_OK;
}

/* ---- with the folder ------------------------------------------------------------------------- */

enum err annotations_copy(struct folder_state *from, struct folder_state *to, uint64_t modseq)
{
    struct account *a = from->pub.account;

    a->annotation_octets = -1;
    return sql_run(a, ANNOTATION_COPY, I(to->pub.id), I(modseq), I(from->pub.id));
}

enum err annotations_drop(struct folder_state *f)
{
    struct account *a = f->pub.account;

    a->annotation_octets = -1;
    return sql_run(a, ANNOTATION_DROP, I(f->pub.id));
}
