/* gate/tls.c -- an SSL_CTX from PEM in memory: this process can open no file. See tls.h. */
#include "gate/tls.h"

#include "base/log.h"

const char *tls_error_text(void)
{
    static char text[160];
    unsigned long code = ERR_get_error();
    if (code == 0)
        return "no reason given";
    ERR_error_string_n(code, text, sizeof(text));
    ERR_clear_error();
    return text;
}

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *n_out,
                       const unsigned char *in, unsigned n_in, void *arg)
{
    static const unsigned char imap[] = "\4imap";
    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto((unsigned char **)out, n_out, imap, sizeof(imap) - 1, in, n_in) ==
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_OK;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool use_chain(SSL_CTX *ctx, struct slice pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *cert = bio != NULL ? PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL) : NULL;
    bool ok = cert != NULL && SSL_CTX_use_certificate(ctx, cert) == 1;
    X509_free(cert);
    X509 *next;
    while (ok && (next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        ok = SSL_CTX_add0_chain_cert(ctx, next) == 1;
        if (!ok)
            X509_free(next);
    }
    if (ok)
        ERR_clear_error(); /* the end of the file is an error to PEM_read_bio */
    BIO_free(bio);
    return ok;
}

static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)arg;
    return -1;
}

static bool use_key(SSL_CTX *ctx, struct slice pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    bool ok =
        key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1;
    EVP_PKEY_free(key);
    BIO_free(bio);
    return ok;
}

/* 128 bits are as safe as 256 for a session, and cost a handshake and a large body less: OpenSSL
 * would prefer the other order. */
static const char suites[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

static void set_policy(SSL_CTX *ctx)
{
    SSL_CTX_set_ciphersuites(ctx, suites);
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    /* Tickets carry the session, so nothing is kept here for those who left. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(ctx, 0);
    SSL_CTX_set_alpn_select_cb(ctx, select_alpn, NULL);
}

/* In TLS 1.3 a ticket spares a later handshake no round trip and no key exchange, only the
 * signature (RFC 8446 section 2.2), and to make one costs as much as an elliptic curve's: whoever
 * came back with it would be served no cheaper than a stranger without. A signature by RSA costs
 * ten times that. Older clients, whom a ticket spares a round trip, get theirs with any key. */
static void set_tickets(SSL_CTX *ctx)
{
    const EVP_PKEY *key = SSL_CTX_get0_privatekey(ctx);

    SSL_CTX_set_num_tickets(ctx, EVP_PKEY_is_a(key, "RSA") == 1 ? 1 : 0);
}

enum err tls_context_new(struct slice chain_pem, struct slice key_pem, SSL_CTX **out)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (ctx == NULL || chain_pem.n > INT32_MAX || key_pem.n > INT32_MAX)
        return ERR_CONFIG;
    set_policy(ctx);
    if (!use_chain(ctx, chain_pem) || !use_key(ctx, key_pem)) {
        log_error("certificate or key cannot be used: %s", tls_error_text());
        SSL_CTX_free(ctx);
        return ERR_CONFIG;
    }
    set_tickets(ctx);
    *out = ctx;
    return ERR_OK;
}
