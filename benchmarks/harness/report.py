# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The results as a table, as JSON and as a picture of the roofline."""
import json
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, MARGIN = 900, 560, 60


def time_text(seconds):
    return f"{1e6 * seconds:.1f} us" if seconds < 1e-3 else f"{1e3 * seconds:.2f} ms"


def table(results, peers):
    """Markdown: a row for each kernel or model."""
    head = ["what", "Condense", "10-90 %"] + peers + ["ours / best peer", "10-90 %", "of the limit", "foreign CPU"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for result in results:
        times = result["times"]
        cells = [result["name"]]
        ours = times.get("condense")
        cells += ([time_text(ours["median"]), f"{time_text(ours['p10'])} - {time_text(ours['p90'])}"] if ours
                  else ["-", result["errors"].get("condense", "-")[:80]])
        cells += [time_text(times[p]["median"]) if p in times else "-" for p in peers]
        ratio, limit = result.get("ratio"), result.get("of_limit")
        cells += [f"**{ratio['median']:.2f}** ({ratio['peer']})", f"{ratio['p10']:.2f} - {ratio['p90']:.2f}"] if ratio \
            else ["-", "-"]
        cells += [f"{100 * limit:.0f} %" if limit else "-", f"{100 * result['noise']['foreign']:.0f} %"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def geometric_means(results):
    """Of each scheme: how long we take, relative to the best peer of each kernel."""
    groups = {}
    for result in results:
        if result.get("ratio"):
            groups.setdefault(result["group"], []).append(math.log(result["ratio"]["median"]))
    return {group: (math.exp(sum(logs) / len(logs)), len(logs)) for group, logs in groups.items()}


def write_json(path, document):
    with open(path, "w") as out:
        json.dump(document, out, indent=1)
        out.write("\n")


class Axes:
    """Logarithmic in both directions."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def at(self, x, y):
        share = lambda v, low, high: (math.log10(v) - math.log10(low)) / (math.log10(high) - math.log10(low))
        return (MARGIN + share(x, *self.x) * (WIDTH - 2 * MARGIN),
                HEIGHT - MARGIN - share(y, *self.y) * (HEIGHT - 2 * MARGIN))

    def lines(self):
        for low, high, horizontal in ((*self.x, False), (*self.y, True)):
            for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1):
                value = 10.0 ** power
                (x1, y1), (x2, y2) = ((self.at(self.x[0], value), self.at(self.x[1], value)) if horizontal else
                                      (self.at(value, self.y[0]), self.at(value, self.y[1])))
                yield f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'
                place = f'x="{x1 - 6:.1f}" y="{y1 + 4:.1f}" text-anchor="end"' if horizontal else \
                    f'x="{x1:.1f}" y="{y1 + 16:.1f}" text-anchor="middle"'
                yield f'<text {place}>{value:g}</text>'


def write_roofline(path, results, limits):
    """Gop/s over operations per byte; filled: Condense, hollow: the best peer of the same kernel, joined by a line."""
    points = [r for r in results if r.get("operations") and "condense" in r["times"]]
    if not points or not limits:
        return
    axes = Axes((0.3, 2000), (1, 2 * max(limits["i8_peak"], limits["f32_peak"]) / 1e9))
    parts = list(axes.lines())
    roofs = [("read from memory + VNNI", limits["i8_peak"] or limits["f32_peak"], limits["memory"], "#b00"),
             ("read from memory + FMA", limits["f32_peak"], limits["memory"], "#06b")]
    for label, peak, bandwidth, colour in roofs:
        corner = peak / bandwidth
        corners = [(max(0.3, 1e9 / bandwidth), max(0.3 * bandwidth / 1e9, 1)), (corner, peak / 1e9), (2000, peak / 1e9)]
        text = " ".join("{:.1f},{:.1f}".format(*axes.at(*corner)) for corner in corners)
        parts.append(f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = axes.at(2000, peak / 1e9)
        parts.append(f'<text x="{x:.1f}" y="{y - 6:.1f}" text-anchor="end" fill="{colour}">{label}: '
                     f'{peak / 1e9:.0f} Gop/s, {bandwidth / 1e9:.0f} GB/s</text>')
    colours = ["#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#e6ab02", "#a6761d", "#666", "#1f78b4", "#b2df8a",
               "#fb9a99", "#cab2d6"]
    groups = list(dict.fromkeys(r["group"] for r in points))
    for result in points:
        colour = colours[groups.index(result["group"]) % len(colours)]
        intensity, operations = result["operations"] / result["bytes"], result["operations"]
        x, y = axes.at(intensity, max(operations / result["times"]["condense"]["median"] / 1e9, 1))
        if result.get("ratio"):
            peer = result["times"][result["ratio"]["peer"]]["median"]
            x2, y2 = axes.at(intensity, max(operations / peer / 1e9, 1))
            parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>')
            parts.append(f'<circle cx="{x2:.1f}" cy="{y2:.1f}" r="4" fill="white" stroke="{colour}"/>')
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{escape(result["name"])}</title>'
                     '</circle>')
    for i, group in enumerate(groups):
        x, y = WIDTH - MARGIN - 100, HEIGHT - MARGIN - 16 * (len(groups) - i)
        parts.append(f'<circle cx="{x}" cy="{y - 4}" r="4" fill="{colours[i % len(colours)]}"/>'
                     f'<text x="{x + 10}" y="{y}">{escape(group)}</text>')
    title = "Operations per second (Gop/s) over operations per byte. Filled: Condense, hollow: best peer. One core."
    with open(path, "w") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
                  f'font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n'
                  f'<text x="{MARGIN}" y="24" font-size="13">{title}</text>\n' + "\n".join(parts) + "\n</svg>\n")
