/* mime/html_text.h -- what a page of HTML says, for a preview (RFC 8970 section 3.3).
 *
 * No HTML parser: tags and comments are left out, those that end a line or a cell become a space;
 * what STYLE, SCRIPT and TITLE hold is left out; character references become characters, those that
 * show nothing nothing. Whatever the input, the output is no longer; UTF-8 stays UTF-8. Linear.
 */
#ifndef ROOST_MIME_HTML_TEXT_H
#define ROOST_MIME_HTML_TEXT_H

#include "base/buf.h"

/* Append to `out` what `page`, UTF-8, says. */
void html_to_text(struct slice page, struct buf *out);

#endif
