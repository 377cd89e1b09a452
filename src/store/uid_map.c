/* store/uid_map.c -- the shared, append-only list of a folder's UIDs (see store.h). */
#include <assert.h>

#include "base/mem.h"
#include "store/store.h"

struct uid_map *uid_map_new(uint32_t cap)
{
    struct uid_map *m = mem_new(struct uid_map);

    m->refs = 1;
    m->cap = cap;
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

static bool counts_on(const struct uid_map *m, uint32_t uid)
{
    return m->uid == NULL && (m->n == 0 || uid - m->first == m->n);
}

/* The first gap: from here on it is an array. */
static void make_array(struct uid_map *m)
{
    if (m->cap <= m->n)
        m->cap = m->n < 16 ? 16 : m->n + m->n / 2;
    m->uid = mem_resize(NULL, m->cap, sizeof(*m->uid));
    for (uint32_t i = 0; i < m->n; i++)
        m->uid[i] = m->first + i;
}

void uid_map_add(struct uid_map *m, uint32_t uid)
{
    assert(m->n == 0 || uid_at(m, m->n - 1) < uid);
    if (m->n == 0)
        m->first = uid;
    if (counts_on(m, uid)) {
        m->n++;
        return;
    }
    if (m->uid == NULL)
        make_array(m);
    if (m->n == m->cap) {
        m->cap = m->cap < 16 ? 16 : m->cap + m->cap / 2;
        m->uid = mem_resize(m->uid, m->cap, sizeof(*m->uid));
    }
    m->uid[m->n++] = uid;
}

void uid_map_add_run(struct uid_map *m, uint32_t first, uint32_t n)
{
    if (n > 1 && counts_on(m, first)) {
        uid_map_add(m, first);
        m->n += n - 1;
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        uid_map_add(m, first + i);
}

bool uid_map_same(const struct uid_map *x, const struct uid_map *y, uint32_t n)
{
    uint32_t i = 0;

    if (n == 0 || x == y)
        return true;
    if (x->uid == NULL && y->uid == NULL)
        return x->first == y->first;
    while (i < n && uid_at(x, i) == uid_at(y, i))
        i++;
    return i == n;
}

size_t uid_map_octets(const struct uid_map *m)
{
    return sizeof(*m) + (m->uid != NULL ? (size_t)m->cap * sizeof(*m->uid) : 0);
}

/* In a run there is nothing to search. */
static uint32_t lower_of_run(const struct uid_map *m, uint32_t n, uint32_t uid)
{
    if (uid <= m->first)
        return 0;
    return uid - m->first < n ? uid - m->first : n;
}

uint32_t uid_map_lower(const struct uid_map *m, uint32_t n, uint32_t uid)
{
    uint32_t lo = 0, hi = n;

    if (m->uid == NULL)
        return lower_of_run(m, n, uid);
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (m->uid[mid] < uid)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}
