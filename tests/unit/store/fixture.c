/* tests/unit/store/fixture.c -- see fixture.h. */
#include "fixture.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/thread.h"

int fixture_setup(void **state)
{
    struct fixture *x = mem_new(struct fixture);
    const char *tmp = getenv("TMPDIR");

    log_init("test", LOG_LEVEL_ERROR);
    thread_index_due = 4; /* so that short tests come by it */
    snprintf(x->root, sizeof(x->root), "%s/roost-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(x->root));
    assert_ok(account_create(x->root, SLICE("anna")));
    assert_ok(account_open(x->root, SLICE("anna"), &x->a));
    *state = x;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *x = *state;
    char command[300];

    account_close(&x->a);
    snprintf(command, sizeof(command), "rm -rf '%s'", x->root);
    assert_int_equal(system(command), 0);
    free(x);
    return 0;
}

void fixture_reopen(struct fixture *x)
{
    account_close(&x->a);
    assert_ok(account_open(x->root, SLICE("anna"), &x->a));
}

void fixture_days_pass(struct fixture *x, unsigned days)
{
    char change[200];

    snprintf(change, sizeof(change),
             "UPDATE folder SET gone_time = gone_time - %u * 86400;"
             "UPDATE expunged SET time = time - %u * 86400;"
             "UPDATE account SET swept = 0",
             days, days);
    assert_int_equal(sqlite3_exec(x->a->db, change, NULL, NULL, NULL), SQLITE_OK);
    fixture_reopen(x);
}

struct folder *inbox(struct fixture *x)
{
    struct folder *f = folder_find(x->a, SLICE("INBOX"));

    assert_non_null(f);
    return f;
}

static enum err write_message(struct arrival *r, const char *subject, size_t octets)
{
    char line[200];
    size_t n = (size_t)snprintf(line, sizeof(line),
                                "From: a@example.org\r\nSubject: %s\r\n"
                                "Message-ID: <%s@example.org>\r\n\r\n",
                                subject, subject);

    TRY(arrival_write(r, slice_of(line, n)));
    for (; n + 64 <= octets; n += 64)
        TRY(arrival_write(r,
                          SLICE("The quick brown fox jumps over the lazy dog and then rests...\r\n"
                                "0")));
    return arrival_finish(r);
}

enum err try_append(struct account *a, struct folder *f, const char *subject, size_t octets,
                    uint8_t flags, uint32_t *uid)
{
    struct arrival *r = NULL;
    enum err err = arrival_begin(a, 1 << 30, &r);

    if (err == ERR_OK)
        err = write_message(r, subject, octets);
    if (err == ERR_OK)
        err = arrival_adopt(r, f, flags, NULL, 0, 1000000, 60, account_tick(a), uid);
    if (r != NULL)
        arrival_free(&r);
    return err;
}

uint32_t append(struct fixture *x, struct folder *f, const char *subject, size_t octets,
                uint8_t flags)
{
    uint32_t uid = 0;

    assert_ok(try_append(x->a, f, subject, octets, flags, &uid));
    return uid;
}

void idle(struct account *a)
{
    bool more = true;

    while (more)
        assert_ok(account_idle_step(a, &more));
}

void assert_sound(struct account *a)
{
    struct buf findings;

    buf_init(&findings, 1 << 20);
    assert_ok(account_check(a, &findings));
    assert_slice(buf_slice(&findings), SLICE(""));
    buf_release(&findings);
}

const char *shown(struct folder *f)
{
    static char text[4000];
    struct messages *m;
    size_t n = 0;

    assert_ok(folder_messages(f, &m));
    text[0] = '\0';
    for (uint32_t i = 0; i < m->n && n + 40 < sizeof(text); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u:%u", i > 0 ? " " : "",
                              uid_at(m->map, i), m->flags[i]);
    return text;
}
