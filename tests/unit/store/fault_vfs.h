/* tests/unit/store/fault_vfs.h -- an SQLite VFS over "unix-none" whose Nth operation fails. */
#ifndef ROOST_TESTS_UNIT_STORE_FAULT_VFS_H
#define ROOST_TESTS_UNIT_STORE_FAULT_VFS_H

#include <stdbool.h>

enum fault_kind {
    FAULT_IO,   /* the operation fails with an I/O error; a write may have happened in half */
    FAULT_FULL, /* a write finds the disk full; other operations fail with an I/O error */
};

struct fault {
    enum fault_kind kind;
    long at;     /* which operation fails, from 1; 0 none */
    bool stays;  /* and all after it */
    long count;  /* operations so far: writes, truncations, syncs, opens, reads */
    long failed; /* how many failed */
};
extern struct fault fault;

/* Registers the VFS and makes the store use it. Syncs do nothing: no power fails here. */
void fault_install(void);

#endif
