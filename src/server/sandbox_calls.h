/* server/sandbox_calls.h -- the system calls of each process, by name, NULL behind the last;
 * private to the sandbox. Names that a machine does not have are skipped.
 */
#ifndef ROOST_SERVER_SANDBOX_CALLS_H
#define ROOST_SERVER_SANDBOX_CALLS_H

/* Everybody: open descriptors, memory, time, threads. */
extern const char *const sandbox_calls_common[];

/* auth and store: files, whose places Landlock and the user decide. */
extern const char *const sandbox_calls_files[];

#endif
