/* tests/unit/client/test_client.c -- a client against a scripted peer at the other end of a
 * socket pair. */
#include "../test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/compress.h"
#include "base/mem.h"
#include "client/client.h"

struct pair {
    struct client *client;
    int peer;
};

static struct pair begin(void)
{
    struct pair p;
    int fd[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    p.client = client_open(fd[0]);
    p.peer = fd[1];
    client_set_timeout(p.client, 200);
    return p;
}

static void end(struct pair *p)
{
    client_close(&p->client);
    assert_null(p->client);
    close(p->peer);
}

static void say(struct pair *p, const char *octets)
{
    assert_int_equal(send(p->peer, octets, strlen(octets), 0), strlen(octets));
}

static void heard(struct pair *p, const char *want)
{
    char got[8192];
    ssize_t n = recv(p->peer, got, sizeof(got), MSG_DONTWAIT);

    assert_slice(slice_of(got, n > 0 ? (size_t)n : 0), slice_of_str(want));
}

static void test_login_select(void **state)
{
    struct pair p = begin();
    uint32_t exists = 0;

    (void)state;
    say(&p, "* OK ready\r\n* CAPABILITY IMAP4rev2\r\nr1 OK in\r\n");
    assert_int_equal(client_login(p.client, SLICE("anna b"), SLICE("p\"w")), ERR_OK);
    heard(&p, "r1 LOGIN \"anna b\" \"p\\\"w\"\r\n");
    say(&p, "* FLAGS ()\r\n* 172 EXISTS\r\n* 0 RECENT\r\nr2 OK [READ-WRITE] ok\r\n");
    assert_int_equal(client_select(p.client, SLICE("Entw\xc3\xbcrfe"), &exists), ERR_OK);
    heard(&p, "r2 SELECT \"Entw&APw-rfe\"\r\n");
    assert_int_equal(exists, 172);
    client_set_utf8(p.client, true);
    say(&p, "r3 NO [NONEXISTENT] none\r\n");
    assert_int_equal(client_select(p.client, SLICE("Entw\xc3\xbcrfe"), &exists), ERR_NOTFOUND);
    heard(&p, "r3 SELECT \"Entw\xc3\xbcrfe\"\r\n");
    assert_int_equal(exists, 172);
    end(&p);
}

static void test_whole_commands(void **state)
{
    struct pair p = begin();

    (void)state;
    say(&p, "r1 OK\r\nr2 NO [ALREADYEXISTS] x\r\nr3 OK\r\n");
    assert_int_equal(client_command(p.client, SLICE("NOOP"), NULL, NULL), ERR_OK);
    assert_int_equal(client_create(p.client, SLICE("a")), ERR_EXISTS);
    assert_int_equal(client_subscribe(p.client, SLICE("a b")), ERR_OK);
    heard(&p, "r1 NOOP\r\nr2 CREATE a\r\nr3 SUBSCRIBE \"a b\"\r\n");
    end(&p);
}

static void test_append_is_pipelined(void **state)
{
    const struct client_append plain = {.mailbox = SLICE("INBOX"), .octets = 5};
    const struct client_append full = {.key = SLICE("k1"),
                                       .mailbox = SLICE("A/B"),
                                       .flags = SLICE("\\Seen $Forwarded"),
                                       .has_date = true,
                                       .date_s = 837596665,
                                       .zone_minutes = -420,
                                       .binary = true,
                                       .octets = 3};
    struct pair p = begin();
    struct client_response r;
    uint32_t one, two;

    (void)state;
    one = client_append_begin(p.client, &plain);
    assert_int_equal(client_write(p.client, SLICE("hello")), ERR_OK);
    assert_int_equal(client_end(p.client), ERR_OK);
    two = client_append_begin(p.client, &full);
    assert_int_equal(client_write(p.client, SLICE("a\nb")), ERR_OK);
    assert_int_equal(client_end(p.client), ERR_OK);
    heard(&p, "");
    assert_int_equal(client_flush(p.client), ERR_OK);
    heard(&p, "r1 APPEND INBOX {5+}\r\nhello\r\n"
              "r2 XIMPORT k1 A/B (\\Seen $Forwarded) \"17-Jul-1996 02:44:25 -0700\" ~{3+}\r\n"
              "a\nb\r\n");
    say(&p, "r1 OK [APPENDUID 1 2] x\r\n* 1 EXISTS\r\nr2 OK [ALREADYIMPORTED] x\r\n");
    assert_int_equal(client_wait(p.client, one, NULL, NULL, &r), ERR_OK);
    assert_slice(r.code, SLICE("APPENDUID 1 2"));
    assert_int_equal(client_wait(p.client, two, NULL, NULL, &r), ERR_OK);
    assert_slice(r.code, SLICE("ALREADYIMPORTED"));
    end(&p);
}

static void test_append_many_waiting(void **state)
{
    const struct client_append first = {.mailbox = SLICE("INBOX"), .octets = 2, .waits = true};
    const struct client_append second = {.flags = SLICE("\\Seen"), .octets = 3, .waits = true};
    struct pair p = begin();
    struct client_response r;

    (void)state;
    (void)client_append_begin(p.client, &first);
    say(&p, "+ go\r\n");
    assert_int_equal(client_read(p.client, &r), ERR_OK);
    assert_int_equal(r.kind, CLIENT_CONTINUE);
    heard(&p, "r1 APPEND INBOX {2}\r\n");
    assert_int_equal(client_write(p.client, SLICE("ab")), ERR_OK);
    client_append_next(p.client, &second);
    assert_int_equal(client_flush(p.client), ERR_OK);
    heard(&p, "ab (\\Seen) {3}\r\n");
    end(&p);
}

static void test_append_whole(void **state)
{
    const struct client_append a = {.mailbox = SLICE("INBOX"), .octets = 99};
    struct pair p = begin();

    (void)state;
    say(&p, "r1 OK x\r\nr2 NO [TRYCREATE] x\r\n");
    assert_int_equal(client_append(p.client, &a, SLICE("hello")), ERR_OK);
    assert_int_equal(client_append(p.client, &a, SLICE("")), ERR_TRYCREATE);
    heard(&p, "r1 APPEND INBOX {5+}\r\nhello\r\nr2 APPEND INBOX {0+}\r\n\r\n");
    end(&p);
}

static void test_astring(void **state)
{
    char big[4096 + 1];
    struct pair p = begin();

    (void)state;
    memset(big, 'x', sizeof(big));
    client_begin(p.client, "X");
    client_add_astring(p.client, SLICE(""));
    client_add_astring(p.client, SLICE("NIL"));
    client_add_astring(p.client, SLICE("\xc3\xa9"));
    client_add_astring(p.client, SLICE("a\r\nb"));
    assert_int_equal(client_end(p.client), ERR_OK);
    assert_int_equal(client_flush(p.client), ERR_OK);
    heard(&p, "r1 X \"\" \"NIL\" {2+}\r\n\xc3\xa9 {4+}\r\na\r\nb\r\n");
    client_begin(p.client, "X");
    client_add_astring(p.client, slice_of(big, sizeof(big)));
    assert_int_equal(client_end(p.client), ERR_LIMIT);
    end(&p);
}

/* One octet at a time gives the same responses as all at once. */
static void test_split(void **state)
{
    static const char script[] =
        "* 1 FETCH (BODY[] {12}\r\nr1 OK no\r\n* x UID 4)\r\nr1 OK yes\r\n";
    struct pair p = begin();
    struct client_response r;
    size_t n = sizeof(script) - 1, fetched = 0;

    (void)state;
    client_begin(p.client, "X");
    for (size_t i = 0; i < n; i++) {
        enum err e;

        assert_int_equal(send(p.peer, script + i, 1, 0), 1);
        e = client_read_now(p.client, &r);
        if (e == ERR_OK && r.kind == CLIENT_UNTAGGED) {
            assert_slice(r.text, SLICE("1 FETCH (BODY[] {12}\r\nr1 OK no\r\n* x UID 4)"));
            fetched++;
        } else if (i + 1 < n) {
            assert_int_equal(e, ERR_MORE);
        } else {
            assert_int_equal(e, ERR_OK);
            assert_slice(r.text, SLICE("yes"));
        }
    }
    assert_int_equal(fetched, 1);
    end(&p);
}

static void test_failures(void **state)
{
    static const struct {
        const char *script;
        bool hang_up;
        enum err want;
    } table[] = {
        {"", false, ERR_MORE},
        {"r1 O", false, ERR_MORE},
        {"", true, ERR_UNAVAILABLE},
        {"r1 O", true, ERR_UNAVAILABLE},
        {"* PREAUTH x\r\n* BYE [INUSE] x\r\n", true, ERR_INUSE},
        {"* BYE tired\r\n", true, ERR_UNAVAILABLE},
        {"r1 NO [LIMIT] x\r\n", true, ERR_LIMIT},
        {"r2 OK\r\n", false, ERR_SYNTAX},
        {"220 smtp\r\n", false, ERR_SYNTAX},
        {"* {99999999999}\r\n", false, ERR_LIMIT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct pair p = begin();

        client_set_timeout(p.client, 20);
        say(&p, table[i].script);
        if (table[i].hang_up)
            shutdown(p.peer, SHUT_RDWR);
        assert_int_equal(client_command(p.client, SLICE("NOOP"), NULL, NULL), table[i].want);
        end(&p);
    }
}

enum { FLOOD_OCTETS = 4 << 20 };

/* A peer that sends 4 MB before it reads anything. */
static void *flood(void *arg)
{
    const struct pair *p = arg;
    char *octets = mem_calloc(1, FLOOD_OCTETS);
    size_t want = FLOOD_OCTETS;

    memset(octets, '.', FLOOD_OCTETS);
    memcpy(octets, "* ", 2);
    memcpy(octets + FLOOD_OCTETS - 2, "\r\n", 2);
    for (size_t i = 0; i < FLOOD_OCTETS;)
        i += (size_t)send(p->peer, octets + i, FLOOD_OCTETS - i, 0);
    while (want > 0)
        want -= (size_t)recv(p->peer, octets, want, 0);
    free(octets);
    return NULL;
}

static void test_both_send_at_once(void **state)
{
    struct pair p = begin();
    char *octets = mem_calloc(1, FLOOD_OCTETS);
    struct client_response r;
    pthread_t thread;

    (void)state;
    client_set_timeout(p.client, 10000);
    assert_int_equal(pthread_create(&thread, NULL, flood, &p), 0);
    assert_int_equal(client_write(p.client, slice_of(octets, FLOOD_OCTETS)), ERR_OK);
    assert_int_equal(client_read(p.client, &r), ERR_OK);
    assert_int_equal(r.text.n, FLOOD_OCTETS - 4);
    pthread_join(thread, NULL);
    free(octets);
    end(&p);
}

/* Both directions are compressed (RFC 4978), also what stands behind the OK in the same read. */
static void test_compressed(void **state)
{
    struct pair p = begin();
    struct compressor out = {0};
    struct expander in = {0};
    struct buf wire, text;
    enum expanded how;
    char got[4096];
    ssize_t n;

    (void)state;
    buf_init(&wire, COMPRESS_ROOM_OCTETS * 2);
    buf_init(&text, 4096);
    buf_add_str(&wire, "r1 OK active\r\n");
    compress_add(&out, SLICE("* 172 EXISTS\r\nr2 OK done\r\n"), &wire);
    compress_flush(&out, &wire);
    assert_int_equal(send(p.peer, wire.p, wire.n, 0), wire.n);
    assert_int_equal(client_command(p.client, SLICE("COMPRESS DEFLATE"), NULL, NULL), ERR_OK);
    heard(&p, "r1 COMPRESS DEFLATE\r\n");
    assert_int_equal(client_compress(p.client), ERR_OK);
    assert_int_equal(client_command(p.client, SLICE("NOOP"), NULL, NULL), ERR_OK);
    n = recv(p.peer, got, sizeof(got), MSG_DONTWAIT);
    assert_true(n > 0);
    buf_clear(&wire);
    buf_add(&wire, got, (size_t)n);
    assert_int_equal(expand(&in, &wire, &text, 4096, &how), ERR_OK);
    assert_slice(buf_slice(&text), SLICE("r2 NOOP\r\n"));
    compress_release(&out);
    expand_release(&in);
    buf_release(&wire);
    buf_release(&text);
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login_select),
        cmocka_unit_test(test_whole_commands),
        cmocka_unit_test(test_append_is_pipelined),
        cmocka_unit_test(test_append_many_waiting),
        cmocka_unit_test(test_append_whole),
        cmocka_unit_test(test_astring),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_both_send_at_once),
        cmocka_unit_test(test_compressed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
