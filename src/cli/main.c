/* cli/main.c -- the program: finds the verb and runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/verb.h"
#include "server/supervisor.h"

const struct verb *const verbs[] = {&verb_serve,   &verb_account,      &verb_import,
                                    &verb_deliver, &verb_capabilities, &verb_selftest,
                                    &verb_version, &verb_help,         NULL};

static const struct verb *find(const char *name)
{
    for (size_t i = 0; verbs[i] != NULL; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

static void list_verbs(FILE *to)
{
    fprintf(to, "roost %s, an IMAP server\n\n", ROOST_VERSION);
    for (size_t i = 0; verbs[i] != NULL; i++)
        fprintf(to, "    roost %-12s %s\n", verbs[i]->name, verbs[i]->summary);
    fprintf(to, "\n`roost help VERB` tells more.\n");
}

static int run_help(int argc, char **argv)
{
    const struct verb *v = argc > 1 ? find(argv[1]) : NULL;
    if (argc > 1 && v == NULL) {
        fprintf(stderr, "roost: there is no verb \"%s\"\n", argv[1]);
        return 2;
    }
    if (v != NULL)
        fputs(v->usage, stdout);
    else
        list_verbs(stdout);
    return 0;
}

const struct verb verb_help = {
    .name = "help",
    .summary = "this list, or all about one verb",
    .usage = "roost help [VERB]\n",
    .run = run_help,
};

static int run_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("roost %s\n", ROOST_VERSION);
    return 0;
}

const struct verb verb_version = {
    .name = "version",
    .summary = "which Roost this is",
    .usage = "roost version\n",
    .run = run_version,
};

int main(int argc, char **argv)
{
    static const char *const spellings[][2] = {
        {"--version", "version"}, {"-V", "version"}, {"--help", "help"}, {"-h", "help"}};
    if (argc == 3 && strcmp(argv[1], "--role") == 0)
        return supervisor_role_main(argv[2]);
    if (argc < 2) {
        list_verbs(stderr);
        return 2;
    }
    const char *name = argv[1];
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
        if (strcmp(name, spellings[i][0]) == 0)
            name = spellings[i][1];
    const struct verb *v = find(name);
    if (v == NULL) {
        fprintf(stderr, "roost: there is no verb \"%s\"; `roost help` lists them\n", name);
        return 2;
    }
    return v->run(argc - 1, argv + 1);
}
