/* fuzz/wire/fuzz_command.c -- every argument parser of the room.
 *
 * The input is a command without its tag: a word, a space, arguments. The first octet holds flags
 * (bit 0: UTF-8 session, bit 1: an arena that is soon full). Promises checked, for all: a failure
 * leaves the output and the arena untouched and `at` inside the input; success keeps the sets
 * ordered and within their limits, and what can be written back reads as the same again.
 */
#include <stdlib.h>

#include "wire/append.h"
#include "wire/authenticate.h"
#include "wire/base64.h"
#include "wire/create.h"
#include "wire/enable.h"
#include "wire/fetch.h"
#include "wire/i18n.h"
#include "wire/id_list.h"
#include "wire/imap_url.h"
#include "wire/list.h"
#include "wire/mailbox_filter.h"
#include "wire/multisearch.h"
#include "wire/metadata.h"
#include "wire/notify.h"
#include "wire/quota.h"
#include "wire/reply.h"
#include "wire/search.h"
#include "wire/select.h"
#include "wire/sort.h"
#include "wire/status.h"
#include "wire/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_OCTETS_MAX = 1 << 20, ARENA_OCTETS_SMALL = 300, TEXT_OCTETS_MAX = 1 << 20 };

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

/* Any output: filled with a pattern before, compared after a failure. */
union output {
    struct append_options append;
    struct append_data part;
    struct imap_url url;
    struct authenticate_args authenticate;
    struct create_args create;
    struct enable_args enable;
    struct fetch_list fetch;
    struct i18n_args i18n;
    struct id_list id;
    struct list_args list;
    struct login_args login;
    struct mailbox_filter filter;
    struct multisearch_args multisearch;
    struct metadata_args metadata;
    struct metadata_list entries;
    struct notify_args notify;
    struct quota_args quota;
    struct search_program search;
    struct select_args select;
    struct seq_set set;
    struct slice slice;
    struct sort_program sort;
    struct status_args status;
    struct store_args store;
    struct thread_program thread;
    char octets[256];
};

struct input {
    struct lex lex;
    struct arena arena;
    enum mailbox_form form;
};

static void check_set(const struct seq_set *set)
{
    CHECK(set->n < set->cap || set->saved);
    for (size_t i = 0; i < set->n; i++) {
        CHECK(set->range[i].lo >= 1 && set->range[i].lo <= set->range[i].hi);
        CHECK(i == 0 || set->range[i].lo > set->range[i - 1].hi + (uint64_t)1);
    }
}

/* Written and read again a set is the same. */
static void check_set_text(struct seq_set *set)
{
    struct arena arena;
    struct buf text;
    struct lex in;
    struct seq_set again;

    seq_set_resolve(set, 1000);
    if (set->n == 0)
        return;
    arena_init(&arena, ARENA_OCTETS_MAX);
    buf_init(&text, TEXT_OCTETS_MAX);
    seq_set_write(&text, set);
    in = lex_of(buf_slice(&text), false);
    CHECK(seq_set_parse(&in, &arena, &again) == ERR_OK && lex_end(&in) == ERR_OK);
    CHECK(again.n == set->n && seq_set_count(&again) == seq_set_count(set));
    CHECK(memcmp(again.range, set->range, set->n * sizeof(*set->range)) == 0);
    buf_release(&text);
    arena_clear(&arena);
}

static void check_mailbox(struct slice name, enum mailbox_form form)
{
    struct arena arena;
    struct buf text;
    struct lex in;
    struct slice again;

    CHECK(mailbox_valid(name));
    arena_init(&arena, ARENA_OCTETS_MAX);
    buf_init(&text, TEXT_OCTETS_MAX);
    mailbox_write(&text, form, name);
    in = lex_of(buf_slice(&text), true);
    CHECK(mailbox_parse(&in, &arena, form, &again) == ERR_OK && lex_end(&in) == ERR_OK);
    CHECK(slice_eq(again, name));
    buf_release(&text);
    arena_clear(&arena);
}

static void check_flags(const struct flag_list *flags)
{
    CHECK(flags->n <= FLAG_KEYWORDS_MAX);
    for (size_t i = 1; i < flags->n && i < 50; i++) {
        for (size_t j = 0; j < i; j++)
            CHECK(!slice_eq_nocase(flags->keyword[i], flags->keyword[j]));
    }
}

/* A label reads as the attribute it answers, but for PEEK and the length of a partial. */
static void check_label(const struct fetch_item *item)
{
    struct arena arena;
    struct buf text;
    struct lex in;
    struct fetch_list again;
    struct fetch_item bare = *item;

    bare.partial = false;
    arena_init(&arena, ARENA_OCTETS_MAX);
    buf_init(&text, TEXT_OCTETS_MAX);
    fetch_item_write(&text, &bare);
    in = lex_of(buf_slice(&text), false);
    CHECK(fetch_parse(&in, &arena, &again) == ERR_OK && lex_end(&in) == ERR_OK);
    CHECK(again.n == 1 && again.item[0].kind == item->kind);
    CHECK(again.item[0].section.parts == item->section.parts);
    CHECK(again.item[0].section.fields == item->section.fields);
    CHECK(again.item[0].section.text == item->section.text);
    buf_release(&text);
    arena_clear(&arena);
}

/* Depth and number of keys; the tree is at most SEARCH_DEPTH_MAX deep, so recursion is safe. */
static size_t count_keys(const struct search_key *key, int depth)
{
    size_t n = 0;

    CHECK(depth <= SEARCH_DEPTH_MAX + 1);
    for (; key != NULL; key = key->next) {
        n++;
        if (key->kind == SEARCH_AND || key->kind == SEARCH_OR) {
            CHECK(key->kind != SEARCH_OR || (key->child != NULL && key->child->next != NULL));
            CHECK(key->child != NULL);
            n += count_keys(key->child, depth + 1);
        } else if (key->kind == SEARCH_SEQ || key->kind == SEARCH_UID) {
            check_set(&key->set);
        }
    }
    return n;
}

static enum err run_login(struct input *i, union output *o)
{
    return login_parse(&i->lex, &i->arena, &o->login);
}

static enum err run_authenticate(struct input *i, union output *o)
{
    TRY(authenticate_parse(&i->lex, &i->arena, &o->authenticate));
    CHECK(o->authenticate.initial.n <= AUTH_RESPONSE_OCTETS_MAX);
    return ERR_OK;
}

static enum err run_response(struct input *i, union output *o)
{
    bool cancelled;

    return authenticate_response_parse(&i->lex, &i->arena, &cancelled, &o->slice);
}

static enum err run_id(struct input *i, union output *o)
{
    return id_list_parse(&i->lex, &i->arena, &o->id);
}

static enum err run_enable(struct input *i, union output *o)
{
    return enable_parse(&i->lex, &i->arena, &o->enable);
}

static enum err run_select(struct input *i, union output *o)
{
    TRY(select_parse(&i->lex, &i->arena, i->form, &o->select));
    check_mailbox(o->select.mailbox, i->form);
    if (o->select.has_qresync) {
        const struct qresync_args *q = &o->select.qresync;

        if (q->has_uids)
            check_set(&q->uids);
        CHECK(q->uidvalidity > 0 && !q->uids.star && !q->uids.saved);
        CHECK(seq_set_count(&q->match_numbers) == seq_set_count(&q->match_uids));
    }
    return ERR_OK;
}

static enum err run_create(struct input *i, union output *o)
{
    TRY(create_parse(&i->lex, &i->arena, i->form, &o->create));
    check_mailbox(o->create.mailbox, i->form);
    return ERR_OK;
}

static enum err run_list(struct input *i, union output *o)
{
    TRY(list_parse(&i->lex, &i->arena, i->form, &o->list));
    for (size_t n = 0; n < o->list.n; n++)
        mailbox_match(&o->list.pattern[n], SLICE("INBOX/a/\xc3\xa4%"));
    return ERR_OK;
}

static enum err run_lsub(struct input *i, union output *o)
{
    return list_parse_lsub(&i->lex, &i->arena, i->form, &o->list);
}

static enum err run_filter(struct input *i, union output *o)
{
    TRY(filter_mailboxes_parse(&i->lex, &i->arena, i->form, &o->filter));
    CHECK(o->filter.n <= MAILBOX_FILTER_NAMES_MAX);
    for (size_t n = 1; n < o->filter.n; n++)
        CHECK(slice_cmp(o->filter.key[n - 1], o->filter.key[n]) < 0);
    for (size_t n = 0; n < o->filter.n; n++)
        CHECK(mailbox_filter_covers(&o->filter, o->filter.key[n]));
    mailbox_filter_covers(&o->filter, SLICE("INBOX/a/b"));
    return ERR_OK;
}

/* The name is followed by a space, as every argument is here. */
static enum err run_i18n(struct input *i, union output *o)
{
    struct buf out;

    i->lex.at--;
    TRY(i18n_parse(&i->lex, &i->arena, &o->i18n));
    CHECK(o->i18n.n <= I18N_WORDS_MAX);
    buf_init(&out, TEXT_OCTETS_MAX);
    language_answer(&out, &o->i18n);
    buf_release(&out);
    for (size_t n = 0; n < o->i18n.n; n++)
        collation_matches(o->i18n.word[n], SLICE("i;unicode-casemap"));
    return ERR_OK;
}

static enum err run_status(struct input *i, union output *o)
{
    TRY(status_parse(&i->lex, &i->arena, i->form, &o->status));
    check_mailbox(o->status.mailbox, i->form);
    return ERR_OK;
}

/* Options and data of one message of APPEND. */
static enum err run_append(struct input *i, union output *o)
{
    struct append_data data;

    TRY(append_options_parse(&i->lex, &i->arena, &o->append));
    check_flags(&o->append.flags);
    if (append_data_parse(&i->lex, &data) == ERR_OK && data.element != APPEND_CATENATE)
        CHECK(i->lex.at == i->lex.in.n);
    return ERR_OK;
}

/* All that is left is the URL. */
static enum err run_url(struct input *i, union output *o)
{
    TRY(imap_url_parse(lex_rest(&i->lex), &i->arena, &o->url));
    CHECK(o->url.mailbox.p == NULL || mailbox_valid(o->url.mailbox));
    CHECK(o->url.uid > 0);
    check_label(&o->url.item);
    return ERR_OK;
}

static enum err run_part(struct input *i, union output *o)
{
    TRY(append_part_parse(&i->lex, &i->arena, &o->part));
    CHECK(o->part.element == APPEND_URL ? o->part.url.n <= APPEND_URL_OCTETS_MAX
                                        : i->lex.at == i->lex.in.n);
    return ERR_OK;
}

static enum err run_store(struct input *i, union output *o)
{
    TRY(store_parse(&i->lex, &i->arena, i->form, &o->store));
    check_set(&o->store.set);
    check_flags(&o->store.flags);
    return ERR_OK;
}

static enum err run_fetch(struct input *i, union output *o)
{
    TRY(fetch_parse(&i->lex, &i->arena, &o->fetch));
    CHECK(o->fetch.n >= 1 && o->fetch.n <= FETCH_ITEMS_MAX);
    for (size_t n = 0; n < o->fetch.n; n++)
        check_label(&o->fetch.item[n]);
    return ERR_OK;
}

static enum err run_search(struct input *i, union output *o)
{
    TRY(search_parse(&i->lex, &i->arena, &o->search));
    CHECK(count_keys(o->search.root, 1) == o->search.keys);
    return ERR_OK;
}

static void check_entries(const struct metadata_list *list)
{
    CHECK(list->n >= 1 && list->n <= METADATA_ENTRIES_MAX);
    for (size_t n = 0; n < list->n; n++) {
        struct slice name = list->entry[n].name;

        CHECK(name.n == 0 || (name.p[0] == '/' && name.p[name.n - 1] != '/'));
        CHECK(!metadata_is_below(name, name, METADATA_DEPTH_INFINITY));
    }
}

static enum err run_getmetadata(struct input *i, union output *o)
{
    TRY(getmetadata_parse(&i->lex, &i->arena, i->form, &o->metadata));
    check_entries(&o->metadata.list);
    return ERR_OK;
}

static enum err run_setmetadata(struct input *i, union output *o)
{
    TRY(setmetadata_parse(&i->lex, &i->arena, i->form, &o->metadata));
    check_entries(&o->metadata.list);
    return ERR_OK;
}

static enum err run_entries(struct input *i, union output *o)
{
    TRY(metadata_list_parse(&i->lex, &i->arena, &o->entries));
    check_entries(&o->entries);
    return ERR_OK;
}

static enum err run_setquota(struct input *i, union output *o)
{
    return setquota_parse(&i->lex, &i->arena, &o->quota);
}

static enum err run_sort(struct input *i, union output *o)
{
    TRY(sort_parse(&i->lex, &i->arena, &o->sort));
    CHECK(o->sort.n >= 1 && o->sort.n <= SORT_CRITERIA_MAX);
    CHECK(count_keys(o->sort.search.root, 1) == o->sort.search.keys);
    return ERR_OK;
}

static enum err run_thread(struct input *i, union output *o)
{
    TRY(thread_parse(&i->lex, &i->arena, &o->thread));
    CHECK(count_keys(o->thread.search.root, 1) == o->thread.search.keys);
    return ERR_OK;
}

static enum err run_multisearch(struct input *i, union output *o)
{
    TRY(multisearch_parse(&i->lex, &i->arena, i->form, &o->multisearch));
    CHECK(o->multisearch.n >= 1 && o->multisearch.n <= MULTISEARCH_FILTERS_MAX);
    CHECK(count_keys(o->multisearch.program.root, 1) == o->multisearch.program.keys);
    return ERR_OK;
}

static enum err run_notify(struct input *i, union output *o)
{
    const struct notify_args *args = &o->notify;
    struct fetch_list list;
    struct arena arena;
    struct lex again;

    TRY(notify_parse(&i->lex, &i->arena, i->form, &o->notify));
    CHECK(args->set ? args->n >= 1 && args->n <= NOTIFY_GROUPS_MAX : args->n == 0);
    if (args->fetch.p == NULL)
        return ERR_OK;
    again = lex_of(args->fetch, i->lex.utf8); /* as it will be read for each new message */
    arena_init(&arena, ARENA_OCTETS_MAX);
    CHECK(fetch_parse_attributes(&again, &arena, &list) == ERR_OK && lex_end(&again) == ERR_OK);
    arena_clear(&arena);
    return ERR_OK;
}

static enum err run_set(struct input *i, union output *o)
{
    TRY(seq_set_parse(&i->lex, &i->arena, &o->set));
    check_set(&o->set);
    check_set_text(&o->set);
    return ERR_OK;
}

static const struct command {
    struct slice name;
    enum err (*run)(struct input *, union output *);
} commands[] = {
#define ROW(name, run)                                                                             \
    {                                                                                              \
        {name, sizeof(name) - 1}, run                                                              \
    }
    ROW("LOGIN", run_login),
    ROW("AUTHENTICATE", run_authenticate),
    ROW("RESPONSE", run_response),
    ROW("ID", run_id),
    ROW("ENABLE", run_enable),
    ROW("SELECT", run_select),
    ROW("CREATE", run_create),
    ROW("LIST", run_list),
    ROW("LSUB", run_lsub),
    ROW("STATUS", run_status),
    ROW("APPEND", run_append),
    ROW("STORE", run_store),
    ROW("FETCH", run_fetch),
    ROW("SEARCH", run_search),
    ROW("SET", run_set),
    ROW("SORT", run_sort),
    ROW("THREAD", run_thread),
    ROW("FILTER", run_filter),
    ROW("GETMETADATA", run_getmetadata),
    ROW("ENTRIES", run_entries),
    ROW("SETMETADATA", run_setmetadata),
    ROW("PART", run_part),
    ROW("I18N", run_i18n),
    ROW("SETQUOTA", run_setquota),
    ROW("URL", run_url),
    ROW("ESEARCH", run_multisearch),
    ROW("NOTIFY", run_notify),
#undef ROW
};

static void run(const struct command *command, struct input *input)
{
    union output output, before;
    size_t start = input->lex.at;
    enum err e;

    memset(&before, 0x5A, sizeof(before));
    memcpy(&output, &before, sizeof(before));
    e = command->run(input, &output);
    CHECK(input->lex.at >= start && input->lex.at <= input->lex.in.n);
    if (e == ERR_OK)
        return;
    CHECK(e == ERR_SYNTAX || e == ERR_LIMIT || e == ERR_NOMEM || e == ERR_CANNOT ||
          e == ERR_USEATTR);
    CHECK(memcmp(&output, &before, sizeof(before)) == 0);
    CHECK(input->arena.used_octets == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {0};
    struct slice tag;
    bool utf8 = size > 0 && (data[0] & 1) != 0;

    if (size < 2)
        return 0;
    input.form = utf8 ? MAILBOX_UTF8 : MAILBOX_MUTF7;
    input.lex = lex_of(slice_of(data + 1, size - 1), utf8);
    arena_init(&input.arena, (data[0] & 2) != 0 ? ARENA_OCTETS_SMALL : ARENA_OCTETS_MAX);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!lex_accept_atom(&input.lex, commands[i].name))
            continue;
        if (lex_accept(&input.lex, ' '))
            run(&commands[i], &input);
        break;
    }
    input.lex.at = 0;
    if (lex_tag(&input.lex, &tag) == ERR_OK)
        CHECK(tag.n >= 1 && tag.n <= LEX_TAG_OCTETS_MAX);
    arena_clear(&input.arena);
    return 0;
}
