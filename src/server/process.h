/* server/process.h -- what the main of every role begins with. */
#ifndef ROOST_SERVER_PROCESS_H
#define ROOST_SERVER_PROCESS_H

#include "server/links.h"

/* The supervisor decides when we stop: signals to the whole group (a terminal's Ctrl-C, a service
 * manager's SIGTERM) are ignored, as are broken pipes. Names the process for ps(1) and the log. */
void process_begin(enum role role);

#endif
