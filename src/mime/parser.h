/* mime/parser.h -- the parser's state. Internal to the room; parser.c says how it moves. */
#ifndef ROOST_MIME_PARSER_H
#define ROOST_MIME_PARSER_H

#include "mime/collect.h"
#include "mime/frames.h"
#include "mime/leaf.h"
#include "mime/mime.h"
#include "mime/results.h"
#include "mime/tree.h"

enum {
    /* Texts of one header: at most an envelope of 6 lists and 4 strings. */
    SCRATCH_OCTETS_MAX = 6 * MIME_ADDRESSES_OCTETS_MAX + 8 * 2 * MIME_FIELD_OCTETS_MAX,
};

#define NO_NODE UINT32_MAX

enum line_state { LINE_START, LINE_HEADER, LINE_BODY, LINE_SKIP };

struct mime_parser {
    struct arena texts;
    struct tree tree;
    struct collect fields;
    struct buf scratch;
    struct leaf_reader leaf;
    struct results results;

    uint64_t pos;       /* octets decided about so far; p->head is not */
    uint64_t line_ends; /* among them */

    enum line_state state;
    bool in_header;     /* of header_node */
    bool opens_part;    /* LINE_SKIP: the line ends with the begin of a part of the top frame */
    bool held_cr;       /* the line's last octet was CR and is not yet given out */
    unsigned pending_n; /* octets of the line break before the current line: 0, 1, 2 */
    uint32_t header_node;
    uint32_t open_node; /* the leaf being read, or NO_NODE: preamble, epilogue */
    uint32_t leaf_node; /* the part whose octets `leaf` decodes, or NO_NODE */

    struct frames frames;

    size_t head_n;
    char head[HEAD_OCTETS_MAX]; /* of the current line, undecided */
};

#endif
