/* base/err.h -- one vocabulary of failure: its name, what the client hears, what the log says.
 *
 * Only functions that return `enum err` can fail. Unless a declaration says otherwise, a
 * failed call leaves its outputs untouched.
 *
 * The wire column is a whole IMAP answer: the condition (NO or BAD), a response code of
 * RFC 9051 section 7.1 or RFC 5530 where one fits, and a sentence safe to show a client.
 */
#ifndef ROOST_BASE_ERR_H
#define ROOST_BASE_ERR_H

#include "base/slice.h"

/*    name            wire: condition, [code], text for the client                  text for the log
 */
#define ERR_TABLE(X)                                                                               \
    X(OK, "OK", "no error")                                                                        \
    X(MORE, "NO [SERVERBUG] Not finished", "more input or another step is needed")                 \
    X(SYNTAX, "BAD Syntax error in arguments", "input does not match the grammar")                 \
    X(UIDREQUIRED, "BAD [UIDREQUIRED] Message numbers are not in use here",                        \
      "a sequence number of a session that has only UIDs")                                         \
    X(STATE, "BAD Command not allowed now", "command is not legal in this state")                  \
    X(LIMIT, "NO [LIMIT] A limit of this server was reached", "a stated limit was exceeded")       \
    X(TOOBIG, "NO [TOOBIG] Too large for this server",                                             \
      "an object is larger than its stated maximum")                                               \
    X(NOMEM, "NO [LIMIT] Command needs more memory than allowed", "the arena reached its cap")     \
    X(NOTFOUND, "NO [NONEXISTENT] Does not exist", "object does not exist")                        \
    X(TRYCREATE, "NO [TRYCREATE] Mailbox does not exist", "target mailbox does not exist")         \
    X(EXISTS, "NO [ALREADYEXISTS] Already exists", "object exists already")                        \
    X(CANNOT, "NO [CANNOT] Not possible for this mailbox or name", "operation can never succeed")  \
    X(HASCHILDREN, "NO [HASCHILDREN] Mailbox has children",                                        \
      "mailbox has children and no other content")                                                 \
    X(USEATTR, "NO [USEATTR] Special use not possible here", "special-use attribute refused")      \
    X(NOPERM, "NO [NOPERM] Permission denied", "permission denied")                                \
    X(READONLY, "NO [READ-ONLY] Mailbox is open read-only", "mailbox is open read-only")           \
    X(INUSE, "NO [INUSE] In use, try again", "object is locked by somebody else")                  \
    X(EXPUNGED, "NO [EXPUNGEISSUED] Some messages no longer exist", "message was expunged")        \
    X(BADCHARSET, "NO [BADCHARSET] Unknown charset", "charset is not known")                       \
    X(UNKNOWN_CTE, "NO [UNKNOWN-CTE] Cannot decode this part",                                     \
      "part has an unknown or broken content-transfer-encoding")                                   \
    X(PARSE, "NO [PARSE] Message cannot be parsed", "message cannot be parsed")                    \
    X(NOTSAVED, "NO [NOTSAVED] No search result is saved", "$ is not set")                         \
    X(OVERQUOTA, "NO [OVERQUOTA] Quota exceeded", "quota exceeded")                                \
    X(AUTHFAILED, "NO [AUTHENTICATIONFAILED] Wrong name or password", "authentication failed")     \
    X(PRIVACY, "NO [PRIVACYREQUIRED] Use TLS first", "refused without TLS")                        \
    X(NOSPACE, "NO [UNAVAILABLE] No space left, nothing was changed", "disk is full")              \
    X(UNAVAILABLE, "NO [UNAVAILABLE] Temporarily unavailable, try again",                          \
      "a needed service is not available")                                                         \
    X(IO, "NO [UNAVAILABLE] Storage failed, nothing was changed", "input/output error")            \
    X(CORRUPT, "NO [CORRUPTION] Stored data is damaged", "stored data is damaged")                 \
    X(NEWER, "NO [CONTACTADMIN] Written by a newer version",                                       \
      "database was written by a newer version")                                                   \
    X(CONFIG, "NO [CONTACTADMIN] Server is misconfigured", "configuration is wrong")               \
    X(BUG, "NO [SERVERBUG] Internal error", "an internal invariant does not hold")

#define X(name, wire, text) ERR_##name,
enum err { ERR_TABLE(X) ERR_COUNT };
#undef X

/* Static, NUL-terminated, never NULL: the wire answer, the log sentence, the bare name. */
const char *err_wire(enum err e);
const char *err_text(enum err e);
const char *err_name(enum err e);

/* Hides a return: allowed where code reads as a list of productions or steps, each of
 * which may fail and none of which has anything to undo. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum err try_err_ = (call);                                                                \
        if (try_err_ != ERR_OK)                                                                    \
            return try_err_;                                                                       \
    } while (0)

#endif
