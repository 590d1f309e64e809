"""bench/run limits: what saturation, large bodies, idle connections and idleness cost.

    contention   user plane and shadow plane on one processor, saturated, against mirror off with the candidate fed at the same rate by a second generator
    bodies       1 GiB responses, throughput beside nginx
    connections  8,000 idle kept connections, memory of the user plane for each
    idle         processor time of all planes together with no request at all"""
import json
import pathlib
import time

import harness
from harness import median, support

THROUGHPUT_LEAST = 0.95
BODY_LEAST = 0.9
CONNECTION_KIB_MOST = 20
IDLE_SHARE_MOST = 0.005
IDLE_CONNECTIONS = 8000


def contention(arguments):
    production, candidate = harness.Origin(), harness.Origin()
    on = harness.UnderstudyOn(production.port, candidate.port)
    off = harness.UnderstudyOff(production.port, candidate.port)
    ratios, shares = [], []

    def with_mirror():
        before = on.understudy.ledger()
        rate = harness.load(on.port, duration=arguments.seconds)["rps"]
        after = on.understudy.ledger()
        on.copies()  # what is in the tap must not weigh on the next measurement
        compared, eligible = (after[key] - before[key] for key in ("compared", "eligible"))
        return rate, compared, compared / eligible

    def without_mirror(copies):
        feeder = harness.begin_load(candidate.port, rate=max(1, copies / arguments.seconds), duration=arguments.seconds, connections=32)
        rate = harness.load(off.port, duration=arguments.seconds)["rps"]
        harness.end_load(feeder)
        return rate

    _, compared, _ = with_mirror()
    without_mirror(compared)
    for number in range(arguments.rounds):
        # They take turns at being first; the candidate is then fed as many copies as were compared in the round before.
        if number % 2:
            without = without_mirror(compared)
            with_copies, compared, share = with_mirror()
        else:
            with_copies, compared, share = with_mirror()
            without = without_mirror(compared)
        ratios.append(with_copies / without)
        shares.append(share)
        print(f"  round {number + 1}: {with_copies:,.0f} a second with the mirror, {without:,.0f} without; {share:.1%} compared meanwhile", flush=True)
    ledger = on.copies()
    shed = {reason: count for reason, count in ledger["dropped"].items() if count}
    found = median(ratios)
    return support.check(found >= THROUGHPUT_LEAST, f"contention: {found:.3f} x the throughput of mirror off ({min(ratios):.3f}-{max(ratios):.3f}; at least "
                                                    f"{THROUGHPUT_LEAST}); compared meanwhile {median(shares):.1%}, shed {shed or 'nothing'}")


def bodies(arguments):
    production, candidate = harness.Origin(), harness.Origin()
    proxies = [harness.Nginx(production.port, candidate.port), harness.UnderstudyOff(production.port, candidate.port),
               harness.UnderstudyOn(production.port, candidate.port)]
    rates = {proxy.name: [] for proxy in proxies}
    harness.load(production.port, path="/1073741824", connections=1, duration=0.1, grace=60)  # the origin makes it once
    for number in range(arguments.rounds):
        for i in range(len(proxies)):
            proxy = proxies[(i + number) % len(proxies)]
            result = harness.load(proxy.port, path="/1073741824", connections=2, duration=0.1, grace=60)
            if result["errors"] or result["unanswered"] or result["answered"] != 2:
                raise support.Failure(f"{proxy.name}: not every 1 GiB body came: {result}")
            rates[proxy.name].append(result["octets"] / result["seconds"])
    good = True
    for proxy in proxies[1:]:
        found = [own / peer for own, peer in zip(rates[proxy.name], rates["nginx"])]
        good &= support.check(median(found) >= BODY_LEAST, f"1 GiB bodies, {proxy.name}: {median(found):.2f} x nginx's throughput ({min(found):.2f}-{max(found):.2f}; at "
                                                           f"least {BODY_LEAST}); {median(rates[proxy.name]) / 2**20:,.0f} MiB a second, nginx {median(rates['nginx']) / 2**20:,.0f}")
    return good


def connections(_):
    production, candidate = harness.Origin(), harness.Origin()
    proxy = harness.UnderstudyOn(production.port, candidate.port)
    pid = proxy.understudy.plane("us-user")
    harness.load(proxy.port, connections=64, duration=1)
    before = support.anonymous_memory(pid)
    # Each of them has a request or two, and is then kept.
    holder = harness.begin_load(proxy.port, connections=IDLE_CONNECTIONS, rate=4000, duration=IDLE_CONNECTIONS / 4000 + 2, grace=8, stay=1)
    support.wait_until(lambda: proxy.understudy.metric("understudy_connections") >= IDLE_CONNECTIONS, 30, "all connections are open")
    time.sleep(6)  # until the last of them has been idle for seconds
    after = support.anonymous_memory(pid)
    open_now = proxy.understudy.metric("understudy_connections")
    harness.end_load(holder)
    each = (after - before) * 1024 / IDLE_CONNECTIONS
    return support.check(open_now >= IDLE_CONNECTIONS and each <= CONNECTION_KIB_MOST, f"{open_now:,.0f} idle connections: {each:.1f} KiB each in the user plane (at most "
                                                                                       f"{CONNECTION_KIB_MOST}; {before:.1f} MiB before, {after:.1f} MiB with them)")


def idle(arguments):
    production, candidate = harness.Origin(), harness.Origin()
    proxy = harness.UnderstudyOn(production.port, candidate.port)
    pids = [pid for found in proxy.processes().values() for pid in found]
    time.sleep(1)
    before, began = harness.cpu_seconds(pids), time.monotonic()
    time.sleep(10 * arguments.seconds)
    share = (harness.cpu_seconds(pids) - before) / (time.monotonic() - began)
    return support.check(share < IDLE_SHARE_MOST, f"no requests: all planes together use {share:.3%} of a processor (less than {IDLE_SHARE_MOST:.1%})")


PARTS = {"contention": contention, "bodies": bodies, "connections": connections, "idle": idle}


def run(arguments):
    print(harness.machine(), flush=True)
    results = {name: part(arguments) for name, part in PARTS.items() if arguments.only in name}
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "limits.json").write_text(json.dumps(results) + "\n")
    return 0 if all(results.values()) else 1


def add_arguments(parser):
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    parser.add_argument("--only", default="", help="parts whose name contains this: contention, bodies, connections, idle")
    parser.add_argument("--output", type=pathlib.Path, default=harness.ROOT / "build" / "bench")
