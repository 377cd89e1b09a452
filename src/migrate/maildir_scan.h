/* migrate/maildir_scan.h -- what lies in a Maildir: its folders, and the messages of one.
 *
 * Private to the room. Lists of names are in memory, messages never are.
 */
#ifndef ROOST_MIGRATE_MAILDIR_SCAN_H
#define ROOST_MIGRATE_MAILDIR_SCAN_H

#include "migrate/maildir.h"

enum { MAILDIR_FOLDERS_MAX = 100000, MAILDIR_MESSAGES_MAX = 10 * 1000 * 1000 };

struct maildir_folder {
    struct slice path; /* below the root, "" for the root itself; NUL-terminated */
    struct slice name; /* mailbox name, INBOX for the root */
    uint64_t messages; /* files found in cur and new */
};
struct maildir_folders {
    struct maildir_folder *folder; /* INBOX first, then by name; on the heap */
    size_t n;
    uint64_t messages;
};

/* Find every folder below the directory `root`. Directories that cannot be read, are links, or
 * whose names are no mailbox names are told as problems. ERR_LIMIT, ERR_NOMEM (of `a`). */
must_use enum err maildir_find_folders(struct import *im, int root, struct arena *a,
                                       struct maildir_folders *out);

struct maildir_message {
    int64_t time_s;    /* of the file, or of its name */
    struct slice name; /* NUL-terminated */
    bool is_new;       /* lies in new/, else in cur/ */
};
struct maildir_messages {
    struct maildir_message *message; /* oldest first, then by name; on the heap */
    size_t n;
};

/* List the messages of the folder that is open as `folder`. What is no regular file is told. */
must_use enum err maildir_list_messages(struct import *im, int folder, struct slice where,
                                        struct arena *a, struct maildir_messages *out);

/* Open a directory below another without following a link; -1 and errno. */
int maildir_open_dir(int at, const char *name);

#endif
