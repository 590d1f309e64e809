"""bench/run diff: the comparison of JSON, parsing included, in MB/s over both bodies and processor time: ours, what its parser costs by itself, the smallest
walk over the parser's DOM that finds a changed value (the reference), and the diff tools that people use, in interleaved rounds of one run.

Equal bodies are equal octets here: ours compares octets first; the others parse."""
import argparse
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import harness
from harness import median, support

PEERS_SOURCE = harness.ROOT / "bench" / "diff-peers"
PEERS = harness.ROOT / "build" / "diff-peers"
OURS, PARSE, REFERENCE = "understudy", "parse", "reference"
NAMES = {OURS: "Understudy", PARSE: "simdjson, DOM of both alone", REFERENCE: "reference: that and the smallest walk"}
DEBIAN_PYTHON = "/usr/bin/python3"  # which its packages are for, whichever runs this
NODE_TOOLS = ("jsondiffpatch", "fast-json-patch")
MARK = 0.90  # of the reference, with one value changed


def prepare():
    """The peers of npm, at the versions and hashes of the lock file, into build/."""
    PEERS.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "peer.mjs"):
        shutil.copy(PEERS_SOURCE / name, PEERS / name)
    if shutil.which("npm") is None:
        print("npm is not here: the tools of node will be skipped", file=sys.stderr)
        return
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=PEERS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        print(done.stdout[-2000:] + "\nnpm ci failed: the tools of node will be skipped", file=sys.stderr)


def programs():
    """The commands, each without bodies and seconds, and why others are missing. A command prints {engine: MB/s}."""
    found, missing = {"bench_diff": [support.Options.build / "bench_diff"]}, {}
    for tool in NODE_TOOLS:
        if shutil.which("node") and (PEERS / "node_modules" / tool).is_dir():
            found[tool] = ["node", PEERS / "peer.mjs", tool]
        else:
            missing[tool] = "npm could not install it" if shutil.which("node") else "no node"
    for python in (sys.executable, DEBIAN_PYTHON):
        if subprocess.run([python, "-c", "import deepdiff"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            found["deepdiff"] = [python, PEERS_SOURCE / "peer_deepdiff.py"]
            break
    else:
        missing["deepdiff"] = "python3-deepdiff is not installed"
    return found, missing


def write_pairs(place):
    """{scenario: (description, primary, other)}; the bodies stand in files in `place`."""
    written = subprocess.run([support.Options.build / "bench_diff", "--write", place], stdout=subprocess.PIPE, text=True, check=True).stdout
    bodies = [json.loads(line) for line in written.splitlines()]
    corpus = pathlib.Path(os.environ.get("UNDERSTUDY_CORPUS", harness.ROOT.parent / "shared" / "corpus"))
    for file in sorted(corpus.glob("**/twitter.json")):
        document = json.loads(file.read_bytes())
        status = document["statuses"][len(document["statuses"]) // 2]
        for name in ("twitter.json", "twitter-changed.json"):
            (place / name).write_text(json.dumps(document, separators=(",", ":"), ensure_ascii=False))
            status["retweet_count"] += 1
        bodies.append({"name": "twitter", "made_of": "simdjson's twitter.json, minified", "primary": "twitter.json", "changed": "twitter-changed.json"})
        break
    pairs = {}
    for body in bodies:
        primary = place / body["primary"]
        what = f"{body['made_of']}, {primary.stat().st_size:,} octets"
        pairs[f"{body['name']}, one value changed"] = (what, primary, place / body["changed"])
        pairs[f"{body['name']}, equal"] = (what, primary, primary)
    return pairs


def measure_rounds(arguments, commands, pairs, output):
    """{scenario: {engine: [MB/s of each round]}}; each is also written as a line of JSON as soon as it is there."""
    rows = {}
    for number in range(arguments.rounds):
        for scenario, (_, primary, other) in pairs.items():
            for name, command in commands.items():
                with harness.on_processor(harness.PROXY_CPU):
                    done = subprocess.run([*command, primary, other, str(arguments.seconds)], stdout=subprocess.PIPE, text=True, check=False)
                if done.returncode != 0:
                    raise support.Failure(f"{name} ended with status {done.returncode}")
                result = json.loads(done.stdout)
                for engine in (OURS, PARSE, REFERENCE) if name == "bench_diff" else (name,):
                    rows.setdefault(scenario, {}).setdefault(engine, []).append(result[engine])
                    output.write(json.dumps({"round": number, "scenario": scenario, "engine": engine, "mb_s": result[engine]}) + "\n")
                    output.flush()
        print(f"round {number + 1} of {arguments.rounds} done", file=sys.stderr, flush=True)
    return rows


def ratios(rows, scenario, engine, base):
    return [value / other for value, other in zip(rows[scenario][engine], rows[scenario][base])]


def print_table(rows, pairs):
    print("\nMB/s over both bodies, and as a share of ours: median of the rounds [smallest, largest]")
    for scenario, by_engine in rows.items():
        print(f"\n{scenario} ({pairs[scenario][0]})")
        for engine, found in by_engine.items():
            share = ratios(rows, scenario, engine, OURS)
            spread = "" if engine == OURS else f"  [{min(share):.4f}, {max(share):.4f}]"
            print(f"  {NAMES.get(engine, engine):40}{median(found):>10.1f}{median(share):>10.4f}{spread}")


def print_marks(rows):
    """True where the mark is met for every size."""
    print(f"\nmark: with one value changed, ours at {MARK:.2f} x the reference or above (median of the rounds)")
    met = True
    for scenario in rows:
        if not scenario.endswith("changed"):
            continue
        found = median(ratios(rows, scenario, OURS, REFERENCE))
        of_parse = median(ratios(rows, scenario, OURS, PARSE))
        met = met and found >= MARK
        print(f"  {scenario:28}{found:.2f} x the reference, {of_parse:.2f} x the parser alone   {'met' if found >= MARK else 'not met'}")
    return met


def run(arguments):
    arguments.output.mkdir(parents=True, exist_ok=True)
    commands, missing = programs()
    print(f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, {harness.machine()}; {arguments.rounds} rounds of {arguments.seconds} s each, "
          f"on processor {harness.PROXY_CPU}", flush=True)
    for tool, reason in missing.items():
        print(f"skipped: {tool} ({reason})")
    with tempfile.TemporaryDirectory() as folder, open(arguments.output / "diff.jsonl", "w") as output:
        pairs = write_pairs(pathlib.Path(folder))
        pairs = {scenario: pair for scenario, pair in pairs.items() if arguments.only in scenario}
        rows = measure_rounds(arguments, commands, pairs, output)
        print_table(rows, pairs)
    print_marks(rows)  # times never fail a build
    print(f"\nevery measurement: {arguments.output / 'diff.jsonl'}")
    return 0


def add_arguments(parser: argparse.ArgumentParser):
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of processor time, of each engine in each round")
    parser.add_argument("--only", default="", help="scenarios whose name contains this")
    parser.add_argument("--output", type=pathlib.Path, default=harness.ROOT / "build" / "bench")
