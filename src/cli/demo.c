/* cli/demo.c -- makes the demo account as every verb would: cli/accounts.h for the credentials and
 * the mail database, a local session for the mail.
 */
#include "cli/demo.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/accounts.h"
#include "cli/local_session.h"
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

static enum err append(struct client *c, size_t number, int64_t now)
{
    const struct sample *s = &samples[number];
    const struct client_append a = {.mailbox = slice_of_str(s->folder),
                                    .flags = slice_of_str(s->flags),
                                    .has_date = true,
                                    .date_s = now - (int64_t)s->hours_ago * 3600};
    struct buf message;

    buf_init(&message, 64 * 1024);
    sample_write(s, number, now, &message);
    enum err e = client_append(c, &a, buf_slice(&message));
    buf_release(&message);
    return e;
}

static enum err deliver_samples(const struct settings *s, struct buf *why)
{
    struct local_session *session = NULL;
    int64_t now = clock_wall_s();
    enum err e = ERR_OK;

    TRY(local_session_open(s, auth_name_slice(&demo_name), LOCAL_SESSION_PATIENCE_MS, &session,
                           why));
    for (size_t i = n_samples; e == ERR_OK && i > 0; i--)
        e = append(local_session_client(session), i - 1, now);
    local_session_close(&session);
    if (e != ERR_OK)
        buf_add_str(why, "the sample mail was not accepted");
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
    return accounts_add_login(a, &demo_name, slice_of_str(password), why);
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
