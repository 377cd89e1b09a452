/* server/certificate.h -- the server's certificate and key as PEM: read, or made on first start. */
#ifndef ROOST_SERVER_CERTIFICATE_H
#define ROOST_SERVER_CERTIFICATE_H

#include "server/settings.h"

enum { CERTIFICATE_OCTETS_MAX = 30 * 1024 /* of chain and of key: both fit one message */ };

/* The paths in force: as set, or DATA/tls/cert.pem and key.pem. */
struct certificate_paths {
    char chain[SETTINGS_PATH_OCTETS_MAX + 16];
    char key[SETTINGS_PATH_OCTETS_MAX + 16];
};
void certificate_paths_of(const struct settings *s, struct certificate_paths *out);

/* Make a self-signed certificate (EC P-256, ten years, for the host name and localhost) if the
 * paths are the default ones and nothing is there. *made tells. ERR_IO. */
must_use enum err certificate_ensure(const struct settings *s, bool *made);

/* Read both and see that they parse and belong together. ERR_CONFIG, a sentence in `why`; the
 * buffers are empty then. */
must_use enum err certificate_load(const struct settings *s, struct buf *chain, struct buf *key,
                                   struct buf *why);

/* Changes whenever one of the files does (time, size, inode); 0 when one is missing. */
uint64_t certificate_stamp(const struct settings *s);

#endif
