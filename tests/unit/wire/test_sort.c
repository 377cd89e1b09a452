/* SORT's and THREAD's arguments, shown again in one word each. */
#include "../test.h"

#include "base/buf.h"
#include "wire/sort.h"

static const char *show_sort(const char *text, char *out, size_t max)
{
    static const char *const names[] = {
        [SORT_BY_ARRIVAL] = "arrival",     [SORT_BY_CC] = "cc",
        [SORT_BY_DATE] = "date",           [SORT_BY_DISPLAYFROM] = "dfrom",
        [SORT_BY_DISPLAYTO] = "dto",       [SORT_BY_FROM] = "from",
        [SORT_BY_RELEVANCY] = "relevancy", [SORT_BY_SIZE] = "size",
        [SORT_BY_SUBJECT] = "subject",     [SORT_BY_TO] = "to",
    };
    struct lex in = lex_of(slice_of_str(text), true);
    struct sort_program p;
    struct arena a;
    enum err e;
    size_t n = 0;

    arena_init(&a, 1 << 20);
    e = sort_parse(&in, &a, &p);
    if (e == ERR_OK)
        e = lex_end(&in);
    if (e != ERR_OK)
        snprintf(out, max, "%s", err_name(e));
    for (size_t i = 0; e == ERR_OK && i < p.n; i++)
        n += (size_t)snprintf(out + n, max - n, "%s%s ", p.criterion[i].reverse ? "-" : "",
                              names[p.criterion[i].key]);
    if (e == ERR_OK)
        snprintf(out + n, max - n, "%s%.*s %zu", p.search.has_return ? "return " : "",
                 SLICE_ARG(p.search.charset), p.search.keys);
    arena_clear(&a);
    return out;
}

static void test_sort(void **state)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"(SUBJECT) UTF-8 ALL", "subject UTF-8 2"},
        {"(subject reverse date) us-ascii seen unseen", "subject -date us-ascii 3"},
        {"(ARRIVAL CC DATE FROM SIZE TO) \"UTF-8\" ALL", "arrival cc date from size to UTF-8 2"},
        {"(DISPLAYFROM REVERSE DISPLAYTO) UTF-8 ALL", "dfrom -dto UTF-8 2"},
        {"RETURN () (DATE) UTF-8 ALL", "date return UTF-8 2"},
        {"RETURN (MIN MAX) (DATE DATE) UTF-8 1:*", "date date return UTF-8 2"},
        {"(RELEVANCY REVERSE DATE) UTF-8 FUZZY SUBJECT x", "relevancy -date UTF-8 2"},
        {"(RELEVANCY) UTF-8 SUBJECT x", "SYNTAX"},
        {"(DATE) UTF-8", "SYNTAX"},
        {"(DATE) ALL", "SYNTAX"},
        {"DATE UTF-8 ALL", "SYNTAX"},
        {"() UTF-8 ALL", "SYNTAX"},
        {"(DATE,CC) UTF-8 ALL", "SYNTAX"},
        {"(REVERSE) UTF-8 ALL", "SYNTAX"},
        {"(REVERSEDATE) UTF-8 ALL", "SYNTAX"},
        {"(REVERSE  DATE) UTF-8 ALL", "SYNTAX"},
        {"(DATE)UTF-8 ALL", "SYNTAX"},
        {"(DATE) CHARSET UTF-8 ALL", "SYNTAX"},
        {"RETURN(DATE) UTF-8 ALL", "SYNTAX"},
        {"(DATE) UTF-8 ALL ", "SYNTAX"},
    };
    char out[300];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(show_sort(rows[i].in, out, sizeof(out)), rows[i].out);
}

static void test_thread(void **state)
{
    static const struct {
        const char *in;
        enum err err;
        enum thread_algorithm algorithm;
    } rows[] = {
        {"ORDEREDSUBJECT UTF-8 ALL", ERR_OK, THREAD_ORDEREDSUBJECT},
        {"references US-ASCII SEEN", ERR_OK, THREAD_REFERENCES},
        {"REFS UTF-8 1", ERR_OK, THREAD_REFS},
        {"REFS UTF-8", ERR_SYNTAX, 0},
        {"REFSX UTF-8 ALL", ERR_SYNTAX, 0},
        {"RETURN () REFS UTF-8 ALL", ERR_SYNTAX, 0},
        {"(REFS) UTF-8 ALL", ERR_SYNTAX, 0},
        {"", ERR_SYNTAX, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lex in = lex_of(slice_of_str(rows[i].in), true);
        struct thread_program p = {0};
        struct arena a;

        arena_init(&a, 1 << 20);
        assert_string_equal(err_name(thread_parse(&in, &a, &p)), err_name(rows[i].err));
        assert_int_equal(p.algorithm, rows[i].algorithm);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sort), cmocka_unit_test(test_thread)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
