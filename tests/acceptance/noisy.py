"""Runs of the real binary before services that are noisy by nature (tests/tools/noisy_service), as 21, 22 and 23 need them: three processes of a service, a
load at a fixed rate, and everything that the verdict said on the way."""
import concurrent.futures
import contextlib
import dataclasses
import http.client
import json
import os
import shutil
import signal
import subprocess
import threading
import time

from support import Failure, Options, Understudy, check, note, start

RATE = 900
EXCHANGES = 12_000
PERIODS = 10  # of a service's state, in a run of EXCHANGES
LOOKS_A_SECOND = 10
ENDS_WITH_US = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []  # the noisy services do so themselves
WAYS = ("secondary", "repeats", "none")  # a third instance; secondary.url = production; no secondary

_starting = threading.Lock()
_stopping = threading.Event()  # the script ends: runs under way are given up


@dataclasses.dataclass(frozen=True)
class Service:
    """One of the fourteen. `period` is its longest in seconds that a run must hold ten of; `quiet` is how many exchanges of an endpoint the exclusion of a net
    excess needs at its noise: the largest of its endpoints, each over its share of the traffic."""
    name: str
    period: float = 0
    stateless: bool = False
    needs: float = 0
    requests: tuple = ("4 GET /items/%d", "1 GET /sellers/%d")
    ids: int = 1000
    header: str = ""

    @property
    def scale(self):
        return self.period * PERIODS * RATE / EXCHANGES if self.period else 1


# Exchanges that exclude 1 % where nothing differs, and where 0.5 % of the exchanges do.
CLEAN, NEARLY_CLEAN = 780, 1700
QUIET = max(CLEAN / 0.2, CLEAN / 0.8)       # one in five requests is for a seller
NEARLY_QUIET = max(CLEAN / 0.2, NEARLY_CLEAN / 0.8)

SERVICES = (
    Service("clocks", period=60, stateless=True, needs=NEARLY_QUIET),
    Service("counter"),
    Service("cached_rate", period=3),
    Service("cached_objects", period=60, ids=100),
    Service("uuids", stateless=True, needs=QUIET),
    Service("shuffled", stateless=True, needs=QUIET),
    Service("flag", period=10),
    Service("queue", period=30),
    Service("failing", stateless=True, needs=NEARLY_QUIET),
    Service("jittered", stateless=True, needs=QUIET),
    Service("multipart", stateless=True, needs=QUIET, requests=("2 GET /items/%d", "2 GET /files/%d", "1 GET /sellers/%d"), header="Range: bytes=0-199,1000-1299"),
    Service("slow", stateless=True, needs=QUIET),
    Service("hot_object", period=10, requests=("9 GET /items/1", "1 GET /items/%d")),
    Service("bad_minute", period=60),
)


class Role:
    """A process of a noisy service."""

    def __init__(self, service, role, seed, port=0, **options):
        command = [Options.build / "noisy_service", "--service", service, "--role", role, "--seed", seed, "--port", port]
        for name, value in options.items():
            if value:
                command += ["--" + name.replace("_", "-"), value]
        self.process = start(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"noisy_service {service} ended at once")
        self.port = int(line)
        self.url = f"http://127.0.0.1:{self.port}"

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@dataclasses.dataclass
class Seen:
    """What a run said, look by look. Positions are numbers of compared exchanges."""
    looks: int = 0
    compared: int = 0
    verdict: str = ""
    reasons: tuple = ()
    first_pass: int | None = None
    first_regression: int | None = None
    regressions: dict = dataclasses.field(default_factory=dict)  # (endpoint, path, class) -> position of the first look that said it
    differences: list = dataclasses.field(default_factory=list)  # all, at the end
    endpoints: list = dataclasses.field(default_factory=list)
    gate: int | None = None  # exit status of `understudy gate`, where it ended by itself
    sent: int = 0
    seconds: float = 0
    kept_rate: bool = False
    ledger: dict = dataclasses.field(default_factory=dict)

    def counts(self):
        """Whether the run was what it was to be: the load kept its rate, and next to nothing was dropped for want of time."""
        return self.kept_rate and self.compared >= 0.95 * self.sent

    def ever(self, ignored=()):
        """The regressions that were ever said, without those of the classes `ignored`."""
        return {key: position for key, position in self.regressions.items() if key[2] not in ignored}

    def told(self):
        parts = [f"{self.verdict or 'no verdict'} at {self.compared} of {self.sent}"]
        if self.first_pass is not None:
            parts.append(f"pass first at {self.first_pass}")
        for (endpoint, path, kind), position in sorted(self.regressions.items(), key=lambda item: item[1])[:4]:
            parts.append(f"REGRESSION {endpoint} {path} {kind} at {position}")
        if not self.kept_rate:
            parts.append(f"the load did not keep its rate ({self.sent / self.seconds if self.seconds else 0:.0f}/s)")
        return "; ".join(parts)


class Run:
    """Roles, Understudy and load of one run. `watch()` returns what was seen; everything that it started has ended then."""

    def __init__(self, service, seed, requests, way="secondary", scale=1, candidate=None, roles=None, ids=1000, users=0, header="", count=EXCHANGES, rate=RATE, **keys):
        self.count, self.rate, self.way = count, rate, way
        self.service, self.seed, self.scale = service, seed, scale
        self.candidate_options, self.role_options = candidate or {}, roles or {}
        self.load_options = {"ids": ids, "users": users, "header": header}
        self.requests, self.keys = requests, keys
        self.roles, self.understudy, self.gate, self.api = {}, None, None, None

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.callback(self.end)
            for role in ("production", "candidate") + (("secondary",) if self.way == "secondary" else ()):
                own = self.candidate_options if role == "candidate" else {}
                self.roles[role] = self.start_role(role, **own)
            production, other = self.roles["production"].url, self.roles["candidate"].url
            secondary = {"secondary": lambda: self.roles["secondary"].url, "repeats": lambda: production, "none": lambda: None}[self.way]()
            with _starting:
                self.understudy = Understudy(production, other, secondary, begin=False, wrap=ENDS_WITH_US, wrap_is_parent=False, store__path="",
                                             mirror__holdout=0.0, server__threads=1, log__level="warn", **self.keys)
            self.understudy.start()
            self.api = http.client.HTTPConnection("127.0.0.1", self.understudy.admin, timeout=10)
            stack.pop_all()
        return self

    def __exit__(self, *_):
        self.end()

    def start_role(self, role, port=0, **own):
        return Role(self.service, role, self.seed, port, scale=self.scale, **{**self.role_options, **own})

    def end(self):
        if self.api:
            self.api.close()
        for process in [self.gate] + ([self.understudy.process] if self.understudy else []):
            if process and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in [self.gate] + ([self.understudy.process] if self.understudy else []):
            if process:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        for role in self.roles.values():
            role.end()

    # --- the load, and what is said meanwhile

    def begin_load(self, seed):
        command = [Options.build / "test_client", "--target", f"127.0.0.1:{self.understudy.port}", "--rate", self.rate, "--requests", self.count, "--seed", seed,
                   "--connections", 16, "--verify", 0, "--any-status", 1, "--timeout", 20]
        for request in self.requests:
            command += ["--request", request]
        for name, value in self.load_options.items():
            if value:
                command += ["--" + name, value]
        return start(command, stdout=subprocess.PIPE, text=True)

    def begin_gate(self):
        """`understudy gate`, which ends at its first final word."""
        self.gate = start([Options.build / "understudy", "gate", "--admin", f"http://127.0.0.1:{self.understudy.admin}", "--timeout", "10m"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def gate_status(self, seconds=5):
        """What the gate ended with, at the latest so long after the last exchange; None if it still waits."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.gate.wait(seconds)
        return None

    def get(self, path):
        """The answer, or nothing while there is none yet."""
        for _ in range(2):
            try:
                self.api.request("GET", path)
                response = self.api.getresponse()
                content = response.read()
                return json.loads(content) if response.status == 200 else None
            except (OSError, http.client.HTTPException):
                self.api.close()
        return None

    def differences(self, query=""):
        answer = self.get("/api/v1/differences" + query)
        if isinstance(answer, dict):  # in pages
            answer = answer.get("differences", [])
        return answer or []

    def look(self, seen):
        verdict = self.get("/api/v1/verdict")
        if verdict is None:
            return
        seen.looks += 1
        seen.compared, seen.verdict, seen.reasons = verdict["compared"], verdict["verdict"], tuple(verdict["reasons"])
        if seen.verdict == "pass" and seen.first_pass is None:
            seen.first_pass = seen.compared
        if seen.verdict == "regression" and seen.first_regression is None:
            seen.first_regression = seen.compared
        for one in self.differences("?verdict=regression"):
            if one.get("gates", True):
                seen.regressions.setdefault((one["endpoint"], one["path"], one["class"]), seen.compared)
        if self.gate and seen.gate is None:
            seen.gate = self.gate.poll()

    def watch(self, until=None, seed=None, before=0):
        """Sends the whole load, or until `until(seen)` is true, with LOOKS_A_SECOND looks a second. `before`: of the exchanges that the ledger counts, those that
        were compared before the run was opened that the verdict is about."""
        seen, load = Seen(), self.begin_load(self.seed if seed is None else seed)
        deadline, next_look, stopped = time.monotonic() + self.count / self.rate * 3 + 30, time.monotonic(), False
        while load.poll() is None:
            if time.monotonic() > deadline or _stopping.is_set():
                load.kill()
                raise Failure(f"{self.service}, seed {self.seed}: the load of {self.count} requests {'is given up' if _stopping.is_set() else 'does not end'}")
            self.look(seen)
            if until and not stopped and until(seen):
                load.send_signal(signal.SIGTERM)
                stopped = True
            next_look = max(next_look + 1 / LOOKS_A_SECOND, time.monotonic())
            _stopping.wait(max(0.0, next_look - time.monotonic()))
        result = json.loads(load.stdout.readline() or "{}")
        load.stdout.close()
        seen.sent, seen.seconds = result.get("sent", 0), result.get("seconds", 0)
        if result.get("errors", 1) != 0:
            raise Failure(f"{self.service}, seed {self.seed}: users got {result.get('errors')} errors: {result.get('first_error')}")
        seen.kept_rate = seen.seconds > 0 and seen.sent / seen.seconds > 0.97 * self.rate
        self.settle(seen, before)
        return seen

    def settle(self, seen, before):
        """Looks until the verdict is about all that was compared and nothing is under way."""
        deadline = time.monotonic() + 15
        while True:
            ledger = self.get("/api/v1/ledger")
            self.look(seen)
            if ledger and ledger["in_flight"] == 0 and seen.compared >= ledger["compared"] - before:
                break
            if time.monotonic() > deadline:
                note(f"{self.service}, seed {self.seed}: not settled within 15 s: ledger {ledger}, verdict about {seen.compared}")
                break
            time.sleep(0.1)
        seen.ledger, seen.differences, seen.endpoints = ledger or {}, self.differences(), self.get("/api/v1/endpoints") or []


def run_service(service, seed, way="secondary", delay_ms=0, until=None, count=EXCHANGES, rate=RATE, scale=None):
    """One A/A run of one of the fourteen."""
    candidate, roles = {"delay_ms": delay_ms}, {"lifetime": count / rate * 3 + 120}
    with Run(service.name, seed, service.requests, way, scale or service.scale, candidate, roles, ids=service.ids, header=service.header, count=count, rate=rate) as run:
        return run.watch(until)


def in_turn(jobs, at_once=None):
    """Yields (job, result of job()) for callables, each result as soon as it is there; one that fails is a failed check. As many at a time as there are cores,
    where nothing else is said: a run at the usual rate needs about half of one."""
    pool = concurrent.futures.ThreadPoolExecutor(at_once or min(8, os.cpu_count() or 1))
    futures = {pool.submit(job): job for job in jobs}
    try:
        for future in concurrent.futures.as_completed(futures):
            try:
                result = future.result()
            except Failure as failure:
                check(False, str(failure))
                continue
            yield futures[future], result
    finally:
        _stopping.set()
        pool.shutdown(cancel_futures=True)
        _stopping.clear()
