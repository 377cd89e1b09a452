"""bench/peers/peer.py -- what every server under measurement has in common: a directory, two ports,
a first process below which all its others are, and accounts with the password "secret".
"""
import atexit
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "lib"))
from imap import Client  # noqa: E402
from server import free_port, wait_for_port  # noqa: E402

PASSWORD = "secret"
STOP_SECONDS = 60  # a server that has just taken a gigabyte in has something to finish
REST_SECONDS = 600  # so has one that indexes a million messages
STILL_SECONDS = 3  # Roost begins when nobody has asked for anything for a second
STILL_TICKS = 2  # of CPU time in these: a timer now and then is no work


def below(pid):
    """The process ids of a tree, first process first."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def state(pid):
    """The letter of /proc/PID/stat; None: there is none any more."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return None


def ticks(pids):
    """CPU time that each of them has used, in the kernel's hundredths of a second."""
    used = {}
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        used[pid] = int(fields[11]) + int(fields[12])
    return used


class Server:
    """Subclasses write configuration (`configure`), say how to start (`command`), make accounts."""

    title = ""

    def __init__(self, directory):
        self.dir = pathlib.Path(directory).resolve()
        self.dir.mkdir(parents=True, exist_ok=True)
        self.dir.chmod(0o755)  # as root the servers' processes have users of their own
        self.log_path = self.dir / "output"
        self.port, self.tls_port = free_port(), free_port()
        self.process = None
        atexit.register(self.stop)

    def start(self, loading=False):
        """`loading`: mail is taken in and nothing measured; durability may wait."""
        self.configure(loading)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.dir, start_new_session=True,
                env={**os.environ, **self.environment(loading)},
            )
        if not wait_for_port(self.port, self.alive):
            sys.exit(f"bench: {self.title} does not start; see {self.dir}:\n{self.log()}")
        return self

    def environment(self, _loading):
        return {}

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace")[-3000:]

    def stop(self):
        """SIGTERM, as an administrator would; who is left after a minute is killed, by number."""
        if self.process is None:
            return
        tree = below(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        while (left := self.still_ours(tree)) and time.monotonic() < deadline:
            time.sleep(0.02)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def still_ours(self, tree):
        """Those of the tree that run on after the first has ended."""
        return [pid for pid in tree if state(pid) not in (None, "Z")]

    def client(self, account):
        return Client("127.0.0.1", self.port, account, PASSWORD, seconds=STOP_SECONDS)

    def rest(self, seconds=REST_SECONDS):
        """Wait until it has nothing left to do, such as what it does with new mail when it is idle:
        until the CPU time of its processes stands still. False: it does not, all the time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            before = ticks(below(self.process.pid))
            time.sleep(STILL_SECONDS)
            after = ticks(below(self.process.pid))
            if sum(used - before.get(pid, 0) for pid, used in after.items()) <= STILL_TICKS:
                return True
        return False

    def restart(self, loading=False):
        self.stop()
        os.sync()  # what was written before is nobody's burden now
        self.start(loading)


def package_version(package):
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                           capture_output=True, text=True)
    return asked.stdout.strip()


def make_certificate(directory):
    """A key of the kind Roost makes for itself (P-256): no handshake is dearer than another's."""
    key, certificate = directory / "key.pem", directory / "cert.pem"
    if not key.exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "3650", "-subj", "/CN=localhost", "-keyout", str(key),
             "-out", str(certificate)], check=True, capture_output=True,
        )
    return certificate, key
