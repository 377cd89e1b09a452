/* Settings: every value that is taken, and for every one that is not its sentence. */
#include "../test.h"

#include <unistd.h>

#include "server/settings.h"

static struct settings s;
static struct buf why;

static enum err parse(const char *text)
{
    buf_clear(&why);
    assert_int_equal(settings_init(&s, &why), ERR_OK);
    return settings_parse(&s, slice_of_str(text), "f", &why);
}

static void test_values(void **state)
{
    (void)state;
    assert_int_equal(parse("# all of them\n"
                           "data = \"/srv/mail # 1\"; # a comment\n"
                           "hostname = mail.example.org\r\n"
                           "listen = [\"127.0.0.1\", '::1' ]\n"
                           "\n"
                           "port_imap = 0\n"
                           "port_imaps = 65535;\n"
                           "tls_certificate = /etc/c.pem\n"
                           "tls_key = /etc/k.pem\n"
                           "append_limit = 25M\n"
                           "gmail_extensions = yes\n"
                           "memory = 1g\n"
                           "max_connections = 100\n"
                           "max_connections_per_ip = 0\n"
                           "login_timeout = 1min\n"
                           "idle_timeout = 1h\n"
                           "unauthenticate = no;\n"
                           "workers = 8"),
                     ERR_OK);
    assert_string_equal(s.data, "/srv/mail # 1");
    assert_string_equal(s.hostname, "mail.example.org");
    assert_int_equal(s.n_listen, 2);
    assert_string_equal(s.listen[1], "::1");
    assert_true(s.port_imap == 0 && s.port_imaps == 65535);
    assert_string_equal(s.tls_key, "/etc/k.pem");
    assert_true(s.imap.append_octets_max == 25 << 20 && s.memory_octets == 1ULL << 30);
    assert_true(s.imap.gmail);
    assert_true(s.max_connections == 100 && s.max_connections_per_ip == 0);
    assert_true(s.login_seconds == 60 && s.idle_seconds == 3600 && s.workers == 8);
    assert_false(s.imap.unauthenticate);
    assert_int_equal(parse(""), ERR_OK);
    assert_true(s.imap.unauthenticate);
    assert_int_equal(parse("append_limit = 1M\nappend_limit = 2M"), ERR_OK);
    assert_true(s.imap.append_octets_max == 2 << 20);
}

static void test_sentences(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"\n\nfrob = 1", "f, line 3: there is no setting \"frob\""},
        {"Data = /x", "f, line 1: there is no setting \"Data\""},
        {"data /x", "f, line 1: a line must be `name = value`"},
        {"unauthenticate = maybe", "f, line 1: unauthenticate must be yes or no"},
        {"data = x", "f, line 1: data must be an absolute path"},
        {"data =", "f, line 1: data must be a path"},
        {"hostname = \"\"", "f, line 1: hostname must be a host name"},
        {"listen = localhost", "f, line 1: listen must be an IP address or a list of them"},
        {"listen = []", "f, line 1: listen must be an IP address or a list of them"},
        {"listen = [::1, ]", "f, line 1: listen must be an IP address or a list of them"},
        {"listen = ::1,::1,::1,::1,::1,::1,::1", "f, line 1: listen must be at most 6 addresses"},
        {"port_imap = 65536", "f, line 1: port_imap must be between 0 and 65535"},
        {"port_imap = -1", "f, line 1: port_imap must be a number"},
        {"port_imap = 143x", "f, line 1: port_imap must be a number"},
        {"port_imap = 1k", "f, line 1: port_imap must be a number"},
        {"gmail_extensions = maybe", "f, line 1: gmail_extensions must be yes or no"},
        {"append_limit = lots", "f, line 1: append_limit must be a size such as 50M"},
        {"append_limit = 1", "f, line 1: append_limit must be between 1024 and 1073741824"},
        {"append_limit = 1125899906842624G", "f, line 1: append_limit must be a size such as 50M"},
        {"login_timeout = 5M", "f, line 1: login_timeout must be a time such as 60s or 30min"},
        {"idle_timeout = 1min", "f, line 1: idle_timeout must be between 1800 and 604800"},
        {"tls_key = /k", "f: tls_certificate and tls_key must be given together"},
        {"port_imap=0\nport_imaps=0", "f: port_imap and port_imaps cannot both be 0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct settings before;

        assert_int_equal(parse(cases[i].text), ERR_CONFIG);
        assert_slice(buf_slice(&why), slice_of_str(cases[i].want));
        buf_clear(&why);
        assert_int_equal(settings_init(&before, &why), ERR_OK);
        assert_memory_equal(&s, &before, sizeof(s)); /* a wrong file changes nothing */
    }
}

static void test_load(void **state)
{
    char path[] = "/tmp/roost-settings-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "workers = 3\n", 12), 12);
    close(fd);
    buf_clear(&why);
    assert_int_equal(settings_load(&s, path, &why), ERR_OK);
    assert_int_equal(s.workers, 3);
    unlink(path);
    assert_int_equal(settings_load(&s, path, &why), ERR_NOTFOUND);
    assert_true(why.n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_load),
    };

    buf_init(&why, 1000);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_release(&why);
    return failed;
}
