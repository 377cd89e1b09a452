/* The two small structures of the gate: deadlines in order, connections counted by network. */
#include "../test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "gate/deadline.h"
#include "gate/peer.h"

enum { MANY = 2000 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void test_deadlines(void **state)
{
    static struct deadline d[MANY];
    struct deadlines h = {0};
    uint32_t seed = 1;
    size_t left = 0;
    uint64_t last = 0;

    (void)state;
    assert_int_equal(deadline_wait_ms(&h, 0), -1);
    for (size_t i = 0; i < MANY; i++)
        deadline_set(&h, &d[i], next_random(&seed) % 10000 + 1);
    for (size_t i = 0; i < MANY; i += 3) /* some move, some go */
        deadline_set(&h, &d[i], next_random(&seed) % 10000 + 1);
    for (size_t i = 0; i < MANY; i += 5)
        deadline_clear(&h, &d[i]);
    deadline_clear(&h, &d[0]); /* twice is as once */
    for (size_t i = 0; i < MANY; i++)
        left += i % 5 != 0;
    assert_null(deadline_take_due(&h, 0));
    for (struct deadline *due; (due = deadline_take_due(&h, 20000)) != NULL; left--) {
        assert_true(due->at_ms >= last);
        assert_int_equal((due - d) % 5 == 0, 0);
        last = due->at_ms;
    }
    assert_int_equal(left, 0);
    deadline_set(&h, &d[0], 500);
    assert_int_equal(deadline_wait_ms(&h, 100), 400);
    assert_int_equal(deadline_wait_ms(&h, 900), 0);
    deadlines_release(&h);
}

static void test_counts(void **state)
{
    struct peer_table *t = peer_table_new();
    uint32_t want[MANY] = {0}, seed = 7;

    (void)state;
    for (int step = 0; step < 50000; step++) {
        uint32_t n = next_random(&seed) % MANY;
        uint8_t network[8] = {(uint8_t)n, (uint8_t)(n >> 8)};

        if (next_random(&seed) % 2 == 0) {
            assert_int_equal(peer_table_add(t, network), ++want[n]);
        } else {
            want[n] -= want[n] > 0;
            assert_int_equal(peer_table_remove(t, network), want[n]);
        }
    }
    peer_table_free(&t);
}

static void test_addresses(void **state)
{
    static const struct {
        const char *text;
        bool loopback;
        const char *shown;
        const char *same; /* counts with this one */
    } cases[] = {
        {"127.0.0.1", true, "127.0.0.1", "127.0.0.1"},
        {"192.0.2.7", false, "192.0.2.7", "::ffff:192.0.2.7"},
        {"::1", true, "::1", "::1"},
        {"::ffff:127.0.0.1", true, "127.0.0.1", "127.0.0.1"},
        {"2001:db8::1", false, "2001:db8::1", "2001:db8::ffff:1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct peer got[2];
        const char *text[2] = {cases[i].text, cases[i].same};
        for (int k = 0; k < 2; k++) {
            struct sockaddr_storage at = {0};
            struct sockaddr_in four = {.sin_family = AF_INET};
            struct sockaddr_in6 six = {.sin6_family = AF_INET6};
            if (inet_pton(AF_INET, text[k], &four.sin_addr) == 1)
                memcpy(&at, &four, sizeof(four));
            else if (inet_pton(AF_INET6, text[k], &six.sin6_addr) == 1)
                memcpy(&at, &six, sizeof(six));
            peer_of(&at, &got[k]);
        }
        assert_int_equal(got[0].loopback, cases[i].loopback);
        assert_string_equal(got[0].text, cases[i].shown);
        assert_memory_equal(got[0].network, got[1].network, 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
