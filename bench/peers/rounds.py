"""bench/peers/rounds.py -- runs rows and limits in turn, and keeps all that was measured."""
import json
import statistics
import subprocess

SCAN = ("scan",)  # of 100,000 messages, whatever the mailboxes hold


class Results:
    """What each row gave: (row, column) to a list of one record a round. A column "limit" is the
    bare program's. Written after each run, so that what was measured survives a mishap.
    """

    def __init__(self, path, facts):
        self.path, self.facts = path, facts
        self.runs = {}

    def keep_earlier(self, rows, columns):
        """What an earlier run has left at the path stays, but for what is measured again; True
        unless there is nothing of the same machine and the same mailboxes.
        """
        earlier = json.loads(self.path.read_text()) if self.path.exists() else {}
        if any(earlier.get(key) != self.facts[key] for key in ("machine", "system", "scale")):
            return False
        again = {(row.name, name) for row in rows for name in ("limit", *(c.name for c in columns))}
        for row, columns_of in earlier["rows"].items():
            self.runs[row] = {name: records for name, records in columns_of.items()
                              if (row, name) not in again}
        self.facts["versions"] = {**earlier["versions"], **self.facts["versions"]}
        return True

    def add(self, row, column, record):
        record["commit"] = self.facts["commit"]
        self.runs.setdefault(row, {}).setdefault(column, []).append(record)
        self.path.write_text(json.dumps({**self.facts, "rows": self.runs}, indent=1))

    def commits(self):
        """The commits of Roost that were measured and the rows of each, most rows first."""
        rows = {}
        for row, columns in self.runs.items():
            for commit in {record["commit"] for record in columns.get("roost", [])}:
                rows.setdefault(commit, []).append(row)
        return sorted(rows.items(), key=lambda item: -len(item[1]))

    def middle(self, row, column, key):
        """The median over the rounds; None where nothing was measured or the server cannot."""
        values = [r[key] for r in self.runs.get(row, {}).get(column, []) if r.get(key) is not None]
        return statistics.median(values) if values else None


def run_row(row, column, settings):
    options = ["--seconds", settings.seconds * row.seconds]
    if row.kind in ("cold", "push"):  # push: a Dovecot process that was once refused an inotify
        column.server.restart()       # looks every 30 s for the rest of its life
    if row.kind == "fresh":
        options += ["--account", column.load_fresh(settings.scale)]
    if row.kind == "memory":  # one session an account; no process waits that others have left
        column.add_numbered(settings.sessions)
        column.server.restart()
        options += ["--connections", settings.sessions]
    return column.try_row(row, *options)


def run_limit(row, limit, results, settings):
    octets = results.middle(row.name, "roost", "octets") or 0
    words = [str(int(octets)) if word == "@octets" else word for word in row.limit]
    command = [str(limit), "--seconds", str(settings.seconds), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600,
                          cwd=settings.directory)
    if done.returncode != 0:
        return {"unsupported": True, "error": done.stderr.strip()}
    return json.loads(done.stdout)


def run_rounds(rows, columns, limit, results, settings, say):
    """A B A B: every server has its turn in each round of a row, the order reversed every other."""
    for row in rows:
        for n in range(settings.rounds):
            for column in columns if n % 2 == 0 else reversed(columns):
                if column.only and row.name not in column.only:
                    continue
                record = run_row(row, column, settings)
                results.add(row.name, column.name, record)
                say(f"{row.name:16} {column.name:8} {brief(record)}")
            if row.limit and (settings.scale == 1 or row.limit != SCAN):
                record = run_limit(row, limit, results, settings)
                results.add(row.name, "limit", record)
                say(f"{row.name:16} {'limit':8} {brief(record)}")


def brief(record):
    if record.get("unsupported"):
        return "-- " + record.get("error", "")
    return (f"{record.get('rate', 0):12.1f} /s  p50 {record.get('p50_us', 0):10.1f} us  "
            f"p99 {record.get('p99_us', 0):10.1f} us  CPU {record.get('cpu_us', 0):10.1f} us"
            + (f"  {record['kib_each']:.1f} KiB" if "kib_each" in record else ""))
