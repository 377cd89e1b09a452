/* tests/unit/migrate/test_maildir.c -- a Maildir on disk as the server gets it. */
#include "../test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "migrate/maildir.h"
#include "peer.h"

static char root[] = "/tmp/roost-maildir-XXXXXX";

/* Write a file below the root, making the directories of its path. mtime in seconds; 0: none. */
static void put(const char *path, const char *text, long mtime)
{
    char whole[600];
    struct timespec times[2] = {{.tv_sec = mtime}, {.tv_sec = mtime}};
    int fd;

    for (size_t i = 1; path[i] != '\0'; i++) {
        if (path[i] != '/')
            continue;
        snprintf(whole, sizeof(whole), "%s/%.*s", root, (int)i, path);
        (void)mkdir(whole, 0700);
    }
    snprintf(whole, sizeof(whole), "%s/%s", root, path);
    fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/roost-maildir-XXXXXX");
    return mkdtemp(root) == NULL;
}

static int tear_down(void **state)
{
    char command[200];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return system(command);
}

static void note(void *ctx, struct slice where, const char *why)
{
    buf_addf(ctx, "%.*s: %s\n", SLICE_ARG(where), why);
}

static struct import_counts import_root(struct peer *p, struct slice into, struct buf *problems)
{
    const struct import_listener listener = {problems, note, NULL};
    struct import *im = import_new(p->client, &listener);
    struct import_counts counts;

    assert_int_equal(maildir_import(im, root, into), ERR_OK);
    counts = *import_counts(im);
    import_free(&im);
    return counts;
}

static void run(struct slice into, const char *want_log, const char *want_problems)
{
    struct peer *p = peer_start();
    struct buf problems;

    buf_init(&problems, 100000);
    (void)import_root(p, into, &problems);
    assert_slice(peer_finish(p), slice_of_str(want_log));
    assert_slice(buf_slice(&problems), slice_of_str(want_problems));
    buf_release(&problems);
    peer_free(&p);
}

static void test_folders_flags_dates(void **state)
{
    (void)state;
    put("cur/2.b:2,S", "S: b\n\nx", 20);
    put("new/3.c", "S: c\n", 10); /* older file, newer name: the file's time counts */
    put("cur/1.a:2,Sa", "S: a\n", 0);
    put("cur/.hidden", "no", 1);
    put("tmp/4.d", "no", 1);
    put("dovecot-keywords", "0 $Junk\n1 work\n", 1);
    put(".Entw&APw-rfe.x/cur/5.e:2,Dab", "S: e\n", 5);
    put(".Entw&APw-rfe.x/dovecot-keywords", "1 other\n", 1);
    put("Nested/Deep/new/6.f", "S: f\n", 6);
    run(SLICE_NULL,
        "SUBSCRIBE INBOX\n"
        "K0 INBOX (\\Seen $Junk) \"01-Jan-1970 00:00:01 +0000\" {5+}|S: a$\n"
        "K1 INBOX \"01-Jan-1970 00:00:10 +0000\" {5+}|S: c$\n"
        "K2 INBOX (\\Seen) \"01-Jan-1970 00:00:20 +0000\" {7+}|S: b$$x\n"
        "CREATE \"Entw&APw-rfe/x\"\n"
        "SUBSCRIBE \"Entw&APw-rfe/x\"\n"
        "K3 \"Entw&APw-rfe/x\" (\\Draft other) \"01-Jan-1970 00:00:05 +0000\" {5+}|S: e$\n"
        "CREATE Nested/Deep\n"
        "SUBSCRIBE Nested/Deep\n"
        "K4 Nested/Deep \"01-Jan-1970 00:00:06 +0000\" {5+}|S: f$\n",
        "");
}

static void test_into_and_subscriptions(void **state)
{
    (void)state;
    put("cur/1.a:2,", "S: a\n", 1);
    put(".B/cur/2.b:2,", "S: b\n", 2);
    put("subscriptions", "V\t2\n\nB\nGone\tx\n", 1);
    run(SLICE("Old"),
        "SUBSCRIBE Old/B\n"
        "SUBSCRIBE Old/Gone/x\n"
        "CREATE Old\n"
        "K0 Old \"01-Jan-1970 00:00:01 +0000\" {5+}|S: a$\n"
        "CREATE Old/B\n"
        "K1 Old/B \"01-Jan-1970 00:00:02 +0000\" {5+}|S: b$\n",
        "");
}

static void test_problems(void **state)
{
    (void)state;
    put("cur/1.a:2,", "S: a\n", 1);
    put("cur/2.empty:2,", "", 2);
    put("cur/3.big:2,", "S: REFUSE\n", 3);
    put("cur/4.dir/x", "no", 1);
    put(".Shared/cur/5.s:2,", "S: s\n", 5);
    put(".a..b/cur/6.s:2,", "S: s\n", 6);
    run(SLICE_NULL,
        "SUBSCRIBE INBOX\n"
        "K0 INBOX \"01-Jan-1970 00:00:01 +0000\" {5+}|S: a$\n"
        "K1 INBOX \"01-Jan-1970 00:00:03 +0000\" {10+}|S: REFUSE$\n"
        "CREATE Shared\n",
        ".a..b: the folder's name is no mailbox name; its messages are left out\n"
        "4.dir: is not a regular file\n"
        "2.empty:2,: is empty\n"
        "3.big:2,: an object is larger than its stated maximum\n"
        "Shared: the server does not allow this name\n"
        ".Shared: the folder is left out with its messages\n");
}

static void test_link(void **state)
{
    char path[200];

    (void)state;
    put("cur/1.a:2,", "S: a\n", 1);
    snprintf(path, sizeof(path), "%s/.Link", root);
    assert_int_equal(symlink(root, path), 0);
    run(SLICE_NULL,
        "SUBSCRIBE INBOX\n"
        "K0 INBOX \"01-Jan-1970 00:00:01 +0000\" {5+}|S: a$\n",
        ".Link: is a link; not followed\n");
}

/* A message is the same when its flags change and when it moves from new to cur. */
static void test_again(void **state)
{
    char from[200], to[200];
    struct peer *p = peer_start();
    struct buf problems;
    struct import_counts c;

    (void)state;
    buf_init(&problems, 1000);
    put("new/1.a", "S: a\n", 1);
    put("cur/2.b:2,", "S: b\n", 2);
    c = import_root(p, SLICE_NULL, &problems);
    assert_int_equal(c.imported, 2);
    peer_finish(p);
    snprintf(from, sizeof(from), "%s/new/1.a", root);
    snprintf(to, sizeof(to), "%s/cur/1.a:2,RS", root);
    assert_int_equal(rename(from, to), 0);
    put("cur/3.c:2,", "S: c\n", 3);
    peer_again(p);
    c = import_root(p, SLICE_NULL, &problems);
    assert_int_equal(c.imported, 1);
    assert_int_equal(c.known, 2);
    assert_int_equal(c.done, c.total);
    peer_finish(p);
    assert_int_equal(problems.n, 0);
    buf_release(&problems);
    peer_free(&p);
}

/* More messages than may be under way at once. */
static void test_many(void **state)
{
    struct peer *p = peer_start();
    struct import_counts c;
    struct buf problems;

    (void)state;
    buf_init(&problems, 1000);
    for (int i = 0; i < 300; i++) {
        char name[40];

        snprintf(name, sizeof(name), "cur/%d.m:2,", i);
        put(name, "S: x\n", i + 1);
    }
    c = import_root(p, SLICE_NULL, &problems);
    assert_int_equal(c.imported, 300);
    assert_int_equal(c.total, 300);
    peer_finish(p);
    buf_release(&problems);
    peer_free(&p);
}

static void test_no_maildir(void **state)
{
    const struct import_listener listener = {0};
    struct peer *p = peer_start();
    struct import *im = import_new(p->client, &listener);

    (void)state;
    put("some/file", "x", 1);
    assert_int_equal(maildir_import(im, root, SLICE_NULL), ERR_NOTFOUND);
    assert_int_equal(maildir_import(im, "/nonexistent/x", SLICE_NULL), ERR_NOTFOUND);
    import_free(&im);
    assert_slice(peer_finish(p), SLICE(""));
    peer_free(&p);
}

int main(void)
{
#define IN_DIR(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_DIR(test_folders_flags_dates),
        IN_DIR(test_into_and_subscriptions),
        IN_DIR(test_problems),
        IN_DIR(test_link),
        IN_DIR(test_again),
        IN_DIR(test_many),
        IN_DIR(test_no_maildir),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
