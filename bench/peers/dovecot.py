"""bench/peers/dovecot.py -- one Dovecot 2.3; its users keep their mail as sdbox, mdbox or maildir.

What is not named here is Dovecot's default, which its documentation recommends; each line that is
named says why a good administrator writes it. Search indexes (fts) are off: the scan is compared.
"""
import atexit
import os
import pathlib
import shutil
import subprocess
import sys
import time

from peer import PASSWORD, Server, make_certificate

FORMATS = ("sdbox", "mdbox", "maildir")

CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
# Passwords are taken from this machine without TLS, as Roost does.
disable_plaintext_auth = no
auth_mechanisms = plain
# Who has logged in is not looked up again for an hour.
auth_cache_size = 16 M
# One user of the system owns all mail, so that an imap process can serve one user after another.
mail_uid = dovecot
mail_gid = dovecot
first_valid_uid = 1
mail_fsync = {fsync}
# Nobody but Dovecot touches the maildirs: what the index says need not be checked in the directory.
maildir_very_dirty_syncs = yes
# The files of mdbox hold some hundred messages each, so that purging rewrites little and opening
# the next one is rare.
mdbox_rotate_size = 32 M
# 100,000 messages and more in an index, mapped into a process.
default_vsz_limit = 2 G
default_client_limit = 20000
default_process_limit = 2000
{more}
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {dir}/users
}}
# The passdb's file has said where the mail is: no second question.
userdb {{
  driver = prefetch
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {dir}/users
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
# "High-performance mode" of the documentation: login processes that stay, one for each core.
service imap-login {{
  service_count = 0
  process_min_avail = {cores}
  client_limit = 10000
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
# Processes wait for users instead of being made for them, and serve many one after the other.
service imap {{
  service_count = {serves}
  process_min_avail = 20
  process_limit = 12000
  {imap}
}}
service auth {{
  client_limit = 30000
}}
service anvil {{
  client_limit = 30000
}}
protocol imap {{
  # COMPRESS, which its users' programs ask for over slow lines.
  mail_plugins = imap_zlib
  # All clients of a measurement come from one address.
  mail_max_userip_connections = 0
}}
"""

# What its documentation says for hibernation: idle sessions are handed to one small process.
HIBERNATE = "imap_hibernate_timeout = 1s"
HIBERNATE_IMAP = """extra_groups = $default_internal_group
  unix_listener imap-master {
    user = $default_internal_user
  }"""
HIBERNATE_SERVICE = """
service imap-hibernate {
  unix_listener imap-hibernate {
    mode = 0660
    group = $default_internal_group
  }
}
"""


INOTIFY = pathlib.Path("/proc/sys/fs/inotify/max_user_instances")
INOTIFY_INSTANCES = 20000


def raise_inotify():
    """As its documentation advises: a process that can have no inotify learns of news by looking
    every 30 s, and all of them belong to one user. Until the measurement ends.
    """
    before = int(INOTIFY.read_text())
    if before < INOTIFY_INSTANCES:
        print(f"bench: fs.inotify.max_user_instances is {INOTIFY_INSTANCES} instead of {before} "
              "until the end", file=sys.stderr, flush=True)
        INOTIFY.write_text(str(INOTIFY_INSTANCES))
        atexit.register(INOTIFY.write_text, str(before))


class Dovecot(Server):
    title = "Dovecot"

    def __init__(self, directory, hibernate=False):
        super().__init__(directory)
        self.hibernate = hibernate
        self.mail = self.dir / "mail"
        self.users = self.dir / "users"

    def configure(self, loading):
        certificate, key = make_certificate(self.dir)
        self.mail.mkdir(exist_ok=True)
        shutil.chown(self.mail, "dovecot", "dovecot")
        self.users.touch()
        text = CONFIG.format(
            dir=self.dir, certificate=certificate, key=key, port=self.port, tls_port=self.tls_port,
            cores=os.cpu_count(), more=HIBERNATE if self.hibernate else "",
            imap=HIBERNATE_IMAP if self.hibernate else "",
            serves=1 if self.hibernate else 1000,  # a process that hands its session over shall end
            fsync="never" if loading else "optimized",
        )
        (self.dir / "dovecot.conf").write_text(text + (HIBERNATE_SERVICE if self.hibernate else ""))

    def start(self, loading=False):
        raise_inotify()
        return super().start(loading)

    def command(self):
        return ["dovecot", "-F", "-c", str(self.dir / "dovecot.conf")]

    def add_accounts(self, names):
        known = {line.split(":")[0] for line in self.users.read_text().splitlines()}
        new = [name for name in names if name not in known]
        with open(self.users, "a") as f:
            f.writelines(self.user_line(name) for name in new)
        if new:  # the file is read again when it has changed, which is looked at once a second
            time.sleep(2)

    def user_line(self, name):
        form = next((form for form in FORMATS if name.startswith(form)), "sdbox")
        home = self.mail / name
        return f"{name}:{PASSWORD}:::::: userdb_home={home} userdb_mail={form}:{home}/mail\n"

    def version(self):
        asked = subprocess.run(["dovecot", "--version"], capture_output=True, text=True)
        return asked.stdout.split()[0]

    def log(self):
        return super().log() + (self.dir / "log").read_text(errors="replace")[-3000:]
