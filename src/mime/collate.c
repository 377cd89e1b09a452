/* mime/collate.c -- see collate.h. */
#include "mime/collate.h"

#include "mime/casemap.h"

void text_collate(enum collation collation, struct slice in, struct buf *out)
{
    if (collation == COLLATION_OCTET)
        buf_add_slice(out, in);
    else if (collation == COLLATION_ASCII)
        casemap_ascii(CASEMAP_TITLE, in, out);
    else
        casemap_unicode(CASEMAP_TITLE, in, true, out);
}
