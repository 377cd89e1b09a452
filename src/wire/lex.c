/* wire/lex.c -- see lex.h. */
#include "wire/lex.h"

/* Octet classes of RFC 9051 section 9. atom-specials are "(", ")", "{", SP, CTL, the list
 * wildcards "%" and "*", the quoted specials `"` and "\", and the resp-special "]". */
enum { ATOM = 1, ASTRING = 2, TAG = 4, LIST = 8 };

static unsigned classes_of(int c)
{
    if (c <= 0x20 || c >= 0x7F)
        return 0;
    switch (c) {
    case '(':
    case ')':
    case '{':
    case '"':
    case '\\':
        return 0;
    case '%':
    case '*':
        return LIST;
    case ']':
        return ASTRING | TAG | LIST;
    case '+':
        return ATOM | ASTRING | LIST;
    default:
        return ATOM | ASTRING | TAG | LIST;
    }
}

bool lex_is_atom_char(int c)
{
    return (classes_of(c) & ATOM) != 0;
}

bool lex_is_astring_char(int c)
{
    return (classes_of(c) & ASTRING) != 0;
}

static bool is_tag_char(int c)
{
    return (classes_of(c) & TAG) != 0;
}

bool lex_is_list_char(int c)
{
    return (classes_of(c) & LIST) != 0;
}

enum err lex_expect(struct lex *in, char c)
{
    return lex_accept(in, c) ? ERR_OK : ERR_SYNTAX;
}

enum err lex_space(struct lex *in)
{
    return lex_expect(in, ' ');
}

enum err lex_end(struct lex *in)
{
    size_t start = in->at;
    bool cr = lex_accept(in, '\r');
    bool lf = lex_accept(in, '\n');

    if (in->at == in->in.n && (lf || !cr))
        return ERR_OK;
    in->at = start;
    return ERR_SYNTAX;
}

/* How many octets from `at` on are in the class. */
static size_t run_length(const struct lex *in, bool (*in_class)(int))
{
    size_t n = in->at;

    while (n < in->in.n && in_class((unsigned char)in->in.p[n]))
        n++;
    return n - in->at;
}

/* 1 to max octets of the class. */
static enum err take_run(struct lex *in, bool (*in_class)(int), size_t max, struct slice *out)
{
    size_t n = run_length(in, in_class);

    if (n == 0)
        return ERR_SYNTAX;
    if (n > max)
        return ERR_LIMIT;
    *out = slice_sub(in->in, in->at, n);
    in->at += n;
    return ERR_OK;
}

bool lex_accept_atom(struct lex *in, struct slice keyword)
{
    size_t n = run_length(in, lex_is_atom_char);

    if (!slice_eq_nocase(slice_sub(in->in, in->at, n), keyword))
        return false;
    in->at += n;
    return true;
}

bool lex_accept_nil(struct lex *in)
{
    return lex_accept_atom(in, SLICE("NIL"));
}

enum err lex_tag(struct lex *in, struct slice *out)
{
    return take_run(in, is_tag_char, LEX_TAG_OCTETS_MAX, out);
}

enum err lex_atom(struct lex *in, size_t max_octets, struct slice *out)
{
    return take_run(in, lex_is_atom_char, max_octets, out);
}

enum err lex_backslash_atom(struct lex *in, size_t max_octets, struct slice *out)
{
    size_t start = in->at;
    struct slice atom;

    TRY(lex_expect(in, '\\'));
    TRY(lex_atom(in, max_octets, &atom));
    *out = slice_sub(in->in, start, in->at - start);
    return ERR_OK;
}

static bool is_word_char(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '-';
}

enum err lex_word(struct lex *in, size_t max_octets, struct slice *out)
{
    return take_run(in, is_word_char, max_octets, out);
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static enum err number_up_to(struct lex *in, uint64_t max, uint64_t *out)
{
    struct slice digits = slice_sub(in->in, in->at, run_length(in, is_digit));

    if (!slice_to_u64(digits, max, out))
        return ERR_SYNTAX;
    in->at += digits.n;
    return ERR_OK;
}

enum err lex_number64(struct lex *in, uint64_t *out)
{
    return number_up_to(in, INT64_MAX, out);
}

enum err lex_nz_number64(struct lex *in, uint64_t *out)
{
    return lex_peek(in) == '0' ? ERR_SYNTAX : lex_number64(in, out);
}

enum err lex_number(struct lex *in, uint32_t *out)
{
    uint64_t value;

    TRY(number_up_to(in, UINT32_MAX, &value));
    *out = (uint32_t)value;
    return ERR_OK;
}

enum err lex_nz_number(struct lex *in, uint32_t *out)
{
    return lex_peek(in) == '0' ? ERR_SYNTAX : lex_number(in, out);
}
