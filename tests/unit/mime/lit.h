/* tests/unit/mime/lit.h -- a slice of a literal as an initialiser of static tables. */
#ifndef ROOST_TESTS_UNIT_MIME_LIT_H
#define ROOST_TESTS_UNIT_MIME_LIT_H

#define LIT(text)                                                                                  \
    {                                                                                              \
        "" text, sizeof(text) - 1                                                                  \
    }

#endif
