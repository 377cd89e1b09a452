/* fuzz/store/fuzz_snapshot.c -- a folder is opened by a snapshot from a damaged disk.
 *
 * The input is the numbers of its row, then its parts, each behind a length of two octets; heads
 * and sums are put there, so that damage gets as far as it can. Invariants: the folder is opened,
 * by the snapshot or by its rows, with as many messages as it has, in the order of their UIDs; the
 * memory taken is no more than a few times what these need.
 */
#include <endian.h>

#include "account.h"
#include "base/pack.h"

enum { MESSAGES = 60, PARTS_MAX = 4, FIRST_PART = 1, OCTETS_MAX = 1 << 20 };

static void store_one(struct folder *f)
{
    struct arrival *r;
    uint32_t uid;

    must(arrival_begin(fuzz_account(), 1000, &r) == ERR_OK);
    must(arrival_write(r, SLICE("Subject: s\r\n\r\ntext\r\n")) == ERR_OK);
    must(arrival_finish(r) == ERR_OK);
    must(arrival_adopt(r, f, 0, NULL, 0, 1000000, 0, account_tick(fuzz_account()), &uid) == ERR_OK);
    arrival_free(&r);
}

/* With gaps among its UIDs and something in its log. */
static struct folder_state *folder(void)
{
    static struct folder *f;

    if (f != NULL)
        return state_of(f);
    f = folder_find(fuzz_account(), SLICE("INBOX"));
    for (int i = 0; i < MESSAGES; i++)
        store_one(f);
    for (uint32_t uid = 3; uid < MESSAGES; uid += 7)
        must(messages_expunge(f, &uid, 1, account_tick(fuzz_account())) == ERR_OK);
    must(account_commit(fuzz_account()) == ERR_OK);
    messages_free(&state_of(f)->messages);
    return state_of(f);
}

static void put_part(struct slice *in, uint32_t i, uint32_t messages, struct buf *part)
{
    struct account *a = fuzz_account();
    uint64_t sum;

    buf_clear(part);
    pack_u64(part, 0);
    pack_u32(part, messages);
    pack_u32(part, i);
    buf_add_slice(part, fuzz_take(in, fuzz_number(in, 2)));
    pack_u64(part, 0);
    sum = htole64(pack_sum(slice_sub(buf_slice(part), sizeof(sum), SIZE_MAX)));
    memcpy(part->p, &sum, sizeof(sum));
    must(sql_run(a, PART_INSERT, I(FIRST_PART + i), B(buf_slice(part))) == ERR_OK);
}

static void put_snapshot(struct slice in, const struct folder_state *f)
{
    uint64_t modseq = fuzz_number(&in, 2), uidnext = fuzz_number(&in, 4);
    uint64_t messages = fuzz_number(&in, 4), octets = fuzz_number(&in, 4);
    struct buf part;

    must(sql_run(fuzz_account(), SNAPSHOT_SET, I(f->pub.id), I(modseq), I(uidnext), I(messages),
                 I(octets), I(FIRST_PART), I(pack_parts((uint32_t)messages))) == ERR_OK);
    buf_init(&part, OCTETS_MAX);
    for (uint32_t i = 0; i < PARTS_MAX && in.n > 0; i++)
        put_part(&in, i, (uint32_t)messages, &part);
    buf_release(&part);
}

static void load_and_check(struct folder_state *f, bool whole)
{
    const struct messages *m;

    must(messages_load(f, whole) == ERR_OK);
    m = f->messages;
    must(m->n == f->pub.messages && m->map->n == m->n);
    must(messages_octets(f) < OCTETS_MAX);
    for (uint32_t i = 0; i < m->n; i++) {
        must(uid_at(m->map, i) > (i > 0 ? uid_at(m->map, i - 1) : 0));
        must(uid_at(m->map, i) < f->pub.uidnext);
    }
    messages_free(&f->messages);
    free(f->keywords);
    f->keywords = NULL;
    f->n_keywords = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct account *a = fuzz_account();
    struct folder_state *f = folder();

    must(change_begin(a) == ERR_OK);
    put_snapshot(slice_of(data, size), f);
    load_and_check(f, false);
    load_and_check(f, true);
    must(snapshot_drop(a, f->pub.id) == ERR_OK);
    must(sql_run(a, PART_DELETE, I(FIRST_PART), I(FIRST_PART + PARTS_MAX)) == ERR_OK);
    return 0;
}
