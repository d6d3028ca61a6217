"""Plots as inline SVG: a row a network, a dot an engine."""
import html
import math

COLOURS = {"net2c": "#d1242f", "onnxruntime": "#0969da", "openvino": "#8250df", "mnn": "#bf8700", "ncnn": "#1a7f37", "litert": "#e16f24", "opencv": "#6e7781"}
LEFT, WIDTH, ROW, TOP = 150, 950, 22, 34


def ticks(low, high, logarithmic):
    """Round numbers from low to high."""
    if logarithmic:
        found = [m * 10.0**e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) for m in (1, 1.5, 2, 3, 5, 7)]
        return [t for t in found if low <= t <= high]
    step = 10.0 ** math.floor(math.log10(high / 4))
    step *= next(m for m in (1, 2, 5, 10) if high / (m * step) <= 10)
    return [i * step for i in range(int(high / step) + 1)]


def dots(rows, unit, logarithmic=False, line=None):
    """rows: {name: {engine: value}}; line: a value that is marked."""
    values = [v for row in rows.values() for v in row.values()] + ([line] if line else [])
    if not rows or not values:
        return ""
    low, high = (min(values) / 1.05, max(values) * 1.05) if logarithmic else (0, max(values) * 1.03)
    scale = (lambda v: math.log(v / low) / math.log(high / low)) if logarithmic else (lambda v: v / high)
    across = lambda v: LEFT + (WIDTH - LEFT - 20) * scale(v)  # noqa: E731
    bottom = TOP + ROW * len(rows)
    out = [f'<svg viewBox="0 0 {WIDTH} {bottom + 36}" role="img">']
    engines = [e for e in COLOURS if any(e in row for row in rows.values())]
    for i, engine in enumerate(engines):
        out.append(f'<circle cx="{LEFT + 110 * i + 6}" cy="12" r="5" fill="{COLOURS[engine]}"/><text x="{LEFT + 110 * i + 16}" y="16">{engine}</text>')
    shown = -100.0
    for t in ticks(low, high, logarithmic):
        x = across(t)
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}" stroke="#e4e4e4"/>')
        if x - shown > 34:  # no label over another
            out.append(f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle" fill="#555">{t:g}</text>')
            shown = x
    if line:
        out.append(f'<line x1="{across(line):.1f}" x2="{across(line):.1f}" y1="{TOP}" y2="{bottom}" stroke="#d1242f" stroke-dasharray="4 3"/>')
    for i, (name, row) in enumerate(rows.items()):
        y = TOP + ROW * (i + 0.5)
        out.append(f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{html.escape(name)}</text>')
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#f0f0f0"/>')
        for engine in reversed([e for e in engines if e in row]):  # ours above all
            out.append(f'<circle cx="{across(row[engine]):.1f}" cy="{y:.1f}" r="5" fill="{COLOURS[engine]}" fill-opacity=".8">'
                       f"<title>{html.escape(name)}, {engine}: {row[engine]:.3g} {html.escape(unit)}</title></circle>")
    out.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{bottom + 31}" text-anchor="middle" fill="#555">{html.escape(unit)}</text></svg>')
    return "".join(out)
