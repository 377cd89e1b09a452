/* bench/drive.c -- `drive --process PID --imap PORT --imaps PORT --user PREFIX [OPTION...]
 * WORKLOAD...`: one line of JSON for each workload. bench/compare starts the servers and calls
 * this; README.md says what is measured.
 */
#include <sys/resource.h>

#include "drive.h"

/* Options are pairs of words; each writes one member of struct drive. */
static const struct {
    const char *name;
    size_t text, number; /* where the text, the int or unsigned goes; 0: nowhere */
} options[] = {
    {"--imap", offsetof(struct drive, port_imap), 0},
    {"--imaps", offsetof(struct drive, port_imaps), 0},
    {"--user", offsetof(struct drive, user), 0},
    {"--account", offsetof(struct drive, account), 0},
    {"--mailbox", offsetof(struct drive, mailbox), 0},
    {"--corpus", offsetof(struct drive, corpus), 0},
    {"--count", 0, offsetof(struct drive, count)},
    {"--process", 0, offsetof(struct drive, process)},
    {"--connections", 0, offsetof(struct drive, connections)},
};

static bool take_option(struct drive *d, const char *name, const char *value)
{
    uint64_t n = 0;

    if (strcmp(name, "--seconds") == 0) {
        d->seconds = strtod(value, NULL);
        return true;
    }
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        if (strcmp(name, options[i].name) != 0)
            continue;
        if (options[i].number == 0) {
            memcpy((char *)d + options[i].text, &value, sizeof(value));
            return true;
        }
        if (!slice_to_u64(slice_of_str(value), INT32_MAX, &n))
            drive_die("%s wants a number", name);
        memcpy((char *)d + options[i].number, &(unsigned){(unsigned)n}, sizeof(unsigned));
        return true;
    }
    return false;
}

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
    const char *todo[32];
    size_t n = 0;

    for (int i = 1; i < argc; i++) {
        if (i + 1 < argc && take_option(&d, argv[i], argv[i + 1]))
            i++;
        else if (n < sizeof(todo) / sizeof(*todo))
            todo[n++] = argv[i];
    }
    if (n == 0 || d.process == 0 || d.port_imap == NULL || d.port_imaps == NULL)
        drive_die("which workload, of which server? See bench/README.md");
    raise_descriptors();
    for (size_t i = 0; i < n; i++)
        workload_run(&d, find(todo[i]));
    return 0;
}
