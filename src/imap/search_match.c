/* imap/search_match.c -- does this message match? The tree of keys, asked cheapest first.
 *
 * Source: RFC 9051 section 6.4.4, RFC 5032 (OLDER, YOUNGER), RFC 5255 section 4.6 (the
 * comparator). Depth is bounded by SEARCH_DEPTH_MAX, so recursion is.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "imap/gmail.h"
#include "imap/search.h"
#include "mime/charset.h"
#include "wire/object_id.h"

/* ---- making --------------------------------------------------------------------------------- */

static enum match_cost cost_of(const struct search_key *key)
{
    switch (key->kind) {
    case SEARCH_SENTBEFORE:
    case SEARCH_SENTON:
    case SEARCH_SENTSINCE:
        return COST_ROW;
    case SEARCH_HEADER:
        return COST_HEADER;
    case SEARCH_BODY:
    case SEARCH_TEXT:
        return COST_BODY;
    default:
        return COST_COLUMN;
    }
}

/* The text in the charset of the search, as UTF-8 and folded. */
static enum err fold_text(const struct search_program *program, enum collation collation,
                          struct slice text, struct buf *folded)
{
    struct buf utf8;
    enum err e = ERR_OK;

    buf_init(&utf8, SEARCH_TEXT_OCTETS_MAX * 4);
    if (program->charset.p != NULL)
        e = charset_to_utf8(program->charset, text, &utf8);
    else
        buf_add_slice(&utf8, text);
    text_fold(collation, buf_slice(&utf8), folded);
    if (e == ERR_OK && (utf8.overflowed || folded->overflowed))
        e = ERR_LIMIT;
    buf_release(&utf8);
    return e;
}

struct making {
    struct imap_session *s;
    struct arena *arena;
    const struct search_program *program;
    struct matcher **needles;
    int64_t now; /* one moment for the whole search */
    unsigned body_keys, fuzzy_keys, label_keys;
};

static enum err make(struct making *x, const struct search_key *key, struct matcher **out);

/* Those of one cost stay in their order. */
static enum err make_children(struct making *x, const struct search_key *key, struct matcher *t)
{
    struct matcher *first[MATCH_COSTS] = {0}, **end[MATCH_COSTS], *child;

    for (int i = 0; i < MATCH_COSTS; i++)
        end[i] = &first[i];
    for (const struct search_key *c = key->child; c != NULL; c = c->next) {
        TRY(make(x, c, &child));
        *end[child->cost] = child;
        end[child->cost] = &child->next;
        if (child->cost > t->cost)
            t->cost = child->cost;
        t->scored |= child->scored;
    }
    for (int i = MATCH_COSTS; i > 0; i--) {
        *end[i - 1] = t->child;
        t->child = first[i - 1];
    }
    return ERR_OK;
}

static void bind_set(struct imap_session *s, struct matcher *t, const struct view *v)
{
    const struct seq_set *set = &t->key->set;

    if (set->saved) {
        t->set = v == &s->view ? s->saved : (struct seq_set){0};
        return;
    }
    t->set = *set;
    if (!set->star)
        return;
    if (set->n > 0)
        memcpy(t->room, set->range, set->n * sizeof(*t->room));
    t->set.range = t->room;
    seq_set_resolve(&t->set, !t->uid ? v->n : v->n > 0 ? uid_at(v->map, v->n - 1) : 0);
}

static enum err make_set(struct making *x, const struct search_key *key, struct matcher *t)
{
    t->uid = key->kind == SEARCH_UID || key->set.saved;
    t->room = arena_array(x->arena, struct seq_range, key->set.star ? key->set.n + 1 : 0);
    if (t->room == NULL)
        return ERR_NOMEM;
    bind_set(x->s, t, &x->s->view);
    return ERR_OK;
}

void matcher_rebind(struct imap_session *s, struct matcher *t, const struct view *v)
{
    if (t->key->kind == SEARCH_SEQ || t->key->kind == SEARCH_UID)
        bind_set(s, t, v);
    for (t = t->child; t != NULL; t = t->next)
        matcher_rebind(s, t, v);
}

static enum err make_fuzzy(struct making *x, struct matcher *t, struct slice folded)
{
    if (x->fuzzy_keys++ == SEARCH_FUZZY_KEYS_MAX)
        return ERR_LIMIT;
    if ((t->fuzzy = arena_new(x->arena, struct fuzzy)) == NULL)
        return ERR_NOMEM;
    fuzzy_init(t->fuzzy, folded);
    return ERR_OK;
}

/* What is looked for. A fuzzy search pays no heed to the comparator (RFC 6203 section 3). */
static enum err make_string(struct making *x, const struct search_key *key, struct matcher *t)
{
    struct buf folded;
    enum err e;

    t->hits_of = UINT64_MAX;
    t->field = key->kind == SEARCH_HEADER ? gist_field_of(key->field) : GIST_FIELDS;
    t->collation = key->fuzzy ? COLLATION_UNICODE : x->s->chosen.collation;
    buf_init(&folded, NEEDLE_OCTETS_MAX);
    e = fold_text(x->program, t->collation, key->text, &folded);
    if (e == ERR_OK)
        e = needle_init(&t->needle, buf_slice(&folded));
    if (e == ERR_OK) {
        t->needle_next = *x->needles;
        *x->needles = t;
    }
    if (e == ERR_OK && key->fuzzy)
        e = make_fuzzy(x, t, buf_slice(&folded));
    buf_release(&folded);
    return e;
}

static int compare_bodies(const void *pa, const void *pb)
{
    const uint64_t *a = pa, *b = pb;

    return *a < *b ? -1 : *a > *b;
}

/* A label means the bodies that its mailbox holds. */
static enum err make_label(struct making *x, const struct search_key *key, struct matcher *t)
{
    struct folder *f;
    struct messages *m;

    if (gmail_mark(key->text) == GMAIL_IMPORTANT)
        return gmail_important(x->s->account, false, &t->keyword);
    if ((f = gmail_folder(x->s, key->text)) == NULL)
        return ERR_OK;
    if (x->label_keys++ == SEARCH_LABEL_KEYS_MAX)
        return ERR_LIMIT;
    TRY(folder_messages(f, &m));
    t->bodies = (struct body_set){.n = m->n, .body = arena_array(x->arena, uint64_t, m->n)};
    if (t->bodies.body == NULL)
        return ERR_NOMEM;
    memcpy(t->bodies.body, m->body, m->n * sizeof(*m->body));
    qsort(t->bodies.body, t->bodies.n, sizeof(*t->bodies.body), compare_bodies);
    return ERR_OK;
}

static enum err make(struct making *x, const struct search_key *key, struct matcher **out)
{
    struct matcher *t = arena_new(x->arena, struct matcher);

    if (t == NULL)
        return ERR_NOMEM;
    t->key = key;
    t->cost = cost_of(key);
    t->scored = key->fuzzy;
    if (t->cost == COST_BODY && x->body_keys++ == SEARCH_BODY_KEYS_MAX)
        return ERR_LIMIT;
    switch (key->kind) {
    case SEARCH_AND:
    case SEARCH_OR:
        TRY(make_children(x, key, t));
        break;
    case SEARCH_SEQ:
    case SEARCH_UID:
        TRY(make_set(x, key, t));
        break;
    case SEARCH_KEYWORD:
        TRY(keyword_id(x->s->account, key->text, false, &t->keyword));
        break;
    case SEARCH_HEADER:
    case SEARCH_BODY:
    case SEARCH_TEXT:
        TRY(make_string(x, key, t));
        break;
    case SEARCH_GM_MSGID:
    case SEARCH_GM_THRID:
        t->object = key->size;
        TRY(bodies_with_id(x->s->account, t->object, key->kind == SEARCH_GM_THRID, x->arena,
                           &t->bodies));
        break;
    case SEARCH_GM_LABEL:
        TRY(make_label(x, key, t));
        break;
    case SEARCH_EMAILID:
        t->object = object_id_read(key->text, OBJECT_EMAIL);
        TRY(bodies_with_id(x->s->account, t->object, false, x->arena, &t->bodies));
        break;
    case SEARCH_THREADID:
        t->object = object_id_read(key->text, OBJECT_THREAD);
        TRY(bodies_with_id(x->s->account, t->object, true, x->arena, &t->bodies));
        break;
    default:
        matcher_make_range(t, x->now);
        break;
    }
    *out = t;
    return ERR_OK;
}

enum err matcher_new(struct imap_session *s, struct arena *a, const struct search_program *program,
                     struct matcher **out, struct matcher **needles)
{
    struct making x = {
        .s = s, .arena = a, .program = program, .needles = needles, .now = clock_wall_s()};

    *needles = NULL;
    if (program->charset.p != NULL && !charset_known(program->charset))
        return ERR_BADCHARSET;
    if (program->has_seq && session_enabled(s, ENABLED_UIDONLY))
        return ERR_UIDREQUIRED; /* RFC 9586 section 3.5 */
    return make(&x, program->root, out);
}

void matcher_release(struct matcher *needles)
{
    for (; needles != NULL; needles = needles->needle_next)
        needle_release(&needles->needle);
}

/* ---- asking --------------------------------------------------------------------------------- */

static int32_t day_of(int64_t seconds)
{
    return (int32_t)(seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400));
}

int32_t candidate_internal_day(const struct candidate *c)
{
    return day_of(c->m->internaldate[c->k] + (int64_t)c->m->zone[c->k] * 60);
}

static bool sent(struct candidate *c, const struct search_key *key)
{
    int32_t day;

    if (!candidate_sent_day(c, &day))
        return false;
    return key->kind == SEARCH_SENTBEFORE ? day < key->day
           : key->kind == SEARCH_SENTON   ? day == key->day
                                          : day >= key->day;
}

static bool all_match(struct matcher *t, struct candidate *c)
{
    for (t = t->child; t != NULL; t = t->next) {
        if (!matcher_matches(t, c))
            return false;
    }
    return true;
}

static bool any_matches(struct matcher *t, struct candidate *c)
{
    for (t = t->child; t != NULL; t = t->next) {
        if (matcher_matches(t, c))
            return true;
    }
    return false;
}

static bool ask(struct matcher *t, struct candidate *c)
{
    const struct search_key *key = t->key;

    switch (key->kind) {
    case SEARCH_AND:
        return all_match(t, c);
    case SEARCH_OR:
        return any_matches(t, c);
    case SEARCH_SENTBEFORE:
    case SEARCH_SENTON:
    case SEARCH_SENTSINCE:
        return sent(c, key);
    case SEARCH_HEADER:
        return text_in_header(c, t);
    case SEARCH_BODY:
        return text_in_body(c, t);
    case SEARCH_TEXT:
        return text_anywhere(c, t);
    default:
        return false;
    }
}

bool matcher_matches(struct matcher *t, struct candidate *c)
{
    if (t->cost == COST_COLUMN)
        return matcher_ask_columns(t, c, &(struct block){c->index, c->k, 1}, 1) != 0;
    return ask(t, c) != t->key->negated;
}
