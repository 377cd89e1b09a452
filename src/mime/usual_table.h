/* mime/usual_table.h -- the header fields that clients ask for when they list a mailbox.
 *
 * Why a table: the text of these fields is kept ready for every message (usual.h). They are what
 * Thunderbird, Apple Mail, K-9, mutt and NeoMutt, Roundcube, Evolution, Claws and mbsync name in
 * HEADER.FIELDS, and of the short ones what filters and other readers do. A name that no message
 * has costs nothing. Left out is what is long and seldom asked for: Received, DKIM-Signature,
 * Authentication-Results, ARC-*.
 *
 * A packed header says how many names the table had when it was made: names are only ever added, at
 * the end, and there are 64 at most. Lower case. X(a, NAME, "name"): `a` is
 * for who includes it.
 */
#define USUAL_TABLE(X, a)                                                                          \
    X(a, DATE, "date")                                                                             \
    X(a, SUBJECT, "subject")                                                                       \
    X(a, FROM, "from")                                                                             \
    X(a, TO, "to")                                                                                 \
    X(a, CC, "cc")                                                                                 \
    X(a, MESSAGE_ID, "message-id")                                                                 \
    X(a, REFERENCES, "references")                                                                 \
    X(a, IN_REPLY_TO, "in-reply-to")                                                               \
    X(a, CONTENT_TYPE, "content-type")                                                             \
    X(a, REPLY_TO, "reply-to")                                                                     \
    X(a, SENDER, "sender")                                                                         \
    X(a, BCC, "bcc")                                                                               \
    X(a, MIME_VERSION, "mime-version")                                                             \
    X(a, CONTENT_TRANSFER_ENCODING, "content-transfer-encoding")                                   \
    X(a, CONTENT_DISPOSITION, "content-disposition")                                               \
    X(a, CONTENT_DESCRIPTION, "content-description")                                               \
    X(a, CONTENT_CLASS, "content-class")                                                           \
    X(a, NEWSGROUPS, "newsgroups")                                                                 \
    X(a, FOLLOWUP_TO, "followup-to")                                                               \
    X(a, LINES, "lines")                                                                           \
    X(a, STATUS, "status")                                                                         \
    X(a, X_STATUS, "x-status")                                                                     \
    X(a, PRIORITY, "priority")                                                                     \
    X(a, X_PRIORITY, "x-priority")                                                                 \
    X(a, X_MSMAIL_PRIORITY, "x-msmail-priority")                                                   \
    X(a, IMPORTANCE, "importance")                                                                 \
    X(a, LIST_ID, "list-id")                                                                       \
    X(a, LIST_POST, "list-post")                                                                   \
    X(a, LIST_UNSUBSCRIBE, "list-unsubscribe")                                                     \
    X(a, LIST_UNSUBSCRIBE_POST, "list-unsubscribe-post")                                           \
    X(a, LIST_SUBSCRIBE, "list-subscribe")                                                         \
    X(a, MAILING_LIST, "mailing-list")                                                             \
    X(a, X_MAILING_LIST, "x-mailing-list")                                                         \
    X(a, X_BEENTHERE, "x-beenthere")                                                               \
    X(a, X_LOOP, "x-loop")                                                                         \
    X(a, PRECEDENCE, "precedence")                                                                 \
    X(a, AUTO_SUBMITTED, "auto-submitted")                                                         \
    X(a, MAIL_FOLLOWUP_TO, "mail-followup-to")                                                     \
    X(a, MAIL_REPLY_TO, "mail-reply-to")                                                           \
    X(a, DISPOSITION_NOTIFICATION_TO, "disposition-notification-to")                               \
    X(a, RETURN_RECEIPT_TO, "return-receipt-to")                                                   \
    X(a, RETURN_PATH, "return-path")                                                               \
    X(a, DELIVERED_TO, "delivered-to")                                                             \
    X(a, X_ORIGINAL_TO, "x-original-to")                                                           \
    X(a, RESENT_DATE, "resent-date")                                                               \
    X(a, RESENT_FROM, "resent-from")                                                               \
    X(a, RESENT_TO, "resent-to")                                                                   \
    X(a, KEYWORDS, "keywords")                                                                     \
    X(a, X_LABEL, "x-label")                                                                       \
    X(a, X_SPAM_FLAG, "x-spam-flag")                                                               \
    X(a, X_MAILER, "x-mailer")                                                                     \
    X(a, USER_AGENT, "user-agent")                                                                 \
    X(a, X_TUID, "x-tuid")                                                                         \
    X(a, X_DRAFT_INFO, "x-draft-info")                                                             \
    X(a, X_UNIFORM_TYPE_IDENTIFIER, "x-uniform-type-identifier")                                   \
    X(a, X_UNIVERSALLY_UNIQUE_IDENTIFIER, "x-universally-unique-identifier")                       \
    X(a, X_K9MAIL_IDENTITY, "x-k9mail-identity")                                                   \
    X(a, X_EVOLUTION_SOURCE, "x-evolution-source")                                                 \
    X(a, X_CALENDAR_ATTACHMENT, "x-calendar-attachment")                                           \
    X(a, CHAT_VERSION, "chat-version")
