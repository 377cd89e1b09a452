/* migrate/import.c -- see import.h.
 *
 * The messages under way are a ring: the server answers commands that change a mailbox in the
 * order in which they were sent (RFC 9051 section 5.5).
 */
#include "migrate/import.h"

#include <assert.h>

#include "base/mem.h"
#include "base/openssl.h"

struct in_flight {
    uint32_t tag;
    char *where;
};

struct import {
    struct client *client;
    const struct import_listener *listener;
    struct import_counts counts;
    struct in_flight ring[IMPORT_IN_FLIGHT_MAX];
    size_t first, n;
    uint64_t left; /* octets of the message that is being written */
};

struct import *import_new(struct client *c, const struct import_listener *l)
{
    struct import *im = mem_new(struct import);

    im->client = c;
    im->listener = l;
    return im;
}

void import_free(struct import **imp)
{
    struct import *im = *imp;

    if (im == NULL)
        return;
    for (size_t i = 0; i < im->n; i++)
        free(im->ring[(im->first + i) % IMPORT_IN_FLIGHT_MAX].where);
    free(im);
    *imp = NULL;
}

const struct import_counts *import_counts(const struct import *im)
{
    return &im->counts;
}

static void tell_progress(struct import *im)
{
    if (im->listener->progress != NULL)
        im->listener->progress(im->listener->ctx, &im->counts);
}

void import_set_total(struct import *im, uint64_t total)
{
    im->counts.total = total;
}

void import_set_done(struct import *im, uint64_t done)
{
    im->counts.done = done;
    tell_progress(im);
}

static void tell_problem(struct import *im, struct slice where, const char *why)
{
    if (im->listener->problem != NULL)
        im->listener->problem(im->listener->ctx, where, why);
}

void import_skip(struct import *im, struct slice where, const char *why)
{
    im->counts.skipped++;
    tell_problem(im, where, why);
}

/* ---- answers --------------------------------------------------------------------------------- */

/* Whether the server can take nothing at all now, as opposed to not this message. */
static bool is_fatal(enum err e)
{
    return e == ERR_NOSPACE || e == ERR_OVERQUOTA || e == ERR_IO || e == ERR_UNAVAILABLE ||
           e == ERR_CORRUPT;
}

static enum err judge(struct import *im, const struct in_flight *f, const struct client_response *r)
{
    enum err e = client_result(r);

    if (e == ERR_OK && slice_eq(r->code, SLICE("ALREADYIMPORTED")))
        im->counts.known++;
    else if (e == ERR_OK)
        im->counts.imported++;
    else if (is_fatal(e))
        return e;
    else
        import_skip(im, slice_of_str(f->where), err_text(e));
    tell_progress(im);
    return ERR_OK;
}

/* Take the answer to the oldest message under way out of the ring. */
static enum err take(struct import *im, const struct client_response *r)
{
    struct in_flight *f = &im->ring[im->first];
    enum err e;

    if (r->kind != CLIENT_TAGGED)
        return ERR_OK;
    if (im->n == 0 || r->tag != f->tag)
        return ERR_SYNTAX;
    im->first = (im->first + 1) % IMPORT_IN_FLIGHT_MAX;
    im->n--;
    e = judge(im, f, r);
    free(f->where);
    f->where = NULL;
    return e;
}

/* Wait until at most `n` messages are under way. */
static enum err wait_for(struct import *im, size_t n)
{
    while (im->n > n) {
        struct client_response r;

        TRY(client_read(im->client, &r));
        TRY(take(im, &r));
    }
    return ERR_OK;
}

enum err import_drain(struct import *im)
{
    return wait_for(im, 0);
}

/* ---- folders --------------------------------------------------------------------------------- */

enum err import_folder(struct import *im, struct slice name, bool *usable)
{
    enum err e;

    TRY(import_drain(im));
    *usable = true;
    if (slice_eq(name, SLICE("INBOX")))
        return ERR_OK;
    e = client_create(im->client, name);
    if (e == ERR_OK || e == ERR_EXISTS)
        return ERR_OK;
    if (e != ERR_CANNOT && e != ERR_LIMIT && e != ERR_SYNTAX)
        return e;
    *usable = false;
    tell_problem(im, name, e == ERR_CANNOT ? "the server does not allow this name" : err_text(e));
    return ERR_OK;
}

enum err import_subscribe(struct import *im, struct slice name)
{
    enum err e;

    TRY(import_drain(im));
    e = client_subscribe(im->client, name);
    if (e == ERR_CANNOT || e == ERR_NOTFOUND) {
        tell_problem(im, name, "cannot be subscribed");
        return ERR_OK;
    }
    return e;
}

/* ---- messages -------------------------------------------------------------------------------- */

enum err import_begin(struct import *im, const struct import_message *m)
{
    const struct client_append a = {.key = slice_of(m->key, IMPORT_KEY_OCTETS),
                                    .mailbox = m->mailbox,
                                    .flags = m->flags,
                                    .has_date = m->has_date,
                                    .date_s = m->date_s,
                                    .binary = m->has_nul,
                                    .octets = m->octets};
    struct in_flight *f;

    assert(im->left == 0 && m->octets > 0);
    TRY(wait_for(im, IMPORT_IN_FLIGHT_MAX - 1));
    f = &im->ring[(im->first + im->n++) % IMPORT_IN_FLIGHT_MAX];
    f->where = mem_dup_slice(m->where);
    f->tag = client_append_begin(im->client, &a);
    im->left = m->octets;
    return ERR_OK;
}

enum err import_write(struct import *im, struct slice piece)
{
    assert(piece.n <= im->left);
    im->left -= piece.n;
    im->counts.octets += piece.n;
    return client_write(im->client, piece);
}

enum err import_end(struct import *im)
{
    struct client_response r;
    enum err e;

    assert(im->left == 0);
    TRY(client_end(im->client));
    while ((e = client_read_now(im->client, &r)) == ERR_OK)
        TRY(take(im, &r));
    return e == ERR_MORE ? ERR_OK : e;
}

/* ---- keys ------------------------------------------------------------------------------------ */

void import_key(char out[IMPORT_KEY_OCTETS], const struct slice *part, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

    for (size_t i = 0; ok && i < n; i++) {
        uint64_t length = part[i].n;

        ok = EVP_DigestUpdate(md, &length, sizeof(length)) == 1 &&
             EVP_DigestUpdate(md, part[i].p, part[i].n) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(md, digest, NULL) == 1;
    EVP_MD_CTX_free(md);
    if (!ok)
        abort(); /* SHA-256 fails only when the library cannot work at all */
    for (size_t i = 0; i < IMPORT_KEY_OCTETS; i++)
        out[i] = hex[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15];
}
