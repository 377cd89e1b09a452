/* tests/unit/store/test_gist.c -- gists say what the bodies say, are made anew when bodies go, and
 * may be missing or damaged. */
#include "fixture.h"

#include "store/gist.h"
#include "store/sort_columns.h"

enum { BODIES = 600, SORTED = 1 << SORT_SUBJECT | 1 << SORT_SENT | 1 << SORT_REPLY };

static void store_one(struct fixture *x, const char *header)
{
    struct arrival *r;
    uint32_t uid;

    assert_ok(arrival_begin(x->a, 1 << 20, &r));
    assert_ok(arrival_write(r, slice_of_str(header)));
    assert_ok(arrival_write(r, SLICE("\r\n\r\ntext\r\n")));
    assert_ok(arrival_finish(r));
    assert_ok(arrival_adopt(r, inbox(x), 0, NULL, 0, 1000000, 0, account_tick(x->a), &uid));
    arrival_free(&r);
}

/* Body i + 1 has "Subject: Re: s<i>" and a date, but for those that try something else. */
static const struct {
    uint32_t i;
    const char *header;
    enum gist_answer answer; /* about the subject */
    const char *text;
} special[] = {
    {10, "From: a@b", GIST_NO_FIELD, ""},
    {11, "Subject: one\r\nX: y\r\nSUBJECT: two", GIST_UNKNOWN, NULL},
    {12, "Subject: =?utf-8?q?Gr=C3=BC?=\r\n =?utf-8?q?=C3=9Fe?=", GIST_HAS_TEXT,
     "Gr\xC3\xBC\xC3\x9F"
     "e"},
    {13, "Subject: ", GIST_HAS_TEXT, ""},
    {254, "Subject: [list] Fwd: last of its block but one", GIST_HAS_TEXT,
     "[list] Fwd: last of its block but one"},
    {255, "From: x@y", GIST_NO_FIELD, ""},
};

static void fill(struct fixture *x)
{
    char line[400], longest[300];

    memset(longest, 'l', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    for (uint32_t i = 0; i < BODIES; i++) {
        snprintf(line, sizeof(line),
                 "From: \"Sender %u\" <s@example.org>\r\nSubject: %s%s%u\r\n"
                 "Date: %u Jan 2020 10:00:00 +0100",
                 i, i % 3 == 0 ? "Re: " : "", i == 20 ? longest : "s", i % 50, 1 + i % 28);
        for (size_t k = 0; k < sizeof(special) / sizeof(special[0]); k++)
            if (special[k].i == i)
                snprintf(line, sizeof(line), "%s", special[k].header);
        store_one(x, line);
    }
    assert_ok(account_commit(x->a));
}

static enum gist_answer ask(struct account *a, uint64_t body, enum gist_field field, char text[300])
{
    struct gist_reader r;
    enum gist_answer answer;
    struct slice found = SLICE(""), again = SLICE("");

    gist_reader_init(&r, a);
    assert_ok(gist_text(&r, body, field, &answer, &found));
    assert_true(gist_text_beside(&r, field, (uint32_t)(body % GIST_BODIES), &again) == answer);
    assert_slice(again, found);
    snprintf(text, 300, "%.*s", SLICE_ARG(found));
    gist_reader_release(&r);
    return answer;
}

static void says_what_bodies_say(void **state)
{
    struct fixture *x = *state;
    char text[300];
    int64_t instant;
    sqlite3_stmt *q;
    int32_t day;
    bool known;
    struct gist_reader r;
    struct body b;

    fill(x);
    assert_int_equal(ask(x->a, 101, GIST_SUBJECT, text), GIST_UNKNOWN);
    idle(x->a);
    for (size_t k = 0; k < sizeof(special) / sizeof(special[0]); k++) {
        assert_int_equal(ask(x->a, special[k].i + 1, GIST_SUBJECT, text), special[k].answer);
        if (special[k].text != NULL)
            assert_string_equal(text, special[k].text);
    }
    assert_int_equal(ask(x->a, 21, GIST_SUBJECT, text), GIST_UNKNOWN); /* long */
    assert_int_equal(ask(x->a, 101, GIST_SUBJECT, text), GIST_HAS_TEXT);
    assert_string_equal(text, "s0");
    assert_int_equal(ask(x->a, 101, GIST_FROM, text), GIST_HAS_TEXT);
    assert_string_equal(text, "\"Sender 100\" <s@example.org>");
    assert_int_equal(ask(x->a, 101, GIST_CC, text), GIST_NO_FIELD);
    assert_int_equal(ask(x->a, 511, GIST_SUBJECT, text), GIST_HAS_TEXT);
    assert_int_equal(ask(x->a, 512, GIST_SUBJECT, text), GIST_UNKNOWN); /* its block is not full */
    gist_reader_init(&r, x->a);
    for (uint64_t id = 1; id <= BODIES; id++) {
        assert_ok(gist_dates(&r, id, &known, &instant, &day));
        assert_int_equal(known, id < 512);
        assert_ok(body_load(x->a, id, BODY_WANT_PARTS, &b));
        assert_true(!known || day == b.sent_day);
        assert_ok(reading_body(x->a, SQL_SORT_SENT_FROM, id, &q));
        assert_true(!known || sqlite3_column_type(q, 1) == SQLITE_NULL ||
                    instant == sqlite3_column_int64(q, 1));
    }
    gist_reader_release(&r);
    assert_sound(x->a);
}

static void load(struct folder *f)
{
    bool more = true;

    while (more)
        assert_ok(folder_sort_load(f, SORTED, 1000, &more));
}

/* The sort columns are the same whether they come from the rows or from the gists. */
static void sorts_alike(void **state)
{
    struct fixture *x = *state;
    uint32_t rank[BODIES];
    int64_t sent[BODIES];
    bool reply[BODIES];
    const struct sort_columns *c;

    fill(x);
    load(inbox(x));
    c = folder_sort_columns(inbox(x));
    for (uint32_t i = 0; i < BODIES; i++)
        rank[i] = c->rank[SORT_SUBJECT][c->text[SORT_SUBJECT][i]];
    memcpy(sent, c->sent, sizeof(sent));
    memcpy(reply, c->reply, sizeof(reply));
    idle(x->a);
    fixture_reopen(x);
    load(inbox(x));
    c = folder_sort_columns(inbox(x));
    for (uint32_t i = 0; i < BODIES; i++)
        assert_int_equal(c->rank[SORT_SUBJECT][c->text[SORT_SUBJECT][i]], rank[i]);
    assert_memory_equal(c->sent, sent, sizeof(sent));
    assert_memory_equal(c->reply, reply, sizeof(reply));
}

/* Nothing is left of a body that was let go. */
static void forgets_bodies(void **state)
{
    struct fixture *x = *state;
    const uint32_t gone[] = {5, 300};
    char text[300];

    fill(x);
    idle(x->a);
    assert_int_equal(ask(x->a, 5, GIST_SUBJECT, text), GIST_HAS_TEXT);
    assert_ok(messages_expunge(inbox(x), gone, 2, account_tick(x->a)));
    assert_ok(account_commit(x->a));
    fixture_days_pass(x, 8);
    idle(x->a);
    assert_int_equal(ask(x->a, 5, GIST_SUBJECT, text), GIST_NO_FIELD);
    assert_int_equal(ask(x->a, 300, GIST_FROM, text), GIST_NO_FIELD);
    assert_int_equal(ask(x->a, 6, GIST_SUBJECT, text), GIST_HAS_TEXT);
    assert_string_equal(text, "s5");
    assert_sound(x->a);
}

/* Ids that were given out and taken back come again after the next opening: no gist may say of them
 * that there is nothing. */
static void ids_come_again(void **state)
{
    struct fixture *x = *state;
    char text[300];

    for (int i = 1; i <= 250; i++)
        store_one(x, "Subject: first");
    assert_ok(account_commit(x->a));
    assert_ok(account_savepoint(x->a));
    for (int i = 0; i < 20; i++)
        store_one(x, "Subject: taken back");
    account_undo(x->a);
    assert_ok(account_commit(x->a));
    idle(x->a);
    fixture_reopen(x);
    for (int i = 0; i < 20; i++)
        store_one(x, "Subject: again");
    assert_ok(account_commit(x->a));
    assert_int_equal(ask(x->a, 251, GIST_SUBJECT, text), GIST_UNKNOWN);
    assert_sound(x->a);
    idle(x->a);
    assert_int_equal(ask(x->a, 251, GIST_SUBJECT, text), GIST_HAS_TEXT);
    assert_string_equal(text, "again");
    assert_sound(x->a);
}

static void run(struct account *a, const char *sql)
{
    assert_int_equal(sqlite3_exec(a->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* A damaged row is as good as none, and found; one that is missing is written again. */
static void bears_damage(void **state)
{
    static const char *const damage[] = {
        "UPDATE gist SET data = x'00' WHERE id = 1",
        "UPDATE gist SET data = zeroblob(768) WHERE id = 1",
        ("UPDATE gist SET data = CAST(replace(hex(zeroblob(600)), '00', char(1, 127)) AS BLOB) "
         "WHERE id = 1"),
    };
    struct fixture *x = *state;
    struct buf findings;
    char text[300];

    fill(x);
    idle(x->a);
    buf_init(&findings, 10000);
    for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
        run(x->a, damage[i]);
        for (uint64_t id = 1; id < 256; id++)
            assert_true(ask(x->a, id, GIST_SUBJECT, text) != GIST_HAS_TEXT || i == 2);
        buf_clear(&findings);
        assert_ok(account_check(x->a, &findings));
        assert_true(findings.n > 0);
    }
    buf_release(&findings);
    run(x->a, "UPDATE gist SET data = CAST(replace(hex(zeroblob(3000)), '00', char(7)) AS BLOB) "
              "WHERE id = 1"); /* there is no such kind */
    assert_int_equal(ask(x->a, 101, GIST_SUBJECT, text), GIST_UNKNOWN);
    run(x->a, "DELETE FROM gist");
    assert_int_equal(ask(x->a, 101, GIST_SUBJECT, text), GIST_UNKNOWN);
    fixture_reopen(x);
    idle(x->a);
    assert_int_equal(ask(x->a, 101, GIST_SUBJECT, text), GIST_HAS_TEXT);
    assert_sound(x->a);
}

/* Where each question would want another row, rows are no longer read; what is asked of a row that
 * was read for one question does not pay for the next. */
static void gives_up(void **state)
{
    struct fixture *x = *state;
    struct gist_reader r;
    enum gist_answer answer;
    unsigned unknown = 0, beside = 0;
    struct slice text;

    fill(x);
    idle(x->a);
    gist_reader_init(&r, x->a);
    for (uint64_t i = 0; i < 200; i++) {
        assert_ok(gist_text(&r, 100 + i % 2 * 256, GIST_SUBJECT, &answer, &text));
        unknown += answer == GIST_UNKNOWN;
        for (uint32_t k = 0; k < 256 && answer == GIST_HAS_TEXT; k++)
            beside += gist_text_beside(&r, GIST_SUBJECT, k, &text) == GIST_HAS_TEXT;
    }
    assert_true(beside > 200 * 64);
    assert_true(unknown > 50);
    assert_true(r.reads < 100);
    gist_reader_release(&r);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(says_what_bodies_say), WITH(sorts_alike), WITH(forgets_bodies),
        WITH(bears_damage),         WITH(gives_up),    WITH(ids_come_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
