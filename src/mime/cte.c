/* mime/cte.c -- see cte.h. */
#include "mime/cte.h"

#include "mime/token.h"

enum mime_cte mime_cte_parse(struct slice value)
{
    static const struct {
        struct slice name;
        enum mime_cte cte;
    } names[] = {
        {{"7bit", 4}, MIME_CTE_7BIT},     {{"8bit", 4}, MIME_CTE_8BIT},
        {{"binary", 6}, MIME_CTE_BINARY}, {{"quoted-printable", 16}, MIME_CTE_QP},
        {{"base64", 6}, MIME_CTE_BASE64},
    };
    struct slice word;

    token_skip_cfws(&value, NULL);
    word = token_mime_word(&value);
    if (word.n == 0)
        return MIME_CTE_7BIT;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (slice_eq_nocase(word, names[i].name))
            return names[i].cte;
    }
    return MIME_CTE_UNKNOWN;
}
