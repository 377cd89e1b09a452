"""bench/peers/plots.py -- the figures as SVG, drawn by gnuplot."""
import math
import subprocess

COLOURS = {"roost": "#d55e00", "sdbox": "#0072b2", "mdbox": "#56b4e9", "maildir": "#009e73",
           "cyrus": "#cc79a7", "limit": "#888888"}
FONT = "sans,13"


def draw(path, width, height, script):
    start = f"""set terminal svg size {width},{height} dynamic font '{FONT}' background '#ffffff'
set output '{path}'
set encoding utf8
set micro
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


# Of lines, each a workload; a line has the same colour on both sides.
LINES = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#a6761d", "#56b4e9", "#7570b3", "#444444")
PANEL_WIDTH, PANEL_HEIGHT, LABEL_HEIGHT = 560, 400, 19


def growth(path, results, columns, axis, rows):
    """Roost on the left, the best peer at each size on the right. Where a line rises, the cost
    grows faster than the work: where that is the whole mailbox the cost of a message is drawn.
    """
    rows = [row for row in rows if row.name in results.runs]
    peers = [c.name for c in columns if c.name != "roost"]
    panels = []
    for whole, what in ((False, "CPU of an operation"), (True, "CPU for each message")):
        some = [row for row in rows if ("w" in row.grows) == whole]
        both = [[(row.name, curve(results, row, names, axis)) for row in some]
                for names in (["roost"], peers)]
        reach = extent([points for lines in both for _, points in lines])
        if reach:
            panels += [panel(f"{who}: {what}", lines, reach, axis)
                       for who, lines in zip(("Roost", "the best peer"), both)]
    if panels:
        down = len(panels) // 2
        draw(path, 2 * PANEL_WIDTH, PANEL_HEIGHT * down,
             f"set multiplot layout {down},2\nset logscale xy 10\nset key off\nset grid ls 9\n"
             "set format x '%.0s%c'\nset format y '%.0s %cs'\nset rmargin 16\nset lmargin 10\n"
             + "".join(panels) + "unset multiplot\n")


def curve(results, row, names, axis):
    """The least CPU of an operation at each size, of a message of it if it is about all of them."""
    best = {}
    for record in (r for name in names for r in results.runs[row.name].get(name, [])):
        if record.get("cpu_us"):
            cost = record["cpu_us"] / 1e6 / (record[axis] if "w" in row.grows else 1)
            best[record[axis]] = min(cost, best.get(record[axis], cost))
    return sorted(best.items())


def extent(curves):
    """Decades around all points: (x from, x to, y from, y to); None: there are none."""
    points = [point for points in curves for point in points]
    if not points:
        return None
    x, y = ([math.log10(v) for v in axis] for axis in zip(*points))
    return math.floor(min(x)), math.ceil(max(x)), math.floor(min(y)), math.ceil(max(y))


def panel(title, lines, reach, axis):
    x0, x1, y0, y1 = reach
    lines = [(name, points, LINES[n % len(LINES)]) for n, (name, points) in enumerate(lines)]
    lines = [line for line in lines if line[1]]
    script = f"""set title '{title}' font 'sans,14'
set xlabel '{axis}'
set xrange [1e{x0}:1e{x1}]
set yrange [1e{y0}:1e{y1}]
unset label
set label 'grows as the work' at graph 0.02,0.085 font 'sans,11' textcolor '#888888'
set arrow 1 from graph 0,0.05 to graph 1,0.05 nohead dt 2 lc '#888888'
"""
    apart = (y1 - y0) * LABEL_HEIGHT / (PANEL_HEIGHT - 90)
    for (name, points, colour), y in zip(*spread(lines, y0, apart)):
        script += (f"set label '{name}' at {points[-1][0] * 10 ** ((x1 - x0) * 0.025):.6g},"
                   f"{10 ** y:.6g} left font 'sans,12' textcolor '{colour}'\n")
    plots = [f"'-' using 1:2 with linespoints lw 2 pt 7 ps 0.6 lc '{colour}'"
             for _, _, colour in lines]
    data = ["\n".join(f"{x} {y:.6g}" for x, y in points) + "\ne\n" for _, points, _ in lines]
    return script + "plot " + (", ".join(plots) or "NaN") + "\n" + "".join(data)


def spread(lines, lowest, apart):
    """The lines from the lowest end upwards, and where each label stands, `apart` at least."""
    lines = sorted(lines, key=lambda line: line[1][-1][1])
    heights = []
    for _, points, _ in lines:
        least = heights[-1] + apart if heights else lowest + 2 * apart
        heights.append(max(math.log10(points[-1][1]), least))
    return lines, heights
