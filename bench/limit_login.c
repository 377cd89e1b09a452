/* bench/limit_login.c -- a connection, a greeting, LOGIN and LOGOUT, with nobody asked whether the
 * password is right. */
#include "limit.h"

#define GREETING "* OK [CAPABILITY IMAP4rev2 IMAP4rev1 AUTH=PLAIN LITERAL-] ready\r\n"
#define WELCOME  "a OK [CAPABILITY IMAP4rev2 IMAP4rev1 IDLE LITERAL+ MOVE] logged in\r\n"
#define FAREWELL "* BYE\r\nb OK\r\n"

bool limit_login(struct limit_side *s)
{
    stream_write_str(s, GREETING);
    if (!stream_read_line(s))
        return false;
    stream_write_str(s, WELCOME);
    if (!stream_read_line(s))
        return false;
    stream_write_str(s, FAREWELL);
    return true;
}

void limit_login_ask(struct limit_side *s)
{
    stream_begin(s, stream_connect(s->shared), false);
    stream_skip(s, sizeof(GREETING) - 1);
    stream_write_str(s, "a LOGIN anna secret\r\n");
    stream_skip(s, sizeof(WELCOME) - 1);
    stream_write_str(s, "b LOGOUT\r\n");
    stream_skip(s, sizeof(FAREWELL) - 1);
    stream_end(s);
}
