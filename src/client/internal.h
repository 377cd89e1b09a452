/* client/internal.h -- what a client is, for the files of this room. */
#ifndef ROOST_CLIENT_INTERNAL_H
#define ROOST_CLIENT_INTERNAL_H

#include "client/client.h"
#include "client/stream.h"
#include "wire/frame.h"
#include "wire/mailbox.h"

struct client {
    struct client_stream stream;
    struct buf out; /* commands that have not been sent */
    struct frame frame;
    size_t taken; /* octets at the front of stream.in that the last response stood on */
    uint32_t tag; /* of the last command */
    int timeout_ms;
    enum mailbox_form form;
    enum err bye;  /* why the server ends the connection; ERR_OK: it has not said so */
    bool too_long; /* an argument that cannot be written: told at client_end */
};

/* Consume the octets the last response stood on. */
void client_drop_taken(struct client *c);

/* Of one complete response, line end included. ERR_SYNTAX. */
must_use enum err client_response_parse(struct slice line, struct client_response *out);

#endif
