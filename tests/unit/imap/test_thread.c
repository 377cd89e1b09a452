/* Trees out of columns written by hand. A message is a line "date subject id refs...": subject 0
 * is none, a "r" before it says reply, ids are numbers, 0 is none. */
#include "../test.h"

#include "base/buf.h"
#include "imap/sort.h"

enum { MESSAGES_MAX = 20000, REFS_MAX = 80000, IDS_MAX = 40000 };

static int64_t sent[MESSAGES_MAX];
static uint32_t subject[MESSAGES_MAX], id[MESSAGES_MAX], ref_end[MESSAGES_MAX], ref[REFS_MAX];
static bool reply[MESSAGES_MAX];
static uint32_t live[MESSAGES_MAX], number[MESSAGES_MAX];
static size_t n;
static struct sort_columns columns = {
    .text[SORT_SUBJECT] = subject,
    .texts[SORT_SUBJECT] = 100,
    .sent = sent,
    .reply = reply,
    .id = id,
    .ids = IDS_MAX,
    .ref_end = ref_end,
    .ref = ref,
};

static void add(int64_t date, uint32_t about, bool is_reply, uint32_t own)
{
    sent[n] = date;
    subject[n] = about;
    reply[n] = is_reply;
    id[n] = own;
    ref_end[n] = n > 0 ? ref_end[n - 1] : 0;
    live[n] = (uint32_t)n;
    number[n] = (uint32_t)n + 1;
    n++;
}

static void refer(uint32_t to)
{
    ref[ref_end[n - 1]++] = to;
}

static void add_line(const char *line)
{
    char *end;
    long date = strtol(line, &end, 10);
    bool is_reply = end[1] == 'r';
    long about = strtol(end + 1 + is_reply, &end, 10), own = strtol(end, &end, 10);

    add(date, (uint32_t)about, is_reply, (uint32_t)own);
    while (*end != '\0')
        refer((uint32_t)strtol(end, &end, 10));
}

static void written(enum thread_algorithm algorithm, struct buf *out)
{
    struct thread_forest f;

    struct threads *t = thread_begin(&f, algorithm, COLLATION_UNICODE, &columns, live, n);
    uint32_t root;

    while (thread_step(t, &columns))
        ;
    thread_end(&t);
    for (root = f.root; root != THREAD_NONE;)
        thread_write(out, &f, number, &root, 3);
    thread_forest_release(&f);
}

struct row {
    enum thread_algorithm algorithm;
    const char *want;
    const char *line[8];
};

static const struct row rows[] = {
    {THREAD_REFS, "", {0}},
    {THREAD_REFS, "(1)(2)", {"1 0 1", "2 0 2"}},
    {THREAD_REFS, "(1 2 3)", {"1 0 1", "2 0 2 1", "3 0 3 1 2"}},
    /* siblings by date, deeper and deeper */
    {THREAD_REFS,
     "(1 (3)(2 4 (6)(5)))",
     {"1 0 1", "9 0 2 1", "2 0 3 1", "3 0 4 2", "9 0 5 4", "8 0 6 4"}},
    /* the parent arrives last */
    {THREAD_REFS, "(3 (1)(2))", {"1 0 1 9", "2 0 2 9", "0 0 9"}},
    /* nobody has the parent: a dummy, if it has two children; chains of dummies are one */
    {THREAD_REFS, "(1)", {"1 0 1 9"}},
    {THREAD_REFS, "((1)(2))", {"1 0 1 9", "2 0 2 9"}},
    {THREAD_REFS, "((1)(2))", {"1 0 1 7 8 9", "2 0 2 7 6"}},
    /* a dummy in the middle is left out */
    {THREAD_REFS, "(1 (2)(3))", {"1 0 1", "2 0 2 1 9", "3 0 3 1 9"}},
    /* REFS: trees by their newest message */
    {THREAD_REFS, "(2)(1 3)", {"1 0 1", "2 0 2", "3 0 3 1"}},
    {THREAD_REFERENCES, "(1 3)(2)", {"1 0 1", "2 0 2", "3 0 3 1"}},
    /* the first with an id has it */
    {THREAD_REFS, "(2)(1 3)", {"1 0 1", "2 0 1", "3 0 3 1"}},
    /* a message's own references win over what others said of it (step 1.B) ... */
    {THREAD_REFS, "(1)(3 2)", {"1 0 1", "2 0 3 1 2", "3 0 2"}},
    {THREAD_REFS, "(1 2)(4 3)", {"1 0 1", "2 0 2 1", "3 0 3 2 4", "4 0 4"}},
    /* ... but one without any may be placed by others later */
    {THREAD_REFS, "(1 2 3)", {"1 0 1", "2 0 2", "3 0 3 1 2"}},
    {THREAD_REFS, "(1 2)", {"1 0 1 1", "2 0 2 1 1 2 1"}},
    /* step 5: replies go below, the same subject twice makes a dummy, none is no subject */
    {THREAD_REFERENCES, "(1 2)", {"1 5 1", "2 r5 2"}},
    {THREAD_REFERENCES, "(2 1)", {"1 r5 1", "2 5 2"}},
    {THREAD_REFERENCES, "((1)(2)(3))", {"1 5 1", "2 5 2", "3 5 3"}},
    {THREAD_REFERENCES, "((1)(2))", {"1 r5 1", "2 r5 2"}},
    {THREAD_REFERENCES, "(1)(2)", {"1 0 1", "2 r0 2"}},
    /* a dummy stands for the subject of its oldest child, and takes others in */
    {THREAD_REFERENCES, "((2)(1)(3))", {"2 5 1 9", "1 5 2 9", "3 r5 3"}},
    {THREAD_REFERENCES, "((1)(2)(3)(4))", {"1 5 1 8", "2 6 2 8", "3 5 3 9", "4 5 4 9"}},
    {THREAD_REFERENCES, "((3)(1)(2))", {"2 5 1 9", "3 5 2 9", "1 5 3"}},
    {THREAD_ORDEREDSUBJECT, "(1)(3 (4)(2))(5)", {"1 5 0", "9 6 0", "2 6 0", "3 r6 0", "7 0 0"}},
    {THREAD_ORDEREDSUBJECT, "(2 1)", {"2 5 0", "1 5 0"}},
};

static void test_rows(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        n = 0;
        for (const char *const *line = rows[i].line; *line != NULL; line++)
            add_line(*line);
        buf_clear(&out);
        written(rows[i].algorithm, &out);
        if (!slice_eq(buf_slice(&out), slice_of_str(rows[i].want)))
            fail_msg("row %zu: got %.*s, want %s", i, SLICE_ARG(buf_slice(&out)), rows[i].want);
    }
    buf_release(&out);
}

/* How often each parenthesis and how many numbers: every message stands there once. */
static void check_whole(struct buf *out)
{
    struct slice s = buf_slice(out);
    size_t open = 0, close = 0, numbers = 0;

    for (size_t i = 0; i < s.n; i++) {
        open += s.p[i] == '(';
        close += s.p[i] == ')';
        numbers += s.p[i] >= '0' && s.p[i] <= '9' &&
                   (i + 1 == s.n || s.p[i + 1] < '0' || s.p[i + 1] > '9');
    }
    assert_int_equal(open, close);
    assert_int_equal(numbers, n);
}

/* A chain as long as the mailbox, either way round, and references made to go in circles: each
 * has to end soon, and tell every message. */
static void test_made_up(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    for (int kind = 0; kind < 3; kind++) {
        n = 0;
        for (uint32_t i = 1; i <= MESSAGES_MAX; i++) {
            add(i, 0, false, i);
            if (kind == 0 && i > 1)
                refer(i - 1);
            else if (kind == 1 && i < MESSAGES_MAX)
                refer(i + 1);
            else if (kind == 2) {
                refer(i < MESSAGES_MAX / 2 ? i + 1 : MESSAGES_MAX / 2);
                refer(i * 7919 % MESSAGES_MAX + 1);
            }
        }
        buf_clear(&out);
        written(THREAD_REFERENCES, &out);
        assert_false(out.overflowed);
        check_whole(&out);
    }
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_made_up)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
