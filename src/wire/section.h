/* wire/section.h -- the brackets of BODY[...] and BINARY[...]. Private to the room; struct section
 * is in fetch.h. Source: RFC 9051 section 9 (section, section-spec, section-binary). */
#ifndef ROOST_WIRE_SECTION_H
#define ROOST_WIRE_SECTION_H

#include "wire/fetch.h"

/* "[" [section-spec] "]". */
must_use enum err section_parse(struct lex *in, struct arena *a, struct section *out);

/* "[" [section-part] "]". */
must_use enum err section_parse_part(struct lex *in, struct arena *a, struct section *out);

void section_write(struct buf *out, const struct section *section);

#endif
