/* base/decimal.h -- numbers as decimal digits, written where the caller has made room.
 *
 * Replies are mostly numbers: a search of a large mailbox writes a hundred thousand of them. Two
 * digits come from one division, and nothing is moved afterwards, as their count is known before.
 */
#ifndef ROOST_BASE_DECIMAL_H
#define ROOST_BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

enum { DECIMAL_U32_OCTETS_MAX = 10, DECIMAL_U64_OCTETS_MAX = 20 };

/* Write the digits of v at `to`, no NUL behind them. Returns how many: at most
 * DECIMAL_U64_OCTETS_MAX, and DECIMAL_U32_OCTETS_MAX below 2^32. */
size_t decimal_write(char *to, uint64_t v);

#endif
