/* fuzz/store/account.h -- what the targets of this room share: an account to put damaged rows into.
 *
 * The rows are put into a transaction that is never committed, and taken out again by the target.
 */
#ifndef ROOST_FUZZ_STORE_ACCOUNT_H
#define ROOST_FUZZ_STORE_ACCOUNT_H

#include "store/internal.h"

/* Made by the first call, in memory where there is such a directory, and removed at exit. */
struct account *fuzz_account(void);

/* End the process, for the fuzzer to see, unless that holds. */
void must(bool holds);
/* The next `n` octets of `in`, or as many as there are. */
struct slice fuzz_take(struct slice *in, size_t n);
/* A little-endian number of so many octets, missing ones being 0. */
uint64_t fuzz_number(struct slice *in, size_t octets);

#endif
