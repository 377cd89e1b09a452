/* fuzz/store/fuzz_pack.c -- the parts of a snapshot, from a damaged disk, under sums that are
 * right.
 *
 * Two octets say of how many messages, then each part stands behind a length of two; its head and
 * the octets of nothing are put there. Invariants: a part is refused, or what it holds is well
 * formed, and comes out again as it went in when it is packed.
 */
#include <endian.h>

#include "account.h"
#include "base/mem.h"
#include "base/pack.h"

enum { MESSAGES_MAX = 40000, SETS = 3 };

/* The account knows keyword sets 1 .. SETS. */
static struct folder_state *folder(void)
{
    static struct folder_state *f;
    uint32_t id, set;

    if (f != NULL)
        return f;
    for (int i = 0; i < SETS; i++) {
        const char name[] = {(char)('a' + i), '\0'};

        must(keyword_id(fuzz_account(), slice_of_str(name), true, &id) == ERR_OK);
        must(keyword_set(fuzz_account(), 0, STORE_REPLACE, &id, 1, &set) == ERR_OK);
    }
    f = state_of(folder_find(fuzz_account(), SLICE("INBOX")));
    return f;
}

static void forget(struct folder_state *f)
{
    messages_free(&f->messages);
    free(f->keywords);
    f->keywords = NULL;
    f->n_keywords = 0;
}

static void make_part(struct slice *in, uint32_t part, uint32_t n, struct buf *out)
{
    uint64_t sum;

    buf_clear(out);
    pack_u64(out, 0);
    pack_u32(out, n);
    pack_u32(out, part);
    buf_add_slice(out, fuzz_take(in, fuzz_number(in, 2)));
    pack_u64(out, 0);
    must(!out->overflowed);
    sum = htole64(pack_sum(slice_sub(buf_slice(out), sizeof(sum), SIZE_MAX)));
    memcpy(out->p, &sum, sizeof(sum));
}

/* From a block of just its size, so that a sanitizer sees who reads behind it. */
static enum err unpack_one(struct slice part, uint32_t i, uint32_t n, struct folder_state *f)
{
    char *copy = mem_resize(NULL, part.n, 1);
    enum err e;

    memcpy(copy, part.p, part.n);
    e = unpack_part(slice_of(copy, part.n), i, n, f);
    free(copy);
    return e;
}

static enum err unpack_all(struct slice in, uint32_t n, struct folder_state *f)
{
    enum err e = ERR_OK;
    struct buf part;

    buf_init(&part, 1 << 20);
    messages_new(f, n, true);
    for (uint32_t i = 0; i < pack_parts(n) && e == ERR_OK; i++) {
        make_part(&in, i, n, &part);
        e = unpack_one(buf_slice(&part), i, n, f);
    }
    buf_release(&part);
    return e;
}

static void check_form(const struct folder_state *f, uint32_t n)
{
    const struct messages *m = f->messages;

    must(m->n == n && m->map->n == n);
    for (uint32_t i = 0; i < n; i++) {
        must(uid_at(m->map, i) > (i > 0 ? uid_at(m->map, i - 1) : 0));
        must((m->flags[i] & ~FLAG_SYSTEM) == 0);
    }
    must(f->n_keywords <= SETS);
}

static void check_same(const struct messages *x, const struct messages *y)
{
    must(x->n == y->n && uid_map_same(x->map, y->map, x->n));
    must(x->n == 0 || memcmp(x->flags, y->flags, x->n) == 0);
#define X(c) must(x->n == 0 || memcmp(x->c, y->c, x->n * sizeof(*x->c)) == 0);
    REST_COLUMNS(X)
#undef X
}

/* The sets in use are those of the column, and only a column without unknown ones is packed. */
static bool knows_sets(const struct messages *m)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (m->keywords[i] > SETS)
            return false;
    return true;
}

static void check_again(struct folder_state *f, uint32_t n)
{
    struct messages *first = f->messages;
    struct buf part;

    f->messages = NULL;
    messages_new(f, n, true);
    buf_init(&part, 8 << 20);
    for (uint32_t i = 0; i < pack_parts(n); i++) {
        buf_clear(&part);
        pack_part(first, i, &part);
        must(!part.overflowed && unpack_one(buf_slice(&part), i, n, f) == ERR_OK);
    }
    buf_release(&part);
    check_same(first, f->messages);
    messages_free(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct folder_state *f = folder();
    struct slice in = slice_of(data, size);
    uint32_t n = (uint32_t)fuzz_number(&in, 2);

    if (n > MESSAGES_MAX)
        return 0;
    if (unpack_all(in, n, f) == ERR_OK) {
        check_form(f, n);
        if (knows_sets(f->messages))
            check_again(f, n);
    }
    forget(f);
    return 0;
}
