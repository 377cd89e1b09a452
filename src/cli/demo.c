/* cli/demo.c -- makes the demo account through the same sockets as everybody: auth.sock for the
 * credentials, store.sock for the mail database and, by a PREAUTH session, the mail.
 */
#include "cli/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/scheme.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cli/accounts.h"
#include "cli/control.h"
#include "cli/password.h"
#include "cli/samples.h"

enum { PASSWORD_LETTERS = 12 };

static const struct auth_name demo_name = {"demo", 4};

static void password_path(const struct settings *s, char *out, size_t n)
{
    snprintf(out, n, "%s/demo-password", s->data);
}

/* Kept in a file only its owner can read, so that a later start can tell it again. */
static enum err keep_password(const struct settings *s, const char *password)
{
    char path[SETTINGS_PATH_OCTETS_MAX + 32];
    password_path(s, path, sizeof(path));
    scoped_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, password, PASSWORD_LETTERS) != PASSWORD_LETTERS || fsync(fd) != 0)
        return ERR_IO;
    return ERR_OK;
}

static bool kept_password(const struct settings *s, char out[PASSWORD_LETTERS + 1])
{
    char path[SETTINGS_PATH_OCTETS_MAX + 32];
    password_path(s, path, sizeof(path));
    scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && read(fd, out, PASSWORD_LETTERS) == PASSWORD_LETTERS;
    out[ok ? PASSWORD_LETTERS : 0] = '\0';
    return ok;
}

static bool send_all(int fd, struct slice s)
{
    while (s.n > 0) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        s = slice_sub(s, (size_t)n, SIZE_MAX);
    }
    return true;
}

/* Read lines until one begins with `prefix` (true) or is a tagged or BYE refusal (false, the line
 * in `why`). The answers to what we send are short. */
static bool wait_for(int fd, const char *prefix, struct buf *why)
{
    char line[500];
    size_t n = 0;
    char c;
    while (recv(fd, &c, 1, 0) == 1) {
        if (c != '\n') {
            if (n < sizeof(line))
                line[n++] = c;
            continue;
        }
        struct slice s = slice_of(line, n);
        if (slice_starts(s, slice_of_str(prefix)))
            return true;
        if (slice_starts(s, SLICE("* BYE")) || slice_starts(s, SLICE("NO ")) ||
            slice_starts(s, SLICE("* BAD")) || (n > 2 && line[0] == 'a' && line[1] == ' ')) {
            buf_add_slice(why, s);
            return false;
        }
        n = 0;
    }
    return false;
}

static bool append(int fd, size_t number, int64_t now, struct buf *why)
{
    const struct sample *s = &samples[number];
    struct buf message, command;
    char date[32];
    buf_init(&message, 64 * 1024);
    buf_init(&command, 64 * 1024);
    sample_write(s, number, now, &message);
    sample_date_time(now - (int64_t)s->hours_ago * 3600, date);
    buf_addf(&command, "a APPEND %s (%s) \"%s\" {%zu}\r\n", s->folder, s->flags, date, message.n);
    bool ok = send_all(fd, buf_slice(&command)) && wait_for(fd, "+ ", why);
    buf_add_str(&message, "\r\n");
    ok = ok && send_all(fd, buf_slice(&message)) && wait_for(fd, "a OK", why);
    buf_release(&message);
    buf_release(&command);
    return ok;
}

static enum err deliver_samples(const struct settings *s, struct buf *why)
{
    scoped_fd int fd = -1;
    int64_t now = clock_wall_s();
    enum err e = control_connect(s->data, "store.sock", &fd);
    bool ok =
        e == ERR_OK && send_all(fd, SLICE("ROOST1 imap demo\n")) && wait_for(fd, "* PREAUTH", why);
    for (size_t i = n_samples; ok && i > 0; i--)
        ok = append(fd, i - 1, now, why);
    ok = ok && send_all(fd, SLICE("a LOGOUT\r\n")) && wait_for(fd, "* BYE", why);
    if (!ok)
        buf_add_str(why, " (the sample mail was not accepted)");
    return ok ? ERR_OK : ERR_UNAVAILABLE;
}

static enum err add_credentials(struct accounts *a, const char *password, struct buf *why)
{
    struct scheme_hash hash;
    struct buf command, answer;
    TRY(scheme_make(slice_of_str(password), &hash));
    buf_init(&command, 1000);
    buf_init(&answer, 10000);
    buf_addf(&command, "add demo\t%s", hash.text);
    enum err e = accounts_auth(a, buf_slice(&command), &answer, why);
    buf_release(&command);
    buf_release(&answer);
    return e;
}

static bool exists(struct accounts *a)
{
    struct buf answer, why;
    buf_init(&answer, 10000);
    buf_init(&why, 1000);
    bool yes = accounts_auth(a, SLICE("show demo"), &answer, &why) == ERR_OK;
    buf_release(&answer);
    buf_release(&why);
    return yes;
}

/* Credentials come last: whoever finds them finds the mail as well. */
static enum err prepare(const struct settings *s, struct accounts *a, struct buf *why)
{
    char password[PASSWORD_LETTERS + 1];
    if (exists(a))
        return ERR_OK;
    TRY(password_make(password, PASSWORD_LETTERS));
    TRY(accounts_create_mail(a, &demo_name, why));
    TRY(deliver_samples(s, why));
    TRY(keep_password(s, password));
    return add_credentials(a, password, why);
}

static void print_how_to(const struct settings *s)
{
    char kept[PASSWORD_LETTERS + 1];
    const char *password = kept_password(s, kept) ? kept : "(the one you have set)";
    printf("\n"
           "  Roost is serving. Connect a mail client:\n"
           "\n"
           "      server    localhost, or %s from other machines\n"
           "      imaps     port %u (TLS)\n"
           "      imap      port %u (STARTTLS; without it only from this machine)\n"
           "      user      demo\n"
           "      password  %s\n"
           "\n"
           "  The certificate is self-signed: a client asks once whether to trust it.\n"
           "  Without a client:\n"
           "\n"
           "      curl -k -u demo:%s imaps://localhost:%u/INBOX -X 'FETCH 1:* (FLAGS ENVELOPE)'\n"
           "\n"
           "  Another account:  roost account add NAME --data %s\n"
           "  Stop with Ctrl-C.\n"
           "\n",
           s->hostname, s->port_imaps, s->port_imap, password, password, s->port_imaps, s->data);
    fflush(stdout);
}

int demo_run(const struct settings *s)
{
    struct accounts *a = NULL;
    struct buf why;
    buf_init(&why, 1000);
    enum err e = accounts_open(s, &a, &why);
    if (e == ERR_OK)
        e = prepare(s, a, &why);
    accounts_close(&a);
    if (e == ERR_OK)
        print_how_to(s);
    else
        fprintf(stderr, "roost: no demo account: %s: %.*s\n", err_text(e),
                SLICE_ARG(buf_slice(&why)));
    buf_release(&why);
    return e == ERR_OK ? 0 : 1;
}
