/* client/command.c -- whole commands and their results (RFC 9051 sections 6.2.3, 6.3). */
#include "client/internal.h"
#include "wire/date.h"

enum err client_greeting(struct client *c, struct client_response *out)
{
    struct client_response r;

    TRY(client_read(c, &r));
    if (r.kind != CLIENT_UNTAGGED)
        return ERR_SYNTAX;
    if (out != NULL)
        *out = r;
    return client_result(&r);
}

/* End the command, wait for its answer, judge it. */
static enum err finish(struct client *c, uint32_t tag, client_untagged *each, void *ctx)
{
    struct client_response r;

    TRY(client_end(c));
    TRY(client_wait(c, tag, each, ctx, &r));
    return client_result(&r);
}

enum err client_login(struct client *c, struct slice user, struct slice password)
{
    uint32_t tag;

    TRY(client_greeting(c, NULL));
    tag = client_begin(c, "LOGIN");
    client_add_astring(c, user);
    client_add_astring(c, password);
    return finish(c, tag, NULL, NULL);
}

enum err client_command(struct client *c, struct slice command, client_untagged *each, void *ctx)
{
    uint32_t tag = client_begin(c, NULL);

    client_add(c, command);
    return finish(c, tag, each, ctx);
}

/* "12 EXISTS" */
static enum err take_exists(void *ctx, const struct client_response *r)
{
    uint32_t *exists = ctx;
    struct lex in = lex_of(r->text, true);
    uint32_t n;

    if (r->condition == CLIENT_DATA && lex_number(&in, &n) == ERR_OK && lex_accept(&in, ' ') &&
        lex_accept_atom(&in, SLICE("EXISTS")))
        *exists = n;
    return ERR_OK;
}

enum err client_select(struct client *c, struct slice mailbox, uint32_t *exists)
{
    uint32_t n = 0, tag = client_begin(c, "SELECT");

    client_add_mailbox(c, mailbox);
    TRY(finish(c, tag, take_exists, &n));
    if (exists != NULL)
        *exists = n;
    return ERR_OK;
}

enum err client_create(struct client *c, struct slice mailbox)
{
    uint32_t tag = client_begin(c, "CREATE");

    client_add_mailbox(c, mailbox);
    return finish(c, tag, NULL, NULL);
}

enum err client_subscribe(struct client *c, struct slice mailbox)
{
    uint32_t tag = client_begin(c, "SUBSCRIBE");

    client_add_mailbox(c, mailbox);
    return finish(c, tag, NULL, NULL);
}

void client_append_next(struct client *c, const struct client_append *a)
{
    if (a->flags.n > 0) {
        client_add_raw(c, SLICE(" ("));
        client_add_raw(c, a->flags);
        client_add_raw(c, SLICE(")"));
    }
    if (a->has_date) {
        client_add_raw(c, SLICE(" "));
        date_time_write(&c->out,
                        (struct date_time){.seconds = a->date_s, .zone_minutes = a->zone_minutes});
    }
    if (a->waits)
        client_add_literal_sync(c, a->octets, a->binary);
    else
        client_add_literal(c, a->octets, a->binary);
}

uint32_t client_append_begin(struct client *c, const struct client_append *a)
{
    uint32_t tag = client_begin(c, a->key.p != NULL ? "XIMPORT" : "APPEND");

    if (a->key.p != NULL)
        client_add_astring(c, a->key);
    client_add_mailbox(c, a->mailbox);
    client_append_next(c, a);
    return tag;
}

enum err client_append(struct client *c, const struct client_append *a, struct slice message)
{
    struct client_append whole = *a;
    uint32_t tag;

    whole.octets = message.n;
    tag = client_append_begin(c, &whole);
    TRY(client_write(c, message));
    return finish(c, tag, NULL, NULL);
}
