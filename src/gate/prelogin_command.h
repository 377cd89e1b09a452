/* gate/prelogin_command.h -- the commands of prelogin.c; private to those two files. */
#ifndef ROOST_GATE_PRELOGIN_COMMAND_H
#define ROOST_GATE_PRELOGIN_COMMAND_H

#include "gate/prelogin.h"
#include "wire/lex.h"

/* The command behind the tag that was just taken from `in`. */
enum prelogin_action prelogin_command_run(struct prelogin *p, struct lex *in, struct buf *out);

/* A line of the client inside AUTHENTICATE. */
enum prelogin_action prelogin_sasl_line(struct prelogin *p, struct lex *in, struct buf *out);

/* From prelogin.c: the tag of the command under way, absent if it had none; its answer BAD,
 * which counts; the capabilities that hold now. */
struct slice prelogin_tag(const struct prelogin *p);
enum prelogin_action prelogin_bad(struct prelogin *p, const char *why, struct buf *out);
void prelogin_write_capabilities(const struct prelogin *p, struct buf *out);

#endif
