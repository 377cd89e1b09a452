/* migrate/maildir_scan.c -- see maildir_scan.h. */
#include "migrate/maildir_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

int maildir_open_dir(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* A stream over a directory below `at`, "." for itself; NULL and errno. */
static DIR *read_dir(int at, const char *name)
{
    int fd = maildir_open_dir(at, name);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

    if (fd >= 0 && d == NULL)
        close(fd);
    return d;
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* Room for one more object of `size` in a list on the heap that has n. */
static void *grow(void *list, size_t n, size_t size)
{
    if (n < 16 ? n != 0 : (n & (n - 1)) != 0)
        return list;
    return mem_resize(list, n < 16 ? 16 : 2 * n, size);
}

/* ---- folders --------------------------------------------------------------------------------- */

struct finder {
    struct import *im;
    struct arena *a;
    struct maildir_folders *out;
};

static enum err find_below(struct finder *f, int dir, struct slice path, int depth);

static void count_files(int folder, const char *sub, uint64_t *messages)
{
    DIR *d = read_dir(folder, sub);
    struct dirent *entry;

    if (d == NULL)
        return;
    while ((entry = readdir(d)) != NULL)
        *messages += entry->d_name[0] != '.';
    closedir(d);
}

static bool has_dir(int at, const char *name)
{
    struct stat st;

    return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static enum err add_folder(struct finder *f, int dir, struct slice path)
{
    struct maildir_folder folder = {.path = path, .name = SLICE("INBOX")};
    struct maildir_folders *out = f->out;
    enum err e = ERR_OK;

    if (out->n == MAILDIR_FOLDERS_MAX)
        return ERR_LIMIT;
    if (path.n > 0)
        e = maildir_folder_name(f->a, path, &folder.name);
    count_files(dir, "cur", &folder.messages);
    count_files(dir, "new", &folder.messages);
    if (e == ERR_CANNOT) {
        import_skip(f->im, path, "the folder's name is no mailbox name; its messages are left out");
        return ERR_OK;
    }
    TRY(e);
    out->folder = grow(out->folder, out->n, sizeof(*out->folder));
    out->folder[out->n++] = folder;
    out->messages += folder.messages;
    return ERR_OK;
}

/* `path` + "/" + name; NUL-terminated. */
static enum err join(struct arena *a, struct slice path, const char *name, struct slice *out)
{
    size_t n = strlen(name), slash = path.n > 0;
    char *p = arena_alloc(a, path.n + slash + n + 1);

    if (p == NULL)
        return ERR_NOMEM;
    if (slash) {
        memcpy(p, path.p, path.n);
        p[path.n] = '/';
    }
    memcpy(p + path.n + slash, name, n + 1);
    *out = slice_of(p, path.n + slash + n);
    return ERR_OK;
}

static enum err visit(struct finder *f, int dir, struct slice path, const char *name, int depth)
{
    scoped_fd int below = -1;
    struct slice joined;

    TRY(join(f->a, path, name, &joined));
    below = maildir_open_dir(dir, name);
    if (below < 0) {
        import_skip(f->im, joined,
                    errno == ELOOP || errno == ENOTDIR ? "is a link; not followed"
                                                       : "the folder cannot be read");
        return ERR_OK;
    }
    if (has_dir(below, "cur") || has_dir(below, "new"))
        TRY(add_folder(f, below, joined));
    if (name[0] == '.') /* Maildir++ folders do not nest */
        return ERR_OK;
    return find_below(f, below, joined, depth + 1);
}

static bool may_be_folder(int dir, const struct dirent *entry)
{
    static const char *const own[] = {"cur", "new", "tmp"};
    struct stat st;

    if (is_dots(entry->d_name))
        return false;
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        if (strcmp(entry->d_name, own[i]) == 0)
            return false;
    }
    /* A link to a directory is no folder, but worth a sentence. */
    return fstatat(dir, entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static enum err find_below(struct finder *f, int dir, struct slice path, int depth)
{
    DIR *d = read_dir(dir, ".");
    struct dirent *entry;
    enum err e = ERR_OK;

    if (d == NULL) {
        import_skip(f->im, path, "the folder cannot be read");
        return ERR_OK;
    }
    while (e == ERR_OK && (entry = readdir(d)) != NULL) {
        if ((depth > 0 && entry->d_name[0] == '.') || !may_be_folder(dir, entry))
            continue;
        if (depth == MAILDIR_DEPTH_MAX)
            import_skip(f->im, path, "folders are nested too deeply; left out from here");
        else
            e = visit(f, dir, path, entry->d_name, depth);
    }
    closedir(d);
    return e;
}

static int by_name(const void *a, const void *b)
{
    const struct maildir_folder *x = a, *y = b;

    return slice_cmp(x->name, y->name);
}

enum err maildir_find_folders(struct import *im, int root, struct arena *a,
                              struct maildir_folders *out)
{
    struct finder f = {.im = im, .a = a, .out = out};
    bool inbox = has_dir(root, "cur") || has_dir(root, "new");
    enum err e = inbox ? add_folder(&f, root, SLICE("")) : ERR_OK;

    if (e == ERR_OK)
        e = find_below(&f, root, SLICE(""), 0);
    if (e == ERR_OK && out->n > (inbox ? 1 : 0))
        qsort(out->folder + inbox, out->n - inbox, sizeof(*out->folder), by_name);
    return e;
}

/* ---- messages -------------------------------------------------------------------------------- */

static enum err add_message(struct import *im, int dir, const char *name, bool is_new,
                            struct arena *a, struct maildir_messages *out)
{
    struct maildir_message m = {.is_new = is_new};
    struct slice given = slice_of_str(name);
    struct stat st;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) /* a mail reader has just renamed it: the next run finds it */
            import_skip(im, given, "cannot be read");
        return ERR_OK;
    }
    if (!S_ISREG(st.st_mode)) {
        import_skip(im, given, "is not a regular file");
        return ERR_OK;
    }
    if (out->n == MAILDIR_MESSAGES_MAX)
        return ERR_LIMIT;
    if (!arena_copy(a, given, &m.name))
        return ERR_NOMEM;
    m.time_s = st.st_mtim.tv_sec > 0 ? st.st_mtim.tv_sec : maildir_name_time(given);
    out->message = grow(out->message, out->n, sizeof(*out->message));
    out->message[out->n++] = m;
    return ERR_OK;
}

static enum err list_dir(struct import *im, int folder, struct slice where, bool is_new,
                         struct arena *a, struct maildir_messages *out)
{
    DIR *d = read_dir(folder, is_new ? "new" : "cur");
    struct dirent *entry;
    enum err e = ERR_OK;

    if (d == NULL) {
        if (errno != ENOENT)
            import_skip(im, where, "the folder cannot be read");
        return ERR_OK;
    }
    while (e == ERR_OK && (entry = readdir(d)) != NULL) {
        if (entry->d_name[0] != '.')
            e = add_message(im, dirfd(d), entry->d_name, is_new, a, out);
    }
    closedir(d);
    return e;
}

static int by_time(const void *a, const void *b)
{
    const struct maildir_message *x = a, *y = b;

    if (x->time_s != y->time_s)
        return x->time_s < y->time_s ? -1 : 1;
    return slice_cmp(x->name, y->name);
}

enum err maildir_list_messages(struct import *im, int folder, struct slice where, struct arena *a,
                               struct maildir_messages *out)
{
    TRY(list_dir(im, folder, where, false, a, out));
    TRY(list_dir(im, folder, where, true, a, out));
    if (out->n > 1)
        qsort(out->message, out->n, sizeof(*out->message), by_time);
    return ERR_OK;
}
