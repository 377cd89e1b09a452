/* imap/thread_write.c -- the THREAD response (RFC 5256 sections 4 and 5).
 *
 * Trees may be as deep as the mailbox is long, so they are walked by their links, not by calls.
 */
#include "imap/sort.h"

static bool is_alone(const struct thread_forest *f, uint32_t child)
{
    return f->first[f->up[child]] == child && f->next[child] == THREAD_NONE;
}

/* From a node without children on: close what ends here. Returns the node to go on with, opened,
 * or THREAD_NONE at the end of the tree. */
static uint32_t climb(struct buf *out, const struct thread_forest *f, uint32_t root, uint32_t x)
{
    for (; x != root; x = f->up[x]) {
        if (is_alone(f, x))
            continue;
        buf_add_char(out, ')');
        if (f->next[x] != THREAD_NONE) {
            buf_add_char(out, '(');
            return f->next[x];
        }
    }
    return THREAD_NONE;
}

static void write_tree(struct buf *out, const struct thread_forest *f, const uint32_t *number,
                       uint32_t root)
{
    uint32_t x = root;

    buf_add_char(out, '(');
    while (x != THREAD_NONE) {
        uint32_t child = f->first[x];

        if (x < f->n) {
            buf_add_u64(out, number[x]);
            if (child != THREAD_NONE)
                buf_add_char(out, ' ');
        }
        if (child != THREAD_NONE && f->next[child] != THREAD_NONE)
            buf_add_char(out, '(');
        x = child != THREAD_NONE ? child : climb(out, f, root, x);
    }
    buf_add_char(out, ')');
}

void thread_write(struct buf *out, const struct thread_forest *f, const uint32_t *number,
                  uint32_t *root, unsigned trees)
{
    for (; *root != THREAD_NONE && trees > 0; *root = f->next[*root], trees--)
        write_tree(out, f, number, *root);
}
