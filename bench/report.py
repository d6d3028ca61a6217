"""The results as text and as one HTML page that needs nothing else."""
import html
import statistics

import plots
from results import OURS, busy, fastest, geometric_mean, kinds, peak, race, summary, threads_of

# key of a summary, heading, how it is written
COLUMNS = [("min_ms", "min ms", "{:.2f}"), ("median_ms", "median", "{:.2f}"), ("p90_ms", "p90", "{:.2f}"), ("to_fastest", "/ fastest", "{:.2f}"),
           ("gflops", "GFLOP/s", "{:.1f}"), ("share", "of peak", "{:.0%}"), ("of_bound", "of bound", "{:.0%}"),
           ("cold_ms", "cold ms", "{:.2f}"), ("load_ms", "load ms", "{:.1f}"), ("first_ms", "first ms", "{:.1f}"),
           ("peak_rss_mb", "memory MB", "{:.0f}"), ("max", "error", "{:.1e}"), ("rms", "rms error", "{:.1e}")]
EXPLAINED = """Every number is from fresh processes, engines interleaved and their order rotated each round: min is the least of all runs,
the other times are medians over the rounds. / fastest: the median, by that of the fastest peer. GFLOP/s counts the multiply-adds of direct convolution,
so Winograd may pass the peak, which is fp32 multiply-adds in registers, measured on the same machine. Of bound: the sum over the layers of what takes
longer, the arithmetic of the chosen algorithm at that peak or the bytes that must move at the measured rates of memory, by the median. Cold: other
memory was written over the caches before each run. Load and first: until the network is ready, and its first inference. Memory: the process's
peak; of each peer's, {python_mb:.0f} MB are Python with numpy. Errors are against the network computed in {references}: the largest, of the output's
largest magnitude, and rms, of its rms."""

KINDS = "Layers of ours by the kernel that does their work; least: the network where it reaches the smallest part of its bound."
BUSY = "How many times as long with a program that computes on CPU 1, one of the engine's; in parentheses the median then."
ENDURANCE = "Ours. Paced: 30 times a second, asleep between. First and last second of a long run without a pause."
FAR = 250  # ns that a cache line takes there and back: between the 115 and 540 that were seen


def distance(networks, threads):
    """How far from each other the two CPUs were while several threads were timed, in words; none where nobody looked."""
    each = sorted(run["line_ns"] for record in networks for run in record["runs"] if run["threads"] == threads and "line_ns" in run)
    if not each:
        return []
    far = sum(ns > FAR for ns in each)
    return [f"a cache line went from CPU 0 to CPU 1 and back in {statistics.median(each):.0f} ns, {each[0]:.0f} to {each[-1]:.0f}" +
            (f"; in over {FAR} before {far} of {len(each)} measurements: the host had put them apart" if far else "")]


def plural(threads):
    return f"{threads} thread" + ("" if threads == 1 else "s")


def written(figures, key, form):
    value = (figures.get("error") or {}).get(key) if key in ("max", "rms") else figures.get(key)
    return "-" if value is None else form.format(value)


def remarks(record, threads, engines):
    """What else there is to say of a network's engines: [text]."""
    found = []
    for engine, figures in engines.items():
        if "slow" in figures:
            found.append(f"{engine} takes {figures['slow']:.1f} times as long as the other peers: left out of the race after {figures['rounds']} round" +
                         ("s" if figures["rounds"] > 1 else ""))
        if figures["way"] != engine:
            found.append(f"{engine}: with its pool allocators, the better of its two ways")
    found += [f"{engine}: {why}" for engine, why in record["failures"].items()]
    found += distance([record], threads)
    endured = record["endurance"].get(str(threads), {})
    if "paced_ms" in endured:
        found.append(f"net2c 30 times a second, asleep between: median {endured['paced_ms']:.2f} ms, 90 % within {endured['paced_p90_ms']:.2f}")
    if "sustained_last_ms" in endured:
        found.append(f"net2c {endured['sustained']:g} s without a pause: median {endured['sustained_first_ms']:.2f} ms in the first second, "
                     f"{endured['sustained_last_ms']:.2f} in the last")
    return found


def detail(data, name, threads):
    """The rows of a network's table, and the remarks under it."""
    record = data["networks"][name]
    engines = summary(record, threads, peak(data, threads))
    best = fastest(engines)
    rows = [[engine + (" *" if engine == best else ""), *(written(figures, key, form) for key, _, form in COLUMNS)] for engine, figures in engines.items()]
    return rows, remarks(record, threads, engines)


def lines(rows):
    """Columns as wide as they need: the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip() for row in rows)


def title(record):
    return f"{record['gflop']:.2f} GFLOP, {record['model_mb']:.1f} MB of model"


def network_table(data, name):
    record, text = data["networks"][name], []
    for threads in threads_of(data):
        rows, said = detail(data, name, threads)
        head = f"{name}, {plural(threads)}"
        if rows:
            text.append("\n" + lines([[head, *(heading for _, heading, _ in COLUMNS)], *rows]))
            text += [f"  {line}" for line in said]
            if len(found := kinds_rows({name: record}, threads)) > 1:
                text.append("\n" + lines([row[:-1] for row in found]))
    return "\n".join(text or [f"\n{name}: nothing measured"]) + f"\n  {title(record)}; * fastest peer\n"


def overview_rows(data, threads):
    """A row a network: ours and every peer's median, the fastest peer, its ratio to ours, what ours reaches."""
    found = race(data, threads)
    peers = sorted({e for engines, _ in found.values() for e in engines if e != OURS})
    rows = [[plural(threads), OURS, *peers, "fastest peer", "/ ours", "GFLOP/s", "of peak", "bound ms", "of bound", "error"]]
    for name, (engines, best) in found.items():
        ours = engines.get(OURS, {})
        cell = lambda e: "-" if e not in engines else f"{engines[e]['median_ms']:.2f}" + ("!" if "slow" in engines[e] else "")  # noqa: E731
        ratio = f"{1 / ours['to_fastest']:.2f}" if ours and best else "-"
        rows.append([name, *map(cell, [OURS, *peers]), best or "-", ratio, *(written(ours, key, form) for key, form in
                     (("gflops", "{:.1f}"), ("share", "{:.0%}"), ("bound_ms", "{:.2f}"), ("of_bound", "{:.0%}"), ("max", "{:.1e}")))])
    return rows


def share(bound, ms):
    """Of the bound that is reached. A layer may take less than the clock tells."""
    return bound / ms if ms else 1.0


def kinds_rows(networks, threads):
    """A row for each kernel of ours that does a layer's work: time and bound over the networks {name: record}, and where it is furthest from it."""
    found = {}
    for name, record in networks.items():
        for kernel, (layers, ms, bound) in kinds(record, threads).items():
            found.setdefault(kernel, []).append((share(bound, ms), name, layers, ms, bound))
    rows = [[f"{plural(threads)}, layers by kernel", "layers", "ms", "bound ms", "of bound", "least, in"]]
    for kernel, each in sorted(found.items(), key=lambda item: -sum(ms for _, _, _, ms, _ in item[1])):
        layers, ms, bound = (sum(column) for column in list(zip(*each))[2:])
        rows.append([kernel, str(layers), f"{ms:.3f}", f"{bound:.3f}", f"{share(bound, ms):.0%}", f"{min(each)[0]:.0%} {min(each)[1]}"])
    return rows


def busy_rows(data, threads):
    """A row a network: ours and every peer, how many times as long with a neighbour on CPU 1."""
    found = {name: busy(record, threads) for name, record in data["networks"].items()}
    found = {name: engines for name, engines in found.items() if engines}
    peers = sorted({e for engines in found.values() for e in engines if e != OURS})
    rows = [[f"{plural(threads)} beside a neighbour", OURS, *peers]]
    for name, engines in found.items():
        rows.append([name, *(f"{engines[e][2]:.2f} ({engines[e][1]:.2f} ms)" if e in engines else "-" for e in [OURS, *peers])])
    if len(found) > 1:
        mean = lambda e: statistics.geometric_mean(engines[e][2] for engines in found.values() if e in engines)  # noqa: E731
        rows.append(["geometric mean", *(f"{mean(e):.2f}" if any(e in engines for engines in found.values()) else "-" for e in [OURS, *peers])])
    return rows


def endurance_rows(data, threads):
    """A row a network that was measured so: ours warm, with cold caches, with pauses, and for long."""
    keys = ("paced_ms", "paced_p90_ms", "sustained_first_ms", "sustained_last_ms")
    rows = [[f"{plural(threads)}, ms", "median", "cold", "paced", "paced p90", "first second", "last second"]]
    for name, (engines, _) in race(data, threads).items():
        endured = data["networks"][name]["endurance"].get(str(threads))
        if endured and OURS in engines:
            found = engines[OURS] | endured
            rows.append([name, *(written(found, key, "{:.2f}") for key in ("median_ms", "cold_ms", *keys))])
    return rows


def extra_tables(data, threads):
    """[(heading, rows, what they say)], of those that have a row."""
    found = [("Share of the bound", kinds_rows(data["networks"], threads), KINDS), ("Beside a busy neighbour", busy_rows(data, threads), BUSY),
             ("With pauses and without", endurance_rows(data, threads), ENDURANCE)]
    return [each for each in found if len(each[1]) > 1]


def mean_line(data, threads):
    mean = geometric_mean(data, threads)
    count = sum(bool(best and OURS in engines) for engines, best in race(data, threads).values())
    return f"{plural(threads)}: fastest peer / ours, geometric mean of {count} network{'s' if count != 1 else ''}: {mean:.3f}" if mean else ""


def overview(data):
    text = [f"{data['machine']}; median ms; ! more than five times what the other peers take, left out of the race"]
    for threads in threads_of(data):
        text += ["", lines(overview_rows(data, threads)), mean_line(data, threads), *distance(data["networks"].values(), threads)]
        for _, rows, said in extra_tables(data, threads):
            text += ["", lines(rows), said]
    failures = [f"{name}: {engine}: {why}" for name, record in data["networks"].items() for engine, why in record["failures"].items()]
    if failures:
        text += ["", *failures]
    return "\n".join(text)


def markdown(data):
    """The table of the documents: of each number of threads ours, the fastest peer and the ratio; of one thread the share of the peak, too."""
    columns, rows = ["network"], {}
    for threads in threads_of(data):
        one = threads == 1
        columns += [f"ms, {plural(threads)}", "fastest peer", "ratio", *(["of peak", "error"] if one else [])]
        found = race(data, threads)
        for name in data["networks"]:
            engines, best = found.get(name, ({}, None))
            ours = engines.get(OURS, {})
            ratio = f"{1 / ours['to_fastest']:.2f}" if ours and best else "-"
            more = [written(ours, "share", "{:.0%}"), written(ours, "max", "{:.0e}")] if one else []
            rows.setdefault(name, []).extend([written(ours, "median_ms", "{:#.3g}" if ours.get("median_ms", 0) < 100 else "{:.0f}"), best or "-", ratio, *more])
    text = [columns, ["---"] * len(columns), *([name, *cells] for name, cells in rows.items())]
    return "\n".join(f"| {' | '.join(row)} |" for row in text) + "\n\n" + "\n".join(mean_line(data, threads) for threads in threads_of(data))


STYLE = """body { font: 15px/1.45 system-ui, sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
h1 { font-size: 1.6em } h2 { margin-top: 2em; border-bottom: 1px solid #ccc } h3 { margin-bottom: .3em }
div.wide { overflow-x: auto } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px }
td, th { padding: .15em .6em; text-align: right; white-space: nowrap } td:first-child, th:first-child { text-align: left }
tr:nth-child(even) { background: #f4f4f4 } tr.ours { font-weight: bold } td.lost { color: #b00 } p.said, ul { color: #555; font-size: 13px; margin: .3em 0 }
svg { font: 12px system-ui, sans-serif; max-width: 100% } summary { cursor: pointer }"""


def table(rows, lost=lambda row: None):
    """An HTML table; its first row is the head; lost gives the column of a row that is to be seen."""
    body = []
    for row in rows[1:]:
        cells = "".join(f"<td{' class=lost' if i == lost(row) else ''}>{html.escape(cell)}</td>" for i, cell in enumerate(row))
        body.append(f"<tr{' class=ours' if row[0] == OURS else ''}>{cells}</tr>")
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in rows[0])
    return f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"


def figures_of(data, threads, value):
    """{network: {engine: value(its figures, ours)}} for a plot; networks that ours did not run are left out."""
    found = {}
    for name, (engines, _) in race(data, threads).items():
        if OURS in engines:
            found[name] = {e: value(figures, engines[OURS]) for e, figures in engines.items()}
    return found


def threads_part(data, threads):
    rows = overview_rows(data, threads)
    column = rows[0].index("/ ours")
    lost = lambda row: column if row[column] != "-" and float(row[column]) < 1 else None  # noqa: E731
    top = peak(data, threads)
    parts = [f"<h2>{plural(threads).capitalize()}</h2>", f"<p><b>{mean_line(data, threads)}</b></p>",
             *(f"<p class=said>{html.escape(each)}</p>" for each in distance(data["networks"].values(), threads)), table(rows, lost),
             "<p class=said>Median ms; ! more than five times what the other peers take, left out of the race.</p>",
             "<h3>Time, by ours</h3><p class=said>Right of the line: slower than net2c.</p>",
             plots.dots(figures_of(data, threads, lambda f, ours: f["median_ms"] / ours["median_ms"]), "times ours", logarithmic=True, line=1)]
    if top:
        parts += [f"<h3>Share of the peak of {top:.0f} GFLOP/s</h3><p class=said>Of direct convolution's multiply-adds: fast algorithms may pass 100 %.</p>",
                  plots.dots(figures_of(data, threads, lambda f, _: 100 * f["share"]), "% of the peak", line=100)]
    parts += [f"<h3>{heading}</h3>{table(found)}<p class=said>{said}</p>" for heading, found, said in extra_tables(data, threads)]
    parts += ["<h3>Peak memory of the process</h3>", plots.dots(figures_of(data, threads, lambda f, _: f["peak_rss_mb"]), "MB", logarithmic=True)]
    return "".join(parts)


def page(data):
    escape = html.escape
    references = " or ".join(sorted({record["reference"] for record in data["networks"].values()})) or "fp64"
    versions = ", ".join(f"{engine} {version}" for engine, version in data["versions"].items() if engine != "ncnn_pools")
    parts = [f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>net2c: the race</title><style>{STYLE}</style>",
             f"<h1>net2c against the peers, fp32</h1><p>{escape(data['machine'])}, {escape(data['date'])}<br>{escape(versions)}<br>"
             f"<code>{escape(data['command'])}</code>, at least {data['seconds']:g} s a measurement</p>"]
    parts += [threads_part(data, threads) for threads in threads_of(data)]
    parts.append("<h2>Every network</h2><p class=said>" + escape(EXPLAINED.format(python_mb=data["python_mb"], references=references)) + "</p>")
    for name, record in data["networks"].items():
        parts.append(f"<h3 id={escape(name)}>{escape(name)}</h3><p class=said>{escape(title(record))}</p>")
        for threads in threads_of(data):
            rows, said = detail(data, name, threads)
            if rows:
                parts.append(table([[plural(threads), *(heading for _, heading, _ in COLUMNS)], *rows]))
                parts.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in said) + "</ul>" if said else "")
                if len(found := kinds_rows({name: record}, threads)) > 1:
                    parts.append(table([row[:-1] for row in found]))
    return "\n".join(parts) + "</html>\n"
