/* tests/unit/imap/driver.c -- see driver.h. */
#include <stdio.h>
#include <stdlib.h>

#include "driver.h"

#include "base/mem.h"

void driver_init(struct driver *d)
{
    const char *tmp = getenv("TMPDIR");

    *d = (struct driver){.settings = {.append_octets_max = 1 << 20,
                                      .message_limit = IMAP_MESSAGES_MAX,
                                      .save_limit = IMAP_MESSAGES_MAX,
                                      .server_version = "test"}};
    snprintf(d->root, sizeof(d->root), "%.40s/roost-imap-XXXXXX", tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(d->root));
    assert_int_equal(account_create(d->root, SLICE("anna")), ERR_OK);
    assert_int_equal(account_open(d->root, SLICE("anna"), &d->account), ERR_OK);
}

void driver_release(struct driver *d)
{
    char command[128];

    account_close(&d->account);
    snprintf(command, sizeof(command), "rm -rf '%s'", d->root);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): our own directory */
}

void driver_reopen(struct driver *d, struct imap_session **sessions, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(imap_session_can_sleep(sessions[i]));
        imap_session_sleep(sessions[i]);
    }
    account_close(&d->account);
    assert_int_equal(account_open(d->root, SLICE("anna"), &d->account), ERR_OK);
}

void driver_idle(struct driver *d)
{
    bool more = true;

    while (more)
        assert_int_equal(account_idle_step(d->account, &more), ERR_OK);
}

static const char *take_output(struct imap_session *s)
{
    static char *text;
    struct buf *out = imap_session_out(s);

    free(text);
    text = mem_dup_slice(buf_slice(out));
    buf_clear(out);
    return text;
}

struct imap_session *driver_session(struct driver *d)
{
    struct imap_session *s = imap_session_new(&d->settings, SLICE("l0"));

    assert_int_equal(imap_session_wake(s, d->account), ERR_OK);
    assert_says(take_output(s), "l0 OK [CAPABILITY ");
    return s;
}

/* One batch, its steps until `deadline_us`; what it says is added to *all. */
static enum imap_run run_batch(struct driver *d, struct imap_session *s, uint64_t deadline_us,
                               char **all)
{
    const char *said;
    enum imap_run r;
    size_t n = strlen(*all);

    assert_int_equal(imap_session_wake(s, d->account), ERR_OK);
    imap_session_batch_begin(s);
    r = imap_session_run(s, deadline_us);
    assert_int_equal(account_commit(d->account), ERR_OK);
    said = take_output(s);
    *all = mem_resize(*all, n + strlen(said) + 1, 1);
    memcpy(*all + n, said, strlen(said) + 1);
    return r;
}

const char *drive(struct driver *d, struct imap_session *s, const char *input)
{
    static char *all;
    enum imap_run r;

    free(all);
    all = mem_strdup("");
    buf_add_str(imap_session_in(s), input);
    do
        r = run_batch(d, s, UINT64_MAX, &all);
    while (r == IMAP_AGAIN || r == IMAP_OUTPUT);
    return all;
}

const char *drive_in_steps(struct driver *d, struct imap_session *s, const char *input,
                           void (*between)(void *ctx, unsigned steps), void *ctx)
{
    static char *all;
    unsigned steps = 0;
    enum imap_run r;

    free(all);
    all = mem_strdup("");
    buf_add_str(imap_session_in(s), input);
    do {
        if (between != NULL)
            between(ctx, steps++);
        r = run_batch(d, s, 0, &all);
    } while (r == IMAP_AGAIN || r == IMAP_OUTPUT);
    return all;
}

const char *driver_news(struct driver *d, struct imap_session *s)
{
    assert_int_equal(imap_session_wake(s, d->account), ERR_OK);
    imap_session_news(s);
    return take_output(s);
}
