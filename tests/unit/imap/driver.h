/* tests/unit/imap/driver.h -- drives sessions with arrays: a real account in a temporary
 * directory, no sockets, no threads. Each call of drive() is one batch: run, commit, send.
 */
#ifndef ROOST_TESTS_UNIT_IMAP_DRIVER_H
#define ROOST_TESTS_UNIT_IMAP_DRIVER_H

#include "../test.h"

#include "imap/session.h"
#include "store/store.h"

struct driver {
    char root[64];
    struct account *account;
    struct imap_settings settings;
};

/* A new account "anna" in a new directory. */
void driver_init(struct driver *d);
void driver_release(struct driver *d);
/* Close the account and open it again, as the runtime does to save memory; `sessions` sleep. */
void driver_reopen(struct driver *d, struct imap_session **sessions, size_t n);

/* The account is tended until nothing is left to do, as when nobody asks for anything. */
void driver_idle(struct driver *d);

/* A session that has logged in; its greeting has been taken. */
struct imap_session *driver_session(struct driver *d);

/* Put octets in, run until the session waits for input, commit, and return what it says
 * (NUL-terminated, valid until the next call). */
const char *drive(struct driver *d, struct imap_session *s, const char *input);

/* As drive(), but each step ends as soon as it may and is a batch of its own; before each `between`
 * is called with the number of those before it, unless it is NULL. */
const char *drive_in_steps(struct driver *d, struct imap_session *s, const char *input,
                           void (*between)(void *ctx, unsigned steps), void *ctx);

/* What the others' changes make an idling session say. */
const char *driver_news(struct driver *d, struct imap_session *s);

/* Fails unless `text` holds `part`. */
#define assert_says(text, part)                                                                    \
    do {                                                                                           \
        const char *text_ = (text);                                                                \
        if (strstr(text_, (part)) == NULL)                                                         \
            fail_msg("no \"%s\" in:\n%s", (part), text_);                                          \
    } while (0)
#define assert_silent(text, part)                                                                  \
    do {                                                                                           \
        const char *text_ = (text);                                                                \
        if (strstr(text_, (part)) != NULL)                                                         \
            fail_msg("unexpected \"%s\" in:\n%s", (part), text_);                                  \
    } while (0)

#endif
