"""The plot of a run as SVG: for each scenario one row a proxy, processor time as a multiple of plain nginx's, the median as a bar and the smallest and
largest round as a line. No library: bars, lines and words."""
from html import escape

from harness import median

COLOURS = {"nginx": "#8a8f98", "haproxy": "#b9bec6", "understudy, mirror off": "#2f7fd1", "understudy, mirror on": "#15508c", "nginx-mirror": "#d1722f"}
WIDTH, LEFT, RIGHT, ROW, GAP = 900, 330, 70, 18, 34
LARGEST = 5.0  # x nginx at the right edge; what is longer is cut and bears its figure


def overhead(ratios):
    """`ratios`: {scenario: {proxy: [x nginx, one a round]}}."""
    scale = (WIDTH - LEFT - RIGHT) / LARGEST
    parts, y = [], 72
    for scenario, by_proxy in ratios.items():
        parts.append(f'<text x="12" y="{y}" class="scenario">{escape(scenario)}</text>')
        y += 8
        for proxy, values in by_proxy.items():
            middle, low, high = (min(value, LARGEST) for value in (median(values), min(values), max(values)))
            centre = y + ROW / 2
            parts.append(f'<text x="{LEFT - 8}" y="{centre + 4}" class="proxy">{escape(proxy)}</text>'
                         f'<rect x="{LEFT}" y="{y + 2}" width="{middle * scale:.1f}" height="{ROW - 4}" fill="{COLOURS.get(proxy, "#555")}"/>'
                         f'<line x1="{LEFT + low * scale:.1f}" x2="{LEFT + high * scale:.1f}" y1="{centre}" y2="{centre}" stroke="#000"/>'
                         f'<text x="{LEFT + max(middle, high) * scale + 6:.1f}" y="{centre + 4}">{median(values):.2f}</text>')
            y += ROW
        y += GAP
    line = LEFT + scale
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" font-size="12">'
            '<style>.scenario{font-weight:bold;font-size:13px}.proxy{text-anchor:end}.title{font-size:15px;font-weight:bold}</style>'
            f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>'
            '<text x="12" y="24" class="title">Processor time per request, x plain nginx in the same round (less is better)</text>'
            '<text x="12" y="42">Understudy: at a constant rate all its processes; saturated, the user plane alone, for the shadow plane gives way</text>'
            f'<line x1="{line}" x2="{line}" y1="48" y2="{y - GAP}" stroke="#8a8f98" stroke-dasharray="4 4"/>{"".join(parts)}</svg>\n')
