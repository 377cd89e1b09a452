/* fuzz/wire/fuzz_mailbox.c -- mailbox names in both forms, and LIST patterns.
 *
 * The input is a pattern, an LF, and a name. Checked: what modified UTF-7 decodes to is written as
 * the same octets again, and what is valid UTF-8 survives the way through modified UTF-7; the bit
 * machine of mailbox_match agrees with a plain table of all prefixes.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "wire/mailbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_OCTETS_MAX = 1 << 20, TEXT_OCTETS_MAX = 1 << 20, SLOW_OCTETS_MAX = 200 };

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

/* The obvious way, pattern by name, for comparison. */
static bool match_slowly(struct slice pattern, struct slice name)
{
    static bool now[SLOW_OCTETS_MAX + 1], next[SLOW_OCTETS_MAX + 1];
    bool inbox = slice_starts(name, SLICE("INBOX")) && (name.n == 5 || name.p[5] == '/');

    memset(now, 0, sizeof(now));
    now[0] = true; /* now[j]: the first j octets of the name are matched */
    for (size_t i = 0; i < pattern.n; i++) {
        char c = pattern.p[i];

        memset(next, 0, sizeof(next));
        for (size_t j = 0; j <= name.n; j++) {
            if (c == '*' || c == '%')
                next[j] = now[j] || (j > 0 && next[j - 1] && (c == '*' || name.p[j - 1] != '/'));
            else if (j > 0 && now[j - 1])
                next[j] =
                    c == name.p[j - 1] || (inbox && j <= 5 && c == ascii_lower(name.p[j - 1]));
        }
        memcpy(now, next, sizeof(now));
    }
    return now[name.n];
}

static void check_match(struct arena *a, enum mailbox_form form, struct slice text,
                        struct slice name)
{
    struct mailbox_pattern pattern;
    bool matches;

    if (mailbox_pattern_compile(a, form, SLICE(""), text, &pattern) != ERR_OK)
        return;
    matches = mailbox_match(&pattern, name);
    if (pattern.literal && !slice_starts_nocase(name, SLICE("INBOX")))
        CHECK(matches == slice_eq(pattern.text, name));
    if (pattern.text.n <= SLOW_OCTETS_MAX && name.n <= SLOW_OCTETS_MAX)
        CHECK(matches == match_slowly(pattern.text, name));
}

static void check_mutf7(struct arena *a, struct slice wire)
{
    struct slice name;
    struct buf back;

    buf_init(&back, TEXT_OCTETS_MAX);
    if (mailbox_mutf7_decode(a, wire, &name) == ERR_OK) {
        CHECK(utf8_valid(name));
        mailbox_mutf7_encode(&back, name);
        CHECK(slice_eq(buf_slice(&back), wire));
    }
    buf_clear(&back);
    if (utf8_valid(wire)) {
        mailbox_mutf7_encode(&back, wire);
        CHECK(mailbox_mutf7_decode(a, buf_slice(&back), &name) == ERR_OK);
        CHECK(slice_eq(name, wire));
    }
    buf_release(&back);
}

static void check_name(struct arena *a, enum mailbox_form form, struct slice wire)
{
    struct slice name, again, key, key_of_key;

    if (mailbox_from_wire(a, form, wire, &name) != ERR_OK)
        return;
    CHECK(mailbox_valid(name));
    CHECK(mailbox_from_wire(a, MAILBOX_UTF8, name, &again) == ERR_OK && slice_eq(name, again));
    CHECK(mailbox_key(a, name, &key) == ERR_OK);
    CHECK(mailbox_key(a, key, &key_of_key) == ERR_OK && slice_eq(key, key_of_key));
    CHECK(mailbox_parent(name).p == NULL || mailbox_valid(mailbox_parent(name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice all = slice_of(data, size);
    struct slice pattern = slice_sub(all, 0, slice_find(all, '\n'));
    struct slice name = slice_sub(all, pattern.n + 1, size);
    struct arena a;

    if (size == 0 || size > 8000)
        return 0;
    arena_init(&a, ARENA_OCTETS_MAX);
    for (int form = MAILBOX_MUTF7; form <= MAILBOX_UTF8; form++) {
        check_match(&a, (enum mailbox_form)form, pattern, name);
        check_name(&a, (enum mailbox_form)form, name);
    }
    check_mutf7(&a, name);
    check_mutf7(&a, pattern);
    arena_clear(&a);
    return 0;
}
