"""bench/peers/machine.py -- where the figures come from: date, machine, versions."""
import datetime
import os
import pathlib
import platform
import subprocess


def words(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def memory_gib():
    line = pathlib.Path("/proc/meminfo").read_text().splitlines()[0]
    return int(line.split()[1]) / 1024 / 1024


def system_name():
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.split("=", 1)[1].strip('"')
    return platform.system()


def commit():
    """Of this tree; "-dirty" behind it: it has been changed since."""
    return words("git", "-C", str(pathlib.Path(__file__).parent), "describe", "--always", "--dirty",
                 "--exclude=*")


def tcp():
    """How it holds back: bbr does so on the loopback interface too, which costs long answers."""
    return pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()


def facts(directory, columns, scale):
    """What belongs beside figures."""
    disk = words("findmnt", "-n", "-o", "FSTYPE", "-T", str(directory))
    virtual = words("systemd-detect-virt", "--vm")
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores of {cpu_model()}, {memory_gib():.0f} GiB"
                   + (f", a virtual machine ({virtual})" if virtual not in ("", "none") else ""),
        "system": f"{system_name()}, Linux {platform.release()}, data on {disk}, TCP by {tcp()}",
        "commit": commit(),
        "versions": {c.server.title: c.server.version() for c in columns if c.name != "roost"},
        "scale": scale,
    }
