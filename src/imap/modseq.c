/* imap/modseq.c -- the mod-sequences a client hears of, and which of them it may remember.
 *
 * Source: RFC 7162 sections 3.1 (CONDSTORE enabling commands), 3.1.2.1 and 6.
 *
 * A client takes the greatest MODSEQ of the FETCH lines before a tagged answer for the mailbox's
 * HIGHESTMODSEQ, unless that code was sent. When an expunge may not be told yet, such a MODSEQ can
 * be above it, and a client that then lost its connection would never hear of the expunge. So
 * view.told_modseq follows what the client thinks, and is put right before each tagged answer.
 */
#include "imap/internal.h"

void modseq_write_highest(struct imap_session *s, struct buf *out)
{
    struct view *v = &s->view;

    buf_add_str(out, "HIGHESTMODSEQ ");
    buf_add_u64(out, v->modseq);
    v->told_modseq = v->modseq;
    v->held_back = false;
}

static void write_line(struct imap_session *s, const char *text)
{
    buf_add_str(&s->out, "* OK [");
    modseq_write_highest(s, &s->out);
    buf_addf(&s->out, "] %s\r\n", text);
}

void modseq_enable(struct imap_session *s)
{
    if (session_enabled(s, ENABLED_CONDSTORE))
        return;
    s->chosen.enabled |= ENABLED_CONDSTORE;
    if (s->view.folder_id != 0)
        write_line(s, "Mod-sequences are told from now on");
}

void modseq_write(struct imap_session *s, uint64_t modseq)
{
    buf_add_str(&s->out, "MODSEQ (");
    buf_add_u64(&s->out, modseq);
    buf_add_char(&s->out, ')');
    if (modseq > s->view.told_modseq)
        s->view.told_modseq = modseq;
}

/* After expunges of its own: in the tagged answer if there is room for the code (RFC 7162 sections
 * 3.2.7 and 3.2.9; of a MOVE either will do, RFC 6851 section 4.4). */
static void tell_own_expunges(struct imap_session *s, struct job *j, enum err e)
{
    if (e != ERR_OK || j->answer.n > 0) {
        write_line(s, "After what was expunged");
        return;
    }
    buf_add_str(&j->answer, "OK [");
    modseq_write_highest(s, &j->answer);
    buf_addf(&j->answer, "] %s done", j->command->name);
}

void modseq_tell(struct imap_session *s, struct job *j, enum err e)
{
    struct view *v = &s->view;

    if (!session_enabled(s, ENABLED_CONDSTORE) || v->folder_id == 0)
        return;
    if (j->expunged && session_enabled(s, ENABLED_QRESYNC)) {
        tell_own_expunges(s, j, e);
    } else if (v->told_modseq > v->modseq) {
        write_line(s, "Expunges are yet to be told");
        v->held_back = true;
    } else if (v->held_back && v->told_modseq < v->modseq) {
        write_line(s, "All is told");
    }
}
