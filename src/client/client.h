/* client/client.h -- an IMAP client for our own use: imports, tests, measurements.
 *
 * Source: RFC 9051 (commands, responses), RFC 7888 (literals), RFC 3501 (modified UTF-7 names).
 *
 * Commands are written into a buffer and may be pipelined; answers come one response at a time.
 * A response is a line with its literals inside. Not thread-safe; one client, one connection.
 *
 *     TRY(client_connect("127.0.0.1", "1143", CLIENT_PLAIN, &c));
 *     TRY(client_login(c, SLICE("anna"), SLICE("secret")));
 *     tag = client_begin(c, "SELECT");
 *     client_add_mailbox(c, SLICE("INBOX"));
 *     TRY(client_end(c));
 *     TRY(client_wait(c, tag, on_untagged, &mine, &answer));
 *     client_close(&c);
 *
 * Errors common to all: ERR_UNAVAILABLE  the connection is closed or broken; when the server said
 *                                        BYE before, the error of its code instead
 *                       ERR_MORE         the server has been silent for the timeout
 *                       ERR_SYNTAX       what came is not an IMAP response
 *                       ERR_LIMIT        a response or command is larger than its maximum
 * After any of these only client_close is left.
 */
#ifndef ROOST_CLIENT_CLIENT_H
#define ROOST_CLIENT_CLIENT_H

#include "base/buf.h"
#include "base/err.h"

struct client;

enum {
    CLIENT_RESPONSE_OCTETS_MAX = 64 << 20, /* one response with the literals it holds */
    CLIENT_COMMAND_OCTETS_MAX = 1 << 20,   /* commands written and not yet sent */
    CLIENT_TIMEOUT_MS = 60 * 1000,         /* default of client_set_timeout */
    CLIENT_CODE_OCTETS_MAX = 1000,
};

enum client_security { CLIENT_PLAIN, CLIENT_TLS };

enum client_kind {
    CLIENT_UNTAGGED, /* "* ..." */
    CLIENT_CONTINUE, /* "+ ..." */
    CLIENT_TAGGED,   /* the end of a command */
};

enum client_condition { CLIENT_DATA, CLIENT_OK, CLIENT_NO, CLIENT_BAD, CLIENT_BYE, CLIENT_PREAUTH };

/* One response. The slices are valid until the next call on the client. */
struct client_response {
    enum client_kind kind;
    enum client_condition condition; /* DATA: an untagged line that is no condition, or "+" */
    uint32_t tag;                    /* TAGGED: the number client_begin gave */
    struct slice code;               /* "APPENDUID 1 2", without brackets; .p NULL: none */
    struct slice text; /* DATA: all behind "* ", literals included, without the line end; else the
                          human text */
};

/* ---- connection ------------------------------------------------------------------------------ */

/* A client on a connected stream socket, which it owns from here on. */
struct client *client_open(int fd);

/* Connect to host and port (names or numbers) and, if asked, start TLS (not verified). The
 * greeting is left to client_greeting or client_login. */
must_use enum err client_connect(const char *host, const char *port, enum client_security security,
                                 struct client **out);

/* Begin TLS (not verified) where the server has agreed to STARTTLS. */
must_use enum err client_start_tls(struct client *c);

/* Compress from here on: COMPRESS has just been answered OK (RFC 4978). */
must_use enum err client_compress(struct client *c);

/* Nulls *c; NULL is allowed. No LOGOUT is sent. */
void client_close(struct client **c);

int client_fd(const struct client *c);

/* How long the server may be silent while something is due, in ms; -1: for ever. */
void client_set_timeout(struct client *c, int timeout_ms);

/* Names are modified UTF-7 unless this was set (after ENABLE IMAP4rev2). */
void client_set_utf8(struct client *c, bool utf8);

/* ---- writing --------------------------------------------------------------------------------- */

/* Begin a command: its tag and name (NULL: only the tag) are written. Returns the tag's number, 1,
 * 2, ... */
uint32_t client_begin(struct client *c, const char *name);

/* Each argument is written with a space before it. */
void client_add(struct client *c, struct slice raw);
/* As atom, quoted string or, up to 4,096 octets, literal (LITERAL-). Longer is ERR_LIMIT at
 * client_end; so is a NUL. */
void client_add_astring(struct client *c, struct slice s);
/* A valid name in UTF-8 (wire/mailbox.h). */
void client_add_mailbox(struct client *c, struct slice name);
/* Without a space; for what is none of these. */
void client_add_raw(struct client *c, struct slice raw);

/* The header of a literal of `octets`, which client_write then sends; the sender does not wait
 * ("{n+}", binary: "~{n+}"). Above 4,096 octets this needs LITERAL+ or a trusted session of ours.
 */
void client_add_literal(struct client *c, uint64_t octets, bool binary);
/* One whose sender waits: read CLIENT_CONTINUE before client_write. */
void client_add_literal_sync(struct client *c, uint64_t octets, bool binary);
/* Octets of a literal. Sends when enough has gathered. */
must_use enum err client_write(struct client *c, struct slice octets);

/* The end of the command. Commands gather until client_flush or the next read. */
must_use enum err client_end(struct client *c);
must_use enum err client_flush(struct client *c);

/* ---- reading --------------------------------------------------------------------------------- */

/* The next response. Sends first what has gathered. */
must_use enum err client_read(struct client *c, struct client_response *out);

/* The same without waiting: ERR_MORE when no whole response is there. Nothing is sent. */
must_use enum err client_read_now(struct client *c, struct client_response *out);

/* Called for every untagged response on the way. An error ends the waiting and is returned. */
typedef enum err client_untagged(void *ctx, const struct client_response *r);

/* Read until the answer to `tag`; answers to earlier commands are dropped. `each` may be NULL.
 * ERR_OK means that there is an answer, not that it is OK: see client_result. */
must_use enum err client_wait(struct client *c, uint32_t tag, client_untagged *each, void *ctx,
                              struct client_response *out);

/* What a tagged response or a greeting says, as one of ours: ERR_OK; the error of the response
 * code for NO and BYE (ERR_CANNOT for NO without one we know); ERR_SYNTAX for BAD. */
enum err client_result(const struct client_response *r);

/* ---- whole commands -------------------------------------------------------------------------- */

/* The greeting. *out may be NULL. ERR_OK for OK and PREAUTH; for BYE the error of its code. */
must_use enum err client_greeting(struct client *c, struct client_response *out);

/* The greeting and LOGIN (RFC 9051 section 6.2.3). ERR_AUTHFAILED and the like. */
must_use enum err client_login(struct client *c, struct slice user, struct slice password);

/* One command without literal, given whole ("NOOP"), and its result. */
must_use enum err client_command(struct client *c, struct slice command, client_untagged *each,
                                 void *ctx);

/* SELECT; *exists (may be NULL) is the number of messages. */
must_use enum err client_select(struct client *c, struct slice mailbox, uint32_t *exists);

/* CREATE, SUBSCRIBE; ERR_EXISTS from CREATE is for the caller to judge. */
must_use enum err client_create(struct client *c, struct slice mailbox);
must_use enum err client_subscribe(struct client *c, struct slice mailbox);

/* What an APPEND says about its message besides the octets. */
struct client_append {
    struct slice key;     /* XIMPORT with this key; .p NULL: a plain APPEND */
    struct slice mailbox; /* UTF-8 */
    struct slice flags;   /* "\\Seen $Forwarded", without parentheses; may be empty */
    bool has_date;
    int64_t date_s; /* since 1970, UTC */
    int16_t zone_minutes;
    bool binary;     /* literal8 (RFC 3516): the message may hold NULs */
    bool waits;      /* "{n}": the caller reads CLIENT_CONTINUE before it writes the octets */
    uint64_t octets; /* of the message that client_write sends next */
};

/* Begin an APPEND; the octets follow by client_write, then client_end. Returns the tag. */
uint32_t client_append_begin(struct client *c, const struct client_append *a);

/* Behind the octets of a message: the next one of the same APPEND (MULTIAPPEND, RFC 3502). */
void client_append_next(struct client *c, const struct client_append *a);

/* An APPEND of one message (a->octets is not looked at), and its result. */
must_use enum err client_append(struct client *c, const struct client_append *a,
                                struct slice message);

#endif
