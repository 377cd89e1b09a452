/* base/decimal.c -- see decimal.h. */
#include "base/decimal.h"

#include <string.h>

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

static size_t count_digits(uint64_t v)
{
    size_t n = 1;

    for (; v >= 10000; v /= 10000)
        n += 4;
    return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

size_t decimal_write(char *to, uint64_t v)
{
    size_t n = count_digits(v), at = n;

    for (; v >= 100; v /= 100)
        memcpy(to + (at -= 2), pairs + v % 100 * 2, 2);
    if (v >= 10)
        memcpy(to, pairs + v * 2, 2);
    else
        to[0] = (char)('0' + v);
    return n;
}
