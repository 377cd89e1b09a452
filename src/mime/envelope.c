/* mime/envelope.c -- see envelope.h. */
#include "mime/envelope.h"

#include "mime/address.h"
#include "mime/imap_text.h"
#include "mime/mime.h"

/* Append an address list; where it lies in `out`. NIL if there is no address. */
static struct slice write_addresses(const struct collect *fields, enum field_id id, struct buf *out)
{
    size_t from = out->n;

    buf_add_char(out, ' ');
    address_list_to_imap(collect_value(fields, id), MIME_ADDRESSES_OCTETS_MAX, out);
    return slice_sub(buf_slice(out), from, out->n - from);
}

/* RFC 9051: Sender and Reply-To that are absent or empty are what From is. */
static void write_or_from(const struct collect *fields, enum field_id id, size_t from_at,
                          size_t from_n, struct buf *out)
{
    size_t at = out->n;
    struct slice own = write_addresses(fields, id, out);

    if (!slice_eq(own, SLICE(" NIL")))
        return;
    buf_truncate(out, at);
    if (buf_reserve(out, from_n) != NULL)
        buf_add_slice(out, slice_sub(buf_slice(out), from_at, from_n));
}

void envelope_write(const struct collect *fields, struct buf *out)
{
    size_t from_at, from_n;

    buf_add_char(out, '(');
    imap_nstring(out, collect_value(fields, FIELD_DATE));
    buf_add_char(out, ' ');
    imap_nstring(out, collect_value(fields, FIELD_SUBJECT));
    from_at = out->n;
    from_n = write_addresses(fields, FIELD_FROM, out).n;
    write_or_from(fields, FIELD_SENDER, from_at, from_n, out);
    write_or_from(fields, FIELD_REPLY_TO, from_at, from_n, out);
    write_addresses(fields, FIELD_TO, out);
    write_addresses(fields, FIELD_CC, out);
    write_addresses(fields, FIELD_BCC, out);
    buf_add_char(out, ' ');
    imap_nstring(out, collect_value(fields, FIELD_IN_REPLY_TO));
    buf_add_char(out, ' ');
    imap_nstring(out, collect_value(fields, FIELD_MESSAGE_ID));
    buf_add_char(out, ')');
}
