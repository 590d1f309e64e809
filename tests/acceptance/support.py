"""What the acceptance and end-to-end tests share: the real binary under a configuration of theirs, the scriptable origin and the load client of
tests/tools, and the checks. Every process started here is ended, and every directory removed, when the test ends, however it ends."""
import argparse
import atexit
import contextlib
import ctypes
import fcntl
import http.client
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
PLANES = ("us-user", "us-shadow", "us-admin")

_children = []
_directories = []


def _clean_up():
    for child in _children:
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGCONT)
                os.killpg(child.pid, signal.SIGKILL)
    for child in _children:
        child.wait()
    for directory in _directories:
        shutil.rmtree(directory, ignore_errors=True)


atexit.register(_clean_up)
for _number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(_number, lambda *_: sys.exit(143))


class Options:
    """Set by run(): where the binaries are, and whether the long form is wanted."""
    build = pathlib.Path(os.environ.get("UNDERSTUDY_BUILD", ROOT / "build"))
    corpus = pathlib.Path(os.environ.get("UNDERSTUDY_CORPUS", ROOT.parent / "shared" / "corpus"))
    full = False
    quiet = False  # only what failed is printed
    flags = set()  # of those that the script knows beside --full, the ones given


def start(command, **options):
    """Starts a process in a group of its own, which ends with the test."""
    child = subprocess.Popen([str(word) for word in command], start_new_session=True, **options)
    _children.append(child)
    return child


def directory():
    path = pathlib.Path(tempfile.mkdtemp(prefix="understudy-"))
    _directories.append(path)
    return path


_given_ports = set()


def free_port():
    """A port above 20000 and below the range that the kernel gives to clients, so that nobody takes it before it is used."""
    while True:
        port = random.randrange(20001, 32000)
        if port in _given_ports:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given_ports.add(port)
        return port


def wait_until(condition, seconds, what):
    """Polls until `condition` gives something true and returns it; fails the test after `seconds`. `what` may be a function that tells."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failure(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.02)


def raise_descriptors():
    """As many descriptors as may be had, for this script and what it starts; returns how many."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def enter_private_network(settings=None):
    """The rest of the script runs in a network of its own, loopback alone, where it may have one: as root, before any thread is there. `settings` are values by
    their key of /proc/sys/net in it, "ipv4/tcp_rmem". False: it stays in the machine's network."""
    new_network, set_flags, up = 0x40000000, 0x8914, 1  # CLONE_NEWNET, SIOCSIFFLAGS, IFF_UP
    if ctypes.CDLL(None).unshare(new_network) != 0:
        return False
    with socket.socket() as loopback:
        fcntl.ioctl(loopback, set_flags, struct.pack("16sh22x", b"lo", up))
    for key, value in (settings or {}).items():
        with contextlib.suppress(OSError):
            pathlib.Path("/proc/sys/net", key).write_text(value)
    return True


# --- checks -------------------------------------------------------------------------------------------------------------------------------------


class Failure(Exception):
    """A condition without which the test cannot go on."""


class Skip(Exception):
    """What the test needs is not here."""


_failed = []


def check(good, text):
    """One line for each check; the test goes on after a failed one and fails at its end."""
    if not good or not Options.quiet:
        print(("  ok      " if good else "  FAILED  ") + text, flush=True)
    if not good:
        _failed.append(text)
    return bool(good)


def take_failed():
    """The checks that failed since the last call."""
    failed = list(_failed)
    _failed.clear()
    return failed


def note(text):
    print("          " + text, flush=True)


def run(test, flags=None):
    """The main program of an acceptance script: `test` takes no argument; its docstring's first line is its name. `flags`: further ones, by name what each does."""
    parser = argparse.ArgumentParser(description=test.__doc__)
    parser.add_argument("--full", action="store_true", help="the long form that the issue states; the short one is for every run")
    parser.add_argument("--build", type=pathlib.Path, default=Options.build, help="directory of the built binaries")
    for name, what in (flags or {}).items():
        parser.add_argument("--" + name, action="append_const", dest="flags", const=name, help=what)
    arguments = parser.parse_args()
    Options.flags = set(arguments.flags or ()) if flags else set()
    Options.full, Options.build = arguments.full, arguments.build.resolve()
    print(f"{pathlib.Path(sys.argv[0]).name}: {test.__doc__.splitlines()[0]} ({'full' if Options.full else 'short'})", flush=True)
    begin = time.monotonic()
    try:
        test()
    except Failure as failure:
        check(False, str(failure))
    except Skip as skip:
        print(f"  skipped: {skip}")
        sys.exit(SKIPPED)
    print(f"  {'FAILED' if _failed else 'passed'} in {time.monotonic() - begin:.1f} s", flush=True)
    sys.exit(1 if _failed else 0)


def full_or(full, short):
    return full if Options.full else short


# Where an nginx that a test configures keeps its files: to be formatted with `place`.
NGINX_PLACES = ("client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi; uwsgi_temp_path {place}/uwsgi; "
                "scgi_temp_path {place}/scgi;")


# --- the load client and the scriptable origin ----------------------------------------------------------------------------------------------------


def request_json(port, method, path, body=None, timeout=10):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body=body)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    if response.status >= 300:
        raise Failure(f"{method} {path}: {response.status} {content[:200]!r}")
    return json.loads(content)


class Origin:
    """tests/tools/test_origin; see tests/tools/origin.h for what it answers."""

    def __init__(self, mode="healthy", port=0, **options):
        command = [Options.build / "test_origin", "--mode", mode, "--port", port]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), value]
        self.process = start(command, stdout=subprocess.PIPE, text=True)
        ports = json.loads(self.process.stdout.readline())
        self.port, self.control = ports["port"], ports["control"]
        self.url = f"http://127.0.0.1:{self.port}"

    def stats(self):
        return request_json(self.control, "GET", "/stats")

    def totals(self):
        return self.stats()["totals"]

    def bodies(self):
        return request_json(self.control, "GET", "/bodies", timeout=60)

    def heads(self):
        return request_json(self.control, "GET", "/heads")

    def mode(self, mode):
        request_json(self.control, "PUT", "/mode", body=mode)

    def reset(self):
        request_json(self.control, "POST", "/reset")


class Load:
    """tests/tools/test_client at work; `result()` waits for its one line of JSON."""

    def __init__(self, port, *requests, **options):
        command = [Options.build / "test_client", "--target", f"127.0.0.1:{port}"]
        for request in requests:
            command += ["--request", request]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), value]
        self.process = start(command, stdout=subprocess.PIPE, text=True)

    def running(self):
        return self.process.poll() is None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)

    def result(self):
        line = self.process.stdout.readline()
        self.process.wait()
        if not line:
            raise Failure(f"the load client ended with status {self.process.returncode} and no result")
        return json.loads(line)


def load(port, *requests, **options):
    return Load(port, *requests, **options).result()


def check_load(result, what):
    """Every request of a load was answered whole and right."""
    good = result["errors"] == 0 and result["ok"] > 0
    return check(good, f"{what}: {result['sent']} requests sent, {result['ok']} answered right, {result['errors']} errors "
                       f"{result['errors_by_kind'] or ''} {result['first_error']} ({result['rps']:.0f} rps, p50 {result['p50_ms']:.2f} ms, "
                       f"p99 {result['p99_ms']:.1f} ms)")


# --- Understudy -----------------------------------------------------------------------------------------------------------------------------------


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value)


class Understudy:
    """The real binary. Keyword arguments are configuration keys with "__" for ".": mirror__percent=250. Ports, store and origins are set. `wrap` is the command
    of a program that runs it: as its child (strace), or in its own place where `wrap_is_parent` is false (valgrind)."""

    def __init__(self, primary, candidate=None, secondary=None, begin=True, stdout=subprocess.DEVNULL, wrap=(), wrap_is_parent=True, **keys):
        self.directory = directory()
        self.port, self.admin = free_port(), free_port()
        self.keys = {"server.listen": [f"127.0.0.1:{self.port}"], "admin.listen": f"127.0.0.1:{self.admin}", "primary.url": primary,
                     "store.path": str(self.directory / "understudy.db"), "server.threads": 2}
        if candidate:
            self.keys["candidate.url"] = candidate
        if secondary:
            self.keys["secondary.url"] = secondary
        self.configure(**keys)
        self.stdout, self.wrap, self.wrapped = stdout, list(wrap), bool(wrap) and wrap_is_parent
        self.process = None
        if begin:
            self.start()

    def configure(self, **keys):
        """Changes keys in the configuration file; a running Understudy reads it at reload()."""
        self.keys.update({name.replace("__", "."): value for name, value in keys.items()})
        text = "".join(f"{name} = {toml(value)}\n" for name, value in self.keys.items())
        (self.directory / "understudy.toml").write_text(text)

    def start(self):
        self.stderr_path = self.directory / "stderr"
        with open(self.stderr_path, "ab") as stderr:
            command = self.wrap + [Options.build / "understudy", "run", "-c", self.directory / "understudy.toml"]
            self.process = start(command, stdout=self.stdout, stderr=stderr)
        wait_until(self.is_ready, 20, lambda: f"ready; stderr: {self.stderr()[-800:]}")

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failure(f"understudy ended with status {self.process.returncode}: {self.stderr()[-2000:]}")
        return self.status("/readyz") == 200 and self.runs_its_loops()

    def runs_its_loops(self):
        """Whether us-user has made every event loop: the listener is the supervisor's, so /readyz may answer before, and what counts us-user's
        descriptors or memory from there on would find more later."""
        loops = 0
        with contextlib.suppress(OSError):
            for pid in self.planes("us-user")[-1:]:
                loops = sum(os.readlink(entry) == "anon_inode:[eventpoll]" for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir())
        return loops >= self.keys["server.threads"]

    def status(self, path, timeout=2):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=timeout)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def api(self, path, method="GET", body=None):
        return request_json(self.admin, method, path, None if body is None else json.dumps(body))

    def ledger(self):
        return self.api("/api/v1/ledger")

    def differences(self):
        return self.api("/api/v1/differences")

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=10)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def metric(self, name):
        """The sum of a metric's samples, whatever their labels."""
        total = 0.0
        for line in self.metrics().splitlines():
            if line.startswith((name + " ", name + "{")):
                total += float(line.rsplit(" ", 1)[1])
        return total

    def put_mirror(self, **values):
        return self.api("/api/v1/mirror", "PUT", values)

    def planes(self, name):
        """Pids of the running planes with this process name, the oldest first."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                text = (entry / "stat").read_text()
                command, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
                if command == name and int(rest[1]) == self.supervisor() and rest[0] != "Z":
                    found.append((int(rest[19]), int(entry.name)))
        return [pid for _, pid in sorted(found)]

    def supervisor(self):
        """The supervisor's pid: the process itself, or its child where it runs under another program (strace)."""
        if not self.wrapped:
            return self.process.pid
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else self.process.pid

    def plane(self, name):
        return wait_until(lambda: self.planes(name), 10, f"a process {name}")[-1]

    def kill_plane(self, name):
        """SIGKILL, and waits until its successor runs."""
        pid = self.plane(name)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: [other for other in self.planes(name) if other != pid], 20, f"a successor of {name} {pid}")

    def reload(self):
        """SIGHUP, and waits until a new user plane runs and the reload counts as good."""
        before = self.plane("us-user")
        os.kill(self.supervisor(), signal.SIGHUP)
        wait_until(lambda: [pid for pid in self.planes("us-user") if pid != before], 20, "a new user plane")
        wait_until(lambda: self.status("/readyz") is not None, 20, "an admin plane that answers")

    def settled(self, seconds):
        """The ledger once in_flight is 0; checks that this comes within `seconds`."""
        deadline = time.monotonic() + seconds
        ledger = self.ledger_when_up()
        while ledger["in_flight"] != 0 and time.monotonic() < deadline:
            time.sleep(0.1)
            ledger = self.ledger_when_up()
        check(ledger["in_flight"] == 0, f"in_flight is 0 within {seconds:.0f} s after the load (is {ledger['in_flight']})")
        return ledger

    def ledger_when_up(self):
        def attempt():
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.ledger()
        return wait_until(attempt, 20, "an admin plane that answers")

    def terminate(self, seconds=40):
        """SIGTERM; returns the ledger on the last line of stderr and checks the exit status."""
        os.kill(self.supervisor(), signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"SIGTERM: still running after {seconds} s") from None
        lines = self.stderr().splitlines()
        check(status == 0, f"SIGTERM: exit status {status}")
        try:
            return json.loads(lines[-1])
        except (IndexError, ValueError):
            raise Failure(f"SIGTERM: the last line on stderr is no ledger: {lines[-1:]}") from None


def dropped_and_failed(ledger):
    failed = sum(count for reasons in ledger["failed"].values() for count in reasons.values())
    return sum(ledger["dropped"].values()), failed


def balanced(ledger):
    """The contract's identity: eligible = compared + dropped + failed + in flight."""
    dropped, failed = dropped_and_failed(ledger)
    return ledger["eligible"] == ledger["compared"] + dropped + failed + ledger["in_flight"]


def told(ledger):
    dropped, failed = dropped_and_failed(ledger)
    reasons = {**{reason: count for reason, count in ledger["dropped"].items() if count},
               **{f"{role} {reason}": count for role, reasons in ledger["failed"].items() for reason, count in reasons.items() if count}}
    return (f"eligible {ledger['eligible']}, heldout {ledger['heldout']}, compared {ledger['compared']}, dropped {dropped}, failed {failed}, "
            f"in flight {ledger['in_flight']} {reasons or ''}")


def check_balance(ledger, selectable=None):
    check(balanced(ledger), "eligible = compared + dropped + failed + in flight: " + told(ledger))
    if selectable is not None:
        selected = ledger["eligible"] + ledger["heldout"]
        check(selected == selectable, f"eligible + heldout = {selected}; selectable requests that the client counted: {selectable}")


class MemoryWatch:
    """The highest anonymous memory of each plane while it runs, in MiB."""

    def __init__(self, understudy):
        self.understudy, self.peak, self.ended = understudy, dict.fromkeys(PLANES, 0.0), threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def watch(self):
        while not self.ended.wait(0.2):
            for name in PLANES:
                for pid in self.understudy.planes(name):
                    self.peak[name] = max(self.peak[name], anonymous_memory(pid))


def anonymous_memory(pid):
    """MiB; 0 for a process that has just ended."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    return 0.0
