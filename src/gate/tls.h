/* gate/tls.h -- one set of keys, made ready for connections. TLS 1.2 and 1.3 (RFC 8314), ALPN
 * "imap" (RFC 7301; a client that asks for another protocol only is turned away), session tickets
 * where they spare somebody something.
 *
 * Memory: SSL_MODE_RELEASE_BUFFERS, so that an idle connection holds no record buffers.
 */
#ifndef ROOST_GATE_TLS_H
#define ROOST_GATE_TLS_H

#include "base/err.h"
#include "base/openssl.h"

/* From PEM: the chain begins with the server's certificate. ERR_CONFIG: does not parse, or key
 * and certificate do not match (the reason is in the log). *out is the caller's: SSL_CTX_free;
 * connections hold references, so replacing it drops nobody. */
must_use enum err tls_context_new(struct slice chain_pem, struct slice key_pem, SSL_CTX **out);

/* The top of OpenSSL's error queue as text, which is emptied; static storage. */
const char *tls_error_text(void);

#endif
