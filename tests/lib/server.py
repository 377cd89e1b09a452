"""tests/lib/server.py -- a server under test: started in a directory of its own, stopped at the end.

Everything the tests assume of roost's command line and configuration is in class Roost, so a
change there is a change here and nowhere else. Dovecot and Running have the same face, so that
a conversation can be tried against a second implementation.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

READY_SECONDS = 20  # a sanitizer build on a busy machine needs a few
PASSWORD = "roost-secret"
# Its hash, as cheap as one can be: argon2id takes as long as a whole conversation.
CHEAP_HASH = ("$6$rounds=1000$roosttests$3IFkmjLHootKY2HlL7x6duFswHrsVhqrTVDfdCz0JkibTFCxcbswlERlPjfM"
              "/yaKIViyrqKFMpH8tJWYbeyA21")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, alive, seconds=READY_SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not alive():
            return False
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as s:
                s.settimeout(2)
                if s.recv(1):
                    return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


class Roost:
    """One `roost serve` with its own data directory and ports."""

    kind = "roost"

    def __init__(self, binary, keep=False, settings=""):
        self.binary = str(pathlib.Path(binary).resolve())
        self.keep = keep
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="roost-test-"))
        self.dir.chmod(0o755)  # as root the server's processes have uids of their own
        self.data = self.dir / "data"
        self.log_path = self.dir / "log"
        self.host, self.port, self.tls_port = "127.0.0.1", free_port(), free_port()
        self.config = self.dir / "roost.conf"
        self.config.write_text(
            f'data = "{self.data}";\n'
            f'listen = "127.0.0.1";\nport_imap = {self.port};\nport_imaps = {self.tls_port};\n'
            "max_connections_per_ip = 0;\n" + settings
        )
        self.process = None
        self.accounts = 0

    def command(self, *words):
        return [self.binary, *words, "--config", str(self.config)]

    def start(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            self.command("serve"), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )
        log.close()
        if not wait_for_port(self.port, self.alive):
            self.fail("server did not start")
        return self

    def fail(self, why):
        text = self.log()
        self.stop()
        sys.exit(f"{why}; its log:\n{text[-4000:]}")

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        try:
            return self.log_path.read_text(errors="replace")
        except OSError:
            return ""

    def add_account(self, name, password=PASSWORD):
        """The first one with argon2id, as everybody's; the many that follow with a cheap hash."""
        cheap = password == PASSWORD and self.accounts > 0
        self.accounts += 1
        how = ("--hash", CHEAP_HASH) if cheap else ("--password-stdin",)
        done = subprocess.run(
            self.command("account", "add", name, *how), input=password + "\n",
            text=True, capture_output=True, timeout=60,
        )
        if done.returncode != 0:
            raise RuntimeError(f"account add {name}: {done.stdout}{done.stderr}")
        return name, password

    def run(self, *words, **options):
        """One verb of the command line, with this server's configuration."""
        return subprocess.run(self.command(*words), capture_output=True, timeout=120, **options)

    def pids(self):
        """Process name (supervisor, gate, auth, store) to pid, of what runs now.

        What has ended but has not been collected yet, by whoever does that here, does not run."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                state, _, _, session = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:4]
                title = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                comm = (entry / "comm").read_text().strip()
            except (OSError, ValueError, IndexError):
                continue
            if self.process is None or int(session) != self.process.pid or state == "Z":
                continue
            name = "supervisor" if int(entry.name) == self.process.pid else "other"
            for known in ("gate", "auth", "store"):
                if name == "other" and (known in comm or f": {known}" in title):
                    name = known
            found[name] = int(entry.name)
        return found

    def memory(self):
        """PSS of all processes, in KiB."""
        sum_kib = 0
        for pid in self.pids().values():
            for line in open(f"/proc/{pid}/smaps_rollup"):
                if line.startswith("Pss:"):
                    sum_kib += int(line.split()[1])
        return sum_kib

    def stop(self, keep_data=False):
        """SIGTERM, as an administrator would; returns the exit status, None if it had to be killed."""
        status = None
        if self.process is not None:
            try:
                self.process.send_signal(signal.SIGTERM)
                status = self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None
        if not (self.keep or keep_data):
            shutil.rmtree(self.dir, ignore_errors=True)
        return status


class Running:
    """A server somebody else started, with accounts somebody else made."""

    kind = "other"

    def __init__(self, host, port, user, password, tls_port=None):
        self.host, self.port, self.tls_port = host, port, tls_port
        self.user, self.password = user, password

    def start(self):
        return self

    def alive(self):
        return True

    def add_account(self, _name, _password=None):
        return self.user, self.password

    def log(self):
        return ""

    def stop(self):
        return 0


class Dovecot:
    """Dovecot in a temporary directory: any user name, one password."""

    kind = "dovecot"

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="dovecot-test-"))
        self.dir.chmod(0o755)
        self.host, self.port, self.tls_port = "127.0.0.1", free_port(), free_port()
        self.process = None

    def config(self):
        d = self.dir
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-keyout", str(d / "key.pem"), "-out", str(d / "cert.pem")],
            check=True, capture_output=True,
        )
        return f"""
protocols = imap
base_dir = {d}/run
state_dir = {d}/state
log_path = {d}/log
listen = 127.0.0.1
ssl = yes
ssl_cert = <{d}/cert.pem
ssl_key = <{d}/key.pem
mail_location = mdbox:{d}/mail/%u
mail_uid = dovecot
mail_gid = dovecot
first_valid_uid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_max_userip_connections = 200
imap_idle_notify_interval = 30s
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=dovecot gid=dovecot home={d}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.tls_port}
    ssl = yes
  }}
  process_limit = 200
}}
service imap {{
  process_limit = 200
}}
service anvil {{
  chroot =
}}
"""

    def start(self):
        (self.dir / "dovecot.conf").write_text(self.config())
        mail = self.dir / "mail"
        mail.mkdir()
        shutil.chown(mail, "dovecot", "dovecot")
        self.process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.dir / "dovecot.conf")], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        if not wait_for_port(self.port, self.alive):
            print(self.log())
            self.stop()
            sys.exit("dovecot did not start")
        return self

    def alive(self):
        return self.process.poll() is None

    def add_account(self, name, _password=None):
        return name, PASSWORD

    def log(self):
        try:
            return (self.dir / "log").read_text(errors="replace")
        except OSError:
            return ""

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)
        return 0
