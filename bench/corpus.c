/* bench/corpus.c -- the door of the corpus; see corpus.h. */
#include "base/mem.h"
#include "corpus_internal.h"

struct corpus *corpus_new(enum corpus_kind kind, uint32_t count)
{
    struct corpus *c = mem_new(struct corpus);

    c->kind = kind;
    c->count = count > 0 ? count : 1;
    c->voice = voices_new(&c->voices);
    buf_init(&c->text, CORPUS_MESSAGE_OCTETS_MAX);
    buf_init(&c->html, CORPUS_MESSAGE_OCTETS_MAX);
    buf_init(&c->raw, CORPUS_MESSAGE_OCTETS_MAX);
    return c;
}

void corpus_free(struct corpus **cp)
{
    struct corpus *c = *cp;

    if (c == NULL)
        return;
    voices_free(c->voice, c->voices);
    buf_release(&c->text);
    buf_release(&c->html);
    buf_release(&c->raw);
    free(c);
    *cp = NULL;
}

void corpus_message(struct corpus *c, uint32_t number, struct buf *out)
{
    struct facts f;

    facts_of(c, number, &f);
    if (c->kind == CORPUS_SMALL) {
        small_message(c, &f, out);
        return;
    }
    head_real(c, &f, out);
    parts_real(c, &f, out);
}

/* Each keyword or flag, and of how many in a thousand messages it is. */
static const struct {
    const char *flag;
    uint32_t share;
} marks[] = {
    {"\\Answered", 130}, {"\\Flagged", 35}, {"\\Draft", 3},     {"$Forwarded", 25},
    {"NonJunk", 150},    {"$Label1", 40},   {"$MDNSent", 10},   {"work", 30},
    {"receipts", 20},    {"travel", 8},     {"$Important", 12}, {"later", 6},
};

void corpus_note(const struct corpus *c, uint32_t number, struct corpus_note *out)
{
    struct rng r = rng_of(number, 0xf1a65);
    struct facts f;
    size_t n = 0;

    facts_of(c, number, &f);
    *out = (struct corpus_note){.zone_minutes = f.zone_minutes, .date_s = f.date_s};
    if (rng_percent(&r, 85))
        n = (size_t)snprintf(out->flags, sizeof(out->flags), "\\Seen");
    for (size_t i = 0; n > 0 && i < sizeof(marks) / sizeof(*marks); i++) {
        if (rng_below(&r, 1000) < marks[i].share && n + 20 < sizeof(out->flags))
            n += (size_t)snprintf(out->flags + n, sizeof(out->flags) - n, " %s", marks[i].flag);
    }
}
