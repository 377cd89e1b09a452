/* cli/demo.h -- `roost serve --demo`: an account with some mail in it, and how to reach it. */
#ifndef ROOST_CLI_DEMO_H
#define ROOST_CLI_DEMO_H

#include "server/settings.h"

/* Called in a process of its own when the server serves. Makes the account `demo` and its mail
 * the first time, then prints how to connect. Returns an exit status. */
int demo_run(const struct settings *s);

#endif
