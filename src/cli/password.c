/* cli/password.c -- termios(3) echo off and on; see password.h. */
#include "cli/password.h"

#include <stdio.h>
#include <termios.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"

/* One line of standard input without its line end; false at the end of input or when too long. */
static bool read_line(struct buf *out)
{
    char c;
    buf_clear(out);
    for (;;) {
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n <= 0)
            return out->n > 0;
        if (c == '\n')
            break;
        buf_add_char(out, c);
    }
    struct slice s = buf_slice(out);
    if (s.n > 0 && s.p[s.n - 1] == '\r')
        buf_truncate(out, s.n - 1);
    return !out->overflowed;
}

static bool ask(const char *prompt, struct buf *out)
{
    struct termios old, quiet;
    bool terminal = tcgetattr(STDIN_FILENO, &old) == 0;
    quiet = old;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    fputs(prompt, stderr);
    if (terminal)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    bool ok = read_line(out);
    if (terminal)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
    fputs("\n", stderr);
    return ok;
}

static enum err complain(const char *why)
{
    fprintf(stderr, "roost: %s\n", why);
    return ERR_SYNTAX;
}

static enum err check(struct buf *b)
{
    if (b->n == 0)
        return complain("the password is empty");
    if (!utf8_valid(buf_slice(b)))
        return complain("the password is not UTF-8 text");
    return ERR_OK;
}

enum err password_read(bool from_stdin, struct buf *out)
{
    struct buf again;
    if (from_stdin || !isatty(STDIN_FILENO))
        return read_line(out) ? check(out) : complain("no password on standard input");
    if (!ask("Password: ", out))
        return complain("no password given");
    TRY(check(out));
    buf_init(&again, out->max_octets);
    bool same = ask("The same again: ", &again) && slice_eq(buf_slice(out), buf_slice(&again));
    if (again.p != NULL)
        mem_wipe(again.p, again.cap);
    buf_release(&again);
    return same ? ERR_OK : complain("the two passwords differ");
}

enum err password_make(char *out, size_t octets)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789z"; /* 32 */
    unsigned char octet[PASSWORD_MADE_OCTETS_MAX];

    if (octets > sizeof(octet) || getrandom(octet, octets, 0) != (ssize_t)octets)
        return ERR_UNAVAILABLE;
    for (size_t i = 0; i < octets; i++)
        out[i] = letters[octet[i] % 32];
    out[octets] = '\0';
    return ERR_OK;
}
