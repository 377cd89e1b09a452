/* migrate/maildir.c -- see maildir.h: folder after folder, oldest message first. */
#include "migrate/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "migrate/maildir_scan.h"
#include "wire/mailbox.h"

enum {
    PIECE_OCTETS = 64 * 1024,
    FLAGS_OCTETS_MAX = 32 * 300,
    SIDE_FILE_OCTETS_MAX = 1 << 20, /* subscriptions, keywords */
};

struct maildir {
    struct import *im;
    struct slice into;
    int root;
    struct arena names; /* of folders, for the whole import */
    struct buf flags;
    char piece[PIECE_OCTETS];
};

/* ---- files beside the messages --------------------------------------------------------------- */

/* A small file as a whole; empty when there is none. */
static void read_side_file(int dir, const char *name, struct buf *out)
{
    scoped_fd int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t n = 1;

    buf_init(out, SIDE_FILE_OCTETS_MAX);
    while (fd >= 0 && n > 0) {
        char *at = buf_reserve(out, 4096);

        n = at != NULL ? read(fd, at, 4096) : 0;
        if (n > 0)
            buf_added(out, (size_t)n);
    }
}

/* The next line without its end; false behind the last. */
static bool next_line(struct slice *text, struct slice *line)
{
    size_t end = slice_find(*text, '\n');

    if (text->n == 0)
        return false;
    *line = slice_sub(*text, 0, end);
    if (line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    *text = slice_sub(*text, end + 1, text->n);
    return true;
}

static void read_keywords(int folder, struct arena *a, struct slice keyword[MAILDIR_KEYWORDS])
{
    struct buf file;
    struct slice text, line;

    memset(keyword, 0, MAILDIR_KEYWORDS * sizeof(*keyword));
    read_side_file(folder, "dovecot-keywords", &file);
    text = buf_slice(&file);
    while (next_line(&text, &line)) {
        if (!maildir_keyword_line(a, line, keyword))
            continue; /* a keyword IMAP has no way to say */
    }
    buf_release(&file);
}

/* ---- one message ----------------------------------------------------------------------------- */

/* Send the octets of the file. One that shrinks meanwhile leaves a hole that nothing can fill. */
static enum err send_file(struct maildir *m, int fd, struct slice where, uint64_t octets)
{
    while (octets > 0) {
        size_t want = octets < PIECE_OCTETS ? (size_t)octets : PIECE_OCTETS;
        ssize_t n = read(fd, m->piece, want);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            import_skip(m->im, where, "became shorter while it was read; run the import again");
            return ERR_INUSE;
        }
        TRY(import_write(m->im, slice_of(m->piece, (size_t)n)));
        octets -= (size_t)n;
    }
    return import_end(m->im);
}

/* Reads the whole file, so what cannot be read is known before the server hears of the message;
 * it is in the page cache when it is sent. False, errno set: it cannot be read. */
static bool look_for_nul(struct maildir *m, int fd, bool *has_nul)
{
    off_t at = 0;
    ssize_t n;

    while ((n = pread(fd, m->piece, PIECE_OCTETS, at)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        *has_nul |= memchr(m->piece, '\0', (size_t)n) != NULL;
        at += n;
    }
    return true;
}

static void make_key(char key[IMPORT_KEY_OCTETS], struct slice mailbox, struct slice file_name)
{
    const struct slice part[] = {SLICE("maildir"), mailbox, maildir_unique(file_name)};

    import_key(key, part, sizeof(part) / sizeof(*part));
}

static enum err import_file(struct maildir *m, struct slice mailbox, int dir,
                            const struct maildir_message *f,
                            const struct slice keyword[MAILDIR_KEYWORDS])
{
    struct import_message message = {
        .where = f->name, .mailbox = mailbox, .has_date = f->time_s > 0, .date_s = f->time_s};
    scoped_fd int fd = openat(dir, f->name.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        import_skip(m->im, f->name, errno == ENOENT ? "has just vanished" : strerror(errno));
        return ERR_OK;
    }
    if (st.st_size == 0) {
        import_skip(m->im, f->name, "is empty");
        return ERR_OK;
    }
    if (!look_for_nul(m, fd, &message.has_nul)) {
        import_skip(m->im, f->name, strerror(errno));
        return ERR_OK;
    }
    buf_clear(&m->flags);
    maildir_flags(&m->flags, f->name, keyword);
    message.flags = buf_slice(&m->flags);
    message.octets = (uint64_t)st.st_size;
    make_key(message.key, mailbox, f->name);
    TRY(import_begin(m->im, &message));
    return send_file(m, fd, f->name, message.octets);
}

/* ---- one folder ------------------------------------------------------------------------------ */

static enum err import_messages(struct maildir *m, struct slice mailbox, int folder,
                                const struct maildir_messages *list,
                                const struct slice keyword[MAILDIR_KEYWORDS])
{
    scoped_fd int cur = maildir_open_dir(folder, "cur");
    scoped_fd int new = maildir_open_dir(folder, "new");

    for (size_t i = 0; i < list->n; i++) {
        const struct maildir_message *f = &list->message[i];

        TRY(import_file(m, mailbox, f->is_new ? new : cur, f, keyword));
        import_set_done(m->im, import_counts(m->im)->done + 1);
    }
    return ERR_OK;
}

static enum err import_open_folder(struct maildir *m, int fd, struct slice where, struct slice name)
{
    struct maildir_messages list = {0};
    struct slice keyword[MAILDIR_KEYWORDS];
    struct arena a;
    enum err e;

    arena_init(&a, MAILDIR_LIST_OCTETS_MAX);
    read_keywords(fd, &a, keyword);
    e = maildir_list_messages(m->im, fd, where, &a, &list);
    if (e == ERR_OK)
        e = import_messages(m, name, fd, &list, keyword);
    free(list.message);
    arena_clear(&a);
    return e;
}

/* The name in the account: below `into`, if there is one. */
static enum err target_name(struct maildir *m, struct slice name, struct slice *out)
{
    bool inbox = slice_eq(name, SLICE("INBOX"));
    char *p;

    *out = name;
    if (m->into.p == NULL)
        return ERR_OK;
    *out = m->into;
    if (inbox)
        return ERR_OK;
    p = arena_alloc(&m->names, m->into.n + 1 + name.n);
    if (p == NULL)
        return ERR_NOMEM;
    memcpy(p, m->into.p, m->into.n);
    p[m->into.n] = '/';
    memcpy(p + m->into.n + 1, name.p, name.n);
    *out = slice_of(p, m->into.n + 1 + name.n);
    return ERR_OK;
}

static enum err import_one_folder(struct maildir *m, const struct maildir_folder *f, bool subscribe)
{
    scoped_fd int fd = f->path.n > 0
                           ? openat(m->root, f->path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                           : dup(m->root);
    bool usable = true;
    struct slice name;

    if (fd < 0) {
        import_skip(m->im, f->path, strerror(errno));
        return ERR_OK;
    }
    TRY(target_name(m, f->name, &name));
    if (mailbox_valid(name))
        TRY(import_folder(m->im, name, &usable));
    if (!usable || !mailbox_valid(name)) {
        import_skip(m->im, f->path, "the folder is left out with its messages");
        import_set_done(m->im, import_counts(m->im)->done + f->messages);
        return ERR_OK;
    }
    if (subscribe)
        TRY(import_subscribe(m->im, name));
    return import_open_folder(m, fd, f->path, name);
}

/* ---- subscriptions --------------------------------------------------------------------------- */

static enum err subscribe_line(struct maildir *m, enum maildir_subscriptions form,
                               struct slice line)
{
    struct slice name, target;
    enum err e;

    if (line.n == 0)
        return ERR_OK;
    e = maildir_subscription(&m->names, form, line, &name);
    if (e == ERR_CANNOT)
        return ERR_OK; /* what is no mailbox name here cannot have been imported either */
    TRY(e);
    TRY(target_name(m, name, &target));
    return import_subscribe(m->im, target);
}

/* *found says whether the source keeps subscriptions at all. */
static enum err import_subscriptions(struct maildir *m, bool *found)
{
    enum maildir_subscriptions form = MAILDIR_SUBS_V1;
    struct buf file;
    struct slice text, line;
    enum err e = ERR_OK;

    read_side_file(m->root, "subscriptions", &file);
    if (file.n == 0) {
        buf_release(&file);
        read_side_file(m->root, "courierimapsubscribed", &file);
        form = MAILDIR_SUBS_COURIER;
    }
    text = buf_slice(&file);
    *found = text.n > 0;
    if (slice_starts(text, SLICE("V\t2\n"))) {
        form = MAILDIR_SUBS_V2;
        text = slice_sub(text, 4, text.n);
    }
    while (e == ERR_OK && next_line(&text, &line))
        e = subscribe_line(m, form, line);
    buf_release(&file);
    return e;
}

/* ---- all ------------------------------------------------------------------------------------- */

static enum err import_all(struct maildir *m)
{
    struct maildir_folders list = {0};
    bool subscriptions = false;
    enum err e = maildir_find_folders(m->im, m->root, &m->names, &list);

    if (e == ERR_OK && list.n == 0)
        e = ERR_NOTFOUND;
    if (e == ERR_OK) {
        import_set_total(m->im, list.messages);
        e = import_subscriptions(m, &subscriptions);
    }
    /* Without a list of subscriptions every folder is: many clients show no others. */
    for (size_t i = 0; e == ERR_OK && i < list.n; i++)
        e = import_one_folder(m, &list.folder[i], !subscriptions);
    free(list.folder);
    return e == ERR_OK ? import_drain(m->im) : e;
}

enum err maildir_import(struct import *im, const char *path, struct slice into)
{
    scoped_fd int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct maildir *m;
    enum err e;

    if (root < 0)
        return errno == EACCES ? ERR_NOPERM : ERR_NOTFOUND;
    m = mem_new(struct maildir);
    m->im = im;
    m->into = into;
    m->root = root;
    arena_init(&m->names, MAILDIR_LIST_OCTETS_MAX);
    buf_init(&m->flags, FLAGS_OCTETS_MAX);
    e = import_all(m);
    arena_clear(&m->names);
    buf_release(&m->flags);
    free(m);
    return e;
}
