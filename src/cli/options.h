/* cli/options.h -- the command line: `--name value`, `--name=value`, flags, and the rest. */
#ifndef ROOST_CLI_OPTIONS_H
#define ROOST_CLI_OPTIONS_H

#include "server/settings.h"

struct option_row {
    const char *name;   /* with its dashes; NULL behind the last */
    const char **value; /* where the value goes; may be NULL for a flag */
    bool *flag;         /* set when given; may be NULL for a value */
};

enum { OPTIONS_REST_MAX = 8 };
struct options_rest {
    const char *word[OPTIONS_REST_MAX];
    size_t n;
};

/* Whatever does not begin with "--" goes to `rest`. ERR_SYNTAX: an unknown option, a missing
 * value or too many words; said on standard error. */
must_use enum err options_parse(int argc, char **argv, const struct option_row *rows,
                                struct options_rest *rest);

/* The settings in force: defaults, then the file (`config`, or /etc/roost/roost.conf if that
 * exists), then `data`. config and data may be NULL. A relative data directory is made absolute.
 * ERR_CONFIG: a sentence in `why`. */
must_use enum err options_settings(const char *config, const char *data, struct settings *out,
                                   struct buf *why);

#endif
