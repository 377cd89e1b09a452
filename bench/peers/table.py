"""bench/peers/table.py -- what was measured, as the tables of bench/report/table.md."""
from column import HEADINGS
from rows import REAL, ROWS, SMALL

NOTHING = "–"


def time_text(us):
    """A time in the unit that suits it, three digits."""
    if us is None:
        return NOTHING
    for unit, size in (("µs", 1), ("ms", 1e3), ("s", 1e6)):
        if us < 999.5 * size or unit == "s":
            return f"{digits(us / size)} {unit}"


def digits(value):
    if value is None:
        return NOTHING
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def rate_text(rate):
    return NOTHING if rate is None else f"{rate:,.0f}" if rate >= 100 else digits(rate)


def line(cells):
    return "| " + " | ".join(cells) + " |"


def head(cells):
    return [line(cells), "|" + "---|" + "---:|" * (len(cells) - 1)]


class Table:
    def __init__(self, results, scale):
        self.rows = [row for row in ROWS if row.name in results.runs]
        self.columns = [heading for heading in HEADINGS
                        if any(heading.name in results.runs[row.name] for row in self.rows)]
        self.sizes = {"small": f"{int(SMALL * scale):,}", "real": f"{int(REAL * scale):,}"}
        self.results = results

    def title(self, row):
        return row.title.format(**self.sizes)

    def best_peer(self, row, key):
        """The least of the peers' medians and whose it is; None without peers."""
        values = [(self.results.middle(row.name, c.name, key), c.title) for c in self.columns
                  if c.name != "roost"]
        return min((v for v in values if v[0] is not None), default=None)

    def ratio(self, row, key="cpu_us"):
        mine, best = self.results.middle(row.name, "roost", key), self.best_peer(row, key)
        return best[0] / mine if mine and best else None

    def short(self):
        """Each row beside the best peer only, as README shows it."""
        out = head(["server CPU of one; memory; time", "Roost", "the best of the others", "ratio"])
        for kinds, key, text, unit in (
                (("rate", "cold", "fresh"), "cpu_us", time_text, ""),
                (("memory",), "kib_each", lambda v: f"{digits(v)} KiB", ""),
                (("push",), "p50_us", time_text, ", median")):
            for row in self.kind(*kinds):
                mine, best = self.results.middle(row.name, "roost", key), self.best_peer(row, key)
                if mine is not None and best is not None:
                    out.append(line([self.title(row) + unit, text(mine),
                                     f"{text(best[0])} ({best[1]})", f"{digits(best[0] / mine)}x"]))
        return out

    def of_limit(self, row):
        mine = self.results.middle(row.name, "roost", "rate")
        bare = self.results.middle(row.name, "limit", "rate")
        return mine / bare if mine and bare else None

    def kind(self, *kinds):
        return [row for row in self.rows if row.kind in kinds]

    def full_columns(self):
        return [c for c in self.columns if not c.only]

    def cpu(self):
        """Server CPU per operation, the figure that is compared."""
        out = head(["server CPU per operation", *(c.title for c in self.full_columns()), "limit",
                    "best peer / Roost", "to reach", "rate / limit's", "to reach"])
        for row in self.kind("rate", "cold", "fresh"):
            cells = [time_text(self.results.middle(row.name, c.name, "cpu_us"))
                     for c in self.full_columns()]
            limit, share = self.results.middle(row.name, "limit", "cpu_us"), self.of_limit(row)
            out.append(line([
                self.title(row), *cells, time_text(limit), marked(self.ratio(row), row.goal, "x"),
                f"{row.goal:g}x" if row.goal else "", digits(share) if share else "",
                f"{row.limit_goal:g}" if row.limit_goal else "",
            ]))
        return out

    def rates(self):
        """Operations a second, p50 and p99 as the clients saw them."""
        out = head(["operations a second; p50, p99", *(c.title for c in self.full_columns()),
                    "limit"])
        names = [c.name for c in self.full_columns()] + ["limit"]
        for row in self.kind("rate", "cold", "fresh"):
            out.append(line([self.title(row), *(self.seen(row, name) for name in names)]))
        return out

    def seen(self, row, name):
        rate, p50, p99 = (self.results.middle(row.name, name, key)
                          for key in ("rate", "p50_us", "p99_us"))
        if rate is None:
            return NOTHING
        return f"{rate_text(rate)}; {time_text(p50)}, {time_text(p99)}"

    def others(self):
        """Memory of a session, and how long news take."""
        out = head(["", *(c.title for c in self.columns), "to reach"])
        for row in self.kind("memory"):
            cells = [self.results.middle(row.name, c.name, "kib_each") for c in self.columns]
            out.append(line([self.title(row), *(f"{digits(v)} KiB" if v is not None else NOTHING
                                          for v in cells), f"{row.goals[0]} KiB" if row.goals else ""]))
        for row in self.kind("push"):
            for key, part, goal in zip(("p50_us", "p99_us"), ("p50", "p99"), row.goals):
                cells = [time_text(self.results.middle(row.name, c.name, key))
                         for c in self.columns]
                out.append(line([f"{self.title(row)}, {part}", *cells, time_text(goal)]))
        return out


def marked(ratio, goal, unit):
    """A figure that reaches its goal is bold."""
    if ratio is None:
        return NOTHING
    text = f"{digits(ratio)}{unit}"
    return f"**{text}**" if goal and ratio >= goal else text


def versions(results):
    """What was measured; the rows by name where they are not all of one commit."""
    commits = [f"of commit {commit}" + (f" ({', '.join(rows)})" if n > 0 else "")
               for n, (commit, rows) in enumerate(results.commits())]
    peers = [f"{name} {version}" for name, version in results.facts["versions"].items()]
    return ", ".join((["Roost " + ", ".join(commits)] if commits else []) + peers)


def write(path, table, repeat):
    facts = table.results.facts
    text = [
        "# Roost beside its peers", "",
        f"{facts['date']}; {facts['machine']}; {facts['system']}. {versions(table.results)}.", "",
        f"To repeat: `{repeat}` (bench/README.md says what each row does).", "",
        "Client and server share the cores, so what is compared is the CPU of all processes of a",
        "server for each operation. Medians over the rounds; bold: reached.", "",
        *table.cpu(), "", *table.rates(), "", *table.others(), "",
    ]
    path.write_text("\n".join(text))
    path.with_name("readme.md").write_text("\n".join(table.short() + [""]))
