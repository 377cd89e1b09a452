/* tests/unit/test.h -- what every unit test includes, in the order cmocka wants. */
#ifndef ROOST_TESTS_UNIT_TEST_H
#define ROOST_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"

/* Fails the test unless the slice holds exactly these octets. */
#define assert_slice(got, want)                                                                    \
    do {                                                                                           \
        struct slice got_ = (got), want_ = (want);                                                 \
        if (!slice_eq(got_, want_))                                                                \
            fail_msg("got \"%.*s\", want \"%.*s\"", SLICE_ARG(got_), SLICE_ARG(want_));            \
    } while (0)

#endif
