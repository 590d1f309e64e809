"""What the benchmarks share: the proxies side by side under one configuration each, pinned to processor 0; origins and load generator on processor 1;
processor time, memory and the machine's noise as the kernel counts them."""
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
import support  # noqa: E402  (the real binary under a configuration, and what ends with us)

PROXY_CPU, LOAD_CPU = 0, 1
# Room in every proxy: for as many users, and as many connections upstream.
CONNECTIONS = 8192
DESCRIPTORS = 2 * CONNECTIONS + 1024


class Network:
    is_private = False


def enter_private_network():
    """Loopback alone, reno for everybody, no other traffic. Needs root; without it the machine's own network is used, and that is said."""
    settings = {"ipv4/tcp_congestion_control": "reno", "ipv4/tcp_tw_reuse": "1", "ipv4/ip_local_port_range": "10000 65000", "core/somaxconn": "4096"}
    Network.is_private = support.enter_private_network(settings)
    if not Network.is_private:
        print("not root: no network namespace of its own", file=sys.stderr)


@contextlib.contextmanager
def on_processor(cpu):
    """What is started in here, and its children, stay on this processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def start(command, cpu, **options):
    """A process on one processor that ends with us, ahead of whatever else the machine does."""
    with on_processor(cpu):
        child = support.start(command, **options)
    prefer(child.pid)
    return child


def prefer(pid):
    """The group of processes that `pid` leads gets its processor before other groups do (sched(7), autogroup)."""
    with contextlib.suppress(OSError):
        pathlib.Path(f"/proc/{pid}/autogroup").write_text("-15")


def cpu_seconds(pids):
    """Processor time of all threads of these processes, in seconds, as the scheduler counts it (nanoseconds inside)."""
    total = 0
    for pid in pids:
        for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(path.read_text().split()[0])
    return total / 1e9


def busy_seconds():
    """Processor time that anybody on this machine has used."""
    user, nice, system, _, _, irq, softirq, steal = (int(word) for word in pathlib.Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def status_of(pid, key):
    """A figure of /proc/PID/status in MiB."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


def forget_peak(pids):
    for pid in pids:
        with contextlib.suppress(OSError):
            pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def children_of(pid):
    found = []
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in path.read_text().split()]
    return found


class Origin:
    """bench/tools/bench_origin on the load's processor."""

    def __init__(self):
        self.process = start([support.Options.build / "bench_origin"], LOAD_CPU, stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.url = f"http://127.0.0.1:{self.port}"


def begin_load(port, path="/1024", **options):
    command = [support.Options.build / "bench_load", "--target", f"127.0.0.1:{port}", "--path", path]
    for name, value in options.items():
        command += ["--" + name.replace("_", "-"), value]
    return start(command, LOAD_CPU, stdout=subprocess.PIPE, text=True)


def end_load(process):
    """The generator's result, with the processor time that it used."""
    line = process.stdout.readline()
    used = cpu_seconds([process.pid])  # it has printed, and is not waited for yet
    process.wait()
    if not line:
        raise support.Failure(f"bench_load ended with status {process.returncode} and no result")
    return {**json.loads(line), "generator_cpu": used}


def load(port, path="/1024", **options):
    return end_load(begin_load(port, path, **options))


# --- the proxies ----------------------------------------------------------------------------------------------------------------------------------
#
# To add another one: a class with `name`, `port`, `processes()` (a dictionary from a name to pids, read before and after each measurement), `ledger()`
# (what it knows of its copies, or None), `copies()` (the same, once they are done) and `stop()`, made from the production's and the candidate's port, and its line in PROXIES.


class Direct:
    """No proxy at all: what the origin and the generator cost by themselves."""
    name = "direct"

    def __init__(self, production, _candidate):
        self.port = production

    def processes(self):
        return {}

    def copies(self):
        return None

    def ledger(self):
        return None


class Server:
    """A proxy in one process, or a master and its workers."""

    def begin(self, command, **options):
        self.process = start(command, PROXY_CPU, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, **options)
        support.wait_until(lambda: self.answers(), 10, f"{self.name} that answers on port {self.port}")

    def answers(self):
        if self.process.poll() is not None:
            raise support.Failure(f"{self.name} ended with status {self.process.returncode}: {self.process.stderr.read().decode()[-2000:]}")
        return load(self.port, connections=1, rate=100, duration=0.01, grace=0.2)["answered"] == 1

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def processes(self):
        return {self.name: [self.process.pid, *children_of(self.process.pid)]}

    def copies(self):
        return None

    def ledger(self):
        return None


class Nginx(Server):
    name = "nginx"
    location, more = "", ""

    def __init__(self, production, candidate):
        self.port = support.free_port()
        place = support.directory()
        (place / "nginx.conf").write_text(f"""
worker_processes 1; worker_rlimit_nofile {DESCRIPTORS}; error_log stderr crit; pid {place}/nginx.pid;
events {{ worker_connections {DESCRIPTORS}; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; client_max_body_size 0; proxy_max_temp_file_size 0;
  {support.NGINX_PLACES.format(place=place)}
  upstream production {{ server 127.0.0.1:{production}; keepalive 1100; keepalive_requests 1000000000; }}
  upstream candidate {{ server 127.0.0.1:{candidate}; keepalive 1100; keepalive_requests 1000000000; }}
  proxy_http_version 1.1; proxy_set_header Connection "";
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    location / {{ proxy_pass http://production; {self.location} }}
    {self.more}
  }}
}}
""")
        self.begin(["nginx", "-p", place, "-c", place / "nginx.conf", "-g", "daemon off;"])


class NginxMirror(Nginx):
    name = "nginx-mirror"
    location = "mirror /copy;"
    more = "location = /copy { internal; proxy_pass http://candidate$request_uri; }"


class Haproxy(Server):
    name = "haproxy"

    def __init__(self, production, _candidate):
        self.port = support.free_port()
        place = support.directory()
        (place / "haproxy.cfg").write_text(f"""
global
  nbthread 1
  maxconn {CONNECTIONS}
defaults
  mode http
  http-reuse always
  timeout connect 1s
  timeout client 60s
  timeout server 60s
frontend users
  bind 127.0.0.1:{self.port} backlog 4096
  default_backend production
backend production
  server production 127.0.0.1:{production} pool-max-conn 1100
""")
        self.begin(["haproxy", "-f", place / "haproxy.cfg", "-db"])


class Understudy:
    """The real binary, one user-plane thread, defaults but for what the comparison needs."""
    enabled = True

    def __init__(self, production, candidate, **keys):
        with on_processor(PROXY_CPU):
            self.understudy = support.Understudy(f"http://127.0.0.1:{production}", f"http://127.0.0.1:{candidate}", server__threads=1,
                                                 mirror__enabled=self.enabled, mirror__methods=["*"], **keys)
        self.port = self.understudy.port
        prefer(self.understudy.process.pid)

    def processes(self):
        supervisor = self.understudy.process.pid
        planes = {name: self.understudy.planes(name) for name in support.PLANES}
        return {"supervisor": [supervisor], **planes}

    def stop(self):
        self.understudy.process.terminate()
        self.understudy.process.wait()

    def ledger(self):
        return self.understudy.ledger()

    def copies(self):
        """The ledger, once nothing is in flight any more, or as it is after 5 s."""
        deadline = time.monotonic() + 5
        ledger = self.ledger()
        while ledger["in_flight"] and time.monotonic() < deadline:
            time.sleep(0.2)
            ledger = self.ledger()
        return ledger


class UnderstudyOff(Understudy):
    name = "understudy, mirror off"
    enabled = False


class UnderstudyOn(Understudy):
    name = "understudy, mirror on"


PROXIES = [Direct, Nginx, Haproxy, UnderstudyOff, UnderstudyOn, NginxMirror]


# --- one measurement ------------------------------------------------------------------------------------------------------------------------------


def measure(proxy, origins, **options):
    """One load on one proxy. Processor seconds per 100,000 answered requests by process, throughput, latency, peak memory, share compared, and how many
    processors others used meanwhile."""
    before_copies = proxy.copies()
    processes = proxy.processes()
    everyone = [pid for pids in processes.values() for pid in pids]
    ours = [*everyone, *(origin.process.pid for origin in origins), os.getpid()]
    forget_peak(everyone)
    before = {name: cpu_seconds(pids) for name, pids in processes.items()}
    before_ours, before_busy, began = cpu_seconds(ours), busy_seconds(), time.monotonic()
    generator = begin_load(proxy.port, **options)
    result = end_load(generator)
    seconds = time.monotonic() - began
    # Under saturation what counts is what was compared meanwhile; the tap is emptied afterwards, so that it does not weigh on the next measurement.
    saturated = not options.get("rate")
    after_copies = proxy.ledger() if saturated else proxy.copies()
    after = {name: cpu_seconds(pids) for name, pids in processes.items()}
    foreign = max(0.0, busy_seconds() - before_busy - (cpu_seconds(ours) - before_ours) - result["generator_cpu"]) / seconds
    if saturated:
        proxy.copies()
    answered = max(1, result["answered"])
    row = {"proxy": proxy.name, "rps": result["rps"], "answered": result["answered"], "errors": result["errors"], "unanswered": result["unanswered"],
           "p50_us": result["p50_us"], "p99_us": result["p99_us"],
           "cpu": {name: (after[name] - before[name]) / answered * 1e5 for name in processes},
           # How busy the proxy's processor was: below about 0.95 the load was the limit, not the proxy.
           "busy": sum(after[name] - before[name] for name in processes) / seconds,
           "peak_mib": {name: sum(status_of(pid, "VmHWM") for pid in pids) for name, pids in processes.items()}, "foreign_cpus": foreign}
    if before_copies and after_copies:
        eligible = after_copies["eligible"] - before_copies["eligible"]
        row["compared_share"] = (after_copies["compared"] - before_copies["compared"]) / eligible if eligible else None
        row["eligible"] = eligible
    settle([pid for pids in proxy.processes().values() for pid in pids])
    return row


def settle(pids):
    """Until these processes do next to nothing any more, at most 3 s: what one load left behind is not to weigh on the next."""
    deadline = time.monotonic() + 3
    while pids and time.monotonic() < deadline:
        before = cpu_seconds(pids)
        time.sleep(0.05)
        if cpu_seconds(pids) - before < 0.0025:
            return


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def machine():
    """One line: what this ran on."""
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    control = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    where = "a network namespace of its own" if Network.is_private else "the machine's network"
    return f"{os.cpu_count()} processors ({model}), kernel {os.uname().release}, {where}, TCP with {control}"
