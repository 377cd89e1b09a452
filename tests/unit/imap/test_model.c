/* Clients of every kind on one mailbox, doing random things: what each believes from what it was
 * told is what is there. One that loses its connection and comes back with QRESYNC (RFC 7162
 * section 6) ends with exactly the server's state.
 */
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"

#include "wire/flag.h"

enum {
    CLIENTS = 7,
    KNOWN_MAX = 4000,
    ROUNDS = 200,      /* accounts */
    STEPS = 120,       /* in each */
    MESSAGES_MAX = 60, /* no more are made */
};

enum { REV2 = 1, CONDSTORE = 2, QRESYNC = 4, UIDONLY = 8 };
static const unsigned kinds[CLIENTS] = {0,       REV2,    CONDSTORE,        QRESYNC,
                                        QRESYNC, UIDONLY, UIDONLY | QRESYNC};

struct known {
    uint32_t uid; /* 0: told by EXISTS alone */
    uint8_t flags;
};

struct model {
    unsigned kind;
    struct imap_session *s;
    struct known at[KNOWN_MAX];    /* by sequence number; of UIDONLY ascending UIDs */
    uint32_t n, exists, looked;    /* UIDs up to there */
    uint64_t uidvalidity, highest; /* what it remembers */
    uint64_t greatest, code;       /* since the last tagged answer */
    uint8_t silently;              /* flags it has just asked to be added with .SILENT */
    bool opening;                  /* numbers mean nothing before it has looked at what is new */
};

static struct driver driver;
static struct model model[CLIENTS];
static unsigned long long seed;
static char script[64];

static unsigned chance(unsigned n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(seed >> 33) % n;
}

/* ---- what a client makes of what it hears --------------------------------------------------- */

static struct known *find(struct model *m, uint32_t uid)
{
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->at[i].uid == uid)
            return &m->at[i];
    }
    return NULL;
}

/* A message it has not looked at, which may be that UID by its place. */
static struct known *find_unknown(struct model *m, uint32_t uid)
{
    struct known *found = NULL;

    for (uint32_t i = 0; i < m->n; i++) {
        if (m->at[i].uid > uid)
            return found;
        if (m->at[i].uid == 0)
            found = &m->at[i];
        else
            found = NULL;
    }
    return found;
}

static void drop(struct model *m, uint32_t i)
{
    assert_true(i < m->n);
    memmove(&m->at[i], &m->at[i + 1], (m->n - i - 1) * sizeof(m->at[0]));
    m->n--;
}

static void hear_vanished(struct model *m, const char *text, bool earlier)
{
    char *end;

    for (; *text >= '0' && *text <= '9'; text = *end == ',' ? end + 1 : end) {
        unsigned long lo = strtoul(text, &end, 10), hi = lo;

        if (*end == ':')
            hi = strtoul(end + 1, &end, 10);
        for (; lo <= hi; lo++) {
            struct known *k = find(m, (uint32_t)lo);

            if (k == NULL && !earlier && (m->kind & UIDONLY) == 0)
                k = find_unknown(m, (uint32_t)lo);
            if (k != NULL)
                drop(m, (uint32_t)(k - m->at));
            else if (!earlier && (m->kind & UIDONLY) == 0)
                fail_msg("%s: VANISHED of UID %lu that is not known", script, lo);
        }
    }
}

static void hear_exists(struct model *m, uint32_t n)
{
    m->exists = n;
    if ((m->kind & UIDONLY) != 0 || m->opening)
        return;
    assert_true(n >= m->n && n < KNOWN_MAX);
    while (m->n < n)
        m->at[m->n++] = (struct known){0};
}

static uint8_t read_flags(const char *text)
{
    static const struct {
        const char *name;
        uint8_t bit;
    } names[] = {{"\\Seen", FLAG_SEEN},
                 {"\\Answered", FLAG_ANSWERED},
                 {"\\Flagged", FLAG_FLAGGED},
                 {"\\Deleted", FLAG_DELETED},
                 {"\\Draft", FLAG_DRAFT}};
    const char *end = strchr(text, ')');
    uint8_t flags = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *at = strstr(text, names[i].name);

        if (at != NULL && at < end)
            flags |= names[i].bit;
    }
    return flags;
}

static struct known *fetched(struct model *m, uint32_t number, uint32_t uid)
{
    struct known *k = uid != 0 ? find(m, uid) : NULL;

    if (m->opening || (m->kind & UIDONLY) != 0) {
        if (k != NULL)
            return k;
        for (uint32_t i = m->n++; i > 0 && m->at[i - 1].uid > uid; i--) {
            m->at[i] = m->at[i - 1];
            k = &m->at[i - 1];
        }
        k = k != NULL ? k : &m->at[m->n - 1];
        *k = (struct known){.uid = uid};
        return k;
    }
    if (number < 1 || number > m->n)
        fail_msg("%s: FETCH of message %u of %u", script, number, m->n);
    k = &m->at[number - 1];
    if (uid != 0 && k->uid != 0 && k->uid != uid)
        fail_msg("%s: message %u is UID %u, not %u", script, number, k->uid, uid);
    if (uid != 0)
        k->uid = uid;
    return k;
}

static void hear_fetch(struct model *m, uint32_t number, const char *items)
{
    const char *uid = strstr(items, "UID "), *flags = strstr(items, "FLAGS ("),
               *modseq = strstr(items, "MODSEQ (");
    bool by_uid = (m->kind & UIDONLY) != 0;
    struct known *k = fetched(m, number,
                              by_uid ? number
                              : uid  ? (uint32_t)strtoul(uid + 4, NULL, 10)
                                     : 0);
    uint64_t told = modseq != NULL ? strtoull(modseq + 8, NULL, 10) : 0;

    if (flags != NULL)
        k->flags = read_flags(flags + 7);
    else
        k->flags |= m->silently;
    if (told > m->greatest)
        m->greatest = told;
}

static void hear_line(struct model *m, const char *line)
{
    const char *code = strstr(line, "[HIGHESTMODSEQ ");
    char *rest;
    unsigned long number;

    if (code != NULL)
        m->code = strtoull(code + 15, NULL, 10);
    if (strncmp(line, "* ", 2) != 0) { /* a tagged answer, or a message's text */
        if (strncmp(line, "c1 ", 3) != 0)
            return;
        if (m->code > 0)
            m->highest = m->code;
        else if (m->greatest > m->highest)
            m->highest = m->greatest;
        m->code = m->greatest = 0;
        return;
    }
    number = strtoul(line + 2, &rest, 10);
    if (strncmp(line, "* VANISHED (EARLIER) ", 21) == 0)
        hear_vanished(m, line + 21, true);
    else if (strncmp(line, "* VANISHED ", 11) == 0)
        hear_vanished(m, line + 11, false);
    else if (strncmp(line, "* OK [UIDVALIDITY ", 18) == 0)
        m->uidvalidity = strtoull(line + 18, NULL, 10);
    else if (strncmp(rest, " EXISTS", 7) == 0)
        hear_exists(m, (uint32_t)number);
    else if (strncmp(rest, " EXPUNGE", 8) == 0)
        drop(m, (uint32_t)number - 1);
    else if (strncmp(rest, " FETCH (", 8) == 0)
        hear_fetch(m, (uint32_t)number, rest + 8);
    else if (strncmp(rest, " UIDFETCH (", 11) == 0)
        hear_fetch(m, (uint32_t)number, rest + 11);
}

static void say(struct model *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct model *m, const char *format, ...)
{
    char command[400];
    va_list args;
    const char *said;

    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    if (getenv("MODEL_TRACE") != NULL)
        fprintf(stderr, "%d C: %s", (int)(m - model), command);
    said = drive(&driver, m->s, command);
    if (getenv("MODEL_TRACE") != NULL)
        fprintf(stderr, "%s", said);
    if (strstr(said, "c1 BAD") != NULL)
        fail_msg("%s: %s%s", script, command, said);
    while (*said != '\0') {
        size_t n = strcspn(said, "\n");
        char *line = strndup(said, n);

        hear_line(m, line);
        free(line);
        said += n + (said[n] == '\n');
    }
}

/* ---- a client's life ------------------------------------------------------------------------ */

static uint32_t last_uid(const struct model *m)
{
    uint32_t last = 0;

    for (uint32_t i = 0; i < m->n; i++)
        last = m->at[i].uid > last ? m->at[i].uid : last;
    return last;
}

/* Look at what EXISTS has told of since it last did. */
static void look(struct model *m)
{
    say(m, "c1 UID FETCH %u:* (UID FLAGS)\r\n", m->looked + 1);
    m->looked = last_uid(m) > m->looked ? last_uid(m) : m->looked;
}

/* Come (back): what it knows it keeps only with QRESYNC. */
static void enter(struct model *m)
{
    m->s = driver_session(&driver);
    m->code = m->greatest = 0;
    if ((m->kind & REV2) != 0)
        say(m, "c1 ENABLE IMAP4rev2\r\n");
    if ((m->kind & UIDONLY) != 0)
        say(m, "c1 ENABLE UIDONLY\r\n");
    if ((m->kind & QRESYNC) == 0 || m->uidvalidity == 0) {
        m->n = m->looked = 0;
        m->opening = true;
        say(m, "c1 %sSELECT INBOX%s\r\n", (m->kind & QRESYNC) != 0 ? "ENABLE QRESYNC\r\nc1 " : "",
            (m->kind & CONDSTORE) != 0 ? " (CONDSTORE)" : "");
    } else {
        say(m, "c1 ENABLE QRESYNC\r\n");
        for (uint32_t i = m->n; i > 0; i--) {
            if (m->at[i - 1].uid == 0)
                drop(m, i - 1);
        }
        m->opening = true;
        say(m, "c1 SELECT INBOX (QRESYNC (%llu %llu))\r\n", (unsigned long long)m->uidvalidity,
            (unsigned long long)m->highest);
    }
    look(m);
    m->opening = false;
    hear_exists(m, m->exists);
}

static void leave(struct model *m)
{
    imap_session_free(&m->s);
}

static void check(struct model *m)
{
    struct folder *f = folder_find(driver.account, SLICE("INBOX"));
    struct messages *truth;

    say(m, "c1 NOOP\r\n");
    look(m);
    assert_int_equal(folder_messages(f, &truth), ERR_OK);
    if (m->n != truth->n)
        fail_msg("%s: client %d knows %u of %u", script, (int)(m - model), m->n, truth->n);
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->at[i].uid != uid_at(truth->map, i) || m->at[i].flags != truth->flags[i])
            fail_msg("%s: client %d believes %u: UID %u flags %x; it is UID %u flags %x", script,
                     (int)(m - model), i + 1, m->at[i].uid, m->at[i].flags, uid_at(truth->map, i),
                     truth->flags[i]);
    }
}

/* ---- random things -------------------------------------------------------------------------- */

static const char *prefix(const struct model *m)
{
    return (m->kind & UIDONLY) != 0 || chance(2) == 0 ? "UID " : "";
}

/* A set of one or two messages, of the numbers that `prefix` wants. */
static void pick(const struct model *m, bool uid, char *out, size_t max)
{
    uint32_t a = chance(m->n), b = a + chance(m->n - a < 4 ? m->n - a : 4);

    if (uid)
        snprintf(out, max, "%u,%u", m->at[a].uid + 1, m->at[b].uid + 1);
    else
        snprintf(out, max, "%u:%u", a + 1, b + 1);
}

static void store(struct model *m)
{
    static const char *const flags[] = {"\\Seen", "\\Flagged", "\\Deleted", "\\Draft"};
    static const uint8_t bits[] = {FLAG_SEEN, FLAG_FLAGGED, FLAG_DELETED, FLAG_DRAFT};
    bool silent = (m->kind & QRESYNC) != 0 && chance(2) == 0;
    const char *uid = prefix(m);
    char set[40], unchanged[60] = "";
    unsigned flag = chance(4);

    pick(m, *uid != '\0', set, sizeof(set));
    if ((m->kind & (CONDSTORE | QRESYNC)) != 0 && chance(4) == 0)
        snprintf(unchanged, sizeof(unchanged), "(UNCHANGEDSINCE %llu) ",
                 (unsigned long long)m->highest);
    m->silently = silent ? bits[flag] : 0;
    say(m, "c1 %sSTORE %s %s%sFLAGS%s (%s)\r\n", uid, set, unchanged,
        silent           ? "+"
        : chance(3) == 0 ? "-"
                         : "+",
        silent ? ".SILENT" : "", flags[flag]);
    m->silently = 0;
}

static void act(struct model *m)
{
    char set[40];
    const char *uid = prefix(m);

    if (m->n == 0 || chance(8) == 0) {
        if (m->n < MESSAGES_MAX)
            say(m, "c1 APPEND INBOX {8+}\r\nx: y\r\n\r\n\r\n");
        return;
    }
    pick(m, *uid != '\0', set, sizeof(set));
    switch (chance(9)) {
    case 0:
    case 1:
    case 2:
        store(m);
        break;
    case 3:
        say(m, "c1 %sFETCH %s (BODY[TEXT])\r\n", uid, set);
        break;
    case 4:
        say(m, "c1 %sFETCH %s (FLAGS)\r\n", uid, set);
        break;
    case 5:
        say(m, chance(2) == 0 ? "c1 EXPUNGE\r\n" : "c1 UID EXPUNGE 1:20\r\n");
        break;
    case 6:
        if (m->n < MESSAGES_MAX)
            say(m, "c1 %sCOPY %s INBOX\r\n", uid, set);
        break;
    case 7:
        say(m, "c1 %sMOVE %s %s\r\n", uid, set, chance(2) == 0 ? "INBOX" : "other");
        break;
    default:
        look(m);
    }
}

static void sleep_all(void)
{
    struct imap_session *s[CLIENTS];

    for (size_t i = 0; i < CLIENTS; i++)
        s[i] = model[i].s;
    driver_reopen(&driver, s, CLIENTS);
}

static void one_account(unsigned round)
{
    seed = round * 7919 + 1;
    driver_init(&driver);
    memset(model, 0, sizeof(model));
    for (size_t i = 0; i < CLIENTS; i++) {
        model[i].kind = kinds[i];
        enter(&model[i]);
    }
    say(&model[0], "c1 CREATE other\r\n");
    for (unsigned step = 0; step < STEPS; step++) {
        struct model *m = &model[chance(CLIENTS)];

        snprintf(script, sizeof(script), "round %u step %u", round, step);
        act(m);
        if (chance(6) == 0)
            check(&model[chance(CLIENTS)]);
        if (chance(10) == 0) {
            m = &model[chance(CLIENTS)];
            leave(m);
            act(&model[(size_t)(m - model + 1) % CLIENTS]);
            enter(m);
            check(m);
        }
        if (chance(40) == 0)
            sleep_all();
    }
    for (size_t i = 0; i < CLIENTS; i++)
        check(&model[i]);
    for (size_t i = 0; i < CLIENTS; i++)
        leave(&model[i]);
    driver_release(&driver);
}

static void test_model(void **state)
{
    const char *only = getenv("MODEL_ROUND");

    (void)state;
    if (only != NULL)
        one_account((unsigned)strtoul(only, NULL, 10));
    for (unsigned round = 0; only == NULL && round < ROUNDS; round++)
        one_account(round);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_model)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
