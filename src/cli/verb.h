/* cli/verb.h -- `roost <verb>`: one file a verb, each one row. */
#ifndef ROOST_CLI_VERB_H
#define ROOST_CLI_VERB_H

struct verb {
    const char *name;
    const char *summary; /* one line for `roost help` */
    const char *usage;   /* whole text for `roost help NAME`, with a line end */
    /* argv[0] is the verb. Returns the exit status: 0, 1 failed, 2 wrong usage (but see
     * sysexits.h for verbs that mail servers call). */
    int (*run)(int argc, char **argv);
};

/* Every verb, in the order of help; the last has no name. */
extern const struct verb *const verbs[];

extern const struct verb verb_serve, verb_account, verb_import, verb_deliver, verb_capabilities,
    verb_selftest, verb_version, verb_help;

#endif
