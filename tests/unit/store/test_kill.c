/* tests/unit/store/test_kill.c -- a process that changes an account is killed at any moment.
 *
 * What it does is a fixed sequence of operations, one commit each, told over a pipe when the
 * commit has answered. The next opening must show all that was told, and of the operation that
 * was running nothing or all.
 */
#include "fixture.h"

#include <signal.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

enum { ROUNDS = 50, ROUNDS_MAX = 2000, MESSAGES_MAX = 100000, LONGEST_US = 30000 };

/* ---- what should be there -------------------------------------------------------------------- */

struct model {
    uint32_t first, next; /* UIDs first..next-1 are there */
    uint32_t seen_below;  /* those below have \Seen */
    long done;
};

enum operation { APPEND_SMALL, APPEND_LARGE, SEE_ALL, EXPUNGE_FIRST };

static enum operation operation(const struct model *m)
{
    switch (m->done % 10) {
    case 3:
        return APPEND_LARGE;
    case 5:
        return SEE_ALL;
    case 7:
    case 8:
        return m->first < m->next ? EXPUNGE_FIRST : APPEND_SMALL;
    default:
        return APPEND_SMALL;
    }
}

static void advance(struct model *m)
{
    switch (operation(m)) {
    case APPEND_SMALL:
    case APPEND_LARGE:
        m->next++;
        break;
    case SEE_ALL:
        m->seen_below = m->next;
        break;
    case EXPUNGE_FIRST:
        m->first++;
        break;
    }
    m->done++;
}

static bool matches(struct folder *f, const struct model *m)
{
    struct messages *have;

    assert_ok(folder_messages(f, &have));
    if (have->n != m->next - m->first || f->messages != have->n || f->uidnext != m->next)
        return false;
    for (uint32_t i = 0; i < have->n; i++) {
        bool seen = (have->flags[i] & FLAG_SEEN) != 0;

        if (uid_at(have->map, i) != m->first + i || seen != (m->first + i < m->seen_below))
            return false;
    }
    return true;
}

/* ---- the process that dies ------------------------------------------------------------------- */

static enum err see_all(struct account *a, struct folder *f)
{
    struct messages *m;
    uint64_t t = account_tick(a);
    bool changed;

    TRY(folder_messages(f, &m));
    for (uint32_t i = 0; i < m->n; i++)
        TRY(message_store(f, i, STORE_ADD, FLAG_SEEN, NULL, 0, t, &changed));
    return ERR_OK;
}

static enum err perform(struct account *a, struct folder *f, const struct model *m)
{
    uint32_t uid = m->first;

    switch (operation(m)) {
    case APPEND_SMALL:
        return try_append(a, f, "small", 2000, 0, &uid);
    case APPEND_LARGE:
        return try_append(a, f, "large", 700000, 0, &uid);
    case SEE_ALL:
        return see_all(a, f);
    case EXPUNGE_FIRST:
        break;
    }
    return messages_expunge(f, &uid, 1, account_tick(a));
}

static void work_until_killed(struct fixture *x, struct model m, int pipe_fd)
{
    struct account *a = NULL;
    bool more;

    if (account_open(x->root, SLICE("anna"), &a) != ERR_OK)
        _exit(1);
    for (; m.done < MESSAGES_MAX; advance(&m)) {
        if (perform(a, folder_find(a, SLICE("INBOX")), &m) != ERR_OK ||
            account_commit(a) != ERR_OK || write(pipe_fd, "+", 1) != 1)
            _exit(2);
        if (m.done % 16 == 0 && account_idle_step(a, &more) != ERR_OK)
            _exit(3);
    }
    _exit(4);
}

/* ---- the one that looks ---------------------------------------------------------------------- */

static useconds_t moment(void)
{
    uint32_t r = 0;

    (void)!getrandom(&r, sizeof(r), 0);
    return r % LONGEST_US;
}

/* Runs the other process until some moment and advances the model by what it told. */
static void run_and_kill(struct fixture *x, struct model *m)
{
    int fd[2], status;
    pid_t child;
    char c;

    assert_int_equal(pipe(fd), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        work_until_killed(x, *m, fd[1]);
    close(fd[1]);
    usleep(moment());
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* it had not given up by itself */
    while (read(fd[0], &c, 1) == 1)
        advance(m);
    close(fd[0]);
}

static void kill_at_any_moment(void **state)
{
    struct fixture *x = *state;
    struct model m = {.first = 1, .next = 1};

    account_close(&x->a);
    /* a busy machine may kill many before they have done anything */
    for (int round = 0; round < ROUNDS || (m.done <= ROUNDS && round < ROUNDS_MAX); round++) {
        run_and_kill(x, &m);
        assert_ok(account_open(x->root, SLICE("anna"), &x->a));
        if (!matches(inbox(x), &m)) {
            advance(&m); /* committed, but not told any more */
            assert_true(matches(inbox(x), &m));
        }
        assert_sound(x->a);
        idle(x->a);
        account_close(&x->a);
    }
    print_message("%ld operations in %d rounds\n", m.done, ROUNDS);
    assert_true(m.done > ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kill_at_any_moment, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
