/* bench/limit_stream.c -- sockets of a limit, plain or with TLS; see limit.h.
 *
 * Blocking descriptors and a thread each: no event loop is among what cannot be done without.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/openssl.h"
#include "gate/tls.h"
#include "limit.h"

/* ---- connections ----------------------------------------------------------------------------- */

static struct sockaddr_in local(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

void stream_listen(struct limit_shared *s)
{
    struct sockaddr_in a = local(0);
    socklen_t n = sizeof(a);

    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&a, sizeof(a)) != 0 ||
        listen(s->listener, 1024) != 0 || getsockname(s->listener, (struct sockaddr *)&a, &n) != 0)
        drive_die("no port can be listened on");
    s->port = ntohs(a.sin_port);
}

int stream_connect(const struct limit_shared *s)
{
    struct sockaddr_in a = local(s->port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
        drive_die("connect: %s", strerror(errno));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

void stream_begin(struct limit_side *s, int fd, bool server)
{
    SSL_CTX *ctx = server ? s->shared->tls_server : s->shared->tls_client;
    int on = 1;

    s->fd = fd;
    if (server)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (ctx == NULL)
        return;
    s->tls = SSL_new(ctx);
    if (s->tls == NULL || SSL_set_fd(s->tls, fd) != 1 ||
        (server ? SSL_accept(s->tls) : SSL_connect(s->tls)) != 1)
        drive_die("TLS: %s", tls_error_text());
}

void stream_end(struct limit_side *s)
{
    SSL_free(s->tls);
    s->tls = NULL;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

/* ---- octets ---------------------------------------------------------------------------------- */

static ssize_t read_some(struct limit_side *s, char *p, size_t n)
{
    return s->tls != NULL ? SSL_read(s->tls, p, (int)n) : read(s->fd, p, n);
}

void stream_write(struct limit_side *s, const void *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t k = s->tls != NULL ? SSL_write(s->tls, (const char *)p + at, (int)(n - at))
                                   : send(s->fd, (const char *)p + at, n - at, MSG_NOSIGNAL);

        if (k <= 0)
            drive_die("write: the other side has gone");
        at += (size_t)k;
    }
}

void stream_write_str(struct limit_side *s, const char *text)
{
    stream_write(s, text, strlen(text));
}

bool stream_read_line(struct limit_side *s)
{
    size_t n = 0;

    while (n < LIMIT_LINE_OCTETS) {
        ssize_t k = read_some(s, s->room + n, LIMIT_LINE_OCTETS - n);

        if (k <= 0)
            return false;
        n += (size_t)k;
        if (s->room[n - 1] == '\n')
            return true;
    }
    drive_die("a line is too long");
}

void stream_skip(struct limit_side *s, uint64_t octets)
{
    while (octets > 0) {
        ssize_t k = read_some(s, s->room, octets < LIMIT_ROOM_OCTETS ? octets : LIMIT_ROOM_OCTETS);

        if (k <= 0)
            drive_die("read: the other side has gone");
        octets -= (uint64_t)k;
    }
}

/* ---- TLS ------------------------------------------------------------------------------------- */

/* A certificate signed by its own key; nobody verifies it. */
static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *cert = X509_new();

    if (cert == NULL || X509_set_version(cert, X509_VERSION_3) != 1 ||
        ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) != 1 ||
        X509_gmtime_adj(X509_getm_notBefore(cert), -3600) == NULL ||
        X509_gmtime_adj(X509_getm_notAfter(cert), 86400) == NULL ||
        X509_set_pubkey(cert, key) != 1 || X509_sign(cert, key, EVP_sha256()) <= 0)
        drive_die("TLS: %s", tls_error_text());
    return cert;
}

static struct slice pem_of(BIO *bio)
{
    char *p;
    long n = BIO_get_mem_data(bio, &p);

    return slice_of(p, (size_t)n);
}

void stream_tls_prepare(struct limit_shared *s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256"); /* as server/certificate.c makes it */
    X509 *cert = make_certificate(key);
    BIO *chain_pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_mem());
    SSL_CTX *server;

    if (PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) != 1 ||
        PEM_write_bio_X509(chain_pem, cert) != 1)
        drive_die("TLS: %s", tls_error_text());
    drive_must(tls_context_new(pem_of(chain_pem), pem_of(key_pem), &server), "TLS");
    s->tls_server = server;
    s->tls_client = SSL_CTX_new(TLS_client_method());
    BIO_free(chain_pem);
    BIO_free(key_pem);
    X509_free(cert);
    EVP_PKEY_free(key);
}

void stream_tls_release(struct limit_shared *s)
{
    SSL_CTX_free(s->tls_server);
    SSL_CTX_free(s->tls_client);
}
