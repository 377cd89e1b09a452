"""bench/peers/column.py -- a column of the comparison: a server, and accounts of it.

The three formats of Dovecot are three columns of one server; accounts begin with the column's name
(`drive --user`).
"""
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

    def drive(self, workload, *options, accounts=""):
        """One run of a workload: what its line of JSON says."""
        s = self.server
        command = [str(self.binary), "--imap", str(s.port), "--imaps", str(s.tls_port), "--process",
                   str(s.process.pid), "--user", self.name + accounts, *map(str, options), workload]
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS)
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}: {done.stderr.strip()}\n{s.log()[-500:]}")
        return json.loads(done.stdout)

    def try_row(self, row, *options):
        """As drive; where that fails, a record that says so, and the others go on."""
        try:
            return self.drive(row.name, *options, accounts=row.accounts)
        except Failed as e:
            return {"unsupported": True, "error": str(e)}

    def load(self, account, corpus, count, accounts=""):
        """So many messages in INBOX; what is there already stays."""
        self.server.add_accounts([self.name + accounts + account])
        return self.drive("load", "--account", account, "--corpus", corpus, "--count", count,
                          accounts=accounts)

    def add_numbered(self, count, accounts=""):
        self.server.add_accounts([f"{self.name}{accounts}{i}" for i in range(count)])

    def load_all(self, scale, say):
        """The mail that all rows share; `scale` 1 is the full measure."""
        if self.only:
            return
        self.add_numbered(SMALL_ACCOUNTS)
        self.add_numbered(SMALL_ACCOUNTS, "new")
        for account, corpus, count in (("real", "real", REAL), ("small", "small", SMALL)):
            told = self.load(account, corpus, int(count * scale))
            say(f"{self.title}: {account}, {told.get('rate', 0):.0f} messages/s")
        for i in range(SMALL_ACCOUNTS):
            self.load(str(i), "real", int(300 * scale))

    def warm(self):
        """All of the large mailbox is read as mail programs read it: rows that are not about fresh
        mail shall find what a server keeps of a first reading (Dovecot's cache file).
        """
        if not self.only:
            for workload in ("fresh-envelope", "fresh-headers"):
                self.drive(workload, "--account", "real")

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
