/* imap/session.h -- one client's conversation after login (RFC 9051, RFC 3501).
 *
 * A session knows no socket and no thread. Its owner puts octets into session input, calls
 * imap_session_run, makes the account durable (account_commit) and only then sends what
 * stands in the output. So an OK never leaves before what it promises is on disk.
 *
 * A session is bound to an open account while it runs. When the account is closed to save memory
 * the session sleeps: it keeps a cursor (folder, modseq, UIDNEXT), no pointer into the store.
 */
#ifndef ROOST_IMAP_SESSION_H
#define ROOST_IMAP_SESSION_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/store.h"

struct imap_session;

/* What all sessions of a process share; outlives them. */
struct imap_settings {
    uint64_t append_octets_max; /* APPENDLIMIT */
    uint32_t message_limit;     /* MESSAGELIMIT (RFC 9738): messages a command works on */
    uint32_t save_limit;        /* SAVELIMIT: messages a COPY or APPEND makes */
    uint32_t progress_ms;       /* between two INPROGRESS (RFC 9585); 0: IMAP_PROGRESS_MS */
    bool gmail;                 /* X-GM-EXT-1 is served */
    const char *server_version; /* for ID; borrowed */
    bool unauthenticate;        /* UNAUTHENTICATE is allowed */
    const atomic_bool *busy;    /* the server has more to do than it can; NULL: never; borrowed */
};

bool imap_settings_equal(const struct imap_settings *a, const struct imap_settings *b);

struct capability_context;
/* What CAPABILITY depends on, for a session that has just begun. */
void imap_capability_context(const struct imap_settings *s, struct capability_context *out);

/* What the session needs next. */
enum imap_run {
    IMAP_INPUT,  /* more octets from the client */
    IMAP_OUTPUT, /* room: output stands above its high-water mark */
    IMAP_AGAIN,  /* a turn: there is more to do, the time was up */
    IMAP_CLOSED, /* nothing: send the output, then close */
    /* COMPRESS (RFC 4978): what stands in the output is sent as it is; what comes after it, what is
     * left in the input and what will come are compressed. Then run again. */
    IMAP_COMPRESS,
    /* UNAUTHENTICATE (RFC 8437): send the output, end what compresses, and give the connection back
     * with what is left in the input. The session is over. */
    IMAP_UNAUTHENTICATED,
};

enum {
    /* What MESSAGELIMIT and SAVELIMIT are if nobody says otherwise: no mailbox holds so many, since
     * clients that synchronise take a cut answer for deleted mail. */
    IMAP_MESSAGES_MAX = 100 * 1000 * 1000,
    IMAP_PROGRESS_MS = 10 * 1000,
    IMAP_INPUT_OCTETS_MAX = 64 * 1024 + 8192, /* unread octets a session holds */
    /* How much a step puts into the output, about: as much as there is room for, between these
     * two. The most is, with what stands around a literal, a little less than eight segments of a
     * loopback interface (65,483 octets): whoever asks from the same machine is not woken once more
     * for the scrap of another. */
    IMAP_PIECE_OCTETS_LEAST = 60 * 1024,
    IMAP_PIECE_OCTETS_FIRST = 240 * 1024,
    IMAP_PIECE_OCTETS_MOST = 480 * 1024,
};

/* A session of somebody who has just logged in. `tag` is that of LOGIN or AUTHENTICATE, which is
 * answered when the session is first bound to its account (OK) or ended before that (NO); empty:
 * greet with PREAUTH instead (a trusted local connection, which may also use XIMPORT).
 * `settings` is borrowed. */
struct imap_session *imap_session_new(const struct imap_settings *settings, struct slice tag);
void imap_session_free(struct imap_session **s);

/* The buffers: octets from the client are appended to in, octets for it are consumed from out. */
struct buf *imap_session_in(struct imap_session *s);
struct buf *imap_session_out(struct imap_session *s);

/* With more output than this, in octets, there is nothing to be done before some of it is sent. */
size_t imap_session_high(const struct imap_session *s);
/* The connection has room for so many octets: the next piece is of about that size. */
void imap_session_room(struct imap_session *s, size_t octets);

/* Bind to the open account; needed before run and news, and after each sleep. Takes the cursor
 * up again. Errors of the store: the session must then be ended with imap_session_bye. */
must_use enum err imap_session_wake(struct imap_session *s, struct account *a);
/* True while the session waits for its client and nothing is half done; it may idle. */
bool imap_session_at_rest(const struct imap_session *s);
/* False while a command is half done: the account must stay open. */
bool imap_session_can_sleep(const struct imap_session *s);
/* Let go of the account, which is about to be closed (not inside a transaction). */
void imap_session_sleep(struct imap_session *s);

/* Run what stands in the input: until it needs something or clock_mono_us() passes
 * deadline_us. Replies are in `out`; they may leave after account_commit. */
enum imap_run imap_session_run(struct imap_session *s, uint64_t deadline_us);

/* Bracket of a batch: batch_begin before the first run after a commit; batch_failed instead of
 * sending, when account_commit answered `why`: what the batch wrote to `out` is taken back, the
 * commands it ran are answered NO, and the session is as it was before the batch. */
void imap_session_batch_begin(struct imap_session *s);
void imap_session_batch_failed(struct imap_session *s, enum err why);

/* After a commit: tell what happened to the selected mailbox if the client may hear it now (IDLE,
 * RFC 2177). Returns whether anything was written. */
bool imap_session_news(struct imap_session *s);

/* Whether anything the account does can be of interest to this session right now (it idles). */
bool imap_session_listens(const struct imap_session *s);

/* End the session from the server's side: writes "* BYE text", and before it a NO for a login that
 * has not been answered. `text` may begin with a response code. */
void imap_session_bye(struct imap_session *s, const char *text);

#endif
