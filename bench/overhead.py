"""bench/run overhead: what a proxy costs, in processor time, throughput, latency and memory, side by side in interleaved rounds of one run.

Every figure is a ratio to plain nginx in the same round; the table shows the median over the rounds and, in brackets, the smallest and the largest."""
import argparse
import datetime
import json
import pathlib

import harness
import plot
from harness import PROXIES, median

SATURATED = {
    "GET 1 KiB": {"path": "/1024"},
    "POST 4 KiB": {"path": "/1024", "body": 4096},
    "GET 16 KiB": {"path": "/16384"},
    "GET 1 MiB": {"path": "/1048576"},
    "GET 1 KiB, 1,000 connections": {"path": "/1024", "connections": 1000},
    "a connection per request": {"path": "/1024", "close_each": 1},
}
PACED = {
    "GET 1 KiB at 6,000 a second": {"path": "/1024", "rate": 6000},
    "GET 1 KiB at 20,000 a second": {"path": "/1024", "rate": 20000},
}

# Marks and ceilings: processor time as a multiple of the peer's. A mark is met at 1.10 times its figure; a ceiling has no excuse. What counts of Understudy
# is the user plane alone under saturation (whatever the shadow plane manages then), everything at a constant rate.
OFF, ON = "understudy, mirror off", "understudy, mirror on"
MARKS = [
    ("GET 1 KiB", OFF, "nginx", 0.80, 1.0), ("GET 1 KiB", ON, "nginx", 0.85, 1.1),
    ("POST 4 KiB", OFF, "nginx", 0.70, 1.0), ("POST 4 KiB", ON, "nginx", 0.80, 1.1),
    ("GET 16 KiB", OFF, "nginx", 0.70, 1.0), ("GET 16 KiB", ON, "nginx", 0.80, 1.1),
    ("GET 1 MiB", OFF, "nginx", 0.75, 1.2), ("GET 1 MiB", ON, "nginx", 1.0, 1.5),
    ("GET 1 KiB, 1,000 connections", OFF, "nginx", 0.90, 1.1), ("GET 1 KiB, 1,000 connections", ON, "nginx", 0.95, 1.2),
    ("GET 1 KiB at 6,000 a second", ON, "nginx", 1.4, 1.8), ("GET 1 KiB at 6,000 a second", ON, "nginx-mirror", 0.85, 1.0),
    ("GET 1 KiB at 20,000 a second", ON, "nginx", 1.45, 1.9),
]
MARK_SLACK = 1.10


def cost(row, scenario):
    """Processor seconds per 100,000 requests, of what counts."""
    cpu = row["cpu"]
    if "us-user" in cpu and scenario in SATURATED:
        return cpu["us-user"]
    return sum(cpu.values())


def measure_rounds(arguments, scenarios, output):
    """{scenario: {proxy: [row of each round]}}; each row is also written as a line of JSON as soon as it is there."""
    origins = [harness.Origin(), harness.Origin()]
    proxies = [proxy(origins[0].port, origins[1].port) for proxy in PROXIES]
    rows = {}
    for number in range(arguments.rounds):
        for scenario, options in scenarios.items():
            for i in range(len(proxies)):
                proxy = proxies[(i + number) % len(proxies)]
                row = harness.measure(proxy, origins, duration=arguments.seconds, **options)
                row = {"round": number, "scenario": scenario, **row}
                rows.setdefault(scenario, {}).setdefault(proxy.name, []).append(row)
                output.write(json.dumps(row) + "\n")
                output.flush()
        print(f"round {number + 1} of {arguments.rounds} is done", flush=True)
    return rows


def ratios(rows, scenario, proxy, peer):
    """Of each round: the proxy's cost over the peer's."""
    return [cost(own, scenario) / cost(other, scenario) for own, other in zip(rows[scenario][proxy], rows[scenario][peer])]


def spread(values, form):
    return f"{median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def print_table(rows):
    for scenario, by_proxy in rows.items():
        print(f"\n{scenario}")
        print(f"  {'':24}{'processor time':>24}{'CPU s per':>11}{'requests':>10}{'p50':>8}{'p99':>9}{'peak':>7}{'busy':>6}{'compared':>10}")
        print(f"  {'':24}{'x nginx':>24}{'100,000':>11}{'a second':>10}{'us':>8}{'us':>9}{'MiB':>7}{'':>6}{'':>10}")
        for proxy, found in by_proxy.items():
            costs = [cost(row, scenario) for row in found]
            if proxy == "direct":
                ratio = by_cpu = peak = ""
            else:
                ratio, by_cpu = spread(ratios(rows, scenario, proxy, "nginx"), ".2f"), f"{median(costs):.2f}"
                peak = f"{max(sum(row['peak_mib'].values()) for row in found):.0f}"
            shares = [row["compared_share"] for row in found if row.get("compared_share") is not None]
            bad = sum(row["errors"] + row["unanswered"] for row in found)
            print(f"  {proxy:24}{ratio:>24}{by_cpu:>11}{median([row['rps'] for row in found]):>10,.0f}{median([row['p50_us'] for row in found]):>8.0f}"
                  f"{median([row['p99_us'] for row in found]):>9.0f}{peak:>7}{median([row['busy'] for row in found]):>6.2f}{f'{median(shares):.2%}' if shares else '':>10}"
                  f"{f'  {bad} not answered' if bad else ''}")
            if "us-user" in found[0]["cpu"]:
                parts = ", ".join(f"{name} {median([row['cpu'][name] for row in found]):.2f}" for name in found[0]["cpu"])
                print(f"  {'':24}CPU s per 100,000 by process: {parts}")


def markdown(rows):
    """The medians as a table: processor time x nginx in the same round, and the share compared. Under saturation Understudy's is the user plane's alone."""
    peers = ["haproxy", OFF, ON, "nginx-mirror"]
    lines = ["| processor time a request, x plain nginx (saturated: the user plane's) | " + " | ".join(peers) + " | compared |", "| --- " * (len(peers) + 2) + "|"]
    for scenario, by_proxy in rows.items():
        cells = [spread(ratios(rows, scenario, peer, "nginx"), ".2f") for peer in peers]
        shares = [row["compared_share"] for row in by_proxy[ON] if row.get("compared_share") is not None]
        lines.append(f"| {scenario} | " + " | ".join(cells) + f" | {f'{median(shares):.0%}' if shares else ''} |")
    return "\n".join(lines) + "\n"


def print_noise(rows):
    nginx = [[cost(row, scenario) for row in by_proxy["nginx"]] for scenario, by_proxy in rows.items()]
    foreign = [row["foreign_cpus"] for by_proxy in rows.values() for found in by_proxy.values() for row in found]
    print(f"\nnoise: nginx's own cost varies between its cheapest and dearest round by a factor of {median([max(c) / min(c) for c in nginx]):.2f} (median over the "
          f"scenarios); others used {median(foreign):.2f} processors meanwhile (at most {max(foreign):.2f})")


def print_marks(rows):
    """True where no ceiling is passed."""
    print("\nmarks (median of the rounds; met at up to 1.10 x the mark)")
    under = True
    for scenario, proxy, peer, mark, ceiling in MARKS:
        if scenario not in rows:
            continue
        found = median(ratios(rows, scenario, proxy, peer))
        lost = sum(row["errors"] + row["unanswered"] for row in rows[scenario][proxy])
        if lost:
            under = False
            print(f"  {scenario:32}{proxy:24}{lost} requests were not answered: NOT MET")
            continue
        word = "met" if found <= mark * MARK_SLACK else "not met, under its ceiling" if found <= ceiling else "ABOVE ITS CEILING"
        under = under and found <= max(ceiling, mark * MARK_SLACK)
        print(f"  {scenario:32}{proxy:24}{found:.2f} x {peer:14} mark {mark:.2f}  ceiling {ceiling:.2f}  {word}")
    for scenario in PACED:
        shares = [row["compared_share"] for row in rows.get(scenario, {}).get(ON, ())]
        if shares:
            good = median(shares) >= 0.99
            under = under and good
            print(f"  {scenario:32}{ON:24}{median(shares):.2%} compared   mark 99 %  {'met' if good else 'NOT MET'}")
    return under


def run(arguments):
    scenarios = {name: options for name, options in {**SATURATED, **PACED}.items() if arguments.only in name}
    arguments.output.mkdir(parents=True, exist_ok=True)
    print(f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, {harness.machine()}; {arguments.rounds} rounds of {arguments.seconds} s, "
          f"proxies on processor {harness.PROXY_CPU}, origins, candidate and generator on {harness.LOAD_CPU}", flush=True)
    with open(arguments.output / "overhead.jsonl", "w") as output:
        rows = measure_rounds(arguments, scenarios, output)
    print_table(rows)
    print_noise(rows)
    under = print_marks(rows)
    picture = arguments.output / "overhead.svg"
    picture.write_text(plot.overhead({scenario: {proxy: ratios(rows, scenario, proxy, "nginx") for proxy in by_proxy if proxy != "direct"}
                                      for scenario, by_proxy in rows.items()}))
    (arguments.output / "overhead.md").write_text(markdown(rows))
    print(f"\nevery measurement: {arguments.output / 'overhead.jsonl'}; the medians: {arguments.output / 'overhead.md'}; the plot: {picture}")
    return 0 if under else 1


def add_arguments(parser: argparse.ArgumentParser):
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--only", default="", help="scenarios whose name contains this")
    parser.add_argument("--output", type=pathlib.Path, default=harness.ROOT / "build" / "bench")
