/* NOTIFY arguments (RFC 5465 section 8). */
#include "../test.h"

#include "wire/notify.h"

enum {
    NEW = NOTIFY_MessageNew | NOTIFY_MessageExpunge,
    FLAGS = NEW | NOTIFY_FlagChange,
    NAME = NOTIFY_MailboxName,
    SUBS = NOTIFY_SubscriptionChange,
};

static const struct {
    const char *in;
    enum err want;
    bool set, status, unsupported;
    size_t n;
    uint32_t first, last; /* events of the first and the last group */
    const char *fetch;
} cases[] = {
    {"NONE", ERR_OK, false, false, false, 0, 0, 0, NULL},
    {"none", ERR_OK, false, false, false, 0, 0, 0, NULL},
    {"SET (SELECTED (MessageNew MessageExpunge))", ERR_OK, true, false, false, 1, NEW, NEW, NULL},
    {"set (selected-delayed (messageexpunge MESSAGENEW flagchange))", ERR_OK, true, false, false, 1,
     FLAGS, FLAGS, NULL},
    {"SET STATUS (SELECTED (MessageNew (UID BODY.PEEK[HEADER.FIELDS (FROM TO)]) MessageExpunge)) "
     "(SUBTREE Lists (MessageNew MessageExpunge))",
     ERR_OK, true, true, false, 2, NEW, NEW, "(UID BODY.PEEK[HEADER.FIELDS (FROM TO)])"},
    {"SET (MAILBOXES INBOX (MessageNew MessageExpunge)) (PERSONAL (SubscriptionChange))", ERR_OK,
     true, false, false, 2, NEW, SUBS, NULL},
    {"SET (MAILBOXES (INBOX \"a b\" {1}\r\nc) NONE) (INBOXES (MailboxName SubscriptionChange))",
     ERR_OK, true, false, false, 2, 0, NAME | SUBS, NULL},
    {"SET (SUBSCRIBED (FlagChange MessageNew MessageExpunge))", ERR_OK, true, false, false, 1,
     FLAGS, FLAGS, NULL},
    {"SET (SELECTED NONE)", ERR_OK, true, false, false, 1, 0, 0, NULL},
    {"SET (SELECTED (MessageNew MessageExpunge AnnotationChange))", ERR_OK, true, false, true, 1,
     NEW | NOTIFY_AnnotationChange, NEW | NOTIFY_AnnotationChange, NULL},
    {"SET (PERSONAL (MessageBounced))", ERR_OK, true, false, true, 1, 0, 0, NULL},
    {"SET (PERSONAL (AnEventOfTheFutureWhoseNameIsLongerThanAnyNameThatIsKnownToThisServer))",
     ERR_OK, true, false, true, 1, 0, 0, NULL},
    {"SET (PERSONAL (AnnotationChange))", ERR_OK, true, false, true, 1, NOTIFY_AnnotationChange,
     NOTIFY_AnnotationChange, NULL},
    /* sections 5 and 6.1 */
    {"SET (PERSONAL (MessageNew))", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (PERSONAL (MessageExpunge))", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (PERSONAL (FlagChange MessageNew))", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (PERSONAL (FlagChange))", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (SELECTED (MailboxName))", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (SELECTED-DELAYED (MessageNew MessageExpunge SubscriptionChange))", ERR_SYNTAX, false,
     false, false, 0, 0, 0, NULL},
    {"SET (SELECTED NONE) (SELECTED-DELAYED NONE)", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (SELECTED NONE) (SELECTED NONE)", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (PERSONAL (MessageNew (UID) MessageExpunge))", ERR_SYNTAX, false, false, false, 0, 0, 0,
     NULL},
    {"SET (SELECTED (MessageNew () MessageExpunge))", ERR_SYNTAX, false, false, false, 0, 0, 0,
     NULL},
    {"SET (SELECTED (MessageNew (BOGUS) MessageExpunge))", ERR_SYNTAX, false, false, false, 0, 0, 0,
     NULL},
    /* the grammar */
    {"SET", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET STATUS", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET ()", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (PERSONAL ())", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (PERSONAL MailboxName)", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (PERSONAL (MailboxName)) ", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (SUBTREE (MailboxName))", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (SUBTREE () (MailboxName))", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (SUBTREE-ONE a (MailboxName))", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (EVERYTHING (MailboxName))", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"SET (PERSONAL (MailboxName)", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"NONE (PERSONAL NONE)", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
    {"", ERR_SYNTAX, false, false, false, 0, 0, 0, NULL},
};

static void test_notify(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex in = lex_of(slice_of_str(cases[i].in), false);
        struct notify_args args = {0};
        struct arena a;
        enum err e;

        arena_init(&a, 100000);
        e = notify_parse(&in, &a, MAILBOX_MUTF7, &args);
        if (e == ERR_OK)
            e = lex_end(&in);
        if (e != cases[i].want)
            fail_msg("%s: %s", cases[i].in, err_name(e));
        if (e == ERR_OK) {
            assert_int_equal(args.set, cases[i].set);
            assert_int_equal(args.status, cases[i].status);
            assert_int_equal(args.unsupported, cases[i].unsupported);
            assert_int_equal(args.n, cases[i].n);
            if (args.n > 0) {
                assert_int_equal(args.group[0].events, cases[i].first);
                assert_int_equal(args.group[args.n - 1].events, cases[i].last);
            }
            if (cases[i].fetch != NULL)
                assert_slice(args.fetch, slice_of_str(cases[i].fetch));
            else
                assert_null(args.fetch.p);
        }
        arena_clear(&a);
    }
}

static enum err parse_groups(unsigned n)
{
    struct notify_args args;
    struct arena a;
    struct buf text;
    struct lex in;
    enum err e;

    arena_init(&a, 100000);
    buf_init(&text, 4000);
    buf_add_str(&text, "SET");
    for (unsigned i = 0; i < n; i++)
        buf_add_str(&text, " (PERSONAL NONE)");
    in = lex_of(buf_slice(&text), false);
    e = notify_parse(&in, &a, MAILBOX_MUTF7, &args);
    buf_release(&text);
    arena_clear(&a);
    return e;
}

static void test_too_many_groups(void **state)
{
    (void)state;
    assert_int_equal(parse_groups(NOTIFY_GROUPS_MAX), ERR_OK);
    assert_int_equal(parse_groups(NOTIFY_GROUPS_MAX + 1), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notify),
        cmocka_unit_test(test_too_many_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
