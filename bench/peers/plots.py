"""bench/peers/plots.py -- the figures as SVG, drawn by gnuplot."""
import math
import subprocess

COLOURS = {"roost": "#d55e00", "sdbox": "#0072b2", "mdbox": "#56b4e9", "maildir": "#009e73",
           "cyrus": "#cc79a7", "limit": "#888888"}
FONT = "sans,13"


def draw(path, width, height, script):
    start = f"""set terminal svg size {width},{height} dynamic font '{FONT}' background '#ffffff'
set output '{path}'
set border 3 lc '#555555'
set tics nomirror
set style line 9 lc '#dddddd' lw 1
"""
    subprocess.run(["gnuplot"], input=start + script, text=True, check=True)


def block(name, lines):
    return f"${name} << EOD\n" + "\n".join(lines) + "\nEOD\n"


def axis_of_rows(titles):
    """Rows from top to bottom; their titles beside the y axis."""
    tics = ", ".join(f"'{title}' {-i}" for i, title in enumerate(titles))
    return f"""set ytics ({tics}) scale 0
set yrange [{-len(titles) + 0.3}:0.7]
set lmargin {max(map(len, titles), default=0) * 0.92 + 2:.0f}
"""


def ratios(path, table):
    """For each row the CPU of the best peer as a bar, of every peer as a point; Roost is 1."""
    rows = [r for r in table.kind("rate", "cold", "fresh") if table.ratio(r)]
    if not rows:
        return
    bars, goals, script = [], [], ""
    for i, row in enumerate(rows):
        bars.append(f"{table.ratio(row):.4g} {-i}")
        goals.append(f"{row.goal} {-i}")
    script += block("bars", bars) + block("goals", goals)
    script += axis_of_rows([table.title(r) for r in rows])
    script += """set logscale x 10
set grid x ls 9
set xlabel 'server CPU for each operation, Roost = 1'
set key outside top center horizontal samplen 1
set style fill solid 0.85 noborder
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc '#555555' lw 1.5 back
set offsets graph 0.02, graph 0.02, 0, 0
"""
    plots = [f"$bars using 1:2:($1<1?$1:1):($1<1?1:$1):($2-0.32):($2+0.32) with boxxyerror "
             f"lc '#f0b48a' title 'best peer'"]
    for column in table.full_columns():
        if column.name != "roost":
            script += block(column.name, points(table, rows, column))
            plots.append(f"${column.name} using 1:2 with points pt 7 ps 0.7 "
                         f"lc '{COLOURS[column.name]}' title '{column.title}'")
    plots.append("$goals using ($1>0?$1:NaN):($2-0.36):(0):(0.72) with vectors nohead "
                 "lc '#000000' lw 2 title 'to reach'")
    draw(path, 1000, 150 + 26 * len(rows), script + "plot " + ", \\\n     ".join(plots) + "\n")


def points(table, rows, column):
    found = []
    for i, row in enumerate(rows):
        mine = table.results.middle(row.name, "roost", "cpu_us")
        theirs = table.results.middle(row.name, column.name, "cpu_us")
        if mine and theirs:
            found.append(f"{theirs / mine:.4g} {-i}")
    return found or ["NaN NaN"]


def latencies(path, table):
    """From p50 (the point) to p99 (the end of the line), as the clients saw them."""
    rows = [r for r in table.kind("rate", "cold", "fresh", "push")]
    columns = table.full_columns()
    if not rows:
        return
    script, plots = axis_of_rows([table.title(r) for r in rows]), []
    for k, column in enumerate(columns):
        shift = (k - (len(columns) - 1) / 2) * 0.14
        script += block(column.name, spans(table, rows, column, shift))
        colour = COLOURS[column.name]
        plots.append(f"${column.name} using 1:3:($2-$1):(0) with vectors nohead lw 2 lc '{colour}' "
                     "notitle")
        plots.append(f"${column.name} using 1:3 with points pt 7 ps 0.6 lc '{colour}' "
                     f"title '{column.title}'")
    script += """set logscale x 10
set format x '%.0s %cs'
set grid x ls 9
set xlabel 'p50 (point) to p99 (end of the line)'
set key outside top center horizontal samplen 1
"""
    draw(path, 1000, 150 + 30 * len(rows), script + "plot " + ", \\\n     ".join(plots) + "\n")


def spans(table, rows, column, shift):
    found = []
    for i, row in enumerate(rows):
        p50, p99 = (table.results.middle(row.name, column.name, key)
                    for key in ("p50_us", "p99_us"))
        if p50:
            found.append(f"{p50 / 1e6:.4g} {max(p50, p99) / 1e6:.4g} {-i - shift}")
    return found or ["NaN NaN NaN"]


def growth(path, results, columns, axis, rows):
    """A small plot for each workload: CPU of an operation against what grows."""
    rows = [row for row in rows if row.name in results.runs]
    if not rows:
        return
    across = min(4, len(rows))
    down = math.ceil(len(rows) / across)
    title = f"title 'server CPU of an operation, by {axis}' font 'sans,16' offset -24,0"
    script = f"""set multiplot layout {down},{across} {title}
set logscale xy 10
set format x '%.0s%c'
set format y '%.0s %cs'
set grid ls 9
set key off
set tics font 'sans,11'
set lmargin 8
"""
    for n, row in enumerate(rows):
        plots = []
        for column in columns:
            data = curve(results, row, column, axis)
            if data:
                name = f"g{n}_{column.name}".replace("-", "_")
                script += block(name, data)
                plots.append(f"${name} using 1:2 with linespoints lw 2 pt 7 ps 0.6 "
                             f"lc '{COLOURS[column.name]}' title '{column.title}'")
        script += f"set title '{row.name}' font 'sans,13'\n"
        script += names(columns) if n == 0 else "unset label\n"
        script += "plot " + ", \\\n     ".join(plots) + "\n"
    draw(path, 310 * across, 60 + 240 * down, script + "unset multiplot\n")


def names(columns):
    """Who is who, in the colours of the lines, at the top right of all plots."""
    out = ""
    for n, column in enumerate(reversed(columns)):
        out += (f"set label '{column.title}' at screen {0.98 - 0.13 * n:.2f},0.98 right "
                f"font 'sans,13' textcolor '{COLOURS[column.name]}'\n")
    return out


def curve(results, row, column, axis):
    found = []
    for record in results.runs[row.name].get(column.name, []):
        if record.get("cpu_us"):
            found.append((record[axis], record["cpu_us"] / 1e6))
    return [f"{x} {y:.6g}" for x, y in sorted(found)]
