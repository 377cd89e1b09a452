/* Resynchronisation where the log of expunges has been cut (RFC 7162 section 3.2.5.2): what is
 * missing is told, as little of it as the client's match data allows. */
#include <glob.h>
#include <sqlite3.h>
#include <stdio.h>

#include "driver.h"

#include "imap/resync.h"

static struct arena arena;

static void parse(const char *text, struct seq_set *out)
{
    struct lex in = lex_of(slice_of_str(text), false);

    if (*text != '\0')
        assert_int_equal(seq_set_parse(&in, &arena, out), ERR_OK);
}

static void test_missing(void **state)
{
    static const struct {
        const char *known;
        uint32_t from, uidnext;
        const char *there, *want;
    } table[] = {
        {"1:9", 1, 10, "3,6,9", "1:2,4:5,7:8"},
        {"1:9", 1, 10, "1,4,7", "2:3,5:6,8:9"},
        {"1:9", 7, 10, "3,6,9", "7:8"},
        {"1:9", 10, 10, "3,6,9", ""},
        {"2,4:5,9:20", 1, 12, "4,10", "2,5,9,11"},
        {"1:4294967295", 1, 4294967295, "1,4294967294", "2:4294967293"},
        {"1:3", 1, 10, "1:3", ""},
        {"4:6", 1, 10, "", "4:6"},
        {"4:6", 1, 1, "", ""},
        {"", 1, 10, "2", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct seq_set known = {0}, there = {0}, got = {0};
        struct uid_map *map = uid_map_new(0);
        uint32_t uid;
        struct buf out;

        arena_init(&arena, 100000);
        buf_init(&out, 1000);
        parse(table[i].known, &known);
        parse(table[i].there, &there);
        for (struct seq_iter at = seq_iter(&there); seq_iter_next(&at, &uid);)
            uid_map_add(map, uid);
        assert_int_equal(
            resync_missing(&known, table[i].from, table[i].uidnext, map, map->n, &arena, &got),
            ERR_OK);
        uid_map_unref(&map);
        seq_set_write(&out, &got);
        assert_slice(buf_slice(&out), slice_of_str(table[i].want));
        buf_release(&out);
        arena_clear(&arena);
    }
}

/* As if the log had grown too long: forget all expunges. */
static void cut_log(struct driver *d, struct imap_session **sessions, size_t n)
{
    char path[128];
    glob_t found;
    sqlite3 *db;

    for (size_t i = 0; i < n; i++)
        imap_session_sleep(sessions[i]);
    account_close(&d->account);
    snprintf(path, sizeof(path), "%s/accounts/*/anna/mail.db", d->root);
    assert_int_equal(glob(path, 0, NULL, &found), 0);
    assert_int_equal(sqlite3_open(found.gl_pathv[0], &db), SQLITE_OK);
    globfree(&found);
    assert_int_equal(sqlite3_exec(db,
                                  "UPDATE folder SET expunge_floor = highestmodseq;"
                                  "DELETE FROM change WHERE kind = 2",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(account_open(d->root, SLICE("anna"), &d->account), ERR_OK);
}

static uint32_t uidvalidity_of(struct driver *d)
{
    return folder_find(d->account, SLICE("INBOX"))->uidvalidity;
}

/* Twelve messages, of which every third stays; the log forgets the others. */
static struct imap_session *prepare(struct driver *d)
{
    struct imap_session *s;

    driver_init(d);
    s = driver_session(d);
    for (int i = 0; i < 12; i++)
        drive(d, s, "a1 APPEND INBOX {4+}\r\nx: y\r\n");
    drive(d, s, "a2 SELECT INBOX\r\n");
    drive(d, s, "a3 STORE 1:2,4:5,7:8,10:11 +FLAGS.SILENT (\\Deleted)\r\na4 EXPUNGE\r\n");
    drive(d, s, "a5 UNSELECT\r\na6 ENABLE QRESYNC\r\n");
    cut_log(d, &s, 1);
    return s;
}

static const char *resync(struct driver *d, struct imap_session *s, const char *known)
{
    char command[200];

    assert_says(drive(d, s, "b0 NOOP\r\n"), "b0 OK");
    snprintf(command, sizeof(command), "b1 SELECT INBOX (QRESYNC (%u 1%s))\r\n", uidvalidity_of(d),
             known);
    return drive(d, s, command);
}

static void test_cut_log(void **state)
{
    static const struct {
        const char *known, *want; /* NULL: no VANISHED */
    } table[] = {
        {"", "* VANISHED (EARLIER) 1:2,4:5,7:8,10:11\r\n"},
        {" 1:8", "* VANISHED (EARLIER) 1:2,4:5,7:8\r\n"},
        {" 3,6,9", NULL},
        {" 1:12 (1:2 3,6)", "* VANISHED (EARLIER) 7:8,10:11\r\n"},
        {" 1:12 (2,4 6,13)", "* VANISHED (EARLIER) 7:8,10:11\r\n"},
        {" 1:12 (1,4 1,4)", "* VANISHED (EARLIER) 1:2,4:5,7:8,10:11\r\n"},
        {" (4 12)", NULL},
        {" (1:4294967295 1:4294967295)", "* VANISHED (EARLIER) 1:2,4:5,7:8,10:11\r\n"},
        {" 1:4294967295", "* VANISHED (EARLIER) 1:2,4:5,7:8,10:11\r\n"},
    };
    struct driver d;
    struct imap_session *s = prepare(&d);

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const char *said = resync(&d, s, table[i].known);

        if (table[i].want != NULL)
            assert_says(said, table[i].want);
        else
            assert_silent(said, "VANISHED");
    }
    assert_says(drive(&d, s, "b2 UID FETCH 4:9 (UID) (CHANGEDSINCE 1 VANISHED)\r\n"),
                "* VANISHED (EARLIER) 4:5,7:8\r\n* 2 FETCH (UID 6 MODSEQ (");
    imap_session_free(&s);
    driver_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_cut_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
