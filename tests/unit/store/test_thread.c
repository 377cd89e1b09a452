/* tests/unit/store/test_thread.c -- which thread a message belongs to, wherever its keys are kept.
 */
#include "fixture.h"

#include "base/mem.h"
#include "store/thread.h"

struct mail {
    const char *id, *in_reply_to, *references, *subject;
    char thread; /* 'a' for the first, 'b' for the second, ... */
};

static const struct talk {
    const char *what;
    struct mail mail[8];
} talks[] = {
    {"an answer and an answer to it",
     {{"1", "", "", "lunch", 'a'},
      {"2", "<1>", "<1>", "Re: lunch", 'a'},
      {"3", "<2>", "<1> <2>", "Re: lunch", 'a'},
      {"4", "", "", "lunch", 'b'}}},
    {"In-Reply-To alone, and another subject",
     {{"1", "", "", "lunch", 'a'}, {"2", "<1>", "", "was: lunch", 'a'}}},
    {"the answer comes first",
     {{"2", "", "<1>", "Re: lunch", 'a'}, {"1", "", "", "lunch", 'a'}, {"3", "<1>", "", "x", 'a'}}},
    {"two answers to what never came",
     {{"2", "", "<0> <1>", "Re: x", 'a'}, {"3", "", "<0> <1>", "Re: y", 'a'}}},
    {"the same message twice", {{"1", "", "", "lunch", 'a'}, {"1", "", "", "dinner", 'a'}}},
    {"the nearest parent decides",
     {{"1", "", "", "one", 'a'},
      {"2", "", "", "two", 'b'},
      {"3", "", "<1> <2>", "Re: one", 'b'},
      {"4", "<1>", "<9>", "Re: two", 'a'}}},
    {"two threads that turn out to be one stay two",
     {{"1", "", "", "one", 'a'},
      {"3", "", "<2>", "three", 'b'},
      {"2", "<1>", "", "two", 'b'},
      {"4", "<1>", "", "four", 'a'}}},
    {"only the subject is left, of a reply or a forward",
     {{"1", "", "", "lunch", 'a'},
      {"2", "", "", "RE: Lunch", 'a'},
      {"3", "<9>", "<8> <9>", "Fwd: lunch", 'a'},
      {"4", "", "", "Lunch (fwd)", 'a'},
      {"5", "", "", "lunches", 'b'}}},
    {"the newest of that subject",
     {{"1", "", "", "lunch", 'a'},
      {"2", "", "", "lunch", 'b'},
      {"3", "", "", "Re: lunch", 'b'},
      {"4", "<1>", "", "Re: lunch", 'a'},
      {"5", "", "", "Re: lunch", 'a'}}},
    {"an empty base subject joins nothing",
     {{"1", "", "", "Re:", 'a'}, {"2", "", "", "Re:", 'b'}, {"3", "", "", "", 'c'}}},
    {"nothing to know it by", {{"", "", "", "", 'a'}, {"", "", "", "", 'b'}}},
    {"an id is not a subject", {{"lunch", "", "", "x", 'a'}, {"2", "", "", "Re: lunch", 'b'}}},
};

static uint64_t deliver(struct fixture *x, const struct mail *m)
{
    char text[500];
    struct arrival *r;
    struct messages *all;
    struct body b;
    uint32_t uid;
    int n = 0;

    if (m->id[0] != '\0')
        n += snprintf(text + n, sizeof(text) - (size_t)n, "Message-ID: <%s>\r\n", m->id);
    n += snprintf(text + n, sizeof(text) - (size_t)n,
                  "In-Reply-To: %s\r\nReferences: %s\r\nSubject: %s\r\n\r\n", m->in_reply_to,
                  m->references, m->subject);
    assert_ok(arrival_begin(x->a, 1 << 20, &r));
    assert_ok(arrival_write(r, slice_of(text, (size_t)n)));
    assert_ok(arrival_finish(r));
    assert_ok(arrival_adopt(r, inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid));
    arrival_free(&r);
    assert_ok(folder_messages(inbox(x), &all));
    assert_ok(body_load(x->a, all->body[all->n - 1], BODY_WANT_IDS, &b));
    return b.thread_id;
}

enum how { IN_MEMORY, IN_TABLE, REOPENED, UNDONE, HOWS };

static void between(struct fixture *x, enum how how)
{
    static const struct mail other = {"other", "", "<1>", "lunch", 'z'};

    thread_index_due = how == IN_TABLE ? 1 : 1000;
    if (how == UNDONE) {
        assert_ok(account_savepoint(x->a));
        deliver(x, &other);
        account_undo(x->a);
        return;
    }
    assert_ok(account_commit(x->a));
    if (how == IN_TABLE)
        idle(x->a);
    if (how == REOPENED)
        fixture_reopen(x);
}

static void hold(struct fixture *x, const struct talk *t, enum how how)
{
    uint64_t thread[26] = {0};
    unsigned known = 0;

    for (size_t i = 0; i < 8 && t->mail[i].id != NULL; i++) {
        uint64_t got = deliver(x, &t->mail[i]);
        unsigned want = (unsigned)(t->mail[i].thread - 'a'), k = 0;

        while (k < known && thread[k] != got)
            k++;
        if (k == known)
            thread[known++] = got;
        if (k != want)
            fail_msg("%s (%d): message %zu is in thread %c", t->what, (int)how, i, 'a' + (int)k);
        between(x, how);
    }
}

static void choices(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++)
        for (enum how how = 0; how < HOWS; how++) {
            void *x;

            fixture_setup(&x);
            hold(x, &talks[i], how);
            assert_ok(account_commit(((struct fixture *)x)->a));
            idle(((struct fixture *)x)->a);
            assert_sound(((struct fixture *)x)->a);
            fixture_teardown(&x);
        }
}

/* More than memory holds, and more than one gathering: all of it is found, whether commits come
 * often enough to write it or not. */
static void many_by(struct fixture *x, int commit_every)
{
    char id[40], parent[40];
    struct mail m = {id, parent, "", "same", 'a'};
    uint64_t first = 0;

    thread_index_due = 256;
    thread_keys_most = 1000;
    for (int i = 0; i < 10000; i++) {
        snprintf(id, sizeof(id), "m%d", i);
        parent[0] = '\0';
        if (i >= 3000)
            snprintf(parent, sizeof(parent), "<m%d>", i - 3000);
        uint64_t thread = deliver(x, &m);

        if (i == 0)
            first = thread;
        if (i == 3000)
            assert_int_equal(thread, first);
        if (i % commit_every == 0)
            assert_ok(account_commit(x->a));
        assert_true(x->a->thread.young.n + x->a->thread.old.n <= 2 * (size_t)thread_keys_most);
    }
    assert_ok(account_commit(x->a));
    assert_true(x->a->threaded > 0); /* it was written without waiting for an idle step */
    assert_sound(x->a);
    idle(x->a);
    assert_true(x->a->body_last - x->a->threaded < thread_index_due);
    assert_sound(x->a);
    fixture_reopen(x);
    assert_sound(x->a);
    thread_keys_most = 60000;
}

static void many(void **state)
{
    many_by(*state, 20);
}

static void many_at_once(void **state)
{
    many_by(*state, 5000);
}

/* What is taken back takes its keys along, and no others; frozen keys stay. */
static void taken_back(void **state)
{
    static const struct mail one = {"1", "", "", "x", 'a'}, two = {"2", "", "", "y", 'b'},
                             three = {"3", "<2>", "", "z", 'c'},
                             again = {"4", "", "", "Re: x", 'a'};
    struct fixture *x = *state;
    uint64_t a, b;

    thread_index_due = 1000;
    a = deliver(x, &one);
    thread_keys_most = 1; /* frozen by the commit */
    assert_ok(account_commit(x->a));
    assert_int_equal(x->a->thread.old.n, 2);
    thread_keys_most = 60000;
    assert_ok(account_savepoint(x->a));
    b = deliver(x, &two);
    assert_ok(account_release(x->a));
    assert_ok(account_savepoint(x->a));
    assert_int_equal(deliver(x, &three), b);
    account_undo(x->a);
    assert_int_equal(x->a->thread.known, true);
    assert_int_equal(thread_recent_find(x->a, x->a->thread.undo[0].key), b);
    assert_int_equal(x->a->thread.n_undo, 2);
    assert_int_equal(deliver(x, &again), a);
    account_rollback(x->a);
    assert_int_not_equal(deliver(x, &three), b);
    assert_int_equal(deliver(x, &again), a);
    assert_ok(account_commit(x->a));
    assert_int_equal(x->a->thread.old.n, 0); /* the commit wrote them */
    assert_int_equal(deliver(x, &again), a);
}

static void find(struct fixture *x, uint64_t id, bool is_thread, size_t n, uint64_t body)
{
    struct arena arena;
    struct body_set set;

    arena_init(&arena, 1 << 20);
    assert_ok(bodies_with_id(x->a, id, is_thread, &arena, &set));
    assert_int_equal(set.n, n);
    assert_int_equal(body_set_has(&set, body), n > 0);
    assert_false(body_set_has(&set, body + 1000));
    arena_clear(&arena);
}

/* Bodies are found by their ids, and no more when they are gone. */
static void bodies_by_id(void **state)
{
    static const struct mail one = {"1", "", "", "x", 'a'}, two = {"2", "<1>", "", "x", 'a'};
    struct fixture *x = *state;
    struct messages *m;
    struct body b;
    uint64_t body;

    thread_index_due = 1;
    deliver(x, &one);
    deliver(x, &two);
    assert_ok(account_commit(x->a));
    assert_ok(folder_messages(inbox(x), &m));
    body = m->body[1];
    assert_ok(body_load(x->a, body, BODY_WANT_IDS, &b));
    find(x, b.email_id, false, 0, body);
    idle(x->a);
    find(x, b.email_id, false, 1, body);
    find(x, b.thread_id, true, 2, body);
    find(x, b.thread_id, false, 1, m->body[0]);
    find(x, b.email_id, true, 0, body);
    assert_ok(change_begin(x->a));
    assert_ok(sql_run(x->a, MESSAGE_DELETE, I(inbox(x)->id), I(2), I(2)));
    assert_ok(body_unshare(x->a, body));
    find(x, b.email_id, false, 0, body);
    find(x, b.thread_id, true, 1, m->body[0]);
    account_rollback(x->a);
    find(x, b.email_id, false, 1, body);
    assert_sound(x->a);
}

/* A body that is long in coming gets a lower id than those that overtake it. */
static void overtaken(void **state)
{
    static const struct mail one = {"1", "", "", "x", 'a'};
    struct fixture *x = *state;
    scoped_free char *big = mem_calloc(600000, 1);
    struct arrival *slow;
    uint32_t uid;

    thread_index_due = 1;
    memset(big, 'x', 600000);
    assert_ok(arrival_begin(x->a, 1 << 20, &slow));
    assert_ok(arrival_write(slow, SLICE("Message-ID: <slow>\r\n\r\n")));
    assert_ok(arrival_write(slow, slice_of(big, 600000)));
    deliver(x, &one);
    assert_ok(account_commit(x->a));
    idle(x->a);
    assert_int_equal(x->a->threaded, 0);
    assert_ok(arrival_finish(slow));
    assert_ok(arrival_adopt(slow, inbox(x), 0, NULL, 0, 0, 0, account_tick(x->a), &uid));
    arrival_free(&slow);
    assert_ok(account_commit(x->a));
    idle(x->a);
    assert_int_equal(x->a->threaded, x->a->body_last);
    assert_sound(x->a);
}

/* account_check tells of what is missing and of what should not be there. */
static void check_tells(void **state)
{
    static const struct mail one = {"1", "", "", "x", 'a'};
    struct fixture *x = *state;
    struct buf findings;

    thread_index_due = 1;
    deliver(x, &one);
    assert_ok(account_commit(x->a));
    idle(x->a);
    assert_int_equal(sqlite3_exec(x->a->db,
                                  "DELETE FROM thread_key; UPDATE object_id SET id = 7 "
                                  "WHERE id < 0",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    buf_init(&findings, 1 << 20);
    assert_ok(account_check(x->a, &findings));
    buf_add_char(&findings, '\0');
    assert_non_null(strstr(buf_slice(&findings).p, "body not found by its ids"));
    assert_non_null(strstr(buf_slice(&findings).p, "id of no body"));
    assert_non_null(strstr(buf_slice(&findings).p, "body whose thread is not found"));
    buf_release(&findings);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choices), WITH(many),      WITH(many_at_once), WITH(taken_back),
        WITH(bodies_by_id),        WITH(overtaken), WITH(check_tells)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
