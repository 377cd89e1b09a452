/* cli/options.c -- see options.h. */
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const char default_file[] = "/etc/roost/roost.conf";

static const struct option_row *find(const struct option_row *rows, struct slice name)
{
    for (; rows->name != NULL; rows++)
        if (slice_eq(name, slice_of_str(rows->name)))
            return rows;
    return NULL;
}

/* One option at argv[*i]; advances *i over its value. */
static enum err take_option(int argc, char **argv, int *i, const struct option_row *rows)
{
    struct slice word = slice_of_str(argv[*i]);
    size_t eq = slice_find(word, '=');
    const struct option_row *row = find(rows, slice_sub(word, 0, eq));
    if (row == NULL) {
        fprintf(stderr, "roost: there is no option %s\n", argv[*i]);
        return ERR_SYNTAX;
    }
    if (row->flag != NULL)
        *row->flag = true;
    if (row->value == NULL)
        return ERR_OK;
    if (eq < word.n) {
        *row->value = argv[*i] + eq + 1;
    } else if (*i + 1 < argc) {
        *row->value = argv[++*i];
    } else {
        fprintf(stderr, "roost: %s needs a value\n", row->name);
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

enum err options_parse(int argc, char **argv, const struct option_row *rows,
                       struct options_rest *rest)
{
    rest->n = 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1] == '-') {
            TRY(take_option(argc, argv, &i, rows));
        } else if (rest->n < OPTIONS_REST_MAX) {
            rest->word[rest->n++] = argv[i];
        } else {
            fprintf(stderr, "roost: too many words\n");
            return ERR_SYNTAX;
        }
    }
    return ERR_OK;
}

static enum err set_data(struct settings *s, const char *data, struct buf *why)
{
    char absolute[2 * SETTINGS_PATH_OCTETS_MAX + 2], cwd[SETTINGS_PATH_OCTETS_MAX + 1];
    if (data[0] == '/')
        return settings_set(s, SLICE("data"), slice_of_str(data), why);
    if (getcwd(cwd, sizeof(cwd)) == NULL || strlen(data) > SETTINGS_PATH_OCTETS_MAX) {
        buf_addf(why, "--data %s: %s", data, strerror(errno));
        return ERR_CONFIG;
    }
    snprintf(absolute, sizeof(absolute), "%s/%s", cwd, data);
    return settings_set(s, SLICE("data"), slice_of_str(absolute), why);
}

enum err options_settings(const char *config, const char *data, struct settings *out,
                          struct buf *why)
{
    struct settings s;
    enum err e = settings_init(&s, why);
    if (e != ERR_OK && data == NULL)
        return e;
    buf_clear(why);
    if (config != NULL) {
        e = settings_load(&s, config, why);
    } else {
        e = settings_load(&s, default_file, why);
        if (e == ERR_NOTFOUND) {
            buf_clear(why);
            e = ERR_OK;
        }
    }
    if (e == ERR_OK && data != NULL)
        e = set_data(&s, data, why);
    if (e != ERR_OK)
        return ERR_CONFIG;
    *out = s;
    return ERR_OK;
}
