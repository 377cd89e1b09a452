/* NOTIFY against a real account: what a conversation cannot reach. The largest: after random
 * changes by another session, with sleep and slow reading in between, what the watcher was told is
 * a true picture of the account. */
#include <stdlib.h>

#include "driver.h"

#include "base/mem.h"

/* ---- a picture made of what was told -------------------------------------------------------- */

enum { NAMES_MAX = 256, NAME_OCTETS = 64, STEPS = 400, ROUNDS = 6 };

struct known {
    char name[NAME_OCTETS];
    bool exists, noselect, subscribed;
    char status[80];
};

struct picture {
    struct known at[NAMES_MAX];
    size_t n;
};

static struct known *find(struct picture *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->at[i].name, name) == 0)
            return &p->at[i];
    }
    assert_true(p->n < NAMES_MAX);
    p->at[p->n] = (struct known){0};
    snprintf(p->at[p->n].name, NAME_OCTETS, "%s", name);
    return &p->at[p->n++];
}

/* A mailbox, but not its subscription, takes another name. */
static void move(struct picture *p, const char *from, const char *to)
{
    struct known *old = find(p, from), was = *old;
    struct known *new = find(p, to);

    new->exists = was.exists;
    new->noselect = was.noselect;
    snprintf(new->status, sizeof(new->status), "%s", was.status);
    find(p, from)->exists = false;
}

static void rename_tree(struct picture *p, const char *from, const char *to)
{
    size_t n = p->n, octets = strlen(from);

    for (size_t i = 0; i < n; i++) {
        char name[NAME_OCTETS * 2];

        if (!p->at[i].exists || strncmp(p->at[i].name, from, octets) != 0 ||
            (p->at[i].name[octets] != '\0' && p->at[i].name[octets] != '/'))
            continue;
        snprintf(name, sizeof(name), "%s%s", to, p->at[i].name + octets);
        move(p, p->at[i].name, name);
    }
}

/* * LIST (\HasNoChildren) "/" a/b ("OLDNAME" (c)) */
static void take_list(struct picture *p, const char *line)
{
    char attributes[200], name[NAME_OCTETS], old[NAME_OCTETS];
    int n =
        sscanf(line, "* LIST (%199[^)]) \"/\" %63s (\"OLDNAME\" (%63[^)]", attributes, name, old);
    struct known *k;

    assert_true(n == 2 || n == 3);
    if (n == 3)
        rename_tree(p, old, name);
    k = find(p, name);
    k->exists = strstr(attributes, "\\NonExistent") == NULL;
    k->noselect = strstr(attributes, "\\Noselect") != NULL;
    k->subscribed = strstr(attributes, "\\Subscribed") != NULL;
    if (!k->exists || k->noselect)
        k->status[0] = '\0';
}

/* * STATUS a/b (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 3 UNSEEN 1): some of them */
static void take_status(struct picture *p, const char *line)
{
    static const char *const item[] = {"MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN"};
    unsigned now[4] = {0};
    char name[NAME_OCTETS];
    struct known *k;
    size_t at = 0;

    assert_int_equal(sscanf(line, "* STATUS %63s", name), 1);
    k = find(p, name);
    if (k->status[0] != '\0')
        sscanf(k->status, "%u %u %u %u", &now[0], &now[1], &now[2], &now[3]);
    for (size_t i = 0; i < 4; i++) {
        const char *found = strstr(line, item[i]);

        if (found != NULL)
            now[i] = (unsigned)strtoul(found + strlen(item[i]), NULL, 10);
    }
    for (size_t i = 0; i < 4; i++)
        at += (size_t)snprintf(k->status + at, sizeof(k->status) - at, "%u ", now[i]);
}

static void take(struct picture *p, const char *text)
{
    while (*text != '\0') {
        const char *end = strstr(text, "\r\n");
        char line[400];

        assert_non_null(end);
        snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
        if (strncmp(line, "* LIST", 6) == 0)
            take_list(p, line);
        else if (strncmp(line, "* STATUS", 8) == 0)
            take_status(p, line);
        text = end + 2;
    }
}

/* ---- random changes ------------------------------------------------------------------------- */

static unsigned long long seed;

static unsigned dice(unsigned sides)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(seed >> 33) % sides;
}

static const char *any_name(void)
{
    static const char *const names[] = {"a",     "a/b", "a/b/c", "a/d", "e",
                                        "e/b/c", "f",   "e/a",   "a/f", "INBOX"};

    return names[dice(10)];
}

static void change(struct driver *d, struct imap_session *s)
{
    char command[300];
    const char *name = any_name(), *other = any_name();

    switch (dice(12)) {
    case 0:
    case 1:
        snprintf(command, sizeof(command), "x CREATE %s\r\n", name);
        break;
    case 2:
        snprintf(command, sizeof(command), "x DELETE %s\r\n", name);
        break;
    case 3:
    case 4:
        snprintf(command, sizeof(command), "x RENAME %s %s\r\n", name, other);
        break;
    case 5:
        snprintf(command, sizeof(command), "x SUBSCRIBE %s\r\n", name);
        break;
    case 6:
        snprintf(command, sizeof(command), "x UNSUBSCRIBE %s\r\n", name);
        break;
    case 7:
        snprintf(command, sizeof(command),
                 "x SELECT %s\r\nx STORE 1:* +FLAGS (\\Seen)\r\nx UNSELECT\r\n", name);
        break;
    case 8:
        snprintf(command, sizeof(command),
                 "x SELECT %s\r\nx STORE 1 +FLAGS (\\Deleted)\r\nx EXPUNGE\r\nx UNSELECT\r\n",
                 name);
        break;
    case 9:
        snprintf(command, sizeof(command), "x SELECT %s\r\nx COPY 1:* %s\r\nx UNSELECT\r\n", name,
                 other);
        break;
    default:
        snprintf(command, sizeof(command), "x APPEND %s {14+}\r\nSubject: x\r\n\r\n\r\n", name);
    }
    drive(d, s, command);
}

/* ---- the test ------------------------------------------------------------------------------- */

/* The same for both, so that they can be compared. */
static int write_known(char *out, size_t octets, const struct known *k)
{
    return snprintf(out, octets, "%s%s%s %s\n", k->name, k->noselect ? "!" : "",
                    k->subscribed ? "+" : "", k->noselect ? "" : k->status);
}

static int by_line(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *describe(const struct picture *p)
{
    char *line[NAMES_MAX], *all = mem_calloc(NAMES_MAX, 200);
    size_t n = 0, at = 0;

    for (size_t i = 0; i < p->n; i++) {
        const struct known *k = &p->at[i];

        if (!k->exists && !k->subscribed)
            continue;
        line[n] = mem_calloc(1, 200);
        if (k->exists)
            write_known(line[n++], 200, k);
        else
            snprintf(line[n++], 200, "%s missing\n", k->name);
    }
    qsort(line, n, sizeof(line[0]), by_line);
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(all + at, 200, "%s", line[i]);
        free(line[i]);
    }
    return all;
}

static void look(struct driver *d, struct imap_session *s, struct picture *p)
{
    *p = (struct picture){0};
    take(p, drive(d, s,
                  "l LIST \"\" * RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES UIDNEXT UIDVALIDITY "
                  "UNSEEN))\r\n"));
    take(p, drive(d, s, "l LIST (SUBSCRIBED) \"\" * RETURN (CHILDREN)\r\n"));
}

static void compare(struct driver *d, struct imap_session *by, struct picture *told, int step)
{
    static struct picture is;
    char *want, *got;

    look(d, by, &is);
    want = describe(&is);
    got = describe(told);
    if (strcmp(want, got) != 0)
        fail_msg("after step %d: told\n%s\nbut it is\n%s", step, got, want);
    free(want);
    free(got);
}

static void round_of(unsigned long long with)
{
    static struct picture told;
    struct imap_session *watcher, *other, *all[2];
    struct driver d;

    seed = with;
    driver_init(&d);
    all[0] = watcher = driver_session(&d);
    all[1] = other = driver_session(&d);
    look(&d, watcher, &told);
    drive(&d, watcher,
          "n NOTIFY SET (PERSONAL (MessageNew MessageExpunge FlagChange MailboxName "
          "SubscriptionChange))\r\n");
    for (int step = 0; step < STEPS; step++) {
        change(&d, other);
        if (dice(8) == 0)
            driver_reopen(&d, all, 2);
        if (dice(3) != 0)
            continue; /* what happens meanwhile merges */
        take(&told, dice(2) == 0 ? driver_news(&d, watcher) : drive(&d, watcher, ""));
        compare(&d, other, &told, step);
    }
    imap_session_free(&watcher);
    imap_session_free(&other);
    driver_release(&d);
}

static void test_true_picture(void **state)
{
    (void)state;
    for (unsigned round = 1; round <= ROUNDS; round++)
        round_of(round);
}

/* ---- single things -------------------------------------------------------------------------- */

static const char watch_all[] =
    "n NOTIFY SET (SELECTED (MessageNew (UID) MessageExpunge FlagChange)) (PERSONAL (MessageNew "
    "MessageExpunge MailboxName SubscriptionChange))\r\n";

/* More events than one answer holds, while the watcher could not be told. */
static void test_overflow(void **state)
{
    struct imap_session *watcher, *other;
    struct driver d;

    (void)state;
    driver_init(&d);
    watcher = driver_session(&d);
    other = driver_session(&d);
    drive(&d, watcher, watch_all);
    drive(&d, watcher, "a1 SELECT INBOX\r\n");
    for (int i = 0; i < ACCOUNT_EVENTS_MAX / 2 + 1; i++)
        drive(&d, other, "x SUBSCRIBE nowhere\r\nx UNSUBSCRIBE nowhere\r\n");
    imap_session_batch_begin(watcher);
    buf_add_str(imap_session_in(watcher), "a0 NOOP\r\n");
    assert_int_equal(imap_session_run(watcher, UINT64_MAX), IMAP_INPUT);
    account_rollback(d.account);
    imap_session_batch_failed(watcher, ERR_NOSPACE); /* nobody has heard of it */
    assert_says(drive(&d, watcher, ""), "* OK [NOTIFICATIONOVERFLOW] ");
    drive(&d, other, "x APPEND INBOX {14+}\r\nSubject: x\r\n\r\n\r\n");
    assert_string_equal(driver_news(&d, watcher), ""); /* as after NOTIFY NONE */
    assert_string_equal(drive(&d, watcher, "a2 NOOP\r\n"), "a2 OK NOOP done\r\n");
    assert_says(drive(&d, watcher, watch_all), "* 1 EXISTS");
    drive(&d, other, "x SUBSCRIBE nowhere\r\n");
    assert_says(driver_news(&d, watcher), "* LIST (\\NonExistent \\Subscribed) \"/\" nowhere\r\n");
    imap_session_free(&watcher);
    imap_session_free(&other);
    driver_release(&d);
}

/* A batch whose commit fails takes back the new list, and what was told in it. */
static void test_failed_batch(void **state)
{
    struct imap_session *watcher, *other;
    struct driver d;

    (void)state;
    driver_init(&d);
    watcher = driver_session(&d);
    other = driver_session(&d);
    drive(&d, other, "x SELECT INBOX\r\n");

    imap_session_batch_begin(watcher);
    buf_add_str(imap_session_in(watcher), watch_all);
    assert_int_equal(imap_session_run(watcher, UINT64_MAX), IMAP_INPUT);
    account_rollback(d.account);
    imap_session_batch_failed(watcher, ERR_NOSPACE);
    assert_says(drive(&d, watcher, ""), "n NO [UNAVAILABLE]");
    drive(&d, other, "x CREATE one\r\n");
    assert_string_equal(driver_news(&d, watcher), "");

    drive(&d, watcher, watch_all);
    drive(&d, other, "x CREATE two\r\n");
    imap_session_batch_begin(watcher);
    buf_add_str(imap_session_in(watcher), "n NOTIFY NONE\r\nn NOTIFY SET (SELECTED NONE)\r\n");
    assert_int_equal(imap_session_run(watcher, UINT64_MAX), IMAP_INPUT);
    account_rollback(d.account);
    imap_session_batch_failed(watcher, ERR_NOSPACE);
    assert_says(drive(&d, watcher, ""), "* LIST (\\HasNoChildren) \"/\" two\r\n");
    imap_session_free(&watcher);
    imap_session_free(&other);
    driver_release(&d);
}

/* A failed commit while new messages are fetched behind an IDLE: the IDLE goes on. */
static void test_failed_fetch_in_idle(void **state)
{
    struct imap_session *watcher, *other;
    struct driver d;

    (void)state;
    driver_init(&d);
    watcher = driver_session(&d);
    other = driver_session(&d);
    drive(&d, watcher, watch_all);
    drive(&d, watcher, "a1 SELECT INBOX\r\n");
    drive(&d, watcher, "a2 IDLE\r\n");
    drive(&d, other, "x APPEND INBOX {14+}\r\nSubject: x\r\n\r\n\r\n");
    imap_session_batch_begin(watcher);
    assert_int_equal(imap_session_run(watcher, UINT64_MAX), IMAP_INPUT);
    account_rollback(d.account);
    imap_session_batch_failed(watcher, ERR_NOSPACE);
    assert_says(driver_news(&d, watcher), "* 1 FETCH (UID 1)");
    assert_says(drive(&d, watcher, "DONE\r\n"), "a2 OK ");
    imap_session_free(&watcher);
    imap_session_free(&other);
    driver_release(&d);
}

/* Many mailboxes: the first STATUS comes in pieces, each mailbox once. */
static void test_many_mailboxes(void **state)
{
    enum { MAILBOXES = 1500 };
    struct imap_session *s;
    struct driver d;
    const char *said;
    unsigned lines = 0;

    (void)state;
    driver_init(&d);
    s = driver_session(&d);
    for (int i = 0; i < MAILBOXES; i++) {
        char command[120];

        snprintf(command, sizeof(command), "x CREATE top/mailbox%060d\r\n", i);
        drive(&d, s, command);
    }
    drive(&d, s, "x RENAME top other\r\n"); /* all have one modseq now */
    said = drive(&d, s, "n NOTIFY SET STATUS (SUBTREE other (MessageNew MessageExpunge))\r\n");
    assert_says(said, "n OK ");
    for (const char *at = said; (at = strstr(at, "* STATUS other/mailbox")) != NULL; at++)
        lines++;
    assert_int_equal(lines, MAILBOXES);
    imap_session_free(&s);
    driver_release(&d);
}

/* More names than the output holds, for who reads slowly: all of them, each once. */
static void test_many_names(void **state)
{
    enum { MAILBOXES = 900 };
    struct imap_session *watcher, *other;
    struct driver d;
    const char *said;
    unsigned lines = 0;

    (void)state;
    driver_init(&d);
    watcher = driver_session(&d);
    other = driver_session(&d);
    drive(&d, watcher, "n NOTIFY SET (PERSONAL (MailboxName))\r\n");
    for (int i = 0; i < MAILBOXES; i++) {
        char command[300];

        snprintf(command, sizeof(command), "x CREATE mailbox%0240d\r\n", i);
        drive(&d, other, command);
    }
    said = drive(&d, watcher, "");
    assert_true(strlen(said) > imap_session_high(watcher));
    for (const char *at = said; (at = strstr(at, "\"/\" mailbox")) != NULL; at++)
        lines++;
    assert_int_equal(lines, MAILBOXES);
    imap_session_free(&watcher);
    imap_session_free(&other);
    driver_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_true_picture),   cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_failed_batch),   cmocka_unit_test(test_failed_fetch_in_idle),
        cmocka_unit_test(test_many_mailboxes), cmocka_unit_test(test_many_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
