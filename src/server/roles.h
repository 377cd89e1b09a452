/* server/roles.h -- the mains of the processes that the supervisor starts (`roost --role NAME`).
 *
 * Each is given the control channel (server/links.h), runs until STOP or until the channel
 * ends, and returns the exit status.
 */
#ifndef ROOST_SERVER_ROLES_H
#define ROOST_SERVER_ROLES_H

int gate_process_main(int control_fd);
int auth_process_main(int control_fd);
int store_process_main(int control_fd);

#endif
