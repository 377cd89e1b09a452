/* imap/thread.c -- who answers whom (RFC 5256 section 3: ORDEREDSUBJECT, REFERENCES), and REFS of
 * draft-ietf-morg-inthread: REFERENCES without its step 5, trees ordered by their newest message.
 *
 * INVARIANTS, from link_all on
 *   1. Node i < n is message live[i]; the others are dummies, made when an id that no message has
 *      is referred to.
 *   2. `up` has no circles: link looks for one before each link it makes.
 *   3. After prune no dummy has a parent, and no message's parent is a dummy with one child.
 * Children are listed only at the end: taking the messages by date puts every list in order.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "imap/order.h"
#include "imap/sort.h"

/* Nodes looked at in search of circles, for each node there is and at least. Real mail needs two
 * or three; only made-up references get here. */
enum { BUDGET_A_NODE = 64, BUDGET_LEAST = 1 << 20 };

enum { LINKED_AT_ONCE = 20000 };

enum stage {
    BY_DATE,    /* the messages are put in order, pass by pass */
    IDS,        /* who has which id */
    REFERENCES, /* step 1, some thousand messages at a time */
    PRUNE,      /* steps 2 and 3 */
    SUBJECTS,   /* step 5, or all of ORDEREDSUBJECT */
    LIST_ROOTS, /* steps 4 and 6 */
    LIST_CHILDREN,
    DONE,
};

struct threads {
    struct thread_forest *f;
    enum thread_algorithm algorithm;
    enum stage stage;
    const struct sort_columns *columns;
    enum sort_column subject; /* as the collation has it */
    const uint32_t *live;
    uint32_t linked;    /* messages, in REFERENCES */
    uint32_t *node_of;  /* of an id, THREAD_NONE: not seen yet */
    uint32_t *children; /* how many, of a node */
    uint64_t budget;
    struct order by_date; /* the messages, oldest first */
};

unsigned thread_columns_of(enum thread_algorithm algorithm, enum collation collation)
{
    static const unsigned sets[] = {
        [THREAD_ORDEREDSUBJECT] = 1U << SORT_SENT,
        [THREAD_REFERENCES] = 1U << SORT_SENT | 1U << SORT_THREAD | 1U << SORT_REPLY,
        [THREAD_REFS] = 1U << SORT_SENT | 1U << SORT_THREAD,
    };

    if (algorithm == THREAD_REFS)
        return sets[algorithm];
    return sets[algorithm] | 1U << sort_text_column(SORT_SUBJECT, collation);
}

static uint32_t *none(size_t n)
{
    uint32_t *a = mem_resize(NULL, n + 1, sizeof(*a));

    memset(a, 0xff, (n + 1) * sizeof(*a));
    return a;
}

void thread_forest_release(struct thread_forest *f)
{
    free(f->up);
    free(f->first);
    free(f->next);
    *f = (struct thread_forest){.root = THREAD_NONE};
}

/* ---- step 1: references --------------------------------------------------------------------- */

/* Whether `node` is `top` or below it. */
static bool is_below(struct threads *t, uint32_t node, uint32_t top)
{
    if (t->children[top] == 0)
        return node == top;
    for (; node != THREAD_NONE; node = t->f->up[node]) {
        if (node == top || t->budget == 0)
            return true;
        t->budget--;
    }
    return false;
}

static void link(struct threads *t, uint32_t child, uint32_t parent)
{
    if (is_below(t, parent, child))
        return;
    t->f->up[child] = parent;
    t->children[parent]++;
}

static void unlink_node(struct threads *t, uint32_t child)
{
    if (t->f->up[child] != THREAD_NONE)
        t->children[t->f->up[child]]--;
    t->f->up[child] = THREAD_NONE;
}

static uint32_t node_of_id(struct threads *t, uint32_t id)
{
    if (t->node_of[id] == THREAD_NONE)
        t->node_of[id] = t->f->nodes++;
    return t->node_of[id];
}

/* Step 1 for one message: A for the references among themselves, B for the message. */
static void link_message(struct threads *t, uint32_t i)
{
    const struct sort_columns *c = t->columns;
    uint32_t k = t->live[i], parent = THREAD_NONE;

    for (uint32_t r = k > 0 ? c->ref_end[k - 1] : 0; r < c->ref_end[k]; r++) {
        uint32_t node = node_of_id(t, c->ref[r]);

        if (parent != THREAD_NONE && t->f->up[node] == THREAD_NONE)
            link(t, node, parent);
        parent = node;
    }
    if (t->f->up[i] == parent)
        return;
    unlink_node(t, i);
    if (parent != THREAD_NONE)
        link(t, i, parent);
}

/* The first message with an id is the one that has it; others have none. */
static void take_ids(struct threads *t)
{
    t->node_of = none(t->columns->ids);
    for (uint32_t i = 0; i < t->f->n; i++) {
        uint32_t id = t->columns->id[t->live[i]];

        if (id != 0 && t->node_of[id] == THREAD_NONE)
            t->node_of[id] = i;
    }
}

/* Whether there are more to be linked. */
static bool link_some(struct threads *t)
{
    for (unsigned k = 0; k < LINKED_AT_ONCE && t->linked < t->f->n; k++)
        link_message(t, t->linked++);
    return t->linked < t->f->n;
}

/* ---- steps 2 and 3: dummies ------------------------------------------------------------------ */

/* The next message above a dummy, or the topmost dummy. The way there is made short. */
static uint32_t above(struct thread_forest *f, uint32_t dummy)
{
    uint32_t top = dummy, next;

    while (top >= f->n && f->up[top] != THREAD_NONE)
        top = f->up[top];
    for (uint32_t x = dummy; x != top; x = next) {
        next = f->up[x];
        f->up[x] = top;
    }
    return top;
}

static void prune(struct threads *t)
{
    struct thread_forest *f = t->f;

    memset(t->children, 0, f->nodes * sizeof(*t->children));
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->up[i] != THREAD_NONE && f->up[i] >= f->n)
            f->up[i] = above(f, f->up[i]);
        if (f->up[i] != THREAD_NONE)
            t->children[f->up[i]]++;
    }
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->up[i] != THREAD_NONE && f->up[i] >= f->n && t->children[f->up[i]] == 1)
            f->up[i] = THREAD_NONE;
    }
    for (uint32_t i = f->n; i < f->nodes; i++)
        f->up[i] = THREAD_NONE;
}

/* ---- steps 4 and 6: order -------------------------------------------------------------------- */

static void begin_order(struct threads *t)
{
    struct order *o = &t->by_date;

    order_init(o, t->f->n);
    for (uint32_t i = 0; i < t->f->n; i++) {
        o->at[i] = i;
        o->key[i] = order_key(t->columns->sent[t->live[i]]);
    }
    order_begin(o, false);
}

/* The trees, oldest first; a dummy counts as its oldest child. */
static void list_roots(struct threads *t)
{
    struct thread_forest *f = t->f;
    uint32_t *end = &f->root;

    f->root = THREAD_NONE;
    memset(f->next, 0xff, f->nodes * sizeof(*f->next));
    memset(t->children, 0, f->nodes * sizeof(*t->children));
    for (uint32_t i = 0; i < f->n; i++) {
        uint32_t node = t->by_date.at[i];

        if (f->up[node] != THREAD_NONE && f->up[node] >= f->n)
            node = f->up[node];
        if (f->up[node] != THREAD_NONE || t->children[node]++ > 0)
            continue;
        *end = node;
        end = &f->next[node];
    }
}

static void list_children(struct threads *t)
{
    struct thread_forest *f = t->f;

    for (uint32_t i = f->n; i > 0; i--) {
        uint32_t node = t->by_date.at[i - 1], parent = f->up[node];

        if (parent == THREAD_NONE)
            continue;
        f->next[node] = f->first[parent];
        f->first[parent] = node;
    }
}

/* REFS: the trees by their newest message. */
static void list_roots_by_newest(struct threads *t)
{
    struct thread_forest *f = t->f;
    uint32_t *top = mem_resize(NULL, f->nodes + 1, sizeof(*top));

    memcpy(top, f->up, f->nodes * sizeof(*top));
    f->root = THREAD_NONE;
    memset(f->next, 0xff, f->nodes * sizeof(*f->next));
    memset(t->children, 0, f->nodes * sizeof(*t->children));
    for (uint32_t i = f->n; i > 0; i--) {
        uint32_t node = t->by_date.at[i - 1], root = node, next;

        while (top[root] != THREAD_NONE)
            root = top[root];
        for (; node != root; node = next) {
            next = top[node];
            top[node] = root;
        }
        if (t->children[root]++ > 0)
            continue;
        f->next[root] = f->root;
        f->root = root;
    }
    free(top);
}

/* ---- step 5: subjects ------------------------------------------------------------------------ */

/* One child of the root, and the message whose subject is its: itself, or its oldest child. */
struct top {
    uint32_t node, speaker;
};

static struct top *list_tops(struct threads *t, uint32_t *n)
{
    struct thread_forest *f = t->f;
    struct top *tops = mem_calloc((size_t)f->n + 1, sizeof(*tops));

    *n = 0;
    memset(t->children, 0, f->nodes * sizeof(*t->children));
    for (uint32_t i = 0; i < f->n; i++) {
        uint32_t speaker = t->by_date.at[i], node = speaker;

        if (f->up[node] != THREAD_NONE && f->up[node] >= f->n)
            node = f->up[node];
        if (f->up[node] == THREAD_NONE && t->children[node]++ == 0)
            tops[(*n)++] = (struct top){node, speaker};
    }
    return tops;
}

static bool is_dummy(const struct threads *t, uint32_t node)
{
    return node >= t->f->n;
}

static bool is_reply(const struct threads *t, uint32_t node)
{
    return !is_dummy(t, node) && t->columns->reply[t->live[node]];
}

static uint32_t subject_of(const struct threads *t, const struct top *top)
{
    return t->columns->text[t->subject][t->live[top->speaker]];
}

/* Step 5.B: who stands for each subject. */
static void fill_table(const struct threads *t, const struct top *tops, uint32_t n, uint32_t *table)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t subject = subject_of(t, &tops[i]), node = tops[i].node, *there = &table[subject];

        if (subject == 0)
            continue;
        if (*there == THREAD_NONE ||
            (!is_dummy(t, *there) &&
             (is_dummy(t, node) || (is_reply(t, *there) && !is_reply(t, node)))))
            *there = node;
    }
}

/* Step 5.C for one tree. Two dummies become one: `f->up` of the one that goes points to the other,
 * until follow_dummies has told its children. */
static void merge(struct threads *t, uint32_t node, uint32_t *there)
{
    uint32_t *up = t->f->up;

    if (is_dummy(t, *there) || (is_reply(t, node) && !is_reply(t, *there))) {
        up[node] = *there;
        return;
    }
    up[node] = up[*there] = t->f->nodes;
    *there = t->f->nodes++;
}

static void follow_dummies(struct thread_forest *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->up[i] != THREAD_NONE && f->up[i] >= f->n && f->up[f->up[i]] != THREAD_NONE)
            f->up[i] = f->up[f->up[i]];
    }
}

static void merge_subjects(struct threads *t)
{
    uint32_t *table = none(t->columns->texts[t->subject]), n;
    struct top *tops = list_tops(t, &n);

    fill_table(t, tops, n, table);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t subject = subject_of(t, &tops[i]);

        if (subject != 0 && table[subject] != tops[i].node)
            merge(t, tops[i].node, &table[subject]);
    }
    follow_dummies(t->f);
    free(tops);
    free(table);
}

/* ---- ORDEREDSUBJECT -------------------------------------------------------------------------- */

/* The oldest message of each subject is the parent of the others. */
static void link_by_subject(struct threads *t)
{
    uint32_t *table = none(t->columns->texts[t->subject]);

    for (uint32_t i = 0; i < t->f->n; i++) {
        uint32_t node = t->by_date.at[i];
        uint32_t *there = &table[t->columns->text[t->subject][t->live[node]]];

        if (*there == THREAD_NONE)
            *there = node;
        else
            t->f->up[node] = *there;
    }
    free(table);
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Dummies: an id referred to each, and one for each subject that step 5 gathers. */
static void make_room(struct threads *t, enum thread_algorithm algorithm)
{
    struct thread_forest *f = t->f;
    size_t most = f->n;

    if (algorithm != THREAD_ORDEREDSUBJECT)
        most += (size_t)t->columns->ids + f->n / 2;
    f->up = none(most);
    f->first = none(most);
    f->next = none(most);
    t->children = mem_calloc(most + 1, sizeof(*t->children));
    t->budget = (uint64_t)most * BUDGET_A_NODE + BUDGET_LEAST;
}

struct threads *thread_begin(struct thread_forest *f, enum thread_algorithm algorithm,
                             enum collation collation, const struct sort_columns *columns,
                             const uint32_t *live, size_t n)
{
    struct threads *t = mem_new(struct threads);

    *t = (struct threads){.f = f,
                          .algorithm = algorithm,
                          .columns = columns,
                          .subject = sort_text_column(SORT_SUBJECT, collation),
                          .live = live};
    *f = (struct thread_forest){.n = (uint32_t)n, .nodes = (uint32_t)n, .root = THREAD_NONE};
    make_room(t, algorithm);
    begin_order(t);
    return t;
}

/* What is done at a stage; whether there is more of it. */
static bool work_at(struct threads *t)
{
    switch (t->stage) {
    case BY_DATE:
        return order_pass(&t->by_date);
    case IDS:
        if (t->algorithm != THREAD_ORDEREDSUBJECT)
            take_ids(t);
        return false;
    case REFERENCES:
        return t->algorithm != THREAD_ORDEREDSUBJECT && link_some(t);
    case PRUNE:
        if (t->algorithm != THREAD_ORDEREDSUBJECT)
            prune(t);
        return false;
    case SUBJECTS:
        if (t->algorithm == THREAD_ORDEREDSUBJECT)
            link_by_subject(t);
        else if (t->algorithm == THREAD_REFERENCES)
            merge_subjects(t);
        return false;
    case LIST_ROOTS:
        if (t->algorithm == THREAD_REFS)
            list_roots_by_newest(t);
        else
            list_roots(t);
        return false;
    default:
        list_children(t);
        return false;
    }
}

bool thread_step(struct threads *t, const struct sort_columns *columns)
{
    t->columns = columns;
    if (t->stage != DONE && !work_at(t))
        t->stage++;
    return t->stage != DONE;
}

void thread_end(struct threads **tp)
{
    struct threads *t = *tp;

    *tp = NULL;
    if (t == NULL)
        return;
    order_release(&t->by_date);
    free(t->children);
    free(t->node_of);
    free(t);
}
