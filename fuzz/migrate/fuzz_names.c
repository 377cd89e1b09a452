/* fuzz/migrate/fuzz_names.c -- lines and names out of Maildirs and mboxes.
 *
 * The input is given to each of the pure functions. Checked: a folder name that comes out is a
 * valid mailbox name, flags and keywords that come out are a flag list a server accepts.
 */
#include <stdlib.h>

#include "migrate/maildir.h"
#include "migrate/mbox.h"
#include "wire/flag.h"
#include "wire/mailbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_OCTETS_MAX = 1 << 20, FLAGS_OCTETS_MAX = 16 * 1024 };

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

/* A server must not refuse what an import says of a message. */
static void check_flags(struct arena *a, struct slice flags)
{
    struct flag_list list;
    struct buf text;
    struct lex in;
    enum err e;

    buf_init(&text, FLAGS_OCTETS_MAX + 2);
    buf_add_char(&text, '(');
    buf_add_slice(&text, flags);
    buf_add_char(&text, ')');
    in = lex_of(buf_slice(&text), false);
    e = flag_list_parse(&in, a, &list);
    CHECK(e == ERR_OK || e == ERR_LIMIT);
    CHECK(e != ERR_OK || lex_end(&in) == ERR_OK);
    buf_release(&text);
}

static void try_folders(struct arena *a, struct slice s)
{
    struct slice name;

    if (maildir_folder_name(a, s, &name) == ERR_OK)
        CHECK(mailbox_valid(name));
    for (enum maildir_subscriptions f = MAILDIR_SUBS_V1; f <= MAILDIR_SUBS_COURIER; f++) {
        if (maildir_subscription(a, f, s, &name) == ERR_OK)
            CHECK(mailbox_valid(name));
    }
}

static void try_file_name(struct arena *a, struct slice s)
{
    struct slice keyword[MAILDIR_KEYWORDS] = {0};
    struct buf flags;

    if (!maildir_keyword_line(a, s, keyword))
        keyword[0] = SLICE("$Junk");
    buf_init(&flags, FLAGS_OCTETS_MAX);
    maildir_flags(&flags, s, keyword);
    CHECK(!flags.overflowed);
    check_flags(a, buf_slice(&flags));
    buf_release(&flags);
    CHECK(maildir_name_time(s) >= 0);
    CHECK(maildir_unique(s).n <= s.n);
}

static void try_mbox(struct arena *a, struct slice s)
{
    struct mbox_marks m = {0};
    int64_t date_s = 0;

    if (mbox_from_line(s, &date_s))
        CHECK(date_s > -86400 && date_s < INT64_C(253402300800) + 86400);
    (void)mbox_is_quoted_from(s);
    buf_init(&m.keywords, MBOX_KEYWORDS_OCTETS_MAX);
    (void)mbox_mark_line(s, &m);
    CHECK((m.flags & ~(uint32_t)FLAG_SYSTEM) == 0);
    check_flags(a, buf_slice(&m.keywords));
    buf_release(&m.keywords);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice s = slice_of(data, size);
    struct arena a;

    arena_init(&a, ARENA_OCTETS_MAX);
    try_folders(&a, s);
    try_file_name(&a, s);
    try_mbox(&a, s);
    arena_clear(&a);
    return 0;
}
