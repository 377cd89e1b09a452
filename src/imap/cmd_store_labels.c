/* imap/cmd_store_labels.c -- STORE X-GM-LABELS: putting messages into mailboxes and taking them
 * out, in steps, each message whole.
 *
 * Source: Google's description of its IMAP extensions; gmail.c says what labels are here. Which
 * mailboxes hold a message is asked of their columns, message by message.
 */
#include "imap/gmail.h"
#include "wire/create.h"
#include "wire/store.h"

/* The first message of the mailbox with that body; 0: it does not hold it. */
static enum err find_body(struct folder *f, uint64_t body, uint32_t *uid)
{
    struct messages *m;

    *uid = 0;
    TRY(folder_messages(f, &m));
    for (uint32_t i = 0; i < m->n && *uid == 0; i++)
        if (m->body[i] == body)
            *uid = uid_at(m->map, i);
    return ERR_OK;
}

static enum err holds(struct folder *f, uint64_t body, bool *does)
{
    uint32_t uid;

    TRY(find_body(f, body, &uid));
    *does = uid != 0;
    return ERR_OK;
}

/* Whether any mailbox but `except` does. */
static enum err held_elsewhere(struct account *a, const struct folder *except, uint64_t body,
                               bool *does)
{
    size_t n;
    struct folder *const *folders = account_folders(a, &n);

    *does = false;
    for (size_t i = 0; i < n && !*does; i++)
        if (folders[i] != except && !folders[i]->noselect)
            TRY(holds(folders[i], body, does));
    return ERR_OK;
}

static enum err copy_into(struct imap_session *s, struct job *j, struct folder *from, uint32_t uid,
                          struct folder *to)
{
    uint32_t first;

    return messages_copy(from, &uid, 1, to, job_modseq(s, j), &first);
}

static struct folder *archive(struct account *a)
{
    size_t n;
    struct folder *const *folders = account_folders(a, &n);

    for (size_t i = 0; i < n; i++)
        if ((folders[i]->special_use & (SPECIAL_USE_ARCHIVE | SPECIAL_USE_ALL)) != 0 &&
            !folders[i]->noselect)
            return folders[i];
    return NULL;
}

/* Take every copy of the body out of `f`. ERR_CANNOT: it would be nowhere. */
static enum err take_out(struct imap_session *s, struct job *j, const struct message_row *row,
                         struct folder *f)
{
    struct messages *m;
    struct folder *last;
    uint32_t here;
    bool elsewhere;

    TRY(held_elsewhere(s->account, f, row->body, &elsewhere));
    if (!elsewhere) {
        if ((last = archive(s->account)) == NULL)
            return ERR_CANNOT;
        TRY(find_body(f, row->body, &here)); /* it may have left the selected one already */
        TRY(copy_into(s, j, f, here, last));
    }
    TRY(folder_messages(f, &m));
    for (uint32_t i = m->n; i > 0; i--) {
        uint32_t uid = uid_at(m->map, i - 1);

        if (m->body[i - 1] != row->body)
            continue;
        TRY(messages_expunge(f, &uid, 1, job_modseq(s, j)));
        TRY(folder_messages(f, &m));
    }
    return ERR_OK;
}

static enum err put_in(struct imap_session *s, struct job *j, const struct message_row *row,
                       struct slice label)
{
    struct folder *f = gmail_folder(s, label);
    bool there;

    if (f == NULL && label.n > 0 && label.p[0] == '\\')
        return ERR_CANNOT;
    if (f == NULL)
        TRY(folder_create(s->account, label, 0, &f));
    TRY(holds(f, row->body, &there));
    if (there)
        return ERR_OK;
    TRY(quota_check_copies(s->view.folder, &row->uid, 1));
    return copy_into(s, j, s->view.folder, row->uid, f);
}

static enum err mark(struct imap_session *s, struct job *j, uint32_t uid, enum gmail_mark what,
                     enum store_action action)
{
    struct messages *m;
    uint32_t important = 0, k;
    bool changed;

    TRY(folder_messages(s->view.folder, &m));
    k = uid_map_lower(m->map, m->n, uid);
    if (k == m->n || uid_at(m->map, k) != uid)
        return ERR_OK;
    if (what == GMAIL_STARRED)
        return message_store(s->view.folder, k, action, FLAG_FLAGGED, NULL, 0, job_modseq(s, j),
                             &changed);
    TRY(gmail_important(s->account, action == STORE_ADD, &important));
    if (important == 0)
        return ERR_OK;
    return message_store(s->view.folder, k, action, 0, &important, 1, job_modseq(s, j), &changed);
}

static bool is_named(struct imap_session *s, const struct store_args *args, const struct folder *f)
{
    for (size_t i = 0; i < args->labels; i++)
        if (gmail_folder(s, args->label[i]) == f)
            return true;
    return false;
}

static bool names_mark(const struct store_args *args, enum gmail_mark what)
{
    for (size_t i = 0; i < args->labels; i++)
        if (gmail_mark(args->label[i]) == what)
            return true;
    return false;
}

/* X-GM-LABELS without a sign: whatever is not named goes. */
static enum err take_others(struct imap_session *s, struct job *j, const struct store_args *args,
                            const struct message_row *row)
{
    size_t n;
    struct folder *const *folders = account_folders(s->account, &n);

    for (enum gmail_mark what = GMAIL_STARRED; what <= GMAIL_IMPORTANT; what++)
        if (!names_mark(args, what))
            TRY(mark(s, j, row->uid, what, STORE_REMOVE));
    for (size_t i = 0; i < n; i++) {
        bool there;

        if (!gmail_is_label(folders[i]) || is_named(s, args, folders[i]))
            continue;
        TRY(holds(folders[i], row->body, &there));
        if (there)
            TRY(take_out(s, j, row, folders[i]));
    }
    return ERR_OK;
}

static enum err change(struct imap_session *s, struct job *j, const struct store_args *args,
                       const struct message_row *row, struct slice label)
{
    enum gmail_mark what = gmail_mark(label);
    struct folder *f;
    bool there;

    if (what != GMAIL_NO_MARK)
        return mark(s, j, row->uid, what, args->action == STORE_REMOVE ? STORE_REMOVE : STORE_ADD);
    if (args->action != STORE_REMOVE)
        return put_in(s, j, row, label);
    if ((f = gmail_folder(s, label)) == NULL)
        return ERR_OK;
    TRY(holds(f, row->body, &there));
    return there ? take_out(s, j, row, f) : ERR_OK;
}

/* The labels as they are now; the marks as they are, or were when it left this mailbox. */
static enum err answer(struct imap_session *s, struct job *j, uint32_t index,
                       struct message_row *row)
{
    scoped_undo struct arena_mark undo = arena_mark(&j->arena);
    struct label_map map = {.made = true};
    struct messages *m;
    size_t n;
    struct folder *const *folders = account_folders(s->account, &n);
    uint32_t k;

    map.at = arena_array(&j->arena, struct holding, n);
    if (map.at == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        bool there = false;

        if (gmail_is_label(folders[i]))
            TRY(holds(folders[i], row->body, &there));
        if (there)
            map.at[map.n++] = (struct holding){row->body, folders[i]->id};
    }
    TRY(folder_messages(s->view.folder, &m));
    k = view_live(&s->view, m, index);
    if (k != UINT32_MAX) {
        row->flags = m->flags[k];
        row->keywords = m->keywords[k];
    }
    view_write_fetch_begin(s, index, row->uid);
    if ((j->command->flags & COMMAND_UID) != 0)
        buf_addf(&s->out, "UID %u ", row->uid);
    gmail_write_labels(s, &map, k != UINT32_MAX ? s->view.folder : NULL, row);
    buf_add_str(&s->out, ")\r\n");
    return ERR_OK;
}

static enum err one(struct imap_session *s, struct job *j, const struct store_args *args,
                    uint32_t index)
{
    struct messages *m;
    struct message_row row;
    uint32_t k;

    TRY(folder_messages(s->view.folder, &m));
    k = view_live(&s->view, m, index);
    if (k == UINT32_MAX) {
        if ((j->command->flags & COMMAND_UID) == 0)
            j->late = ERR_EXPUNGED;
        return ERR_OK;
    }
    row = (struct message_row){.uid = uid_at(m->map, k),
                               .flags = m->flags[k],
                               .keywords = m->keywords[k],
                               .body = m->body[k]};
    for (size_t i = 0; i < args->labels; i++)
        TRY(change(s, j, args, &row, args->label[i]));
    if (args->action == STORE_REPLACE)
        TRY(take_others(s, j, args, &row));
    return args->silent ? ERR_OK : answer(s, j, index, &row);
}

enum err store_labels_run(struct imap_session *s, struct job *j, const struct store_args *args,
                          struct target *target)
{
    uint32_t index;

    TRY(view_check_writable(s));
    while (target_next(s, target, &index)) {
        TRY(one(s, j, args, index));
        j->done++;
        if (job_step_is_full(s, j))
            return ERR_MORE;
    }
    return ERR_OK;
}
