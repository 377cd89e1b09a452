/* base/mem.h -- the heap, for objects that outlive a command.
 *
 * What a client can make us hold is bounded by the caps of arenas and buffers; when the
 * machine itself has no memory left these end the process, and the supervisor starts a new
 * one: nothing that was answered OK is lost by that.
 */
#ifndef ROOST_BASE_MEM_H
#define ROOST_BASE_MEM_H

#include <stddef.h>
#include <stdlib.h>

#include "base/slice.h"

/* Zeroed memory for n objects of `size` octets; never NULL. Release with free(). */
void *mem_calloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
#define mem_new(type) ((type *)mem_calloc(1, sizeof(type)))

/* Like realloc(3) for n objects of `size` octets; never NULL; new octets are not zeroed. */
void *mem_resize(void *p, size_t n, size_t size) __attribute__((returns_nonnull));

/* Say that there is no memory, and end the process. */
_Noreturn void mem_exhausted(void);

/* A NUL-terminated copy on the heap. */
char *mem_strdup(const char *s) __attribute__((returns_nonnull));
char *mem_dup_slice(struct slice s) __attribute__((returns_nonnull));

/* Overwrite octets that were secret; never optimised away. */
void mem_wipe(void *p, size_t n);

/* Scope cleanup: `scoped_free char *x = ...;` frees when x leaves its scope. */
static inline void mem_free_at(void *pp)
{
    free(*(void **)pp);
}
#define scoped_free __attribute__((cleanup(mem_free_at), unused))

/* Scope cleanup for file descriptors; -1 is nothing. */
void fd_close_at(int *fd);
#define scoped_fd __attribute__((cleanup(fd_close_at), unused))

#endif
