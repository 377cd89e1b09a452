"""bench/peers/column.py -- a column of the comparison: a server, and accounts of it.

The three formats of Dovecot are three columns of one server; accounts begin with the column's name
(`drive --user`).
"""
import contextlib
import json
import subprocess
from dataclasses import dataclass

from rows import REAL, SMALL

SMALL_ACCOUNTS = 50  # of people whose mail is read, and as many who get mail
RUN_SECONDS = 1800  # the longest that one run of `drive` may take


@dataclass(frozen=True)
class Heading:
    name: str  # for --servers, and the key of its figures
    title: str
    server: str
    only: tuple = ()  # the rows it is measured in; (): all


HEADINGS = (
    Heading("roost", "Roost", "roost"),
    Heading("sdbox", "Dovecot sdbox", "dovecot"),
    Heading("mdbox", "Dovecot mdbox", "dovecot"),
    Heading("maildir", "Dovecot maildir", "dovecot"),
    Heading("cyrus", "Cyrus", "cyrus"),
    Heading("hibernate", "Dovecot, hibernated", "hibernate", ("idle", "idle-tls")),
)


class Failed(Exception):
    """A run that came to nothing."""


class Column:
    def __init__(self, heading, server, drive):
        self.name, self.title, self.only = heading.name, heading.title, heading.only
        self.server, self.binary = server, drive
        self.fresh = 0  # accounts that have been read for the first time

    def command(self, workload, *options, accounts=""):
        s = self.server
        return [str(self.binary), "--imap", str(s.port), "--imaps", str(s.tls_port), "--process",
                str(s.process.pid), "--user", self.name + accounts, *map(str, options), workload]

    def drive(self, workload, *options, accounts=""):
        """One run of a workload: what its line of JSON says."""
        command = self.command(workload, *options, accounts=accounts)
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS)
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}: {done.stderr.strip()}\n{self.server.log()[-500:]}")
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def sitting(self, count):
        """So many sessions that do nothing, while others are measured."""
        with subprocess.Popen(self.command("sit", "--connections", count), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as sitters:
            if not sitters.stdout.readline():
                raise Failed(f"{self.title}: {count} sessions cannot be opened")
            yield

    def try_row(self, row, *options):
        """As drive; where that fails, a record that says so, and the others go on."""
        try:
            return self.drive(row.name, *options, accounts=row.accounts)
        except Failed as e:
            return {"unsupported": True, "error": str(e)}

    def load(self, account, corpus, count):
        """So many messages in INBOX; what is there already stays."""
        self.server.add_accounts([self.name + account])
        return self.drive("load", "--account", account, "--corpus", corpus, "--count", count)

    def add_numbered(self, count, accounts=""):
        self.server.add_accounts([f"{self.name}{accounts}{i}" for i in range(count)])

    def load_large(self, account, corpus, count, say):
        told = self.load(account, corpus, count)
        say(f"{self.title}: {account}, {told.get('rate', 0):.0f} messages/s")

    def load_all(self, scale, say):
        """The mail that all rows share; `scale` 1 is the full measure."""
        if self.only:
            return
        self.load_large("real", "real", int(REAL * scale), say)
        self.load_large("small", "small", int(SMALL * scale), say)
        self.load_people(int(300 * scale))

    def load_people(self, count):
        self.add_numbered(SMALL_ACCOUNTS)
        self.add_numbered(SMALL_ACCOUNTS, "new")
        for i in range(SMALL_ACCOUNTS):
            self.load(str(i), "real", count)

    def warm(self, account="real"):
        """All of a large mailbox is read as mail programs read it: rows that are not about fresh
        mail shall find what a server keeps of a first reading (Dovecot's cache file).
        """
        if not self.only:
            for workload in ("fresh-envelope", "fresh-headers"):
                self.drive(workload, "--account", account)

    def load_fresh(self, scale):
        """A mailbox that nobody has read, and a server that has just started; its account."""
        self.fresh += 1
        account = f"fresh{self.fresh}"
        self.server.restart(loading=True)
        told = self.load(account, "real", int(REAL * scale))
        if told["operations"] == 0:  # of an earlier run with the same directory
            return self.load_fresh(scale)
        self.server.restart()
        return account
