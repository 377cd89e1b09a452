/* cli/samples.h -- the mail of the demo account. */
#ifndef ROOST_CLI_SAMPLES_H
#define ROOST_CLI_SAMPLES_H

#include "base/buf.h"

struct sample {
    const char *folder;
    const char *flags;  /* as in APPEND, without parentheses */
    unsigned hours_ago; /* when it came */
    const char *from, *subject;
    const char *more; /* further header lines, each with CRLF; NULL: plain text headers */
    const char *body; /* with CRLF line ends */
};

extern const struct sample samples[];
extern const size_t n_samples;

/* The whole message, as it would have come at `now` minus its age. */
void sample_write(const struct sample *s, size_t number, int64_t now, struct buf *out);

#endif
