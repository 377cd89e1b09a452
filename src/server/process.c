/* server/process.c -- see process.h. */
#include "server/process.h"

#include <signal.h>
#include <sys/prctl.h>

#include "base/log.h"

void process_begin(enum role role)
{
    static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    char name[16];
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
    snprintf(name, sizeof(name), "roost: %s", role_name(role));
    (void)prctl(PR_SET_NAME, name);
    log_init(role_name(role), LOG_LEVEL_INFO);
}
