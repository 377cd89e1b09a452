/* bench/main.c -- `bench MEASUREMENT... --data DIR --supervisor PID --imap PORT --imaps PORT`.
 *
 * bench/run starts the server and calls this; README.md says what is measured.
 */
#include "bench.h"

static const struct {
    const char *name;
    void (*run)(const struct bench *b);
} measurements[] = {
    {"build", bench_build},
    {"select", bench_select},
    {"fetch", bench_fetch},
    {"resync", bench_resync},
    {"append", bench_append},
    {"idle", bench_idle},
    {"sort", bench_sort},
    {"idle-tls", bench_idle_tls},
    {"slow", bench_slow},
    {"push", bench_push},
    {"idle-tls-compress", bench_idle_tls_compress},
};

static uint64_t number(const char *word)
{
    uint64_t n;

    if (!slice_to_u64(slice_of_str(word), INT32_MAX, &n))
        bench_die("\"%s\" is not a number", word);
    return n;
}

/* An option and its value; false if `name` is none. */
static bool take_option(struct bench *b, const char *name, const char *value)
{
    if (strcmp(name, "--data") == 0)
        b->data = value;
    else if (strcmp(name, "--imap") == 0)
        b->port_imap = value;
    else if (strcmp(name, "--imaps") == 0)
        b->port_imaps = value;
    else if (strcmp(name, "--supervisor") == 0)
        b->supervisor = (int)number(value);
    else if (strcmp(name, "--seconds") == 0)
        b->seconds = (double)number(value);
    else if (strcmp(name, "--sessions") == 0)
        b->sessions = (unsigned)number(value);
    else
        return false;
    return true;
}

static void run(const struct bench *b, const char *name)
{
    for (size_t i = 0; i < sizeof(measurements) / sizeof(*measurements); i++) {
        if (strcmp(measurements[i].name, name) == 0) {
            measurements[i].run(b);
            return;
        }
    }
    bench_die("there is no measurement \"%s\"", name);
}

int main(int argc, char **argv)
{
    struct bench b = {.port_imap = "1143", .port_imaps = "1993", .seconds = 3, .sessions = 1000};
    const char *todo[16];
    size_t n = 0;

    for (int i = 1; i < argc; i++) {
        if (i + 1 < argc && take_option(&b, argv[i], argv[i + 1]))
            i++;
        else if (n < sizeof(todo) / sizeof(*todo))
            todo[n++] = argv[i];
    }
    if (n == 0 || b.data == NULL || b.supervisor == 0)
        bench_die("which measurement, of which server? See bench/README.md");
    for (size_t i = 0; i < n; i++)
        run(&b, todo[i]);
    return 0;
}
