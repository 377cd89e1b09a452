"""bench/peers/cyrus.py -- Cyrus IMAP 3.6 as a good administrator runs it on one machine.

Debian's cyrus-imapd cannot be installed beside dovecot-imapd, though nothing in them collides; so
cyrus-common is installed, and the programs of cyrus-imapd are unpacked beside the build.
What is not named here is the default. No squatter and no conversations: the scan is compared, as
everywhere.
"""
import pathlib
import shutil
import subprocess

from peer import PASSWORD, Server, make_certificate, package_version

INSTALLED = pathlib.Path("/usr/lib/cyrus/bin")

IMAPD = """
configdirectory: {dir}/lib
defaultpartition: default
partition-default: {dir}/spool
# What does not outlive the process is in memory, as Debian's /run/cyrus.
proc_path: {dir}/run/proc
mboxname_lockpath: {dir}/run/lock
hashimapspool: 1
unixhierarchysep: 1
altnamespace: 1
virtdomains: off
admins: cyrus
# INBOX is made when its owner logs in for the first time.
autocreate_quota: 0
autocreate_post: 1
# Passwords come from a database, without a daemon to ask, and from this machine without TLS.
allowplaintext: 1
sasl_mech_list: PLAIN
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {dir}/sasldb
# STATUS from a database of its own instead of opening every mailbox.
statuscache: 1
improved_mboxlist_sort: 1
# News are told at once by idled.
idlesocket: {dir}/lib/socket/idle
imapidlepoll: 60s
maxmessagesize: 0
tls_server_cert: {certificate}
tls_server_key: {key}
tls_versions: tls1_2 tls1_3
syslog_prefix: roost-bench
"""

CYRUS = """
START {{
  recover cmd="{common}/ctl_cyrusdb -C {conf} -r"
}}
SERVICES {{
  # Processes wait for connections and serve many, one after the other.
  imap cmd="{programs}/imapd -C {conf} -U 1000" listen="127.0.0.1:{port}" prefork=20 {most}
  imaps cmd="{programs}/imapd -C {conf} -s -U 1000" listen="127.0.0.1:{tls_port}" prefork=8 {most}
}}
EVENTS {{
  checkpoint cmd="{common}/ctl_cyrusdb -C {conf} -c" period=30
}}
DAEMON {{
  idled cmd="{programs}/idled -C {conf}"
}}
"""


class Cyrus(Server):
    title = "Cyrus"

    def __init__(self, directory, unpacked):
        super().__init__(directory)
        self.programs = INSTALLED if (INSTALLED / "imapd").exists() else unpack(unpacked)

    def configure(self, _loading):
        certificate, key = make_certificate(self.dir)
        conf = self.dir / "imapd.conf"
        conf.write_text(IMAPD.format(dir=self.dir, certificate=certificate, key=key))
        (self.dir / "cyrus.conf").write_text(CYRUS.format(
            programs=self.programs, common=INSTALLED, conf=conf, port=self.port,
            tls_port=self.tls_port, most="maxchild=12000 maxfds=4096",
        ))
        for name in ("lib", "lib/socket", "lib/db", "lib/log", "lib/msg", "spool", "run"):
            (self.dir / name).mkdir(exist_ok=True)
            shutil.chown(self.dir / name, "cyrus", "mail")
        for path in (key, certificate, self.dir):
            shutil.chown(path, "cyrus", "mail")

    def command(self):
        return [str(INSTALLED / "master"), "-C", str(self.dir / "imapd.conf"), "-M",
                str(self.dir / "cyrus.conf"), "-p", str(self.dir / "pid"), "-l", "1024"]

    def environment(self, loading):
        """Two fsyncs a message, which no setting spares: 100,000 would take ten minutes to load."""
        return {"LD_PRELOAD": "libeatmydata.so"} if loading else {}

    def add_accounts(self, names):
        for name in names:
            subprocess.run(["saslpasswd2", "-c", "-p", "-f", str(self.dir / "sasldb"), "-u",
                            self.realm(), name], input=PASSWORD, text=True, check=True)
        shutil.chown(self.dir / "sasldb", "cyrus", "mail")

    @staticmethod
    def realm():
        return subprocess.run(["hostname"], capture_output=True, text=True).stdout.strip()

    def version(self):
        return package_version("cyrus-common").split("-")[0]


def unpack(where):
    """The programs of Debian's package cyrus-imapd below the directory `where`."""
    programs = where / "usr/lib/cyrus/bin"
    if not (programs / "imapd").exists():
        where.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "-qq", "download", "cyrus-imapd"], cwd=where, check=True,
                       stderr=subprocess.DEVNULL)
        for package in where.glob("cyrus-imapd_*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(where)], check=True)
            package.unlink()
    return programs
