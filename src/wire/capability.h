/* wire/capability.h -- every capability Roost knows, in one table, and the writer that reads it.
 *
 * Source: RFC 9051 section 6.1.1; each row cites its own. A row without a condition is always
 * announced in its phases; with conditions, when all of them hold. `roost capabilities` and
 * README's table are made from the same rows.
 */
#ifndef ROOST_WIRE_CAPABILITY_H
#define ROOST_WIRE_CAPABILITY_H

#include "base/buf.h"

enum capability_phase { CAPABILITY_PRELOGIN = 1, CAPABILITY_POSTLOGIN = 2, CAPABILITY_BOTH = 3 };

enum capability_condition {
    CAPABILITY_STARTTLS_POSSIBLE = 1, /* TLS is configured and this connection has none yet */
    CAPABILITY_LOGIN_ALLOWED = 2,     /* passwords may travel here: TLS, or loopback */
    CAPABILITY_LOGIN_REFUSED = 4,     /* they may not */
    CAPABILITY_COMPRESS_POSSIBLE = 8, /* nothing is compressed yet */
    CAPABILITY_UNAUTHENTICATE_POSSIBLE = 16, /* it is allowed, and the session came by the gate */
    CAPABILITY_GMAIL_ON = 32,                /* the administrator wants Gmail's extensions */
    CAPABILITY_APPENDLIMIT_SAME = 64,        /* for all mailboxes */
    CAPABILITY_APPENDLIMIT_VARIES = 128,     /* STATUS tells that of each */
};

/* A number that stands behind the name: "APPENDLIMIT=" is followed by one. */
enum capability_number {
    CAPABILITY_NO_NUMBER,
    CAPABILITY_MESSAGE_LIMIT, /* messages a command works on */
    CAPABILITY_SAVE_LIMIT,    /* messages a COPY or APPEND makes */
    CAPABILITY_APPENDLIMIT,   /* octets of a message */
    CAPABILITY_NUMBERS
};

/*    name                   phase      conditions              number    source, since */
#define CAPABILITY_TABLE(X)                                                                        \
    X("IMAP4rev1", BOTH, 0, NO_NUMBER, "RFC 3501", "0.1")                                          \
    X("IMAP4rev2", BOTH, 0, NO_NUMBER, "RFC 9051", "0.1")                                          \
    X("STARTTLS", PRELOGIN, CAPABILITY_STARTTLS_POSSIBLE, NO_NUMBER, "RFC 9051", "0.1")            \
    X("LOGINDISABLED", PRELOGIN, CAPABILITY_LOGIN_REFUSED, NO_NUMBER, "RFC 9051", "0.1")           \
    X("AUTH=PLAIN", PRELOGIN, CAPABILITY_LOGIN_ALLOWED, NO_NUMBER, "RFC 4616", "0.1")              \
    X("AUTH=LOGIN", PRELOGIN, CAPABILITY_LOGIN_ALLOWED, NO_NUMBER, "draft-murchison-sasl-login",   \
      "0.1")                                                                                       \
    X("SASL-IR", BOTH, 0, NO_NUMBER, "RFC 4959", "0.1")                                            \
    X("LITERAL-", PRELOGIN, 0, NO_NUMBER, "RFC 7888", "0.1")                                       \
    X("LITERAL+", POSTLOGIN, 0, NO_NUMBER, "RFC 7888", "0.1")                                      \
    X("CATENATE", POSTLOGIN, 0, NO_NUMBER, "RFC 4469", "0.1")                                      \
    X("UTF8=ACCEPT", POSTLOGIN, 0, NO_NUMBER, "RFC 9755", "0.1")                                   \
    X("REPLACE", POSTLOGIN, 0, NO_NUMBER, "RFC 8508", "0.1")                                       \
    X("URL-PARTIAL", POSTLOGIN, 0, NO_NUMBER, "RFC 5550", "0.1")                                   \
    X("APPENDLIMIT=", POSTLOGIN, CAPABILITY_APPENDLIMIT_SAME, APPENDLIMIT, "RFC 7889", "0.1")      \
    X("APPENDLIMIT", POSTLOGIN, CAPABILITY_APPENDLIMIT_VARIES, NO_NUMBER, "RFC 7889", "0.1")       \
    X("ID", BOTH, 0, NO_NUMBER, "RFC 2971", "0.1")                                                 \
    X("ENABLE", BOTH, 0, NO_NUMBER, "RFC 5161", "0.1")                                             \
    X("LANGUAGE", BOTH, 0, NO_NUMBER, "RFC 5255", "0.1")                                           \
    X("IDLE", BOTH, 0, NO_NUMBER, "RFC 2177", "0.1")                                               \
    X("COMPRESS=DEFLATE", POSTLOGIN, CAPABILITY_COMPRESS_POSSIBLE, NO_NUMBER, "RFC 4978", "0.1")   \
    X("UNAUTHENTICATE", POSTLOGIN, CAPABILITY_UNAUTHENTICATE_POSSIBLE, NO_NUMBER, "RFC 8437",      \
      "0.1")                                                                                       \
    X("NAMESPACE", POSTLOGIN, 0, NO_NUMBER, "RFC 2342", "0.1")                                     \
    X("UNSELECT", POSTLOGIN, 0, NO_NUMBER, "RFC 3691", "0.1")                                      \
    X("UIDPLUS", POSTLOGIN, 0, NO_NUMBER, "RFC 4315", "0.1")                                       \
    X("MULTIAPPEND", POSTLOGIN, 0, NO_NUMBER, "RFC 3502", "0.1")                                   \
    X("NOTIFY", POSTLOGIN, 0, NO_NUMBER, "RFC 5465", "0.1")                                        \
    X("MOVE", POSTLOGIN, 0, NO_NUMBER, "RFC 6851", "0.1")                                          \
    X("SAVEDATE", POSTLOGIN, 0, NO_NUMBER, "RFC 8514", "0.1")                                      \
    X("OBJECTID", POSTLOGIN, 0, NO_NUMBER, "RFC 8474", "0.1")                                      \
    X("OBJECTID+", POSTLOGIN, 0, NO_NUMBER, "draft-ietf-mailmaint-imap-objectid-bis-05", "0.1")    \
    X("X-GM-EXT-1", POSTLOGIN, CAPABILITY_GMAIL_ON, NO_NUMBER, "Google's", "0.1")                  \
    X("PREVIEW", POSTLOGIN, 0, NO_NUMBER, "RFC 8970", "0.1")                                       \
    X("ESEARCH", POSTLOGIN, 0, NO_NUMBER, "RFC 4731", "0.1")                                       \
    X("SEARCHRES", POSTLOGIN, 0, NO_NUMBER, "RFC 5182", "0.1")                                     \
    X("PARTIAL", POSTLOGIN, 0, NO_NUMBER, "RFC 9394", "0.1")                                       \
    X("SEARCH=FUZZY", POSTLOGIN, 0, NO_NUMBER, "RFC 6203", "0.1")                                  \
    X("I18NLEVEL=2", POSTLOGIN, 0, NO_NUMBER, "RFC 5255", "0.1")                                   \
    X("FILTERS", POSTLOGIN, 0, NO_NUMBER, "RFC 5466", "0.1")                                       \
    X("MULTISEARCH", POSTLOGIN, 0, NO_NUMBER, "RFC 7377", "0.1")                                   \
    X("WITHIN", POSTLOGIN, 0, NO_NUMBER, "RFC 5032", "0.1")                                        \
    X("SORT", POSTLOGIN, 0, NO_NUMBER, "RFC 5256", "0.1")                                          \
    X("SORT=DISPLAY", POSTLOGIN, 0, NO_NUMBER, "RFC 5957", "0.1")                                  \
    X("ESORT", POSTLOGIN, 0, NO_NUMBER, "RFC 5267", "0.1")                                         \
    X("CONTEXT=SEARCH", POSTLOGIN, 0, NO_NUMBER, "RFC 5267", "0.1")                                \
    X("CONTEXT=SORT", POSTLOGIN, 0, NO_NUMBER, "RFC 5267", "0.1")                                  \
    X("THREAD=ORDEREDSUBJECT", POSTLOGIN, 0, NO_NUMBER, "RFC 5256", "0.1")                         \
    X("THREAD=REFERENCES", POSTLOGIN, 0, NO_NUMBER, "RFC 5256", "0.1")                             \
    X("THREAD=REFS", POSTLOGIN, 0, NO_NUMBER, "draft-ietf-morg-inthread", "0.1")                   \
    X("LIST-EXTENDED", POSTLOGIN, 0, NO_NUMBER, "RFC 5258", "0.1")                                 \
    X("LIST-STATUS", POSTLOGIN, 0, NO_NUMBER, "RFC 5819", "0.1")                                   \
    X("CHILDREN", POSTLOGIN, 0, NO_NUMBER, "RFC 3348", "0.1")                                      \
    X("SPECIAL-USE", POSTLOGIN, 0, NO_NUMBER, "RFC 6154", "0.1")                                   \
    X("CREATE-SPECIAL-USE", POSTLOGIN, 0, NO_NUMBER, "RFC 6154", "0.1")                            \
    X("CONDSTORE", POSTLOGIN, 0, NO_NUMBER, "RFC 7162", "0.1")                                     \
    X("QRESYNC", POSTLOGIN, 0, NO_NUMBER, "RFC 7162", "0.1")                                       \
    X("UIDONLY", POSTLOGIN, 0, NO_NUMBER, "RFC 9586", "0.1")                                       \
    X("STATUS=SIZE", POSTLOGIN, 0, NO_NUMBER, "RFC 8438", "0.1")                                   \
    X("BINARY", POSTLOGIN, 0, NO_NUMBER, "RFC 3516", "0.1")                                        \
    X("LIST-METADATA", POSTLOGIN, 0, NO_NUMBER, "RFC 9590", "0.1")                                 \
    X("XLIST", POSTLOGIN, 0, NO_NUMBER, "Gmail", "0.1")                                            \
    X("QUOTA", POSTLOGIN, 0, NO_NUMBER, "RFC 9208", "0.1")                                         \
    X("QUOTA=RES-STORAGE", POSTLOGIN, 0, NO_NUMBER, "RFC 9208", "0.1")                             \
    X("QUOTA=RES-MESSAGE", POSTLOGIN, 0, NO_NUMBER, "RFC 9208", "0.1")                             \
    X("QUOTA=RES-MAILBOX", POSTLOGIN, 0, NO_NUMBER, "RFC 9208", "0.1")                             \
    X("QUOTASET", POSTLOGIN, 0, NO_NUMBER, "RFC 9208", "0.1")                                      \
    X("METADATA", POSTLOGIN, 0, NO_NUMBER, "RFC 5464", "0.1")                                      \
    X("METADATA-SERVER", POSTLOGIN, 0, NO_NUMBER, "RFC 5464", "0.1")                               \
    X("MESSAGELIMIT=", POSTLOGIN, 0, MESSAGE_LIMIT, "RFC 9738", "0.1")                             \
    X("SAVELIMIT=", POSTLOGIN, 0, SAVE_LIMIT, "RFC 9738", "0.1")                                   \
    X("INPROGRESS", POSTLOGIN, 0, NO_NUMBER, "RFC 9585", "0.1")                                    \
    X("UIDBATCHES", POSTLOGIN, 0, NO_NUMBER, "RFC 10022", "0.1")

struct capability {
    struct slice name;
    unsigned phases;     /* CAPABILITY_PRELOGIN, CAPABILITY_POSTLOGIN */
    unsigned conditions; /* CAPABILITY_ bits, all of which must hold */
    enum capability_number number;
    const char *source; /* the RFC */
    const char *since;  /* the version of Roost that had it first */
};
extern const struct capability capabilities[];
extern const size_t n_capabilities;

/* What holds for one connection. */
struct capability_context {
    unsigned conditions; /* the sum of those that hold */
    uint64_t number[CAPABILITY_NUMBERS];
};

/* The names with a space between, nothing before or after: the caller writes "* CAPABILITY " or
 * "[CAPABILITY ". */
void capability_write(struct buf *out, enum capability_phase phase,
                      const struct capability_context *context);

#endif
