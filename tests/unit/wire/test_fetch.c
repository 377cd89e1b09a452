/* FETCH attributes and the labels of their answers. */
#include <stdlib.h>

#include "../test.h"

#include "wire/fetch.h"

/* Attributes in, labels out with a space between; NULL: ERR_SYNTAX standing on `at`. "!" behind a
 * label: it sets \Seen. */
static const struct {
    const char *in, *labels;
    size_t at;
} cases[] = {
    {"FLAGS", "FLAGS", 0},
    {"fast", "FLAGS INTERNALDATE RFC822.SIZE", 0},
    {"ALL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE", 0},
    {"FULL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY", 0},
    {"(UID FLAGS UID)", "UID FLAGS", 0},
    {"(RFC822 RFC822.HEADER RFC822.TEXT)", "RFC822! RFC822.HEADER RFC822.TEXT!", 0},
    {"(BODY BODYSTRUCTURE BODY[])", "BODY BODYSTRUCTURE BODY[]!", 0},
    {"BODY.PEEK[]", "BODY[]", 0},
    {"BODY[]<0.100>", "BODY[]<0>!", 0},
    {"BODY.PEEK[]<9223372036854775807.1>", "BODY[]<9223372036854775807>", 0},
    {"BODY[1.2.3]", "BODY[1.2.3]!", 0},
    {"body[1.text]", "BODY[1.TEXT]!", 0},
    {"BODY[TEXT]", "BODY[TEXT]!", 0},
    {"BODY[4294967295.MIME]", "BODY[4294967295.MIME]!", 0},
    {"BODY.PEEK[HEADER.FIELDS (From \"To\" \"a b\" {2}\r\ncc)]",
     "BODY[HEADER.FIELDS (From To \"a b\" cc)]", 0},
    {"BODY.PEEK[1.HEADER.FIELDS.NOT (x)]<5.6>", "BODY[1.HEADER.FIELDS.NOT (x)]<5>", 0},
    {"BINARY[]", "BINARY[]!", 0},
    {"BINARY.PEEK[1.2]<3.4>", "BINARY[1.2]<3>", 0},
    {"BINARY.SIZE[1]", "BINARY.SIZE[1]", 0},
    {"(SAVEDATE savedate)", "SAVEDATE", 0},
    {"(OBJECTID EMAILID THREADID)", "OBJECTID EMAILID THREADID", 0},
    {"(x-gm-labels X-GM-THRID X-GM-MSGID)", "X-GM-LABELS X-GM-THRID X-GM-MSGID", 0},
    {"PREVIEW", "PREVIEW", 0},
    {"PREVIEW (LAZY)", "PREVIEW", 0},
    {"(PREVIEW (lazy LAZY) UID)", "PREVIEW UID", 0},
    {"PREVIEW (LAZY", NULL, 13},
    {"PREVIEW (LAZY )", NULL, 14},
    {"PREVIEW ()", NULL, 9},
    {"PREVIEW (LAZYX)", NULL, 9},
    {"PREVIEW[]", NULL, 0},
    {"(ALL)", NULL, 1},
    {"()", NULL, 1},
    {"(FLAGS", NULL, 6},
    {"(FLAGS  UID)", NULL, 7},
    {"FLAGS (PARTIAL -1:-3)", "FLAGS", 0},
    {"FLAGS (partial 500:400)", "FLAGS", 0},
    {"FLAGS UID", NULL, 6},
    {"(FLAGS MODSEQ) (CHANGEDSINCE 12345)", "FLAGS MODSEQ", 0},
    {"FLAGS (changedsince 0 vanished)", "FLAGS", 0},
    {"FLAGS (CHANGEDSINCE)", NULL, 19},
    {"FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 1)", NULL, 22},
    {"FLAGS (VANISHED VANISHED)", NULL, 16},
    {"FLAGS (VANISHED 1)", NULL, 16},
    {"FLAGS ()", NULL, 7},
    {"FLAGS (PARTIAL)", NULL, 14},
    {"FLAGS (PARTIAL 1:5 PARTIAL 1:5)", NULL, 19},
    {"FLAGS (NOSUCH 1)", NULL, 7},
    {"FLAGSX", NULL, 0},
    {"FLAGS[]", NULL, 0},
    {"BODY.PEEK", NULL, 0},
    {"BINARY", NULL, 0},
    {"BODY[MIME]", NULL, 5},
    {"BODY[1.]", NULL, 7},
    {"BODY[.1]", NULL, 5},
    {"BODY[0]", NULL, 5},
    {"BODY[1.0]", NULL, 7},
    {"BODY[1 ]", NULL, 6},
    {"BODY[HEADER.FIELDS]", NULL, 18},
    {"BODY[HEADER.FIELDS ()]", NULL, 20},
    {"BODY[]<0>", NULL, 8},
    {"BODY[]<0.0>", NULL, 9},
    {"BODY[]<0.1", NULL, 10},
    {"BODY[]<-1.1>", NULL, 7},
    {"BINARY[1.TEXT]", NULL, 9},
    {"BINARY.SIZE[1]<0.1>", NULL, 14},
};

static void write_labels(const struct fetch_list *list, struct buf *out)
{
    bool sets_seen = false;

    for (size_t i = 0; i < list->n; i++) {
        if (i > 0)
            buf_add_char(out, ' ');
        fetch_item_write(out, &list->item[i]);
        if (!list->item[i].peek)
            buf_add_char(out, '!');
        sets_seen |= !list->item[i].peek;
        assert_true(list->kinds & 1u << list->item[i].kind);
    }
    assert_int_equal(list->sets_seen, sets_seen);
}

static void test_attributes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lex in = lex_of(slice_of_str(cases[i].in), false);
        struct fetch_list list = {0};
        struct arena a;
        struct buf out;
        enum err e;

        arena_init(&a, 100000);
        buf_init(&out, 1000);
        e = fetch_parse(&in, &a, &list);
        if (e == ERR_OK)
            e = lex_end(&in);
        if ((e == ERR_OK) != (cases[i].labels != NULL))
            fail_msg("%s: %s at %zu", cases[i].in, err_name(e), in.at);
        if (e == ERR_OK) {
            write_labels(&list, &out);
            assert_slice(buf_slice(&out), slice_of_str(cases[i].labels));
        } else if (in.at != cases[i].at) {
            fail_msg("%s: stands at %zu, not %zu", cases[i].in, in.at, cases[i].at);
        }
        buf_release(&out);
        arena_clear(&a);
    }
}

static enum err parse_repeated(const char *head, const char *each, size_t times, const char *tail)
{
    struct buf text;
    struct arena a;
    struct lex in;
    struct fetch_list list;
    enum err e;

    buf_init(&text, 1 << 20);
    arena_init(&a, 1 << 20);
    buf_add_str(&text, head);
    for (size_t i = 0; i < times; i++)
        buf_add_str(&text, each);
    buf_add_str(&text, tail);
    in = lex_of(buf_slice(&text), false);
    e = fetch_parse(&in, &a, &list);
    assert_true(e == ERR_OK || a.used_octets == 0);
    arena_clear(&a);
    buf_release(&text);
    return e;
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(parse_repeated("BODY[", "1.", SECTION_PARTS_MAX - 1, "1]"), ERR_OK);
    assert_int_equal(parse_repeated("BODY[", "1.", SECTION_PARTS_MAX, "1]"), ERR_LIMIT);
    assert_int_equal(parse_repeated("(", "BODY[] ", FETCH_ITEMS_MAX - 1, "BODY[])"), ERR_OK);
    assert_int_equal(parse_repeated("(", "BODY[] ", FETCH_ITEMS_MAX, "BODY[])"), ERR_LIMIT);
    assert_int_equal(parse_repeated("(", "UID ", 100000, "UID)"), ERR_OK);
    assert_int_equal(parse_repeated("BODY[HEADER.FIELDS (", "a ", FETCH_FIELDS_MAX - 1, "a)]"),
                     ERR_OK);
    assert_int_equal(parse_repeated("BODY[HEADER.FIELDS (", "a ", FETCH_FIELDS_MAX, "a)]"),
                     ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_attributes),
                                       cmocka_unit_test(test_limits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
