/* store/name.c -- mailbox names: which are possible, which are the same, and their order.
 *
 * Names that differ only in Unicode normalisation are one mailbox, so each has a key, its NFC.
 * INBOX is INBOX in any case, also as the first level (RFC 9051 section 5.1).
 */
#include "base/mem.h"
#include "store/internal.h"
#include "wire/mailbox.h"

static bool inbox_first(struct slice name)
{
    return slice_starts_nocase(name, SLICE("INBOX")) && (name.n == 5 || name.p[5] == '/');
}

enum err name_canonical(struct slice name, struct slice *canonical, struct slice *key)
{
    struct arena arena;
    struct slice nfc;
    char *p;

    if (name.n == 0 || name.n > STORE_NAME_OCTETS_MAX)
        return ERR_CANNOT;
    p = mem_dup_slice(name);
    if (inbox_first(name))
        memcpy(p, "INBOX", 5);
    arena_init(&arena, 64 * 1024);
    if (!mailbox_valid(slice_of(p, name.n)) ||
        mailbox_key(&arena, slice_of(p, name.n), &nfc) != ERR_OK) {
        arena_clear(&arena);
        free(p);
        return ERR_CANNOT;
    }
    *canonical = slice_of(p, name.n);
    *key = slice_eq(nfc, *canonical) ? *canonical : slice_of(mem_dup_slice(nfc), nfc.n);
    arena_clear(&arena);
    return ERR_OK;
}

void name_free(struct slice *name, struct slice *key)
{
    if (key->p != name->p)
        free((char *)key->p);
    free((char *)name->p);
    *name = *key = SLICE_NULL;
}

int name_cmp(struct slice a, struct slice b)
{
    bool a_inbox = mailbox_is_inbox(a), b_inbox = mailbox_is_inbox(b);

    if (a_inbox || b_inbox)
        return (int)b_inbox - (int)a_inbox;
    return slice_cmp(a, b);
}

/* Top levels kept for the mailboxes of others (RFC 2342's other users and shared namespaces). */
bool name_is_reserved(struct slice name)
{
    struct slice top = slice_sub(name, 0, slice_find(name, '/'));

    return slice_eq_nocase(top, SLICE("Other Users")) || slice_eq_nocase(top, SLICE("Shared"));
}
