/* imap/context_tell.c -- ADDTO and REMOVEFROM (RFC 5267 sections 4.3.2 to 4.3.4).
 *
 * Around the view's own telling: what is expunged leaves the results before the EXPUNGE, while its
 * number is right, and at once, though the EXPUNGE itself may have to wait; everything else comes
 * behind the EXISTS and FETCH that it goes with. In a SEARCH the position is 0 and lists are in
 * mailbox order; in a SORT removals are told from the end and additions from the start, so that
 * no position is moved by another pair.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/context.h"

/* One context and what happens to its results, while it is told. */
struct update {
    struct imap_session *s;
    struct context *c;
    const struct messages *m;
    struct candidate candidate;
    uint32_t *added; /* UIDs, ascending */
    size_t n_added, cap_added;
    bool *removed;   /* of each result; NULL: none */
    uint64_t *place; /* of a SORT's results, UID << 32 | position, ascending; NULL: not worth it */
};

enum { PLACES_FROM = 64 }; /* changes from which on results are not looked for one by one */

/* ---- asking --------------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a >> 32, y = *(const uint64_t *)b >> 32;

    return (x > y) - (x < y);
}

static struct update update_begin(struct imap_session *s, struct context *c,
                                  const struct messages *m, size_t changes)
{
    struct update u = {.s = s, .c = c, .m = m};

    if (c->sort == NULL || changes < PLACES_FROM)
        return u;
    u.place = mem_calloc(c->n + 1, sizeof(*u.place));
    for (size_t i = 0; i < c->n; i++)
        u.place[i] = (uint64_t)c->result[i] << 32 | i;
    qsort(u.place, c->n, sizeof(*u.place), compare_places);
    return u;
}

static void update_end(struct update *u)
{
    candidate_release(&u->candidate);
    free(u->added);
    free(u->removed);
    free(u->place);
}

/* Where a UID stands among the results; c->n if it does not. */
static size_t position(const struct update *u, uint32_t uid)
{
    const struct context *c = u->c;
    const uint32_t *found;
    uint64_t wanted = (uint64_t)uid << 32, *place;

    if (c->n == 0)
        return 0;
    if (c->sort == NULL) {
        found = bsearch(&uid, c->result, c->n, sizeof(*c->result), numbers_compare);
        return found != NULL ? (size_t)(found - c->result) : c->n;
    }
    if (u->place != NULL) {
        place = bsearch(&wanted, u->place, c->n, sizeof(*place), compare_places);
        return place != NULL ? (uint32_t)*place : c->n;
    }
    for (size_t i = 0; i < c->n; i++) {
        if (c->result[i] == uid)
            return i;
    }
    return c->n;
}

static void note_removed(struct update *u, size_t position)
{
    if (u->removed == NULL)
        u->removed = mem_calloc(u->c->n, sizeof(*u->removed));
    u->removed[position] = true;
}

static void note_added(struct update *u, uint32_t uid)
{
    if (u->n_added == u->cap_added) {
        u->cap_added = u->cap_added > 0 ? u->cap_added * 2 : 16;
        u->added = mem_resize(u->added, u->cap_added, sizeof(*u->added));
    }
    u->added[u->n_added++] = uid;
}

/* Look at the message at view index `at`, which has changed or is new. */
static enum err look_at(struct update *u, uint32_t at)
{
    uint32_t uid = uid_at(u->s->view.map, at), k = view_live(&u->s->view, u->m, at);
    size_t here;
    bool is;

    if (k == UINT32_MAX)
        return ERR_OK; /* gone, which has been told */
    is = context_matches(u->c, &u->candidate, at, k);
    here = position(u, uid);
    if (u->candidate.error != ERR_OK)
        return u->candidate.error;
    if (is && here == u->c->n)
        note_added(u, uid);
    else if (!is && here < u->c->n)
        note_removed(u, here);
    return ERR_OK;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void begin_line(struct update *u, const char *item)
{
    struct buf *out = &u->s->out;

    buf_add_str(out, "* ESEARCH (TAG ");
    reply_quoted(out, u->c->tag);
    buf_addf(out, ")%s %s (", u->c->uid ? " UID" : "", item);
}

static uint32_t number_of(const struct update *u, uint32_t uid)
{
    return u->c->uid ? uid : view_find(&u->s->view, uid) + 1;
}

/* "17:18,3": in this order, ranges upwards. */
static void write_uids(struct update *u, const uint32_t *uid, size_t n)
{
    struct buf *out = &u->s->out;

    for (size_t i = 0; i < n;) {
        uint32_t first = number_of(u, uid[i]), last = first;

        buf_add_str(out, i > 0 ? "," : "");
        buf_add_u64(out, first);
        while (++i < n && number_of(u, uid[i]) == last + 1)
            last++;
        if (last > first)
            buf_addf(out, ":%u", last);
    }
}

static void write_pair(struct update *u, bool first, size_t position, const uint32_t *uid, size_t n)
{
    buf_addf(&u->s->out, "%s%zu ", first ? "" : " ", position);
    write_uids(u, uid, n);
}

/* Runs of results that go, the last first. */
static void write_removed_runs(struct update *u)
{
    const struct context *c = u->c;
    bool first = true;

    for (size_t end = c->n; end > 0; end--) {
        size_t start = end;

        while (start > 0 && u->removed[start - 1])
            start--;
        if (start == end)
            continue;
        write_pair(u, first, start + 1, c->result + start, end - start);
        first = false;
        end = start + 1; /* less one: what stands before the run stays */
    }
}

static void drop_removed(struct update *u)
{
    size_t kept = 0;

    for (size_t i = 0; i < u->c->n; i++) {
        if (!u->removed[i])
            u->c->result[kept++] = u->c->result[i];
    }
    u->c->n = kept;
}

static void tell_removed(struct update *u)
{
    struct context *c = u->c;
    uint32_t *gone;
    size_t n = 0;

    if (u->removed == NULL)
        return;
    begin_line(u, "REMOVEFROM");
    if (c->sort != NULL) {
        write_removed_runs(u);
    } else {
        gone = mem_calloc(c->n + 1, sizeof(*gone));
        for (size_t i = 0; i < c->n; i++) {
            if (u->removed[i])
                gone[n++] = c->result[i];
        }
        write_pair(u, true, 0, gone, n);
        free(gone);
    }
    buf_add_str(&u->s->out, ")\r\n");
    drop_removed(u);
}

/* Ascending, each once: a message may have changed more than once. */
static void order_added(struct update *u)
{
    size_t kept = 0;

    numbers_sort(u->added, u->n_added);
    for (size_t i = 0; i < u->n_added; i++) {
        if (kept == 0 || u->added[kept - 1] != u->added[i])
            u->added[kept++] = u->added[i];
    }
    u->n_added = kept;
}

/* Put the added ones among the results: ascending, to be sorted if need be. */
static void merge_added(struct update *u)
{
    struct context *c = u->c;

    c->result = mem_resize(c->result, c->n + u->n_added, sizeof(*c->result));
    memcpy(c->result + c->n, u->added, u->n_added * sizeof(*c->result));
    c->n += u->n_added;
    numbers_sort(c->result, c->n);
}

/* The results in the order of the program. Those no longer there have been taken out before, but
 * for what this very step has expunged: they go, and are told as gone the next time. */
static enum err sort_results(struct update *u)
{
    struct context *c = u->c;
    struct folder *f = u->s->view.folder;
    uint32_t *live = mem_calloc(c->n + 1, sizeof(*live));
    bool more = true;
    enum err e;

    e = folder_sort_load(f, sort_columns_of(c->sort, c->collation), CONTEXT_KEYS_AT_ONCE_MAX,
                         &more);
    if (e == ERR_OK && more)
        e = ERR_LIMIT;
    for (size_t i = 0; e == ERR_OK && i < c->n; i++) {
        live[i] = uid_map_lower(u->m->map, u->m->n, c->result[i]);
        if (live[i] == u->m->n || uid_at(u->m->map, live[i]) != c->result[i])
            e = ERR_LIMIT;
    }
    if (e == ERR_OK) {
        sort_live(c->sort, c->collation, u->m, folder_sort_columns(f), live, c->n);
        for (size_t i = 0; i < c->n; i++)
            c->result[i] = uid_at(u->m->map, live[i]);
    }
    free(live);
    return e;
}

static bool is_added(const struct update *u, uint32_t uid)
{
    return bsearch(&uid, u->added, u->n_added, sizeof(*u->added), numbers_compare) != NULL;
}

/* Runs of new results where they now stand, the first first. */
static void write_added_runs(struct update *u)
{
    const struct context *c = u->c;
    bool first = true;

    for (size_t start = 0; start < c->n; start++) {
        size_t end = start;

        while (end < c->n && is_added(u, c->result[end]))
            end++;
        if (start == end)
            continue;
        write_pair(u, first, start + 1, c->result + start, end - start);
        first = false;
        start = end;
    }
}

static enum err tell_added(struct update *u)
{
    if (u->n_added == 0)
        return ERR_OK;
    order_added(u);
    merge_added(u);
    if (u->c->sort != NULL)
        TRY(sort_results(u));
    begin_line(u, "ADDTO");
    if (u->c->sort != NULL)
        write_added_runs(u);
    else
        write_pair(u, true, 0, u->added, u->n_added);
    buf_add_str(&u->s->out, ")\r\n");
    return ERR_OK;
}

/* ---- the two moments ------------------------------------------------------------------------- */

/* A context that cannot be kept current ends with NOUPDATE. */
static void give_up(struct imap_session *s, struct context **c)
{
    context_write_noupdate(s, (*c)->tag, "Too much to keep current");
    context_free(c);
}

static void tell_expunged(struct imap_session *s, struct context *c, const struct messages *m,
                          const struct change *change, size_t n)
{
    struct update u = update_begin(s, c, m, n);

    candidate_init(&u.candidate, s, m);
    for (size_t i = 0; i < n; i++) {
        size_t here;

        if (change[i].kind == CHANGE_EXPUNGE && (here = position(&u, change[i].uid)) < c->n)
            note_removed(&u, here);
    }
    tell_removed(&u);
    update_end(&u);
}

/* Changed ones below the cursor, new ones from it on; each once. */
static enum err tell_rest(struct imap_session *s, struct context *c, const struct messages *m,
                          const struct change *change, size_t n)
{
    const struct view *v = &s->view;
    uint32_t from = uid_map_lower(v->map, v->n, s->contexts->uidnext);
    struct update u = update_begin(s, c, m, n + v->n - from);
    enum err e = context_refresh(s, c);

    candidate_init(&u.candidate, s, m);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        uint32_t at = change[i].kind == CHANGE_FLAGS ? view_find(v, change[i].uid) : v->n;

        if (at < v->n && change[i].uid < s->contexts->uidnext)
            e = look_at(&u, at);
    }
    for (uint32_t at = from; e == ERR_OK && at < v->n; at++)
        e = look_at(&u, at);
    if (e == ERR_OK) {
        tell_removed(&u);
        e = tell_added(&u);
    }
    update_end(&u);
    return e;
}

static enum err changes_since(struct imap_session *s, struct arena *a, struct change **c, size_t *n)
{
    return folder_changes(s->view.folder, s->contexts->modseq, a, c, n);
}

/* Nobody can tell what has changed: they all end. */
static void give_all_up(struct imap_session *s)
{
    while (s->contexts->first != NULL)
        give_up(s, &s->contexts->first);
    contexts_free(&s->contexts);
}

static bool in_step(const struct imap_session *s)
{
    return s->contexts->modseq == s->view.folder->highestmodseq &&
           s->contexts->uidnext == s->view.uidnext;
}

/* With UIDONLY a view has no map of its own; a command at work may have one, which it needs back
 * as it was. */
static struct view attend(struct imap_session *s)
{
    struct view before = s->view;

    if (session_enabled(s, ENABLED_UIDONLY)) {
        s->view.map = NULL;
        view_attend(s);
    }
    return before;
}

static void restore(struct imap_session *s, struct view before)
{
    if (!session_enabled(s, ENABLED_UIDONLY))
        return;
    view_rest(s);
    s->view.map = before.map;
    s->view.n = before.n;
}

/* What has happened since the cursor; false, with all contexts ended, if nobody knows. */
static bool news(struct imap_session *s, struct arena *a, struct messages **m,
                 struct change **change, size_t *n)
{
    arena_init(a, SESSION_ARENA_OCTETS_MAX);
    if (folder_messages(s->view.folder, m) == ERR_OK && changes_since(s, a, change, n) == ERR_OK)
        return true;
    give_all_up(s);
    return false;
}

void contexts_tell_expunges(struct imap_session *s)
{
    struct arena a;
    struct change *change;
    struct messages *m;
    struct view before;
    size_t n;

    if (in_step(s))
        return;
    before = attend(s);
    if (news(s, &a, &m, &change, &n)) {
        for (struct context *c = s->contexts->first; c != NULL; c = c->next)
            tell_expunged(s, c, m, change, n);
    }
    arena_clear(&a);
    restore(s, before);
}

static void tell_each(struct imap_session *s, const struct messages *m, const struct change *change,
                      size_t n)
{
    for (struct context **c = &s->contexts->first; *c != NULL;) {
        if (tell_rest(s, *c, m, change, n) != ERR_OK)
            give_up(s, c);
        else
            c = &(*c)->next;
    }
    s->contexts->modseq = s->view.folder->highestmodseq;
    s->contexts->uidnext = s->view.uidnext;
    if (s->contexts->first == NULL)
        contexts_free(&s->contexts);
}

void contexts_tell_rest(struct imap_session *s)
{
    struct arena a;
    struct change *change;
    struct messages *m;
    struct view before;
    size_t n;

    if (in_step(s))
        return;
    before = attend(s);
    if (news(s, &a, &m, &change, &n) && !contexts_await_fetch(s, m))
        tell_each(s, m, change, n);
    arena_clear(&a);
    restore(s, before);
}
