/* server/sandbox_calls.c -- the lists of sandbox_calls.h. Not in them, on purpose: socket, connect,
 * bind, execve, fork, ptrace, process_vm_*, mount, kill, setuid, bpf, keyctl, io_uring_*; and what
 * Landlock lets pass by name: chmod, chown, utimensat, setxattr.
 */
#include "server/sandbox_calls.h"

#include <stddef.h>

const char *const sandbox_calls_common[] = {
    /* descriptors that are open already */
    "read", "write", "readv", "writev", "close", "lseek", "fstat", "dup", "dup2", "dup3", "poll",
    "ppoll", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2",
    "timerfd_create", "timerfd_settime",
    /* sockets that are open already */
    "accept", "accept4", "recvfrom", "recvmsg", "sendto", "sendmsg", "recv", "send", "shutdown",
    "getsockopt", "setsockopt", "getsockname", "getpeername",
    /* memory */
    "munmap", "mremap", "madvise", "brk",
    /* threads, signals, time */
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address",
    "sched_yield", "sched_getaffinity", "membarrier", "getcpu", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "sigreturn", "sigaltstack", "restart_syscall", "clock_gettime", "clock_getres",
    "clock_nanosleep", "nanosleep", "gettimeofday", "time", "exit", "exit_group",
    /* what the libraries ask */
    "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getrandom", "uname", "sysinfo",
    "getrlimit", "ugetrlimit", "getrusage", "times", NULL};

const char *const sandbox_calls_files[] = {
    "open",      "openat",     "access",    "faccessat",       "faccessat2", "stat",
    "lstat",     "newfstatat", "fstatat64", "statx",           "statfs",     "fstatfs",
    "readlink",  "readlinkat", "getcwd",    "getdents",        "getdents64", "pread64",
    "pwrite64",  "preadv",     "pwritev",   "fsync",           "fdatasync",  "sync_file_range",
    "ftruncate", "fallocate",  "fadvise64", "unlink",          "unlinkat",   "rename",
    "renameat",  "renameat2",  "mkdir",     "mkdirat",         "rmdir",      "fchmod",
    "fchown",    "umask",      "flock",     "copy_file_range", "preadv2",    NULL};
