/* store/uid_map.c -- the shared, append-only list of a folder's UIDs (see store.h). */
#include <assert.h>

#include "base/mem.h"
#include "store/store.h"

struct uid_map *uid_map_new(uint32_t cap)
{
    struct uid_map *m = mem_new(struct uid_map);

    m->refs = 1;
    m->cap = cap;
    m->uid = cap > 0 ? mem_calloc(cap, sizeof(*m->uid)) : NULL;
    return m;
}

struct uid_map *uid_map_ref(struct uid_map *m)
{
    m->refs++;
    return m;
}

void uid_map_unref(struct uid_map **mp)
{
    struct uid_map *m = *mp;

    *mp = NULL;
    if (m == NULL || --m->refs > 0)
        return;
    free(m->uid);
    free(m);
}

void uid_map_add(struct uid_map *m, uint32_t uid)
{
    assert(m->n == 0 || m->uid[m->n - 1] < uid);
    if (m->n == m->cap) {
        m->cap = m->cap < 16 ? 16 : m->cap + m->cap / 2;
        m->uid = mem_resize(m->uid, m->cap, sizeof(*m->uid));
    }
    m->uid[m->n++] = uid;
}

uint32_t uid_map_lower(const struct uid_map *m, uint32_t n, uint32_t uid)
{
    uint32_t lo = 0, hi = n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (m->uid[mid] < uid)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}
