/* auth/handoff.c -- encoders and decoders of handoff.h; field order is declaration order. */
#include "auth/handoff.h"

#include "base/pack.h"

void handoff_request_encode(struct buf *out, const struct handoff_request *m)
{
    pack_u64(out, m->id);
    pack_u8(out, (uint8_t)m->mechanism);
    pack_u8(out, m->tls);
    pack_octets(out, m->user);
    pack_octets(out, m->secret);
    pack_octets(out, m->peer);
}

enum err handoff_request_decode(struct slice in, struct handoff_request *out)
{
    struct unpack u = unpack_of(in);
    struct handoff_request got = {.id = unpack_u64(&u)};
    uint8_t mechanism = unpack_u8(&u);
    uint8_t tls = unpack_u8(&u);
    got.mechanism = (enum handoff_mechanism)mechanism;
    got.tls = tls != 0;
    got.user = unpack_octets(&u, HANDOFF_NAME_OCTETS_MAX);
    got.secret = unpack_octets(&u, HANDOFF_PASSWORD_OCTETS_MAX);
    got.peer = unpack_octets(&u, HANDOFF_PEER_OCTETS_MAX);
    if (tls > 1 || (mechanism != HANDOFF_LOGIN && mechanism != HANDOFF_PLAIN))
        return ERR_SYNTAX;
    TRY(unpack_end(&u));
    *out = got;
    return ERR_OK;
}

void handoff_verdict_encode(struct buf *out, const struct handoff_verdict *m)
{
    pack_u64(out, m->id);
    pack_u16(out, (uint16_t)m->result);
    buf_add(out, m->nonce, sizeof(m->nonce));
}

enum err handoff_verdict_decode(struct slice in, struct handoff_verdict *out)
{
    struct unpack u = unpack_of(in);
    struct handoff_verdict got = {.id = unpack_u64(&u)};
    uint16_t result = unpack_u16(&u);
    unpack_fixed(&u, got.nonce, sizeof(got.nonce));
    if (result >= ERR_COUNT)
        return ERR_SYNTAX;
    TRY(unpack_end(&u));
    got.result = (enum err)result;
    *out = got;
    return ERR_OK;
}

void handoff_ticket_encode(struct buf *out, const struct handoff_ticket *m)
{
    buf_add(out, m->nonce, sizeof(m->nonce));
    pack_u32(out, m->seconds);
    pack_octets(out, m->account);
}

enum err handoff_ticket_decode(struct slice in, struct handoff_ticket *out)
{
    struct unpack u = unpack_of(in);
    struct handoff_ticket got = {0};
    unpack_fixed(&u, got.nonce, sizeof(got.nonce));
    got.seconds = unpack_u32(&u);
    got.account = unpack_octets(&u, HANDOFF_NAME_OCTETS_MAX);
    if (got.account.n == 0)
        return ERR_SYNTAX;
    TRY(unpack_end(&u));
    *out = got;
    return ERR_OK;
}

void handoff_session_encode(struct buf *out, const struct handoff_session *m)
{
    buf_add(out, m->nonce, sizeof(m->nonce));
    pack_u32(out, m->flags);
    pack_u32(out, m->place);
    pack_octets(out, m->tag);
    pack_octets(out, m->peer);
    pack_octets(out, m->client_id);
    pack_octets(out, m->input);
}

enum err handoff_session_decode(struct slice in, struct handoff_session *out)
{
    struct unpack u = unpack_of(in);
    struct handoff_session got = {0};
    unpack_fixed(&u, got.nonce, sizeof(got.nonce));
    got.flags = unpack_u32(&u);
    got.place = unpack_u32(&u);
    got.tag = unpack_octets(&u, HANDOFF_TAG_OCTETS_MAX);
    got.peer = unpack_octets(&u, HANDOFF_PEER_OCTETS_MAX);
    got.client_id = unpack_octets(&u, HANDOFF_CLIENT_ID_OCTETS_MAX);
    got.input = unpack_octets(&u, HANDOFF_INPUT_OCTETS_MAX);
    if (got.tag.n == 0 || (got.flags & ~(uint32_t)(HANDOFF_TLS | HANDOFF_LOOPBACK)) != 0)
        return ERR_SYNTAX;
    TRY(unpack_end(&u));
    *out = got;
    return ERR_OK;
}

void handoff_return_encode(struct buf *out, const struct handoff_return *m)
{
    pack_u32(out, m->place);
    pack_octets(out, m->input);
}

enum err handoff_return_decode(struct slice in, struct handoff_return *out)
{
    struct unpack u = unpack_of(in);
    struct handoff_return got = {.place = unpack_u32(&u)};
    got.input = unpack_octets(&u, HANDOFF_INPUT_OCTETS_MAX);
    TRY(unpack_end(&u));
    *out = got;
    return ERR_OK;
}
