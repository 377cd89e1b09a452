/* fuzz/store/account.c -- see account.h. */
#include "account.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

static char root[64];
static struct account *account;

void must(bool holds)
{
    if (!holds)
        abort();
}

static void remove_account(void)
{
    char command[128];

    account_rollback(account);
    account_close(&account);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    must(system(command) == 0); /* NOLINT(cert-env33-c): our own directory */
}

struct account *fuzz_account(void)
{
    if (account != NULL)
        return account;
    log_init("fuzz", LOG_LEVEL_ERROR);
    snprintf(root, sizeof(root), "/dev/shm/roost-fuzz-XXXXXX");
    if (mkdtemp(root) == NULL) {
        snprintf(root, sizeof(root), "/tmp/roost-fuzz-XXXXXX");
        must(mkdtemp(root) != NULL);
    }
    must(account_create(root, SLICE("anna")) == ERR_OK);
    must(account_open(root, SLICE("anna"), &account) == ERR_OK);
    atexit(remove_account);
    return account;
}

struct slice fuzz_take(struct slice *in, size_t n)
{
    struct slice taken = slice_sub(*in, 0, n);

    *in = slice_sub(*in, taken.n, SIZE_MAX);
    return taken;
}

uint64_t fuzz_number(struct slice *in, size_t octets)
{
    struct slice s = fuzz_take(in, octets);
    uint64_t v = 0;

    for (size_t i = 0; i < s.n; i++)
        v |= (uint64_t)(unsigned char)s.p[i] << (8 * i);
    return v;
}
