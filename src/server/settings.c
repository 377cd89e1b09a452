/* server/settings.c -- one row a setting: name, kind, place, bounds. See settings.h. */
#include "server/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include "base/mem.h"

enum kind { KIND_PATH, KIND_HOST, KIND_ADDRESSES, KIND_NUMBER, KIND_SIZE, KIND_TIME, KIND_FLAG };

struct setting {
    const char *name;
    enum kind kind;
    size_t offset;
    uint64_t min, max;
};

#define AT(member) offsetof(struct settings, member)

/* NUMBER and TIME are uint32_t, FLAG is bool, SIZE is uint64_t, PATH and HOST are arrays of their
 * maximum. */
static const struct setting table[] = {
    {"data", KIND_PATH, AT(data), 0, 0},
    {"hostname", KIND_HOST, AT(hostname), 0, 0},
    {"listen", KIND_ADDRESSES, AT(listen), 0, 0},
    {"port_imap", KIND_NUMBER, AT(port_imap), 0, 65535},
    {"port_imaps", KIND_NUMBER, AT(port_imaps), 0, 65535},
    {"tls_certificate", KIND_PATH, AT(tls_certificate), 0, 0},
    {"tls_key", KIND_PATH, AT(tls_key), 0, 0},
    {"append_limit", KIND_SIZE, AT(imap.append_octets_max), 1024, 1U << 30},
    {"message_limit", KIND_NUMBER, AT(imap.message_limit), 1, IMAP_MESSAGES_MAX},
    {"save_limit", KIND_NUMBER, AT(imap.save_limit), 1, IMAP_MESSAGES_MAX},
    {"gmail_extensions", KIND_FLAG, AT(imap.gmail), 0, 0},
    {"memory", KIND_SIZE, AT(memory_octets), 16 << 20, 1ULL << 40},
    {"max_connections", KIND_NUMBER, AT(max_connections), 0, 10000000},
    {"max_connections_per_ip", KIND_NUMBER, AT(max_connections_per_ip), 0, 10000000},
    {"login_timeout", KIND_TIME, AT(login_seconds), 5, 3600},
    {"idle_timeout", KIND_TIME, AT(idle_seconds), 1800, 7 * 86400},
    {"unauthenticate", KIND_FLAG, AT(imap.unauthenticate), 0, 0},
    {"workers", KIND_NUMBER, AT(workers), 0, 128},
};

enum err settings_init(struct settings *s, struct buf *why)
{
    bool root = geteuid() == 0;
    const char *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int n;

    *s = (struct settings){
        .listen = {"0.0.0.0", "::"},
        .n_listen = 2,
        .port_imap = root ? 143 : 1143,
        .port_imaps = root ? 993 : 1993,
        .imap = {.append_octets_max = 50 << 20,
                 .message_limit = IMAP_MESSAGES_MAX,
                 .save_limit = IMAP_MESSAGES_MAX,
                 .server_version = ROOST_VERSION,
                 .unauthenticate = true},
        .max_connections_per_ip = 200,
        .login_seconds = 60,
        .idle_seconds = 31 * 60,
    };
    if (gethostname(s->hostname, sizeof(s->hostname) - 1) != 0 || s->hostname[0] == '\0')
        snprintf(s->hostname, sizeof(s->hostname), "localhost");
    if (root)
        n = snprintf(s->data, sizeof(s->data), "/var/lib/roost");
    else if (xdg != NULL && xdg[0] == '/')
        n = snprintf(s->data, sizeof(s->data), "%s/roost", xdg);
    else
        n = home != NULL ? snprintf(s->data, sizeof(s->data), "%s/.local/share/roost", home) : -1;
    if (n > 0 && (size_t)n < sizeof(s->data))
        return ERR_OK;
    buf_add_str(why, "HOME is not set, so say where mail is to be kept: --data DIR");
    return ERR_CONFIG;
}

static enum err wrong(struct buf *why, const char *name, const char *expected)
{
    buf_addf(why, "%s must be %s", name, expected);
    return ERR_CONFIG;
}

struct unit {
    const char *name;
    uint64_t factor;
};
static const struct unit size_units[] = {{"", 1},         {"k", 1 << 10},  {"kb", 1 << 10},
                                         {"m", 1 << 20},  {"mb", 1 << 20}, {"g", 1 << 30},
                                         {"gb", 1 << 30}, {NULL, 0}};
static const struct unit time_units[] = {{"", 1},     {"s", 1},     {"min", 60},
                                         {"h", 3600}, {"d", 86400}, {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

static bool parse_amount(struct slice text, const struct unit *unit, uint64_t *out)
{
    size_t digits = 0;
    uint64_t v;
    while (digits < text.n && ascii_is_digit(text.p[digits]))
        digits++;
    if (!slice_to_u64(slice_sub(text, 0, digits), 1ULL << 50, &v))
        return false;
    struct slice rest = slice_sub(text, digits, SIZE_MAX);
    for (; unit->name != NULL; unit++) {
        if (!slice_eq_nocase(rest, slice_of_str(unit->name)))
            continue;
        if (v > (1ULL << 62) / unit->factor)
            return false;
        *out = v * unit->factor;
        return true;
    }
    return false;
}

bool settings_read_size(struct slice text, uint64_t *octets)
{
    return parse_amount(text, size_units, octets);
}

static enum err set_amount(struct settings *s, const struct setting *row, struct slice value,
                           struct buf *why)
{
    const struct unit *units = row->kind == KIND_SIZE   ? size_units
                               : row->kind == KIND_TIME ? time_units
                                                        : no_units;
    const char *form = row->kind == KIND_SIZE   ? "a size such as 50M"
                       : row->kind == KIND_TIME ? "a time such as 60s or 30min"
                                                : "a number";
    uint64_t v;
    if (!parse_amount(value, units, &v))
        return wrong(why, row->name, form);
    if (v < row->min || v > row->max) {
        buf_addf(why, "%s must be between %llu and %llu", row->name, (unsigned long long)row->min,
                 (unsigned long long)row->max);
        return ERR_CONFIG;
    }
    char *at = (char *)s + row->offset;
    uint32_t small = (uint32_t)v;
    if (row->kind == KIND_SIZE)
        memcpy(at, &v, sizeof(v));
    else
        memcpy(at, &small, sizeof(small));
    return ERR_OK;
}

static enum err set_text(struct settings *s, const struct setting *row, struct slice value,
                         struct buf *why)
{
    size_t max = row->kind == KIND_PATH ? SETTINGS_PATH_OCTETS_MAX : SETTINGS_HOST_OCTETS_MAX;
    if (value.n == 0 || value.n > max || slice_find(value, '\0') != value.n)
        return wrong(why, row->name, row->kind == KIND_PATH ? "a path" : "a host name");
    if (row->kind == KIND_PATH && value.p[0] != '/')
        return wrong(why, row->name, "an absolute path");
    char *at = (char *)s + row->offset;
    memcpy(at, value.p, value.n);
    at[value.n] = '\0';
    return ERR_OK;
}

static enum err set_flag(struct settings *s, const struct setting *row, struct slice value,
                         struct buf *why)
{
    bool yes = slice_eq(value, SLICE("yes"));

    if (!yes && !slice_eq(value, SLICE("no")))
        return wrong(why, row->name, "yes or no");
    memcpy((char *)s + row->offset, &yes, sizeof(yes));
    return ERR_OK;
}

static struct slice unquote(struct slice s)
{
    s = slice_trim(s);
    if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
        return slice_sub(s, 1, s.n - 2);
    return s;
}

static bool is_address(const char *text)
{
    struct in6_addr six;
    struct in_addr four;
    return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1;
}

/* "a", or "[a, b]". */
static enum err set_addresses(struct settings *s, const struct setting *row, struct slice value,
                              struct buf *why)
{
    char listen[SETTINGS_LISTEN_MAX][64] = {{0}};
    size_t n = 0;
    if (value.n >= 2 && value.p[0] == '[' && value.p[value.n - 1] == ']')
        value = slice_sub(value, 1, value.n - 2);
    while (n < SETTINGS_LISTEN_MAX) {
        size_t comma = slice_find(value, ',');
        struct slice one = unquote(slice_sub(value, 0, comma));
        if (one.n == 0 || one.n >= sizeof(listen[0]))
            return wrong(why, row->name, "an IP address or a list of them");
        memcpy(listen[n], one.p, one.n);
        if (!is_address(listen[n++]))
            return wrong(why, row->name, "an IP address or a list of them");
        if (comma == value.n) {
            memcpy(s->listen, listen, sizeof(listen));
            s->n_listen = n;
            return ERR_OK;
        }
        value = slice_sub(value, comma + 1, SIZE_MAX);
    }
    return wrong(why, row->name, "at most 6 addresses");
}

enum err settings_set(struct settings *s, struct slice name, struct slice value, struct buf *why)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const struct setting *row = &table[i];
        if (!slice_eq(name, slice_of_str(row->name)))
            continue;
        if (row->kind == KIND_ADDRESSES)
            return set_addresses(s, row, slice_trim(value), why);
        value = unquote(value);
        if (row->kind == KIND_PATH || row->kind == KIND_HOST)
            return set_text(s, row, value, why);
        if (row->kind == KIND_FLAG)
            return set_flag(s, row, value, why);
        return set_amount(s, row, value, why);
    }
    buf_add_str(why, "there is no setting \"");
    for (size_t i = 0; i < name.n && i < 60; i++)
        buf_add_char(why, name.p[i] >= 0x20 && name.p[i] < 0x7f ? name.p[i] : '?');
    buf_add_str(why, "\"");
    return ERR_CONFIG;
}

/* A line without its comment, line end and semicolon. */
static struct slice clean_line(struct slice line)
{
    char quote = 0;
    for (size_t i = 0; i < line.n; i++) {
        char c = line.p[i];
        if (quote != 0 && c == quote)
            quote = 0;
        else if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (quote == 0 && (c == '#' || c == '\r'))
            line.n = i;
    }
    line = slice_trim(line);
    if (line.n > 0 && line.p[line.n - 1] == ';')
        line = slice_trim(slice_sub(line, 0, line.n - 1));
    return line;
}

static enum err parse_line(struct settings *s, struct slice line, struct buf *why)
{
    line = clean_line(line);
    if (line.n == 0)
        return ERR_OK;
    size_t eq = slice_find(line, '=');
    if (eq == line.n) {
        buf_add_str(why, "a line must be `name = value`");
        return ERR_CONFIG;
    }
    return settings_set(s, slice_trim(slice_sub(line, 0, eq)), slice_sub(line, eq + 1, SIZE_MAX),
                        why);
}

/* What no single line can tell. */
static enum err check_whole(const struct settings *s, struct buf *why)
{
    if ((s->tls_certificate[0] == '\0') != (s->tls_key[0] == '\0')) {
        buf_add_str(why, "tls_certificate and tls_key must be given together");
        return ERR_CONFIG;
    }
    if (s->port_imap == 0 && s->port_imaps == 0) {
        buf_add_str(why, "port_imap and port_imaps cannot both be 0");
        return ERR_CONFIG;
    }
    return ERR_OK;
}

enum err settings_parse(struct settings *s, struct slice text, const char *file, struct buf *why)
{
    struct settings made = *s;
    struct buf sentence;
    unsigned line_number = 0;
    enum err e = ERR_OK;

    buf_init(&sentence, 1000);
    while (text.n > 0 && e == ERR_OK) {
        size_t end = slice_find(text, '\n');
        line_number++;
        e = parse_line(&made, slice_sub(text, 0, end), &sentence);
        if (e != ERR_OK)
            buf_addf(why, "%s, line %u: ", file, line_number);
        text = slice_sub(text, end + 1, SIZE_MAX);
    }
    if (e == ERR_OK && (e = check_whole(&made, &sentence)) != ERR_OK)
        buf_addf(why, "%s: ", file);
    buf_add_slice(why, buf_slice(&sentence));
    buf_release(&sentence);
    if (e == ERR_OK)
        *s = made;
    return e;
}

enum err settings_load(struct settings *s, const char *path, struct buf *why)
{
    scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        buf_addf(why, "%s cannot be read: %s", path, strerror(errno));
        return errno == ENOENT ? ERR_NOTFOUND : ERR_CONFIG;
    }
    scoped_free char *text = mem_calloc(1, SETTINGS_FILE_OCTETS_MAX);
    size_t n = 0;
    ssize_t k;
    while (n < SETTINGS_FILE_OCTETS_MAX &&
           (k = read(fd, text + n, SETTINGS_FILE_OCTETS_MAX - n)) > 0)
        n += (size_t)k;
    if (n == SETTINGS_FILE_OCTETS_MAX) {
        buf_addf(why, "%s is larger than any configuration can be", path);
        return ERR_CONFIG;
    }
    return settings_parse(s, slice_of(text, n), path, why);
}
