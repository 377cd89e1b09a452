/* wire/literal.h -- the header of a literal, shared by the framer (which cuts around literals)
 * and the lexer (which reads them once they are there).
 *
 * Source: RFC 9051 section 9 (literal, literal8), RFC 7888 ("+": the sender does not wait),
 * RFC 3516 section 4.4 ("~": octets may be NUL).
 */
#ifndef ROOST_WIRE_LITERAL_H
#define ROOST_WIRE_LITERAL_H

#include "base/slice.h"

/* RFC 7888 section 5: where LITERAL- is announced (before login), a literal whose sender does not
 * wait is at most this large. */
enum { LITERAL_MINUS_OCTETS_MAX = 4096 };

struct literal {
    uint64_t size; /* octets announced; UINT64_MAX when the number does not fit */
    bool sync;     /* the sender waits for "+ " before it sends the octets */
    bool binary;   /* "~{n}" */
};

#endif
