/* store/expunge.c -- EXPUNGE hides at once and frees later: rows move from `message` to
 * `expunged`, and the log gets one row for each run of UIDs without a gap (RFC 7162 section
 * 3.2.10 VANISHED wants exactly those that were there).
 */
#include "base/clock.h"
#include "base/mem.h"
#include "store/internal.h"

/* Messages first..last (indexes) all go: their UIDs hold no other message, so one range of rows
 * is exactly theirs. */
static enum err move_rows(struct folder_state *f, uint32_t first, uint32_t last, uint64_t modseq)
{
    struct account *a = f->pub.account;
    const struct uid_map *map = f->messages->map;

    TRY(sql_run(a, MESSAGE_EXPUNGE, I(modseq), I(clock_wall_s()), I(f->pub.id),
                I(uid_at(map, first)), I(uid_at(map, last))));
    TRY(sql_run(a, MESSAGE_DELETE, I(f->pub.id), I(uid_at(map, first)), I(uid_at(map, last))));
    for (uint32_t i = first; i <= last; i++) {
        uint32_t from = i;

        while (i < last && uid_at(map, i + 1) == uid_at(map, i) + 1)
            i++;
        TRY(change_log(f, modseq, CHANGE_ROW_EXPUNGE, uid_at(map, from), uid_at(map, i)));
    }
    return ERR_OK;
}

/* Kept counts and the ring, while the columns still hold the messages. */
static void take_out(struct folder_state *f, const bool *drop)
{
    struct messages *m = f->messages;

    for (uint32_t i = 0; i < m->n; i++) {
        struct message_row row;

        if (!drop[i])
            continue;
        row = message_at(m, i);
        message_count(f, &row, -1);
        ring_add(f, f->pub.highestmodseq, row.uid, CHANGE_EXPUNGE);
        f->stale++;
    }
}

static enum err move_runs(struct folder_state *f, const bool *drop, uint64_t modseq)
{
    for (uint32_t i = 0; i < f->messages->n; i++) {
        uint32_t first = i;

        if (!drop[i])
            continue;
        while (i + 1 < f->messages->n && drop[i + 1])
            i++;
        TRY(move_rows(f, first, i, modseq));
    }
    return ERR_OK;
}

static enum err expunge(struct folder_state *f, const bool *drop, uint32_t n_drop, uint64_t modseq)
{
    folder_touch(f);
    TRY(pending_flush(f->pub.account)); /* its indexes are about to change */
    TRY(move_runs(f, drop, modseq));
    f->pub.highestmodseq = modseq;
    take_out(f, drop);
    messages_compact(f, drop, n_drop);
    return ERR_OK;
}

enum err messages_expunge(struct folder *f, const uint32_t *uids, size_t n, uint64_t modseq)
{
    struct messages *m;
    scoped_free bool *drop = NULL;
    uint32_t n_drop = 0;

    TRY(folder_messages(f, &m));
    drop = mem_calloc((size_t)m->n + 1, sizeof(*drop));
    for (size_t k = 0; k < n; k++) {
        uint32_t i = uid_map_lower(m->map, m->n, uids[k]);

        if (i < m->n && uid_at(m->map, i) == uids[k] && !drop[i]) {
            drop[i] = true;
            n_drop++;
        }
    }
    if (n_drop == 0)
        return ERR_OK;
    TRY(change_begin(f->account));
    return change_end(f->account, expunge(state_of(f), drop, n_drop, modseq));
}
