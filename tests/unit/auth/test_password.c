/* Hashes of every scheme, the cache of successes, the throttle, and the verifier over all of them.
 */
#include "../test.h"

#include <poll.h>
#include <sqlite3.h>
#include <unistd.h>

#include "auth/cache.h"
#include "auth/throttle.h"
#include "auth/verifier.h"
#include "base/clock.h"

static void test_schemes(void **state)
{
    /* Nothing that is not a whole hash matches anything. */
    static const struct {
        const char *hash;
        const char *password;
        bool right;
    } cases[] = {
        {"$6$roostsal$", "secret", false},
        {"$6$", "secret", false},
        {"$argon2id$rubbish", "secret", false},
        {"$argon2id$", "", false},
        {"", "", false},
        {"secret", "secret", false}, /* plaintext is not a scheme */
        {"$9$x", "secret", false},
        {"{CRYPT}", "secret", false},
    };
    struct scheme_hash a, b;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(scheme_verify(cases[i].hash, slice_of_str(cases[i].password)),
                         cases[i].right);

    assert_int_equal(scheme_make(SLICE("secret"), &a), ERR_OK);
    assert_int_equal(scheme_make(SLICE("secret"), &b), ERR_OK);
    assert_string_not_equal(a.text, b.text);
    assert_true(slice_starts(slice_of_str(a.text), SLICE("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_true(scheme_verify(a.text, SLICE("secret")));
    assert_false(scheme_verify(a.text, SLICE("Secret")));
    assert_false(scheme_verify(a.text, SLICE("secret\0")));
    assert_false(scheme_verify(a.text, SLICE("")));
    /* what cannot be right is not found wrong any sooner */
    uint64_t start_us = clock_mono_us(), right_us;
    assert_false(scheme_verify(a.text, SLICE("wrong")));
    right_us = clock_mono_us() - start_us;
    start_us = clock_mono_us();
    assert_false(scheme_verify(a.text, SLICE("")));
    assert_true(clock_mono_us() - start_us > right_us / 10);
    snprintf(b.text, sizeof(b.text), "{ARGON2ID}%s", a.text);
    assert_true(scheme_verify(b.text, SLICE("secret")));
    assert_int_equal(scheme_make(SLICE(""), &a), ERR_SYNTAX);
    assert_int_equal(scheme_make(SLICE("a\0b"), &a), ERR_SYNTAX);
}

/* Known answers, as `openssl passwd` and crypt_blowfish's own tests give them. */
static void test_crypt(void **state)
{
    static const struct {
        const char *hash;
        const char *password;
    } cases[] = {
        {"$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"},
        {"$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCo"
         "EOfaS35inz1",
         "Hello world!"},
        {"{SHA256-CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"},
        {"{BLF-CRYPT}$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(scheme_verify(cases[i].hash, slice_of_str(cases[i].password)));
        assert_false(scheme_verify(cases[i].hash, SLICE("Hello world?")));
    }
}

static struct user user_of(const char *name, const char *hash)
{
    struct user u = {0};
    if (auth_name_fold(slice_of_str(name), &u.name) != ERR_OK)
        abort();
    snprintf(u.password.text, sizeof(u.password.text), "%s", hash);
    return u;
}

static void test_cache(void **state)
{
    struct auth_cache *c;
    struct user u = user_of("anna", "$6$x$y"), other = user_of("bob", "$6$x$y");

    (void)state;
    assert_int_equal(auth_cache_new(&c), ERR_OK);
    assert_false(auth_cache_has(c, &u, SLICE("secret"), 1000));
    auth_cache_add(c, &u, SLICE("secret"), 1000);
    assert_true(auth_cache_has(c, &u, SLICE("secret"), 1000));
    assert_true(auth_cache_has(c, &u, SLICE("secret"), 1000 + AUTH_CACHE_SECONDS * 1000 - 1));
    assert_true(auth_cache_has(c, &u, SLICE("secret"), 1000 + AUTH_CACHE_SECONDS * 1500));
    assert_false(auth_cache_has(c, &u, SLICE("secret"), 1000 + AUTH_CACHE_SECONDS * 2500));
    assert_false(auth_cache_has(c, &u, SLICE("Secret"), 1000));
    assert_false(auth_cache_has(c, &other, SLICE("secret"), 1000));
    struct user changed = user_of("anna", "$6$x$z");
    assert_false(auth_cache_has(c, &changed, SLICE("secret"), 1000));
    u.disabled = true;
    assert_false(auth_cache_has(c, &u, SLICE("secret"), 1000));
    auth_cache_free(&c);
}

static void test_throttle(void **state)
{
    static const uint32_t want[] = {0, 0, 0, 1000, 2000, 4000, 8000, 16000, 16000};
    struct throttle *t = throttle_new();
    struct slice anna = SLICE("anna"), here = SLICE("192.0.2.1"), there = SLICE("192.0.2.2");

    (void)state;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        assert_int_equal(throttle_delay_ms(t, anna, here, 5000), want[i]);
        throttle_failed(t, anna, here, 5000);
    }
    assert_int_equal(throttle_delay_ms(t, anna, there, 5000), 0); /* nobody is locked out */
    assert_int_equal(throttle_delay_ms(t, SLICE("bob"), here, 5000), 0);
    assert_int_equal(throttle_delay_ms(t, anna, here, 5001 + THROTTLE_FORGET_MS), 0);
    throttle_succeeded(t, anna, here);
    assert_int_equal(throttle_delay_ms(t, anna, here, 5000), 0);

    /* a home has one /64 */
    for (int i = 0; i < 4; i++)
        throttle_failed(t, anna, SLICE("2001:db8::1"), 5000);
    assert_true(throttle_delay_ms(t, anna, SLICE("2001:db8::2"), 5000) > 0);
    assert_int_equal(throttle_delay_ms(t, anna, SLICE("2001:db8:0:1::1"), 5000), 0);
    throttle_free(&t);
}

/* ---- the verifier ------------------------------------------------------------------------ */

static struct verifier *v;
static struct user_db *db;

static struct verify_result verdict(uint64_t now_ms)
{
    struct verify_result r;
    struct pollfd p = {.fd = verifier_fd(v), .events = POLLIN};

    while (!verifier_next(v, now_ms, &r)) {
        verifier_turn(v, now_ms);
        assert_int_equal(poll(&p, 1, 20000), 1);
    }
    return r;
}

static enum err login(enum handoff_mechanism mechanism, struct slice user, struct slice secret,
                      uint64_t now_ms)
{
    static uint64_t id;
    struct handoff_request r = {.id = ++id,
                                .mechanism = mechanism,
                                .user = user,
                                .secret = secret,
                                .peer = SLICE("192.0.2.1")};
    verifier_submit(v, &r, now_ms);
    struct verify_result got = verdict(now_ms + 60000);
    assert_int_equal(got.id, id);
    assert_string_equal(got.peer, "192.0.2.1");
    if (got.result == ERR_OK)
        assert_slice(auth_name_slice(&got.account), SLICE("anna"));
    return got.result;
}

static void set_password(const char *password)
{
    struct scheme_hash h;
    struct auth_name anna;

    assert_int_equal(auth_name_fold(SLICE("anna"), &anna), ERR_OK);
    assert_int_equal(scheme_make(slice_of_str(password), &h), ERR_OK);
    assert_int_equal(user_db_set_password(db, &anna, h.text), ERR_OK);
}

static void test_verifier(void **state)
{
    struct auth_name anna;
    struct user u;

    (void)state;
    assert_int_equal(user_db_open(":memory:", &db), ERR_OK);
    assert_int_equal(auth_name_fold(SLICE("anna"), &anna), ERR_OK);
    assert_int_equal(user_db_add(db, &anna, "$6$none"), ERR_OK);
    set_password("secret");
    assert_int_equal(verifier_new(db, 2, &v), ERR_OK);

    assert_int_equal(login(HANDOFF_LOGIN, SLICE("anna"), SLICE("secret"), 0), ERR_OK);
    assert_int_equal(login(HANDOFF_LOGIN, SLICE("ANNA"), SLICE("secret"), 0), ERR_OK);
    assert_int_equal(login(HANDOFF_PLAIN, SLICE(""), SLICE("\0Anna\0secret"), 0), ERR_OK);
    assert_int_equal(login(HANDOFF_PLAIN, SLICE(""), SLICE("anna\0anna\0secret"), 0), ERR_OK);
    assert_int_equal(login(HANDOFF_PLAIN, SLICE(""), SLICE("bob\0anna\0secret"), 0),
                     ERR_AUTHFAILED);
    assert_int_equal(login(HANDOFF_PLAIN, SLICE(""), SLICE("rubbish"), 0), ERR_SYNTAX);
    assert_int_equal(login(HANDOFF_LOGIN, SLICE("anna"), SLICE("wrong"), 0), ERR_AUTHFAILED);
    assert_int_equal(login(HANDOFF_LOGIN, SLICE("nobody"), SLICE("secret"), 0), ERR_AUTHFAILED);
    assert_int_equal(login(HANDOFF_LOGIN, SLICE("a/b"), SLICE("secret"), 0), ERR_AUTHFAILED);
    assert_int_equal(user_db_find(db, &anna, &u), ERR_OK);
    assert_true(u.last_login > 0);

    /* changed rows count at once, cache or not */
    set_password("other");
    assert_int_equal(login(HANDOFF_LOGIN, SLICE("anna"), SLICE("secret"), 0), ERR_AUTHFAILED);
    assert_int_equal(login(HANDOFF_LOGIN, SLICE("anna"), SLICE("other"), 0), ERR_OK);
    assert_int_equal(user_db_set_disabled(db, &anna, true), ERR_OK);
    assert_int_equal(login(HANDOFF_LOGIN, SLICE("anna"), SLICE("other"), 0), ERR_AUTHFAILED);
    verifier_free(&v);
    user_db_close(&db);
}

static void test_verifier_overload(void **state)
{
    struct handoff_request r = {.mechanism = HANDOFF_LOGIN,
                                .user = SLICE("nobody"),
                                .secret = SLICE("x"),
                                .peer = SLICE("192.0.2.1")};
    size_t refused = 0;
    struct verify_result got;

    (void)state;
    assert_int_equal(user_db_open(":memory:", &db), ERR_OK);
    assert_int_equal(verifier_new(db, 0, &v), ERR_OK); /* nobody hashes: all wait */
    for (size_t i = 0; i < VERIFIER_JOBS_MAX + 5; i++)
        verifier_submit(v, &r, 0);
    while (verifier_next(v, 0, &got)) {
        assert_int_equal(got.result, ERR_UNAVAILABLE);
        refused++;
    }
    assert_int_equal(refused, 5);
    verifier_free(&v);
    user_db_close(&db);
}

/* A gate that was started again numbers its requests as the one before it did. */
static void test_forget(void **state)
{
    struct handoff_request r = {.id = 1,
                                .mechanism = HANDOFF_LOGIN,
                                .user = SLICE("anna"),
                                .secret = SLICE("secret"),
                                .peer = SLICE("192.0.2.1")};
    struct auth_name anna;
    struct verify_result got;

    (void)state;
    assert_int_equal(user_db_open(":memory:", &db), ERR_OK);
    assert_int_equal(auth_name_fold(SLICE("anna"), &anna), ERR_OK);
    assert_int_equal(user_db_add(db, &anna, "$6$none"), ERR_OK);
    set_password("secret");
    assert_int_equal(verifier_new(db, 1, &v), ERR_OK);
    verifier_submit(v, &r, 0);
    verifier_forget(v);
    r.user = SLICE("nobody");
    verifier_submit(v, &r, 0);
    assert_int_equal(verdict(0).result, ERR_AUTHFAILED);
    assert_false(verifier_next(v, 0, &got));
    r.user = SLICE("anna");
    verifier_submit(v, &r, 0); /* learned all the same: from the cache */
    assert_true(verifier_next(v, 0, &got));
    assert_int_equal(got.result, ERR_OK);
    verifier_free(&v);
    user_db_close(&db);
}

/* Many from one network, then one from another: it is not the last. */
static void test_turns(void **state)
{
    struct handoff_request r = {.mechanism = HANDOFF_LOGIN,
                                .user = SLICE("nobody"),
                                .secret = SLICE("x"),
                                .peer = SLICE("2001:db8::1")};
    uint64_t place = 0;

    (void)state;
    assert_int_equal(user_db_open(":memory:", &db), ERR_OK);
    assert_int_equal(verifier_new(db, 1, &v), ERR_OK);
    for (r.id = 1; r.id <= 20; r.id++) {
        r.peer = r.id % 2 != 0 ? SLICE("2001:db8::1") : SLICE("2001:db8::2");
        verifier_submit(v, &r, 0);
    }
    r.peer = SLICE("192.0.2.1");
    verifier_submit(v, &r, 0);
    while (verdict(0).id != r.id)
        place++;
    assert_true(place < 10);
    verifier_free(&v);
    user_db_close(&db);
}

/* Guesses that wait for their throttle leave room for other people. */
static void test_delayed_overload(void **state)
{
    struct handoff_request r = {.mechanism = HANDOFF_LOGIN,
                                .user = SLICE("nobody"),
                                .secret = SLICE("x"),
                                .peer = SLICE("192.0.2.1")};
    struct verify_result got;
    size_t refused = 0;

    (void)state;
    assert_int_equal(user_db_open(":memory:", &db), ERR_OK);
    assert_int_equal(verifier_new(db, 1, &v), ERR_OK);
    for (int i = 0; i < THROTTLE_FREE; i++) {
        verifier_submit(v, &r, 0);
        verdict(0);
    }
    for (int i = 0; i < VERIFIER_JOBS_MAX; i++)
        verifier_submit(v, &r, 0);
    while (verifier_next(v, 0, &got)) {
        assert_int_equal(got.result, ERR_UNAVAILABLE);
        refused++;
    }
    assert_int_equal(refused, VERIFIER_JOBS_MAX - VERIFIER_DELAYED_MAX);
    r.user = SLICE("somebody");
    verifier_submit(v, &r, 0);
    assert_int_equal(verdict(0).result, ERR_AUTHFAILED);
    verifier_free(&v);
    user_db_close(&db);
}

static void test_throttled_waits(void **state)
{
    struct handoff_request r = {.mechanism = HANDOFF_LOGIN,
                                .user = SLICE("nobody"),
                                .secret = SLICE("x"),
                                .peer = SLICE("192.0.2.1")};
    struct verify_result got;

    (void)state;
    assert_int_equal(user_db_open(":memory:", &db), ERR_OK);
    assert_int_equal(verifier_new(db, 1, &v), ERR_OK);
    for (int i = 0; i < THROTTLE_FREE; i++) {
        verifier_submit(v, &r, 0);
        verdict(0);
    }
    verifier_submit(v, &r, 0);
    assert_int_equal(verifier_turn(v, 0), 1000);
    assert_int_equal(verifier_turn(v, 400), 600);
    assert_false(verifier_next(v, 400, &got));
    assert_int_equal(verifier_turn(v, 1000), -1);
    assert_int_equal(verdict(1000).result, ERR_AUTHFAILED);
    verifier_free(&v);
    user_db_close(&db);
}

/* ---- the file ---------------------------------------------------------------------------- */

static void test_file(void **state)
{
    char path[] = "/tmp/roost-auth-XXXXXX";
    int fd = mkstemp(path);
    struct auth_name anna;
    struct user u;
    sqlite3 *raw;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(auth_name_fold(SLICE("anna"), &anna), ERR_OK);
    assert_int_equal(user_db_open(path, &db), ERR_OK);
    assert_int_equal(user_db_find(db, &anna, &u), ERR_NOTFOUND);
    assert_int_equal(user_db_add(db, &anna, "$6$x"), ERR_OK);
    assert_int_equal(user_db_add(db, &anna, "$6$x"), ERR_EXISTS);
    user_db_close(&db);
    assert_int_equal(user_db_open(path, &db), ERR_OK);
    assert_int_equal(user_db_find(db, &anna, &u), ERR_OK);
    assert_string_equal(u.password.text, "$6$x");
    assert_true(u.created > 1700000000 && u.last_login == 0);
    user_db_note_login(db, &u, u.created + 5000);
    assert_int_equal(user_db_find(db, &anna, &u), ERR_OK);
    assert_true(u.last_login > 0);
    user_db_close(&db);

    /* a newer Roost has written it */
    assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, "PRAGMA user_version=99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
    assert_int_equal(user_db_open(path, &db), ERR_NEWER);
    assert_int_equal(truncate(path, 100), 0); /* and a disk has eaten it */
    assert_int_equal(user_db_open(path, &db), ERR_CORRUPT);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schemes),
        cmocka_unit_test(test_crypt),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_throttle),
        cmocka_unit_test(test_verifier),
        cmocka_unit_test(test_verifier_overload),
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_delayed_overload),
        cmocka_unit_test(test_throttled_waits),
        cmocka_unit_test(test_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
