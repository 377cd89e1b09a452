/* tests/unit/store/test_message.c -- flags, keywords, copies, expunges, the change log. */
#include "fixture.h"

/* "modseq-since:uid+", kind as N, F, X; modseqs relative to `since`. */
static const char *changes(struct folder *f, uint64_t since)
{
    static char text[4000];
    struct arena arena;
    struct change *c;
    size_t n, at = 0;

    arena_init(&arena, 1 << 20);
    assert_ok(folder_changes(f, since, &arena, &c, &n));
    text[0] = '\0';
    for (size_t i = 0; i < n && at + 40 < sizeof(text); i++)
        at +=
            (size_t)snprintf(text + at, sizeof(text) - at, "%s%llu:%u%c", i > 0 ? " " : "",
                             (unsigned long long)(c[i].modseq - since), c[i].uid, "NFX"[c[i].kind]);
    arena_clear(&arena);
    return text;
}

static void store_flag(struct folder *f, uint32_t i, enum store_action action, uint8_t flags,
                       uint64_t modseq, bool want)
{
    struct messages *m;
    bool changed;

    assert_ok(folder_messages(f, &m));
    assert_ok(message_store(f, i, action, flags, NULL, 0, modseq, &changed));
    assert_int_equal(changed, want);
}

static void flags(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);
    uint64_t before, t;

    append(x, f, "one", 300, 0);
    append(x, f, "two", 300, FLAG_SEEN);
    append(x, f, "three", 300, FLAG_SEEN | FLAG_DELETED);
    assert_int_equal(f->unseen, 1);
    assert_int_equal(f->deleted, 1);
    assert_ok(account_commit(x->a));
    before = account_modseq(x->a);
    t = account_tick(x->a);
    store_flag(f, 0, STORE_ADD, FLAG_SEEN, t, true);
    store_flag(f, 1, STORE_ADD, FLAG_SEEN, t, false);
    store_flag(f, 2, STORE_REMOVE, FLAG_SEEN, t, true);
    t = account_tick(x->a);
    store_flag(f, 1, STORE_REPLACE, FLAG_FLAGGED, t, true);
    assert_string_equal(shown(f), "1:1 2:4 3:8");
    assert_int_equal(f->unseen, 2);
    assert_int_equal(f->highestmodseq, t);
    assert_string_equal(changes(f, before), "1:1F 1:3F 2:2F");
    assert_string_equal(changes(f, before + 1), "1:2F");
    assert_string_equal(changes(f, t), "");
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    f = inbox(x);
    assert_string_equal(shown(f), "1:1 2:4 3:8");
    assert_string_equal(changes(f, before), "1:1F 1:3F 2:2F");
    assert_sound(x->a);
}

static void keywords(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);
    struct messages *m;
    uint32_t work, junk, id, set, again;
    const uint32_t *used;
    size_t n;
    bool changed;

    append(x, f, "one", 300, 0);
    assert_ok(folder_messages(f, &m));
    assert_ok(keyword_id(x->a, SLICE("Work"), false, &id));
    assert_int_equal(id, 0);
    assert_ok(keyword_id(x->a, SLICE("Work"), true, &work));
    assert_ok(keyword_id(x->a, SLICE("$Junk"), true, &junk));
    assert_ok(keyword_id(x->a, SLICE("wORK"), true, &id));
    assert_int_equal(id, work);
    assert_slice(keyword_name(x->a, id), SLICE("Work"));
    assert_ok(keyword_set(x->a, 0, STORE_REPLACE, (uint32_t[]){junk, work, junk}, 3, &set));
    assert_slice(keyword_set_text(x->a, set), SLICE(" Work $Junk"));
    assert_ok(keyword_set(x->a, 0, STORE_ADD, (uint32_t[]){work}, 1, &again));
    assert_true(again != set);
    assert_ok(keyword_set(x->a, again, STORE_ADD, (uint32_t[]){junk}, 1, &again));
    assert_int_equal(again, set);
    assert_ok(keyword_set(x->a, set, STORE_REMOVE, (uint32_t[]){work, junk}, 2, &again));
    assert_int_equal(again, 0);
    assert_slice(keyword_set_text(x->a, 0), SLICE(""));
    assert_true(keyword_set_has(x->a, set, junk) && !keyword_set_has(x->a, set, 99));
    assert_ok(
        message_store(f, 0, STORE_ADD, 0, (uint32_t[]){junk}, 1, account_tick(x->a), &changed));
    assert_true(changed);
    used = folder_keywords(f, &n);
    assert_int_equal(n, 1);
    assert_int_equal(used[0], junk);
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    f = inbox(x);
    used = folder_keywords(f, &n);
    assert_int_equal(n, 1);
    assert_slice(keyword_name(x->a, used[0]), SLICE("$Junk"));
    assert_ok(folder_messages(f, &m));
    assert_slice(keyword_set_text(x->a, m->keywords[0]), SLICE(" $Junk"));
    assert_sound(x->a);
}

static void many_keywords(void **state)
{
    struct fixture *x = *state;
    char name[300];
    uint32_t id, set = 0;

    memset(name, 'k', sizeof(name));
    assert_err(keyword_id(x->a, slice_of(name, 256), true, &id), LIMIT);
    assert_ok(keyword_id(x->a, slice_of(name, 255), true, &id));
    for (int i = 1; i < STORE_KEYWORDS_MAX; i++) {
        size_t n = (size_t)snprintf(name, sizeof(name), "k%d", i);

        assert_ok(keyword_id(x->a, slice_of(name, n), true, &id));
        if (i % 50 == 0)
            assert_ok(keyword_set(x->a, set, STORE_ADD, &id, 1, &set));
    }
    assert_err(keyword_id(x->a, SLICE("more"), true, &id), LIMIT);
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    assert_ok(keyword_id(x->a, SLICE("K4950"), false, &id));
    assert_true(id > 0 && keyword_set_has(x->a, set, id));
}

static void expunge(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);
    struct messages *m;
    struct uid_map *view;
    struct message_row row;
    uint64_t before;

    for (int i = 0; i < 8; i++)
        append(x, f, "m", 300, i % 2 == 0 ? FLAG_SEEN : FLAG_DELETED);
    assert_ok(account_commit(x->a));
    before = account_modseq(x->a);
    assert_ok(folder_messages(f, &m));
    view = uid_map_ref(m->map);
    assert_ok(messages_expunge(f, (uint32_t[]){2, 3, 5, 99}, 4, account_tick(x->a)));
    assert_ok(messages_expunge(f, (uint32_t[]){2, 4}, 2, account_tick(x->a)));
    assert_ok(messages_expunge(f, (uint32_t[]){77}, 1, account_tick(x->a)));
    assert_string_equal(shown(f), "1:1 6:8 7:1 8:8");
    assert_int_equal(f->messages, 4);
    assert_int_equal(f->deleted, 2);
    assert_int_equal(view->n, 8); /* a session's view does not move */
    assert_int_equal(uid_at(view, 4), 5);
    uid_map_unref(&view);
    assert_string_equal(changes(f, before), "1:2X 1:3X 1:5X 2:4X");
    assert_ok(message_expunged(f, 5, &row));
    assert_true(row.uid == 5 && row.flags == FLAG_SEEN && row.body > 0);
    assert_err(message_expunged(f, 6, &row), NOTFOUND);
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    f = inbox(x);
    assert_string_equal(shown(f), "1:1 6:8 7:1 8:8");
    assert_string_equal(changes(f, before), "1:2X 1:3X 1:5X 2:4X");
    assert_ok(message_expunged(f, 5, &row));
    assert_sound(x->a);
}

static void copy_and_move(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x), *to = folder_find(x->a, SLICE("Archive"));
    struct messages *m, *n;
    uint32_t first;
    uint64_t t;

    append(x, f, "one", 300, FLAG_SEEN);
    append(x, f, "two", 400000, 0);
    assert_ok(messages_copy(f, (uint32_t[]){1, 2}, 2, to, account_tick(x->a), &first));
    assert_int_equal(first, 1);
    assert_string_equal(shown(to), "1:1 2:0");
    t = account_tick(x->a);
    assert_ok(messages_copy(f, (uint32_t[]){2}, 1, f, t, &first)); /* onto itself */
    assert_int_equal(first, 3);
    assert_ok(messages_expunge(f, (uint32_t[]){2}, 1, t));
    assert_string_equal(shown(f), "1:1 3:0");
    assert_ok(folder_messages(f, &m));
    assert_ok(folder_messages(to, &n));
    assert_int_equal(m->body[1], n->body[1]);
    assert_int_equal(m->internaldate[1], 1000000);
    assert_int_equal(m->zone[1], 60);
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
    fixture_reopen(x);
    assert_sound(x->a);
    assert_string_equal(shown(inbox(x)), "1:1 3:0");
    assert_err(
        messages_copy(inbox(x), (uint32_t[]){1, 77}, 2, inbox(x), account_tick(x->a), &first),
        NOTFOUND);
    assert_err(account_commit(x->a), NOTFOUND); /* half a copy is no copy */
    assert_string_equal(shown(inbox(x)), "1:1 3:0");
    assert_sound(x->a);
}

/* The ring and the database tell the same. */
static void changes_far_back(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);
    uint64_t start = account_modseq(x->a), t;

    append(x, f, "1", 300, 0);
    append(x, f, "2", 300, 0);
    append(x, f, "3", 300, 0);
    t = account_tick(x->a);
    store_flag(f, 0, STORE_ADD, FLAG_SEEN, t, true);
    store_flag(f, 2, STORE_ADD, FLAG_SEEN, t, true);
    append(x, f, "4", 300, 0);
    assert_ok(messages_expunge(f, (uint32_t[]){2}, 1, account_tick(x->a)));
    assert_string_equal(changes(f, start), "1:1N 2:2N 3:3N 4:1F 4:3F 5:4N 6:2X");
    assert_ok(account_commit(x->a));
    fixture_reopen(x);
    f = inbox(x);
    assert_string_equal(changes(f, start), "1:1N 3:3N 4:1F 4:3F 5:4N 6:2X");
    assert_string_equal(changes(f, start + 3), "1:1F 1:3F 2:4N 3:2X");
    assert_string_equal(changes(f, start + 5), "1:2X");
    assert_string_equal(changes(f, start + 6), "");
}

static void ring_overflows(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);
    struct arena arena;
    struct change *c;
    size_t n;
    uint64_t start;

    append(x, f, "1", 300, 0);
    start = account_modseq(x->a);
    for (int i = 0; i < STORE_RING_MAX + 100; i++)
        store_flag(f, 0, i % 2 == 0 ? STORE_ADD : STORE_REMOVE, FLAG_SEEN, account_tick(x->a),
                   true);
    arena_init(&arena, 1 << 20);
    assert_ok(folder_changes(f, start, &arena, &c, &n)); /* from the database */
    assert_int_equal(n, 1);
    assert_int_equal(c[0].modseq, f->highestmodseq);
    assert_ok(folder_changes(f, start + 200, &arena, &c, &n)); /* from the ring */
    assert_int_equal(n, STORE_RING_MAX + 100 - 200);
    arena_clear(&arena);
    arena_init(&arena, 100);
    assert_err(folder_changes(f, start + 200, &arena, &c, &n), NOMEM);
    arena_clear(&arena);
    assert_ok(account_commit(x->a));
    assert_sound(x->a);
}

static void recent(void **state)
{
    struct fixture *x = *state;
    struct folder *f = inbox(x);

    append(x, f, "1", 300, 0);
    append(x, f, "2", 300, 0);
    assert_ok(account_commit(x->a));
    assert_int_equal(folder_recent(f, false), 1);
    assert_int_equal(folder_recent(f, true), 1);
    assert_false(account_dirty(x->a));
    assert_int_equal(folder_recent(f, true), 3);
    append(x, f, "3", 300, 0);
    account_rollback(x->a); /* the lazy mark stays */
    assert_int_equal(folder_recent(f, false), 3);
    idle(x->a);
    fixture_reopen(x);
    assert_int_equal(folder_recent(inbox(x), false), 3);
}

static void import_keys(void **state)
{
    struct fixture *x = *state;

    assert_ok(import_remember(x->a, SLICE("digest")));
    assert_err(import_remember(x->a, SLICE("digest")), EXISTS);
    assert_ok(account_commit(x->a));
    assert_ok(import_remember(x->a, SLICE("other")));
    account_rollback(x->a);
    assert_ok(import_remember(x->a, SLICE("other")));
    assert_err(import_remember(x->a, SLICE("")), SYNTAX);
}

/* A map is a run until its first gap, and says the same before and after. */
static void run_and_array(void **state)
{
    struct uid_map *run = uid_map_new(0), *array = uid_map_new(3);

    (void)state;
    assert_int_equal(uid_map_lower(run, 0, 5), 0);
    uid_map_add_run(run, 7, 100);
    assert_null(run->uid);
    for (uint32_t uid = 7; uid < 107; uid++)
        uid_map_add(array, uid);
    assert_null(array->uid);
    assert_true(uid_map_same(run, array, 100));
    assert_int_equal(uid_map_lower(run, 100, 0), 0);
    assert_int_equal(uid_map_lower(run, 100, 8), 1);
    assert_int_equal(uid_map_lower(run, 50, 60), 50);
    assert_int_equal(uid_map_lower(run, 100, UINT32_MAX), 100);
    uid_map_add(array, 200);
    assert_non_null(array->uid);
    uid_map_add_run(array, 201, 50);
    assert_int_equal(array->n, 151);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(uid_at(array, i), uid_at(run, i));
    assert_int_equal(uid_at(array, 150), 250);
    assert_true(uid_map_same(run, array, 100));
    assert_int_equal(uid_map_lower(array, 151, 110), 100);
    uid_map_add(run, UINT32_MAX);
    assert_int_equal(uid_at(run, 100), UINT32_MAX);
    assert_false(uid_map_same(run, array, 101));
    uid_map_unref(&run);
    uid_map_unref(&array);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(flags),          WITH(keywords),      WITH(many_keywords),
        WITH(expunge),        WITH(copy_and_move), WITH(changes_far_back),
        WITH(ring_overflows), WITH(recent),        cmocka_unit_test(run_and_array),
        WITH(import_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
