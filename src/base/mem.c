/* base/mem.c -- see mem.h. */
#include "base/mem.h"

#include <stdio.h>
#include <unistd.h>

_Noreturn void mem_exhausted(void)
{
    static const char text[] = "roost: out of memory\n";

    (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
    abort();
}

void *mem_calloc(size_t n, size_t size)
{
    void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

    if (p == NULL)
        mem_exhausted();
    return p;
}

void *mem_resize(void *p, size_t n, size_t size)
{
    void *q = reallocarray(p, n > 0 ? n : 1, size > 0 ? size : 1);

    if (q == NULL)
        mem_exhausted();
    return q;
}

char *mem_strdup(const char *s)
{
    return mem_dup_slice(slice_of_str(s));
}

char *mem_dup_slice(struct slice s)
{
    char *p = mem_calloc(s.n + 1, 1);

    if (s.n > 0)
        memcpy(p, s.p, s.n);
    return p;
}

void mem_wipe(void *p, size_t n)
{
    if (n > 0)
        explicit_bzero(p, n);
}

void fd_close_at(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
