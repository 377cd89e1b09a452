/* mime/part_table.h -- the packed part table as it lies on disk. Internal: table.c writes it,
 * part.c reads it. All numbers are little endian.
 *
 *     0  "RPT" and the version
 *     4  u32 entries            8  u32 octets of the string pool     12  u32 zero
 *    16  entries, PART_ENTRY_OCTETS each, in the order of the message
 *     .  string pool
 *
 * An entry:
 *     0  u32 parent   4  u32 number   8  u32 end: one past its last descendant
 *    12  u8 flags    13  u8 cte      14  u8 type_n  15  u8 subtype_n  16  u8 charset_n  17  zero
 *    20  u32 pool_at: type, subtype and charset, one behind the other
 *    24  u64 header_at  32 u64 header_n  40 u64 body_at  48 u64 body_n  56 u64 lines
 *    64  i64 decoded_octets, -1 if it cannot be decoded
 *
 * A nested message is the entry right behind the one that holds it.
 */
#ifndef ROOST_MIME_PART_TABLE_H
#define ROOST_MIME_PART_TABLE_H

enum {
    PART_TABLE_VERSION = 1,
    PART_HEAD_OCTETS = 16,
    PART_ENTRY_OCTETS = 72,
};

enum { PART_FLAG_MULTIPART = 1, PART_FLAG_MESSAGE = 2, PART_FLAG_TEXT = 4, PART_FLAGS_ALL = 7 };

#endif
