/* tests/unit/store/fixture.h -- an account in a directory of its own, and shorthands. */
#ifndef ROOST_TESTS_UNIT_STORE_FIXTURE_H
#define ROOST_TESTS_UNIT_STORE_FIXTURE_H

#include "unit/test.h"

#include "store/internal.h"
#include "store/store.h"

#define assert_ok(call)        assert_string_equal(err_name(call), "OK")
#define assert_err(call, want) assert_string_equal(err_name(call), #want)

struct fixture {
    char root[200];
    struct account *a;
};

/* cmocka setup and teardown: an account "anna", open. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Close and open again. */
void fixture_reopen(struct fixture *x);

/* So many days pass for all that has been expunged or deleted, and the account is opened anew: what
 * is to be swept is swept by the next idle steps. */
void fixture_days_pass(struct fixture *x, unsigned days);

struct folder *inbox(struct fixture *x);

/* Append "Subject: s" and a text of `octets` in all to `f`; not committed. Returns the UID. */
uint32_t append(struct fixture *x, struct folder *f, const char *subject, size_t octets,
                uint8_t flags);
enum err try_append(struct account *a, struct folder *f, const char *subject, size_t octets,
                    uint8_t flags, uint32_t *uid);

/* The account is tended until nothing is left to do, as when nobody asks for anything. */
void idle(struct account *a);

/* No finding of account_check. */
void assert_sound(struct account *a);

/* "1:flags 2:flags ..." of the messages now. */
const char *shown(struct folder *f);

#endif
