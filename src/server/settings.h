/* server/settings.h -- what an administrator can set, in one table: defaults, file, command line.
 *
 * The file (/etc/roost/roost.conf, or --config) is lines of `name = value`, in the notation of
 * UCL, of which this reads the flat part:
 *
 *     # comment
 *     data = "/var/lib/roost";        quotes and the semicolon may be left out
 *     listen = ["0.0.0.0", "::"];
 *     append_limit = 50M;             k, M, G: powers of 1024
 *     login_timeout = 60s;            s, min, h, d
 *
 * A later line replaces an earlier one, the command line replaces both. An unknown name or a
 * wrong value is one sentence with file and line, and nothing starts.
 */
#ifndef ROOST_SERVER_SETTINGS_H
#define ROOST_SERVER_SETTINGS_H

#include "base/buf.h"
#include "base/err.h"
#include "imap/session.h"

enum {
    SETTINGS_PATH_OCTETS_MAX = 512,
    SETTINGS_HOST_OCTETS_MAX = 255,
    SETTINGS_LISTEN_MAX = 6,
    SETTINGS_FILE_OCTETS_MAX = 64 * 1024,
};

struct settings {
    char data[SETTINGS_PATH_OCTETS_MAX + 1];
    char hostname[SETTINGS_HOST_OCTETS_MAX + 1];
    char listen[SETTINGS_LISTEN_MAX][64]; /* addresses, IPv4 or IPv6 */
    size_t n_listen;
    uint32_t port_imap, port_imaps;                     /* 0: not served */
    char tls_certificate[SETTINGS_PATH_OCTETS_MAX + 1]; /* PEM chain; empty: self-signed, in data */
    char tls_key[SETTINGS_PATH_OCTETS_MAX + 1];
    struct imap_settings imap;       /* server_version is the owner's */
    uint64_t memory_octets;          /* for open accounts; 0: the store chooses */
    uint32_t max_connections;        /* 0: as many as descriptors */
    uint32_t max_connections_per_ip; /* 0: no limit */
    uint32_t login_seconds;
    uint32_t idle_seconds;
    uint32_t workers; /* 0: the store chooses */
    bool demo;
};

/* The defaults; those of ports and data depend on whether we are root. ERR_CONFIG with a
 * sentence in `why` when no data directory can be named (no HOME). */
must_use enum err settings_init(struct settings *s, struct buf *why);

/* Apply a file's text. `file` is its name for the sentence. ERR_CONFIG: one sentence in `why`;
 * `s` is untouched. */
must_use enum err settings_parse(struct settings *s, struct slice text, const char *file,
                                 struct buf *why);

/* Read and apply a file. ERR_NOTFOUND when there is none, ERR_CONFIG as above; a sentence in
 * `why` for both. */
must_use enum err settings_load(struct settings *s, const char *path, struct buf *why);

/* "500", "50k", "1G" to octets; false: not a size. */
must_use bool settings_read_size(struct slice text, uint64_t *octets);

/* One setting, as the command line gives it. ERR_CONFIG: a sentence in `why`. */
must_use enum err settings_set(struct settings *s, struct slice name, struct slice value,
                               struct buf *why);

#endif
