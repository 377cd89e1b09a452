/* tests/unit/migrate/test_maildir_name.c -- what names in a Maildir say. */
#include "../test.h"

#include "migrate/maildir.h"

static void test_flags(void **state)
{
    static const struct {
        const char *name, *want;
    } table[] = {
        {"1.M1P1.host:2,", ""},
        {"1.M1P1.host", ""},
        {"1.M1P1.host:2,FS", "\\Flagged \\Seen"},
        {"1.M1P1.host,S=12,W=14:2,DFPRST",
         "\\Draft \\Flagged $Forwarded \\Answered \\Seen \\Deleted"},
        {"1:2,SSS", "\\Seen"},
        {"1:2,Saab", "\\Seen $Junk work"},
        {"1:2,cz?!9X", ""}, /* letters without a meaning */
        {"1:1,S", ""},      /* experimental semantics */
        {"1:2", ""},
    };
    struct slice keyword[MAILDIR_KEYWORDS] = {SLICE("$Junk"), SLICE("work")};

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct buf out;

        buf_init(&out, 1000);
        maildir_flags(&out, slice_of_str(table[i].name), keyword);
        assert_slice(buf_slice(&out), slice_of_str(table[i].want));
        buf_release(&out);
    }
}

static void test_unique_and_time(void **state)
{
    static const struct {
        const char *name, *unique;
        int64_t time;
    } table[] = {
        {"1600000000.M5P6.host,S=3:2,S", "1600000000.M5P6.host,S=3", 1600000000},
        {"1600000000.M5P6.host", "1600000000.M5P6.host", 1600000000},
        {"msg.17:2,", "msg.17", 0},
        {"99999999999999999999.x", "99999999999999999999.x", 0},
        {"", "", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        assert_slice(maildir_unique(slice_of_str(table[i].name)), slice_of_str(table[i].unique));
        assert_int_equal(maildir_name_time(slice_of_str(table[i].name)), table[i].time);
    }
}

static void test_folder_name(void **state)
{
    static const struct {
        const char *path, *want; /* NULL: none */
    } table[] = {
        {".Sent", "Sent"},
        {".A.B.C", "A/B/C"},
        {"A/B", "A/B"},
        {"A.x/B", "A.x/B"},
        {".Entw&APw-rfe.x", "Entw\xc3\xbcrfe/x"},
        {"Entw&APw-rfe/&2D3eEg-", "Entw\xc3\xbcrfe/\xf0\x9f\x98\x92"},
        {".Q&A", "Q&A"},                         /* no modified UTF-7: as it stands */
        {".Entw\xc3\xbcrfe", "Entw\xc3\xbcrfe"}, /* UTF-8 */
        {".Entw\xfcrfe", "Entw\xc3\xbcrfe"},     /* Latin-1 */
        {".a\x01"
         "b",
         "a_b"},
        {".inbox.x", "INBOX/x"},
        {".inboxes", "inboxes"},
        {"...", NULL},
        {".a..b", NULL},
        {".", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct slice out = SLICE("untouched");
        struct arena a;
        enum err e;

        arena_init(&a, 100000);
        e = maildir_folder_name(&a, slice_of_str(table[i].path), &out);
        assert_int_equal(e, table[i].want != NULL ? ERR_OK : ERR_CANNOT);
        assert_slice(out, slice_of_str(table[i].want != NULL ? table[i].want : "untouched"));
        arena_clear(&a);
    }
}

static void test_keyword_line(void **state)
{
    static const struct {
        const char *line;
        int index; /* -1: refused */
        const char *want;
    } table[] = {
        {"0 $Junk", 0, "$Junk"}, {"25 z", 25, "z"},        {"26 no", -1, NULL}, {"3", -1, NULL},
        {"x y", -1, NULL},       {"1 a b", -1, NULL},      {"1 (", -1, NULL},   {"", -1, NULL},
        {"1 ", -1, NULL},        {"1 \xc3\xbc", -1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct slice keyword[MAILDIR_KEYWORDS] = {0};
        struct arena a;
        bool took;

        arena_init(&a, 10000);
        took = maildir_keyword_line(&a, slice_of_str(table[i].line), keyword);
        assert_int_equal(took, table[i].index >= 0);
        for (int k = 0; k < MAILDIR_KEYWORDS; k++) {
            if (k == table[i].index)
                assert_slice(keyword[k], slice_of_str(table[i].want));
            else
                assert_null(keyword[k].p);
        }
        arena_clear(&a);
    }
}

static void test_subscription(void **state)
{
    static const struct {
        enum maildir_subscriptions form;
        const char *line, *want;
    } table[] = {
        {MAILDIR_SUBS_V1, "Lists.imap", "Lists/imap"},
        {MAILDIR_SUBS_V1, "Lists/imap", "Lists/imap"},
        {MAILDIR_SUBS_V2, "Lists\timap", "Lists/imap"},
        {MAILDIR_SUBS_V2, "Entw&APw-rfe", "Entw\xc3\xbcrfe"},
        {MAILDIR_SUBS_V2, "a.b", "a.b"},
        {MAILDIR_SUBS_COURIER, "INBOX.Sent", "Sent"},
        {MAILDIR_SUBS_COURIER, "INBOX", "INBOX"},
        {MAILDIR_SUBS_V1, "a..b", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct slice out = SLICE("untouched");
        struct arena a;
        enum err e;

        arena_init(&a, 10000);
        e = maildir_subscription(&a, table[i].form, slice_of_str(table[i].line), &out);
        assert_int_equal(e, table[i].want != NULL ? ERR_OK : ERR_CANNOT);
        assert_slice(out, slice_of_str(table[i].want != NULL ? table[i].want : "untouched"));
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags),        cmocka_unit_test(test_unique_and_time),
        cmocka_unit_test(test_folder_name),  cmocka_unit_test(test_keyword_line),
        cmocka_unit_test(test_subscription),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
