/* wire/uid_batches.h -- the arguments of UIDBATCHES. Source: RFC 10022 section 3. */
#ifndef ROOST_WIRE_UID_BATCHES_H
#define ROOST_WIRE_UID_BATCHES_H

#include "wire/lex.h"

struct uid_batches_args {
    uint32_t size;        /* messages in a batch, 1 or more */
    uint32_t first, last; /* which batches, from 1; UINT32_MAX: to the end */
};

/* size [SP first ":" last]. A range that runs backwards is taken as it stands. */
must_use enum err uid_batches_parse(struct lex *in, struct uid_batches_args *out);

#endif
