/* bench/options.c -- the command lines of `drive` and `limit`: pairs of words, of which the first
 * begins with "--", and behind or between them what is to be done.
 */
#include "drive.h"

static void take(void *into, const struct option_row *row, const char *value)
{
    uint64_t n = 0;
    double seconds = strtod(value, NULL);
    void *at = (char *)into + row->at;

    if (row->kind == OPTION_NUMBER && !slice_to_u64(slice_of_str(value), INT32_MAX, &n))
        drive_die("%s wants a number", row->name);
    switch (row->kind) {
    case OPTION_TEXT:
        memcpy(at, &value, sizeof(value));
        break;
    case OPTION_NUMBER:
        memcpy(at, &(unsigned){(unsigned)n}, sizeof(unsigned));
        break;
    case OPTION_SECONDS:
        memcpy(at, &seconds, sizeof(seconds));
        break;
    }
}

static const struct option_row *find(const struct option_row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(name, rows[i].name) == 0)
            return &rows[i];
    }
    drive_die("there is no option %s", name);
}

int options_take(char **argv, const struct option_row *rows, size_t n, void *into)
{
    int left = 0;

    for (char **word = argv + 1; *word != NULL; word++) {
        if (strncmp(*word, "--", 2) != 0) {
            argv[left++] = *word;
            continue;
        }
        if (word[1] == NULL)
            drive_die("%s wants a value", *word);
        take(into, find(rows, n, *word), word[1]);
        word++;
    }
    return left;
}
