"""bench/run sick: what users feel while the candidate is sick: latency, throughput and memory over time at 4,000 requests a second over 64 kept connections,
in each state beside the same load with the mirror off, just before and just after, and beside nginx with its mirror.

Latency counts from the time at which a request was due; a request that was never answered counts with its age at the end. Judged are the whole run and, so
that a hiccup of the machine weighs one second and no more, the medians over its seconds."""
import json
import pathlib
import threading

import harness
from harness import median, support

RATE, CONNECTIONS = 4000, 64
STATES = {"healthy": "healthy", "slow (5 s)": "slow=5000", "hung": "hang", "blackholed": "blackhole", "down": "refuse", "resetting": "reset", "trickling": "trickle",
          "garbage": "garbage"}
# What a run may be worse than its neighbours with the mirror off.
P50_SLACK, P99_SLACK = 1.10, 2.0
ELIGIBLE_LEAST = 0.99
NOISY = 1.5
MEMORY_LIMIT_MIB = {"us-user": 256, "us-shadow": 1024}  # server.limits.memory, mirror.memory_limit


class Candidate:
    """tests/tools/test_origin on the load's processor: it can be sick in all these ways."""

    def __init__(self):
        with harness.on_processor(harness.LOAD_CPU):
            self.origin = support.Origin()
        self.process, self.port = self.origin.process, self.origin.port
        harness.prefer(self.process.pid)


class MemorySamples:
    """Anonymous memory in MiB of each process of a proxy, once a second, while it runs."""

    def __init__(self, proxy):
        self.processes, self.ended, self.samples = proxy.processes(), threading.Event(), []
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def take(self):
        return {name: sum(support.anonymous_memory(pid) for pid in pids) for name, pids in self.processes.items()}

    def watch(self):
        while not self.ended.wait(1):
            self.samples.append(self.take())

    def __enter__(self):
        self.samples.append(self.take())
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def peak(self, name):
        return max(sample.get(name, 0) for sample in self.samples)


def run_load(proxy, seconds, state):
    harness.load(proxy.port, rate=RATE, connections=CONNECTIONS, duration=1, grace=0.1)  # pools and buffers are there
    with MemorySamples(proxy) as memory:
        result = harness.load(proxy.port, rate=RATE, connections=CONNECTIONS, duration=seconds, windows=1, grace=2)
    # A second in which nothing due was answered is as long as it can be.
    for key, name in (("p50_us", "p50"), ("p99_us", "p99")):
        result[name] = median([window[key] if window["answered"] else float("inf") for window in result["windows"]])
    return {"state": state, "proxy": proxy.name, **result, "memory_mib": memory.samples, "peak_mib": {name: memory.peak(name) for name in memory.processes}}


def show(row, note=""):
    memory = ", ".join(f"{name} {mib:.0f}" for name, mib in row["peak_mib"].items())
    print(f"  {row['proxy']:24}{row['answered'] / row['seconds']:>9,.0f}{row['errors']:>8}{row['unanswered']:>11,}{row['p50_us']:>12,.0f}{row['p99_us']:>12,.0f}"
          f"{row['p50']:>9,.0f}{row['p99']:>9,.0f}   {memory}{note}", flush=True)


def judge(row, before, after, eligible_share):
    """What of the promise does not hold; nothing where all of it does. Each figure is held against the mean of its two neighbours with the mirror off."""
    wrong = []
    if row["errors"] or row["unanswered"]:
        wrong.append(f"{row['errors']} errors, {row['unanswered']} unanswered")
    for key, slack, what in (("p50", P50_SLACK, "p50 of the median second"), ("p99", P99_SLACK, "p99 of the median second"), ("p99_us", P99_SLACK, "p99 of the run")):
        peer = (before[key] + after[key]) / 2
        if row[key] > slack * peer:
            wrong.append(f"{what} is {row[key] / peer:.2f} x mirror off")
    if eligible_share < ELIGIBLE_LEAST:
        wrong.append(f"{eligible_share:.2%} eligible")
    wrong += [f"{name} reached {row['peak_mib'][name]:.0f} MiB" for name, limit in MEMORY_LIMIT_MIB.items() if row["peak_mib"].get(name, 0) > limit]
    return wrong


def run(arguments):
    seconds, beside = arguments.seconds, max(2.0, arguments.seconds / 6)
    arguments.output.mkdir(parents=True, exist_ok=True)
    print(f"{harness.machine()}; {RATE:,} requests a second over {CONNECTIONS} connections; {seconds:.0f} s with the mirror on, {beside:.0f} s beside it for each other row")
    production = harness.Origin()
    failures = 0
    with open(arguments.output / "sick.jsonl", "w") as output:
        for state, mode in STATES.items():
            if arguments.only not in state:
                continue
            candidate = Candidate()
            off = harness.UnderstudyOff(production.port, candidate.port)
            # No exchange is held out: every request is to be eligible.
            on = harness.UnderstudyOn(production.port, candidate.port, mirror__holdout=0.0)
            mirror = harness.NginxMirror(production.port, candidate.port)
            candidate.origin.mode(mode)
            print(f"\ncandidate {state}\n  {'':24}{'answered':>9}{'errors':>8}{'unanswered':>11}{'p50 us':>12}{'p99 us':>12}{'median second':>18}   peak anonymous memory, MiB")
            before = run_load(off, beside, state)
            row = run_load(on, seconds, state)
            after = run_load(off, beside, state)
            nginx = run_load(mirror, beside, state)
            ledger = on.understudy.ledger()
            share = ledger["eligible"] / on.understudy.metric("understudy_requests_total")
            wrong = judge(row, before, after, share)
            show(before)
            show(row, f"; {share:.2%} eligible, {ledger['compared'] / max(1, ledger['eligible']):.2%} compared")
            show(after)
            show(nginx)
            noise = max(before["p99_us"], after["p99_us"]) / min(before["p99_us"], after["p99_us"])
            if noise > NOISY:
                print(f"  the two runs with the mirror off differ by a factor of {noise:.1f} at p99: the machine is noisy", flush=True)
            print(f"  {'users feel nothing' if not wrong else 'NOT MET: ' + '; '.join(wrong)}", flush=True)
            failures += bool(wrong)
            for one in (before, row, after, nginx):
                output.write(json.dumps(one) + "\n")
            output.flush()
            for proxy in (off, on):
                proxy.stop()
            mirror.stop()
            candidate.process.terminate()
    print(f"\nevery second of every run: {arguments.output / 'sick.jsonl'}")
    return 1 if failures else 0


def add_arguments(parser):
    parser.add_argument("--seconds", type=float, default=60.0, help="of each run with the mirror on")
    parser.add_argument("--only", default="", help="states whose name contains this")
    parser.add_argument("--output", type=pathlib.Path, default=harness.ROOT / "build" / "bench")
