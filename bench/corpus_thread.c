/* bench/corpus_thread.c -- who answers whom, who writes, and when; see corpus_internal.h.
 *
 * Everything is asked of the number alone, so a message can be made without those before it. An
 * answer goes to a message some way back (near ones far more often), or to one of the few hot
 * ones: that gives many threads of one and two and a few of hundreds.
 */
#include "corpus_internal.h"

enum { PARENT = 1, GENRE, PEOPLE_OF, DATE, VOICE, ADDRESS }; /* purposes of rng_of */

enum { HOT_EVERY = 250, VERY_HOT_EVERY = 4000 };

/* Shares in a hundred of messages that nobody answers and that answer nobody. */
static enum genre bulk_of(enum corpus_kind kind, uint32_t number)
{
    struct rng r = rng_of(number, GENRE);
    uint32_t draw = rng_below(&r, 100);

    if (kind == CORPUS_SMALL || number % HOT_EVERY == 0 || has_rare_subject(number))
        return GENRE_PERSON;
    return draw < 14 ? GENRE_NEWSLETTER : draw < 28 ? GENRE_NOTICE : GENRE_PERSON;
}

static uint32_t before(uint32_t number, struct rng *r)
{
    uint32_t draw = rng_below(r, 100), back;

    if (draw < 14)
        return number - 1 - (number - 1) % HOT_EVERY;
    if (draw < 17)
        return number - 1 - (number - 1) % VERY_HOT_EVERY;
    back = 1 + rng_below(r, 8U << rng_below(r, 7));
    return back <= number ? number - back : 0;
}

uint32_t parent_of(enum corpus_kind kind, uint32_t number)
{
    struct rng r = rng_of(number, PARENT);
    uint32_t parent;

    if (number == 0 || number % HOT_EVERY == 0 || has_rare_subject(number) ||
        bulk_of(kind, number) != GENRE_PERSON || !rng_percent(&r, kind == CORPUS_REAL ? 72 : 60))
        return NO_PARENT;
    parent = before(number, &r);
    if (has_rare_subject(parent) || bulk_of(kind, parent) != GENRE_PERSON)
        return NO_PARENT;
    return parent;
}

/* Small numbers far more often than large ones. */
static uint32_t of_many(struct rng *r, uint32_t n)
{
    return rng_below(r, 1 + rng_below(r, 1 + rng_below(r, n)));
}

static void set_people(struct facts *f)
{
    struct rng of_thread = rng_of(f->root, PEOPLE_OF), of_message = rng_of(f->number, PEOPLE_OF);
    uint32_t member[4];

    for (size_t i = 0; i < 4; i++)
        member[i] = rng_below(&of_thread, 4) < 3 ? of_many(&of_thread, PEOPLE)
                                                 : rng_below(&of_thread, PEOPLE);
    if (f->genre == GENRE_PERSON && rng_percent(&of_thread, 28))
        f->genre = GENRE_LIST;
    f->from =
        f->genre == GENRE_LIST ? of_many(&of_message, PEOPLE) : member[rng_below(&of_message, 4)];
    f->to = f->genre == GENRE_LIST ? member[0] % LISTS : member[rng_below(&of_message, 4)];
    if (f->genre == GENRE_PERSON && f->to == f->from)
        f->to = (f->from + 1) % PEOPLE;
    if (f->genre == GENRE_NEWSLETTER || f->genre == GENRE_NOTICE)
        f->from = of_many(&of_message, HOUSES);
}

static void set_date(const struct corpus *c, struct facts *f)
{
    static const int16_t zones[] = {60, 120, 0, -300, -480, 540, 330, 180, 480, -210};
    struct rng r = rng_of(f->number, DATE);
    int64_t span = CORPUS_DATE_END - CORPUS_DATE_FIRST, step = span / c->count;

    f->date_s = CORPUS_DATE_FIRST + f->number * span / c->count + rng_below(&r, (uint32_t)step + 1);
    if (rng_percent(&r, 2)) /* brought in later than it was written */
        f->date_s -= rng_below(&r, 30 * 86400);
    if (f->date_s < CORPUS_DATE_FIRST)
        f->date_s = CORPUS_DATE_FIRST;
    if (f->date_s >= CORPUS_DATE_END)
        f->date_s = CORPUS_DATE_END - 1;
    f->zone_minutes = zones[rng_percent(&r, 60) ? rng_below(&r, 2) : rng_below(&r, 10)];
}

static void set_voice(const struct corpus *c, struct facts *f)
{
    struct rng r = rng_of(f->root, VOICE);
    uint32_t draw = rng_below(&r, 1000);
    size_t i = 0;

    if (c->kind == CORPUS_REAL) {
        while (i + 1 < c->voices && draw >= c->voice[i].share)
            draw -= c->voice[i++].share;
    }
    f->voice = &c->voice[i];
}

void facts_of(const struct corpus *c, uint32_t number, struct facts *out)
{
    uint32_t up;

    *out = (struct facts){.number = number, .root = number, .parent = parent_of(c->kind, number)};
    for (up = out->parent; up != NO_PARENT; up = parent_of(c->kind, up))
        out->root = up;
    out->genre = bulk_of(c->kind, number);
    set_people(out);
    set_date(c, out);
    set_voice(c, out);
}

/* ---- addresses ------------------------------------------------------------------------------- */

static const char *const syllables[] = {"ba",  "ber", "da",  "del", "fen", "go",  "hal", "is",
                                        "jo",  "kar", "la",  "len", "ma",  "mir", "na",  "nor",
                                        "pe",  "ra",  "rin", "sa",  "sol", "ta",  "tor", "va",
                                        "wen", "yu",  "zel", "lo",  "mi",  "dan", "ka",  "ri"};

static void add_name(struct rng *r, struct buf *out)
{
    for (uint32_t n = 2 + rng_below(r, 2); n > 0; n--)
        buf_add_str(out, syllables[rng_below(r, 32)]);
}

void house_domain(uint32_t house, struct buf *out)
{
    struct rng r = rng_of(house % HOUSES, ADDRESS);

    add_name(&r, out);
    buf_add_str(out, rng_percent(&r, 50) ? ".example" : "mail.example");
}

void person_address(uint32_t person, struct buf *out)
{
    struct rng r = rng_of(person + 1000, ADDRESS);

    add_name(&r, out);
    buf_add_char(out, '.');
    add_name(&r, out);
    buf_add_char(out, '@');
    house_domain(rng_below(&r, HOUSES), out);
}

void list_address(uint32_t list, struct buf *out)
{
    struct rng r = rng_of(list % LISTS + 5000, ADDRESS);

    add_name(&r, out);
    buf_add_str(out, "-talk@lists.");
    house_domain(list, out);
}
