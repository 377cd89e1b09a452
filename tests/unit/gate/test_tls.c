/* Contexts made of keys: who is given a ticket, and that a ticket is good for something. */
#include "../test.h"

#include "base/buf.h"
#include "gate/tls.h"

enum { PEM_OCTETS_MAX = 8192 };

static void add_pem(BIO *bio, struct buf *out)
{
    char *p;
    long n = BIO_get_mem_data(bio, &p);

    buf_init(out, PEM_OCTETS_MAX);
    buf_add(out, p, (size_t)n);
    BIO_free(bio);
}

/* A certificate of its own signature. */
static SSL_CTX *context_of(EVP_PKEY *key)
{
    X509 *cert = X509_new();
    BIO *chain_bio = BIO_new(BIO_s_mem()), *key_bio = BIO_new(BIO_s_mem());
    struct buf chain_pem, key_pem;
    SSL_CTX *ctx = NULL;

    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(chain_bio, cert), 1);
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL), 1);
    add_pem(chain_bio, &chain_pem);
    add_pem(key_bio, &key_pem);
    assert_int_equal(tls_context_new(buf_slice(&chain_pem), buf_slice(&key_pem), &ctx), ERR_OK);
    X509_free(cert);
    EVP_PKEY_free(key);
    buf_release(&chain_pem);
    buf_release(&key_pem);
    return ctx;
}

static SSL_SESSION *ticket;

static int on_ticket(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    SSL_SESSION_free(ticket);
    ticket = session;
    return 1;
}

static SSL_CTX *client_context(int version)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    SSL_CTX_set_max_proto_version(ctx, version);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, on_ticket);
    return ctx;
}

/* A greeting's worth of TLS; whether `with` was taken. The ticket that was given is `ticket`. */
static bool connect_with(SSL_CTX *server_ctx, SSL_CTX *client_ctx, SSL_SESSION *with)
{
    SSL *server = SSL_new(server_ctx), *client = SSL_new(client_ctx);
    BIO *up = BIO_new(BIO_s_mem()), *down = BIO_new(BIO_s_mem());
    char octet = 0;
    bool reused;

    BIO_up_ref(up);
    BIO_up_ref(down);
    SSL_set_bio(server, up, down);
    SSL_set_bio(client, down, up);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    if (with != NULL)
        SSL_set_session(client, with);
    for (int i = 0; i < 10 && !(SSL_is_init_finished(server) && SSL_is_init_finished(client));
         i++) {
        SSL_do_handshake(client);
        SSL_do_handshake(server);
    }
    assert_int_equal(SSL_write(server, "*", 1), 1);
    assert_int_equal(SSL_read(client, &octet, 1), 1);
    assert_int_equal(octet, '*');
    reused = SSL_session_reused(client) == 1;
    SSL_shutdown(client); /* a session that ends badly may not be resumed */
    SSL_free(client);
    SSL_free(server);
    return reused;
}

static void test_tickets(void **state)
{
    const struct {
        const char *label;
        EVP_PKEY *key;
        int version;
        bool given;
    } cases[] = {
        {"elliptic, 1.3", EVP_EC_gen("P-256"), TLS1_3_VERSION, false},
        {"elliptic, 1.2", EVP_EC_gen("P-256"), TLS1_2_VERSION, true},
        {"RSA, 1.3", EVP_RSA_gen(2048), TLS1_3_VERSION, true},
        {"RSA, 1.2", EVP_RSA_gen(2048), TLS1_2_VERSION, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        SSL_CTX *server = context_of(cases[i].key), *client = client_context(cases[i].version);
        SSL_SESSION *first;

        print_message("%s\n", cases[i].label);
        assert_false(connect_with(server, client, NULL));
        assert_int_equal(ticket != NULL && SSL_SESSION_has_ticket(ticket), cases[i].given);
        first = ticket;
        ticket = NULL;
        if (cases[i].given)
            assert_true(connect_with(server, client, first));
        SSL_SESSION_free(first);
        SSL_SESSION_free(ticket);
        ticket = NULL;
        SSL_CTX_free(client);
        SSL_CTX_free(server);
    }
}

static void test_not_a_key(void **state)
{
    SSL_CTX *ctx;

    (void)state;
    assert_int_equal(tls_context_new(SLICE("no certificate"), SLICE("no key"), &ctx), ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tickets),
        cmocka_unit_test(test_not_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
