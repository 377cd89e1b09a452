/* server/certificate.c -- X.509 by OpenSSL; RFC 5280 for what a certificate holds. */
#include "server/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/openssl.h"
#include "gate/tls.h"

enum { SELF_SIGNED_DAYS = 3650 };

void certificate_paths_of(const struct settings *s, struct certificate_paths *out)
{
    if (s->tls_certificate[0] != '\0') {
        snprintf(out->chain, sizeof(out->chain), "%s", s->tls_certificate);
        snprintf(out->key, sizeof(out->key), "%s", s->tls_key);
        return;
    }
    snprintf(out->chain, sizeof(out->chain), "%s/tls/cert.pem", s->data);
    snprintf(out->key, sizeof(out->key), "%s/tls/key.pem", s->data);
}

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return ok;
}

/* Whether the name can stand in a subjectAltName value, whose syntax gives ',' a meaning. */
static bool is_dns_name(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        char c = ascii_lower(name[i]);
        if (!((c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-' || c == '.'))
            return false;
    }
    return n > 0 && n < 64;
}

static bool fill_in(X509 *cert, EVP_PKEY *key, const char *hostname)
{
    const char *host = is_dns_name(hostname) ? hostname : "localhost";
    char names[300];
    unsigned char serial[8];
    X509_NAME *name = X509_get_subject_name(cert);

    if (RAND_bytes(serial, sizeof(serial)) != 1)
        return false;
    serial[0] = (unsigned char)((serial[0] & 0x7f) | 1);
    BIGNUM *number = BN_bin2bn(serial, sizeof(serial), NULL);
    bool ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    snprintf(names, sizeof(names), "DNS:%s,DNS:localhost,IP:127.0.0.1,IP:::1", host);
    return ok && X509_set_version(cert, X509_VERSION_3) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), 86400L * SELF_SIGNED_DAYS) != NULL &&
           X509_set_pubkey(cert, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)host, -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(cert, name) == 1 &&
           add_extension(cert, NID_subject_alt_name, names) &&
           add_extension(cert, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(cert, NID_ext_key_usage, "serverAuth") &&
           X509_sign(cert, key, EVP_sha256()) > 0;
}

/* Write `bio` to a new file that only its owner can read, durably; whole or not at all: half a
 * certificate (a full disk) would keep every later start from making one. */
static bool write_file(const char *path, BIO *bio)
{
    char part[SETTINGS_PATH_OCTETS_MAX + 24];
    char *p;
    long n = BIO_get_mem_data(bio, &p);
    snprintf(part, sizeof(part), "%s.part", path);
    unlink(part);
    scoped_fd int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 && n > 0 && write(fd, p, (size_t)n) == n && fsync(fd) == 0 &&
           rename(part, path) == 0;
}

static bool write_both(const struct certificate_paths *at, X509 *cert, EVP_PKEY *key)
{
    BIO *chain_pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_mem());
    /* The key first: a certificate without a key would count as an administrator's mistake. */
    bool ok = chain_pem != NULL && key_pem != NULL &&
              PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) == 1 &&
              PEM_write_bio_X509(chain_pem, cert) == 1 && write_file(at->key, key_pem) &&
              write_file(at->chain, chain_pem);
    BIO_free(chain_pem);
    BIO_free(key_pem);
    return ok;
}

enum err certificate_ensure(const struct settings *s, bool *made)
{
    struct certificate_paths at;
    certificate_paths_of(s, &at);
    *made = false;
    if (s->tls_certificate[0] != '\0' || access(at.chain, F_OK) == 0)
        return ERR_OK;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    bool ok = key != NULL && cert != NULL && fill_in(cert, key, s->hostname) &&
              write_both(&at, cert, key);
    X509_free(cert);
    EVP_PKEY_free(key);
    *made = ok;
    return ok ? ERR_OK : ERR_IO;
}

static enum err read_file(const char *path, struct buf *out, struct buf *why)
{
    scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    char *at = buf_reserve(out, CERTIFICATE_OCTETS_MAX);
    if (fd >= 0 && at != NULL)
        n = read(fd, at, CERTIFICATE_OCTETS_MAX);
    if (n < 0) {
        buf_addf(why, "%s cannot be read: %s", path, strerror(errno));
        return ERR_CONFIG;
    }
    buf_added(out, (size_t)n);
    return ERR_OK;
}

enum err certificate_load(const struct settings *s, struct buf *chain, struct buf *key,
                          struct buf *why)
{
    struct certificate_paths at;
    SSL_CTX *ctx;
    certificate_paths_of(s, &at);
    buf_clear(chain);
    buf_clear(key);
    enum err e = read_file(at.chain, chain, why);
    if (e == ERR_OK)
        e = read_file(at.key, key, why);
    if (e == ERR_OK && (e = tls_context_new(buf_slice(chain), buf_slice(key), &ctx)) != ERR_OK)
        buf_addf(why, "%s and %s are not a certificate and its key", at.chain, at.key);
    else if (e == ERR_OK)
        SSL_CTX_free(ctx);
    if (e != ERR_OK) {
        buf_clear(chain);
        buf_clear(key);
    }
    return e;
}

static uint64_t stamp_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 0;
    uint64_t x = (uint64_t)st.st_mtim.tv_sec * 1000000007U + (uint64_t)st.st_mtim.tv_nsec;
    return (x * 31 + (uint64_t)st.st_size) * 31 + st.st_ino;
}

uint64_t certificate_stamp(const struct settings *s)
{
    struct certificate_paths at;
    certificate_paths_of(s, &at);
    uint64_t chain = stamp_of(at.chain), key = stamp_of(at.key);
    return chain == 0 || key == 0 ? 0 : chain * 1000003U ^ key;
}
