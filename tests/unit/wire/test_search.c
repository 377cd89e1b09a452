/* SEARCH programs, shown as prefix expressions. */
#include "../test.h"

#include "base/buf.h"
#include "wire/search.h"

static void show(struct buf *out, const struct search_key *key);

static void show_children(struct buf *out, const char *name, const struct search_key *child)
{
    buf_addf(out, "(%s", name);
    for (; child != NULL; child = child->next) {
        buf_add_char(out, ' ');
        show(out, child);
    }
    buf_add_char(out, ')');
}

static void show_set(struct buf *out, const char *name, struct seq_set set)
{
    buf_addf(out, "%s:", name);
    if (set.saved)
        buf_add_char(out, '$');
    seq_set_resolve(&set, 50);
    seq_set_write(out, &set);
}

static void show(struct buf *out, const struct search_key *key)
{
    static const char *const names[] = {
        [SEARCH_ALL] = "all",
        [SEARCH_NEW] = "new",
        [SEARCH_FILTER] = "filter",
        [SEARCH_KEYWORD] = "keyword",
        [SEARCH_BODY] = "body",
        [SEARCH_TEXT] = "text",
        [SEARCH_BEFORE] = "before",
        [SEARCH_ON] = "on",
        [SEARCH_SINCE] = "since",
        [SEARCH_SENTBEFORE] = "sbefore",
        [SEARCH_SENTON] = "son",
        [SEARCH_SENTSINCE] = "ssince",
        [SEARCH_OLDER] = "older",
        [SEARCH_YOUNGER] = "younger",
        [SEARCH_SAVEDBEFORE] = "savedbefore",
        [SEARCH_SAVEDON] = "savedon",
        [SEARCH_SAVEDSINCE] = "savedsince",
        [SEARCH_GM_MSGID] = "msgid",
        [SEARCH_GM_THRID] = "thrid",
        [SEARCH_GM_LABEL] = "label",
        [SEARCH_EMAILID] = "email",
        [SEARCH_THREADID] = "thread",
        [SEARCH_LARGER] = "larger",
        [SEARCH_SMALLER] = "smaller",
        [SEARCH_MODSEQ] = "modseq",
    };

    if (key->negated)
        buf_add_char(out, '!');
    if (key->fuzzy)
        buf_add_char(out, '~');
    switch (key->kind) {
    case SEARCH_AND:
        show_children(out, "and", key->child);
        break;
    case SEARCH_OR:
        show_children(out, "or", key->child);
        break;
    case SEARCH_SEQ:
        show_set(out, "seq", key->set);
        break;
    case SEARCH_UID:
        show_set(out, "uid", key->set);
        break;
    case SEARCH_FLAG:
        flag_write_system(out, key->flag);
        break;
    case SEARCH_HEADER:
        buf_addf(out, "%.*s:%.*s", SLICE_ARG(key->field), SLICE_ARG(key->text));
        break;
    case SEARCH_FILTER:
    case SEARCH_KEYWORD:
    case SEARCH_GM_LABEL:
    case SEARCH_EMAILID:
    case SEARCH_THREADID:
    case SEARCH_BODY:
    case SEARCH_TEXT:
        buf_addf(out, "%s:%.*s", names[key->kind], SLICE_ARG(key->text));
        break;
    case SEARCH_LARGER:
    case SEARCH_SMALLER:
    case SEARCH_GM_MSGID:
    case SEARCH_GM_THRID:
    case SEARCH_MODSEQ:
        buf_addf(out, "%s:%llu", names[key->kind], (unsigned long long)key->size);
        break;
    case SEARCH_OLDER:
    case SEARCH_YOUNGER:
        buf_addf(out, "%s:%u", names[key->kind], key->seconds);
        break;
    case SEARCH_ALL:
    case SEARCH_NEW:
        buf_add_str(out, names[key->kind]);
        break;
    default:
        buf_addf(out, "%s:%d", names[key->kind], key->day);
    }
}

static const struct {
    const char *in, *tree; /* NULL: ERR_SYNTAX standing on `at` */
    size_t at;
} cases[] = {
    {"ALL", "(and all)", 0},
    {"answered Deleted DRAFT FLAGGED SEEN RECENT",
     "(and \\Answered \\Deleted \\Draft \\Flagged \\Seen \\Recent)", 0},
    {"UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN OLD",
     "(and !\\Answered !\\Deleted !\\Draft !\\Flagged !\\Seen !\\Recent)", 0},
    {"NEW NOT NEW", "(and new !new)", 0},
    {"KEYWORD $Junk UNKEYWORD a NOT UNKEYWORD b", "(and keyword:$Junk !keyword:a keyword:b)", 0},
    {"BCC a CC b FROM c SUBJECT d TO e", "(and BCC:a CC:b FROM:c SUBJECT:d TO:e)", 0},
    {"HEADER X-Y \"\" BODY \"a b\" TEXT {3}\r\nx\ny", "(and X-Y: body:a b text:x\ny)", 0},
    {"BEFORE 2-Jan-1970 ON 3-Jan-1970 SINCE \"4-Jan-1970\"", "(and before:1 on:2 since:3)", 0},
    {"SENTBEFORE 2-Jan-1970 SENTON 3-Jan-1970 SENTSINCE 4-Jan-1970",
     "(and sbefore:1 son:2 ssince:3)", 0},
    {"SAVEDBEFORE 2-Jan-1970 SAVEDON \"3-Jan-1970\" SAVEDSINCE 4-Jan-1970 SAVEDATESUPPORTED",
     "(and savedbefore:1 savedon:2 savedsince:3 all)", 0},
    {"EMAILID M6d99ac3275bb4e NOT THREADID -_", "(and email:M6d99ac3275bb4e !thread:-_)", 0},
    {"X-GM-MSGID 1278455344230334865 NOT X-GM-THRID 0", "(and msgid:1278455344230334865 !thrid:0)",
     0},
    {"X-GM-LABELS \\Inbox X-GM-LABELS \"my label\" X-GM-LABELS \"\\\\Sent\"",
     "(and label:\\Inbox label:my label label:\\Sent)", 0},
    {"NOT X-GM-RAW \"from:a OR -(is:read b)\" SEEN",
     "(and !(and (or FROM:a !(and \\Seen text:b))) \\Seen)", 0},
    {"FUZZY X-GM-RAW \"a {b c}\" SEEN", "(and ~(and ~text:a ~(and ~(or ~text:b ~text:c))) \\Seen)",
     0},
    {"OR X-GM-RAW \"\" X-GM-RAW a", "(and (or (and all) (and text:a)))", 0},
    {"LARGER 0 SMALLER 9223372036854775807", "(and larger:0 smaller:9223372036854775807)", 0},
    {"MODSEQ 0 NOT MODSEQ 5", "(and modseq:0 !modseq:5)", 0},
    {"MODSEQ \"/flags/\\\\draft\" all 9", "(and modseq:9)", 0},
    {"modseq \"/flags/$a\" PRIV 9223372036854775807", "(and modseq:9223372036854775807)", 0},
    {"MODSEQ x", NULL, 7},
    {"MODSEQ \"/flags/a\" 9", NULL, 18},
    {"MODSEQ \"/comment\" all 9", NULL, 18},
    {"OLDER 1 younger 4294967295", "(and older:1 younger:4294967295)", 0},
    {"1:3,5 UID 40:* *", "(and seq:1:3,5 uid:40:50 seq:50)", 0},
    {"$ UID $", "(and seq:$ uid:$)", 0},
    {"OR SEEN DRAFT NEW", "(and (or \\Seen \\Draft) new)", 0},
    {"OR OR SEEN DRAFT NEW ALL", "(and (or \\Seen \\Draft new) all)", 0},
    {"OR SEEN OR DRAFT OR NEW ALL", "(and (or \\Seen \\Draft new all))", 0},
    {"OR SEEN NOT OR DRAFT NEW", "(and (or \\Seen !(or \\Draft new)))", 0},
    {"OR (SEEN DRAFT) (OR NEW ALL)", "(and (or (and \\Seen \\Draft) (and (or new all))))", 0},
    {"NOT NOT SEEN NOT NOT NOT (SEEN NEW)", "(and \\Seen !(and \\Seen new))", 0},
    {"((SEEN) ALL)", "(and (and (and \\Seen) all))", 0},
    {"(OR SEEN NEW)", "(and (and (or \\Seen new)))", 0},
    {"FUZZY (SUBJECT x) FROM y", "(and ~(and ~SUBJECT:x) FROM:y)", 0},
    {"fuzzy SUBJECT work NOT FUZZY FUZZY NOT SEEN", "(and ~SUBJECT:work ~\\Seen)", 0},
    {"FUZZY OR SEEN (TEXT a) NEW", "(and ~(or ~\\Seen ~(and ~text:a)) new)", 0},
    {"OR FUZZY OR SEEN NEW ALL", "(and (or ~(or ~\\Seen ~new) all))", 0},
    {"FUZZY OR OR SEEN NEW ALL", "(and ~(or ~\\Seen ~new ~all))", 0},
    {"UID 3:9 FILTER on-the-road OR filter a FILTER $b",
     "(and uid:3:9 filter:on-the-road (or filter:a filter:$b))", 0},
    {"FILTER a/b", NULL, 8},
    {"FILTER \"a\"", NULL, 7},
    {"FILTER", NULL, 6},
    {"FUZZY", NULL, 5},
    {"FUZZY ", NULL, 6},
    {"(FUZZY)", NULL, 6},
    {"", NULL, 0},
    {"SEEN ", NULL, 5},
    {"SEEN  NEW", NULL, 5},
    {"FOO", NULL, 0},
    {"SEEN FOO", NULL, 5},
    {"()", NULL, 1},
    {"(SEEN", NULL, 5},
    {"SEEN)", NULL, 4},
    {"(SEEN ", NULL, 6},
    {"OR SEEN", NULL, 7},
    {"(OR SEEN)", NULL, 8},
    {"NOT", NULL, 3},
    {"FROM", NULL, 4},
    {"FROM (", NULL, 5},
    {"HEADER a", NULL, 8},
    {"ON 31-Feb-2000", NULL, 4},
    {"LARGER x", NULL, 7},
    {"EMAILID \"M1\"", NULL, 8},
    {"X-GM-RAW \"(a\"", NULL, 13},
    {"X-GM-LABELS \\", NULL, 13},
    {"X-GM-MSGID -1", NULL, 11},
    {"THREADID a.b", NULL, 9},
    {"OLDER 0", NULL, 6},
    {"YOUNGER 4294967296", NULL, 8},
    {"YOUNGER -1", NULL, 8},
    {"SAVEDON 31-Feb-2000", NULL, 9},
    {"SAVEDATESUPPORTED 1-Jan-1970", NULL, 19},
    {"UID SEEN", NULL, 4},
    {"1,", NULL, 2},
    {"0", NULL, 0},
    {"KEYWORD \\Seen", NULL, 8},
};

static void test_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex in = lex_of(slice_of_str(cases[i].in), false);
        struct search_program program;
        struct arena a;
        struct buf out;
        enum err e;

        arena_init(&a, 100000);
        buf_init(&out, 1000);
        e = search_parse(&in, &a, &program);
        if (e == ERR_OK)
            e = lex_end(&in);
        if ((e == ERR_OK) != (cases[i].tree != NULL))
            fail_msg("%s: %s at %zu", cases[i].in, err_name(e), in.at);
        if (e == ERR_OK) {
            show(&out, program.root);
            assert_slice(buf_slice(&out), slice_of_str(cases[i].tree));
        } else if (in.at != cases[i].at) {
            fail_msg("%s: stands at %zu, not %zu", cases[i].in, in.at, cases[i].at);
        }
        buf_release(&out);
        arena_clear(&a);
    }
}

/* What is to be fetched of new results (RFC 5465 section 8). */
static void test_update(void **state)
{
    static const struct {
        const char *in, *fetch; /* NULL: no list */
        bool ok, gmail;
    } table[] = {
        {"RETURN (UPDATE) ALL", NULL, true, false},
        {"RETURN (UPDATE COUNT) ALL", NULL, true, false},
        {"RETURN (COUNT UPDATE (UID)) ALL", "(UID)", true, false},
        {"RETURN (update (uid body.peek[HEADER.FIELDS (TO \"a)b\")]<0.9>) COUNT) FROM x",
         "(uid body.peek[HEADER.FIELDS (TO \"a)b\")]<0.9>)", true, false},
        {"RETURN (UPDATE (UID) UPDATE) ALL", "(UID)", true, false},
        {"RETURN (UPDATE (X-GM-MSGID)) ALL", "(X-GM-MSGID)", true, true},
        {"RETURN (UPDATE (UID) UPDATE (UID)) ALL", NULL, false, false},
        {"RETURN (UPDATE(UID)) ALL", NULL, false, false},
        {"RETURN (UPDATE ()) ALL", NULL, false, false},
        {"RETURN (UPDATE (ALL)) ALL", NULL, false, false},
        {"RETURN (UPDATE (UID)", NULL, false, false},
        {"RETURN (UPDATE (UID", NULL, false, false},
        {"RETURN (UPDATE ", NULL, false, false},
        {"RETURN (COUNT (UID)) ALL", NULL, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct search_program program = {0};
        struct arena a;

        arena_init(&a, 10000);
        assert_int_equal(search_parse(&in, &a, &program) == ERR_OK, table[i].ok);
        assert_slice(program.update_fetch, slice_of_str(table[i].fetch));
        assert_int_equal(program.has_gmail, table[i].gmail);
        arena_clear(&a);
    }
}

static void test_prologue(void **state)
{
    static const struct {
        const char *in;
        bool ok, has_return;
        uint32_t returns;
        const char *charset;
    } table[] = {
        {"ALL", true, false, 0, NULL},
        {"RETURN () ALL", true, true, SEARCH_RETURN_ALL, NULL},
        {"return (min Max COUNT) ALL", true, true,
         SEARCH_RETURN_MIN | SEARCH_RETURN_MAX | SEARCH_RETURN_COUNT, NULL},
        {"RETURN (ALL SAVE) CHARSET \"UTF-8\" ALL", true, true,
         SEARCH_RETURN_ALL | SEARCH_RETURN_SAVE, "UTF-8"},
        {"CHARSET us-ascii ALL", true, false, 0, "us-ascii"},
        {"CHARSET UTF-8 RETURN (ALL) ALL", false, false, 0, NULL},
        {"CHARSET UTF-8", false, false, 0, NULL},
        {"RETURN (PARTIAL 1:500 COUNT) ALL", true, true,
         SEARCH_RETURN_PARTIAL | SEARCH_RETURN_COUNT, NULL},
        {"RETURN (PARTIAL 1:5 ALL) ALL", false, false, 0, NULL},
        {"RETURN (ALL PARTIAL -1:-5) ALL", false, false, 0, NULL},
        {"RETURN (PARTIAL 1:5 PARTIAL 6:9) ALL", false, false, 0, NULL},
        {"RETURN (PARTIAL) ALL", false, false, 0, NULL},
        {"RETURN (RELEVANCY ALL) FUZZY TEXT a", true, true,
         SEARCH_RETURN_RELEVANCY | SEARCH_RETURN_ALL, NULL},
        {"RETURN (UPDATE) ALL", true, true, SEARCH_RETURN_UPDATE, NULL},
        {"RETURN (FOO) ALL", false, false, 0, NULL},
        {"RETURN (MIN )", false, false, 0, NULL},
        {"RETURN (MIN)", false, false, 0, NULL},
        {"RETURN ALL", false, false, 0, NULL},
    };
    struct arena a;

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct search_program program = {.returns = 77};
        bool ok;

        arena_init(&a, 10000);
        ok = search_parse(&in, &a, &program) == ERR_OK;
        assert_int_equal(ok, table[i].ok);
        assert_int_equal(program.returns, ok ? table[i].returns : 77);
        assert_int_equal(program.has_return, table[i].has_return);
        if (ok)
            assert_slice(program.charset, slice_of_str(table[i].charset));
        arena_clear(&a);
    }
}

static void test_what_a_program_uses(void **state)
{
    static const struct {
        const char *in;
        bool has_seq, has_saved;
    } table[] = {{"SEEN", false, false},
                 {"1", true, false},
                 {"$", false, true},
                 {"UID 1", false, false},
                 {"UID $ (NOT 5)", true, true}};
    struct arena a;

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lex in = lex_of(slice_of_str(table[i].in), false);
        struct search_program program;

        arena_init(&a, 10000);
        assert_int_equal(search_parse(&in, &a, &program), ERR_OK);
        assert_int_equal(program.has_seq, table[i].has_seq);
        assert_int_equal(program.has_saved, table[i].has_saved);
        arena_clear(&a);
    }
}

static enum err parse_repeated(const char *each, size_t times, const char *tail, const char *close,
                               size_t *keys)
{
    struct search_program program = {0};
    struct buf text;
    struct arena a;
    struct lex in;
    enum err e;

    buf_init(&text, 1 << 20);
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < times; i++)
        buf_add_str(&text, each);
    buf_add_str(&text, tail);
    for (size_t i = 0; i < times; i++)
        buf_add_str(&text, close);
    in = lex_of(buf_slice(&text), false);
    e = search_parse(&in, &a, &program);
    assert_true(e == ERR_OK || a.used_octets == 0);
    *keys = program.keys;
    arena_clear(&a);
    buf_release(&text);
    return e;
}

static void test_limits(void **state)
{
    size_t keys;

    (void)state;
    assert_int_equal(parse_repeated("(", SEARCH_DEPTH_MAX - 1, "SEEN", ")", &keys), ERR_OK);
    assert_int_equal(keys, SEARCH_DEPTH_MAX + 1);
    assert_int_equal(parse_repeated("(", SEARCH_DEPTH_MAX, "SEEN", ")", &keys), ERR_LIMIT);
    assert_int_equal(parse_repeated("NOT OR SEEN ", SEARCH_DEPTH_MAX, "SEEN", "", &keys),
                     ERR_LIMIT);
    /* Chains that clients write stay flat. */
    assert_int_equal(parse_repeated("OR SEEN ", 5000, "SEEN", "", &keys), ERR_OK);
    assert_int_equal(keys, 5003);
    assert_int_equal(parse_repeated("OR ", 5000, "SEEN", " SEEN", &keys), ERR_OK);
    assert_int_equal(parse_repeated("NOT ", 100000, "SEEN", "", &keys), ERR_OK);
    assert_int_equal(keys, 2);
    assert_int_equal(parse_repeated("SEEN ", SEARCH_KEYS_MAX - 2, "SEEN", "", &keys), ERR_OK);
    assert_int_equal(parse_repeated("SEEN ", SEARCH_KEYS_MAX - 1, "SEEN", "", &keys), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),   cmocka_unit_test(test_prologue),
        cmocka_unit_test(test_update), cmocka_unit_test(test_what_a_program_uses),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
