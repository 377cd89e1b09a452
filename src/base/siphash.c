/* base/siphash.c -- see siphash.h. */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

void siphash_key_make(struct siphash_key *key)
{
    if (getrandom(key, sizeof(*key), 0) != sizeof(*key))
        *key = (struct siphash_key){{clock_mono_us()}};
}

struct state {
    uint64_t v[4];
};

static uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void half(uint64_t *a, uint64_t *b, unsigned by)
{
    *a += *b;
    *b = rotate(*b, by) ^ *a;
}

static void rounds(struct state *s, unsigned n)
{
    while (n-- > 0) {
        half(&s->v[0], &s->v[1], 13);
        s->v[0] = rotate(s->v[0], 32);
        half(&s->v[2], &s->v[3], 16);
        half(&s->v[0], &s->v[3], 21);
        half(&s->v[2], &s->v[1], 17);
        s->v[2] = rotate(s->v[2], 32);
    }
}

static void take(struct state *s, uint64_t word)
{
    s->v[3] ^= word;
    rounds(s, 2);
    s->v[0] ^= word;
}

uint64_t siphash(const struct siphash_key *key, struct slice in)
{
    struct state s = {{key->k[0] ^ 0x736f6d6570736575, key->k[1] ^ 0x646f72616e646f6d,
                       key->k[0] ^ 0x6c7967656e657261, key->k[1] ^ 0x7465646279746573}};
    uint64_t word, length = (uint64_t)in.n << 56;

    for (; in.n >= sizeof(word); in = slice_sub(in, sizeof(word), in.n)) {
        memcpy(&word, in.p, sizeof(word));
        take(&s, le64toh(word));
    }
    word = 0;
    if (in.n > 0)
        memcpy(&word, in.p, in.n);
    take(&s, le64toh(word) | length);
    s.v[2] ^= 0xff;
    rounds(&s, 4);
    return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}
