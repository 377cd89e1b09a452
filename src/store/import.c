/* store/import.c -- remembering what an import has brought in, so that one that is run again
 * doubles nothing. */
#include "base/clock.h"
#include "store/internal.h"

enum err import_remember(struct account *a, struct slice key)
{
    int64_t known;

    if (key.n == 0 || key.n > 64)
        return ERR_SYNTAX;
    TRY(sql_value(a, &known, 0, IMPORT_GET, B(key)));
    if (known != 0)
        return ERR_EXISTS;
    TRY(change_begin(a));
    return change_end(a, sql_run(a, IMPORT_INSERT, B(key), I(clock_wall_s())));
}
