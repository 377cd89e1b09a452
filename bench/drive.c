/* bench/drive.c -- `drive --process PID --imap PORT --imaps PORT --user PREFIX [OPTION...]
 * WORKLOAD...`: one line of JSON for each workload. bench/compare starts the servers and calls
 * this; README.md says what is measured.
 */
#include <sys/resource.h>

#include "drive.h"

static const struct option_row options[] = {
    {"--imap", OPTION_TEXT, offsetof(struct drive, port_imap)},
    {"--imaps", OPTION_TEXT, offsetof(struct drive, port_imaps)},
    {"--user", OPTION_TEXT, offsetof(struct drive, user)},
    {"--account", OPTION_TEXT, offsetof(struct drive, account)},
    {"--mailbox", OPTION_TEXT, offsetof(struct drive, mailbox)},
    {"--corpus", OPTION_TEXT, offsetof(struct drive, corpus)},
    {"--count", OPTION_NUMBER, offsetof(struct drive, count)},
    {"--process", OPTION_NUMBER, offsetof(struct drive, process)},
    {"--connections", OPTION_NUMBER, offsetof(struct drive, connections)},
    {"--seconds", OPTION_SECONDS, offsetof(struct drive, seconds)},
};

static const struct workload *find(const char *name)
{
    for (size_t i = 0; i < n_workloads; i++) {
        if (strcmp(workloads[i].name, name) == 0)
            return &workloads[i];
    }
    drive_die("there is no workload \"%s\"", name);
}

/* As many descriptors as the system allows: a session is one. */
static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    struct drive d = {.seconds = 3, .user = "", .mailbox = "INBOX", .corpus = "small"};

    argc = options_take(argv, options, sizeof(options) / sizeof(*options), &d);
    if (argc == 0 || d.process == 0 || d.port_imap == NULL || d.port_imaps == NULL)
        drive_die("which workload, of which server? See bench/README.md");
    raise_descriptors();
    for (int i = 0; i < argc; i++)
        workload_run(&d, find(argv[i]));
    return 0;
}
