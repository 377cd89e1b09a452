/* tests/unit/client/test_response.c -- what a line says, and which of our errors that is. */
#include "../test.h"

#include "client/internal.h"

static void test_parse(void **state)
{
    static const struct {
        const char *line, *code, *text;
        enum client_kind kind;
        enum client_condition condition;
        uint32_t tag;
    } table[] = {
        {"* OK [CAPABILITY A B] ready\r\n", "CAPABILITY A B", "ready", CLIENT_UNTAGGED, CLIENT_OK,
         0},
        {"* PREAUTH hello\r\n", NULL, "hello", CLIENT_UNTAGGED, CLIENT_PREAUTH, 0},
        {"* BYE\r\n", NULL, "", CLIENT_UNTAGGED, CLIENT_BYE, 0},
        {"* 12 EXISTS\r\n", NULL, "12 EXISTS", CLIENT_UNTAGGED, CLIENT_DATA, 0},
        {"* OKAY then\n", NULL, "OKAY then", CLIENT_UNTAGGED, CLIENT_DATA, 0},
        {"* 1 FETCH (BODY[] {3}\r\na]b)\r\n", NULL, "1 FETCH (BODY[] {3}\r\na]b)", CLIENT_UNTAGGED,
         CLIENT_DATA, 0},
        {"+ \r\n", NULL, "", CLIENT_CONTINUE, CLIENT_DATA, 0},
        {"+ OK [X] go\r\n", NULL, "OK [X] go", CLIENT_CONTINUE, CLIENT_DATA, 0},
        {"r7 OK [APPENDUID 1 2] done\r\n", "APPENDUID 1 2", "done", CLIENT_TAGGED, CLIENT_OK, 7},
        {"r4294967295 no [x\r\n", NULL, "[x", CLIENT_TAGGED, CLIENT_NO, UINT32_MAX},
        {"r1 BAD\r\n", NULL, "", CLIENT_TAGGED, CLIENT_BAD, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct client_response r;

        assert_int_equal(client_response_parse(slice_of_str(table[i].line), &r), ERR_OK);
        assert_int_equal(r.kind, table[i].kind);
        assert_int_equal(r.condition, table[i].condition);
        assert_int_equal(r.tag, table[i].tag);
        assert_slice(r.text, slice_of_str(table[i].text));
        assert_int_equal(r.code.p == NULL, table[i].code == NULL);
        if (table[i].code != NULL)
            assert_slice(r.code, slice_of_str(table[i].code));
    }
}

static void test_parse_refuses(void **state)
{
    static const char *const lines[] = {
        "",
        "\r\n",
        "*\r\n",
        "r1\r\n",
        "r1 DONE\r\n",
        "r1x OK\r\n",
        "x1 OK\r\n",
        "r4294967296 OK\r\n",
        "r OK\r\n",
        "HTTP/1.1 400\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct client_response r = {.tag = 99};

        assert_int_equal(client_response_parse(slice_of_str(lines[i]), &r), ERR_SYNTAX);
        assert_int_equal(r.tag, 99);
    }
}

static void test_result(void **state)
{
    static const struct {
        const char *line;
        enum err want;
    } table[] = {
        {"r1 OK done\r\n", ERR_OK},
        {"* PREAUTH hi\r\n", ERR_OK},
        {"r1 BAD [CLIENTBUG] what\r\n", ERR_SYNTAX},
        {"r1 NO\r\n", ERR_CANNOT},
        {"r1 NO [NEWCODE] x\r\n", ERR_CANNOT},
        {"r1 NO [trycreate] x\r\n", ERR_TRYCREATE},
        {"r1 NO [OVERQUOTA] x\r\n", ERR_OVERQUOTA},
        {"r1 NO [UNAVAILABLE] x\r\n", ERR_UNAVAILABLE},
        {"r1 NO [UNAVAILABLE] No space left, nothing was changed\r\n", ERR_NOSPACE},
        {"r1 NO [LIMIT] Command needs more memory than allowed\r\n", ERR_NOMEM},
        {"* BYE [INUSE] In use, try again\r\n", ERR_INUSE},
        {"* BYE see you\r\n", ERR_UNAVAILABLE},
        {"* 1 EXISTS\r\n", ERR_SYNTAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct client_response r;

        assert_int_equal(client_response_parse(slice_of_str(table[i].line), &r), ERR_OK);
        if (client_result(&r) != table[i].want)
            fail_msg("%s: %s, want %s", table[i].line, err_name(client_result(&r)),
                     err_name(table[i].want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
