"""What the cases of HTTP share: a Kit is a proxy between a test's own sockets at both ends. A case is a function of a Kit and fails with an AssertionError."""
import contextlib
import itertools
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from program import exchange, status_of, wait_until
from raw_origin import RESET
from strict_reader import Ambiguous, Incomplete, take_response
from support import Failure

HEAD = b"GET /a HTTP/1.1\r\nHost: shop\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: shop\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
END = b"Connection: close\r\n\r\n"
SOON = 15  # seconds: enough for any machine, and far from the proxies' usual patience of 30 s and more
# An Understudy with little patience, and one that mirrors to a candidate that need not be whole.
HASTY = {"server__timeouts__header": "2s", "server__timeouts__body": "2s", "server__timeouts__idle": "2s", "primary__connect_timeout": "1s",
         "primary__response_timeout": "2s", "primary__body_timeout": "2s"}
MIRRORED = {"mirror__methods": ["GET", "HEAD", "POST"], "mirror__order": "none", "mirror__holdout": 0.0, "candidate__connect_timeout": "1s",
            "candidate__response_timeout": "2s", "candidate__body_timeout": "2s", "candidate__deadline": "3s", "candidate__response_size": "4MiB"}
numbers = itertools.count()


def get(line=b"GET /a HTTP/1.1", host=b"Host: shop\r\n", fields=b""):
    return line + b"\r\n" + host + fields + END


def post(target, content, last=True):
    return b"POST %s HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n%s\r\n%s" % (target, len(content), b"Connection: close\r\n" * last, content)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def last_of(answers):
    """The last of several responses on one connection."""
    return answers[max(0, answers.rfind(b"HTTP/1.1 ")):]


class Kit:
    """A proxy in front of a RawOrigin; `hasty_port` is that of the same proxy with little patience (two seconds for anything); `candidate` the RawOrigin that
    it mirrors to, if it does; `understudy` the Understudy whose accounts are to agree, if it is one."""

    def __init__(self, port, origin, hasty_port=None, candidate=None, understudy=None):
        self.port, self.origin, self.hasty_port, self.candidate, self.understudy = port, origin, hasty_port, candidate, understudy

    def target(self):
        """One that nobody has asked for."""
        return b"/t/%d" % next(numbers)

    def on(self, play, table="plays"):
        """The target at which the origin plays this."""
        target = self.target()
        getattr(self.origin, table)[target] = play
        return target

    def exchange(self, *pieces):
        """What the proxy answers, up to the end of the connection, or of the wait for it."""
        with contextlib.suppress(socket.timeout):
            return exchange(self.port, *pieces, timeout=5)
        return b""

    def ask(self, request, hasty=False):
        """What the proxy answers, and how that ends (read_all)."""
        with self.connect(hasty) as connection:
            connection.sendall(request)
            return read_all(connection)

    def connect(self, hasty=False):
        return socket.create_connection(("127.0.0.1", self.hasty_port if hasty else self.port), timeout=SOON)

    def expect_neighbour(self, request=None, hasty=False):
        """The valid neighbour of what was refused or failed gets its 200."""
        answer, _ = self.ask(request or get(), hasty)
        expect(status_of(answer) == 200, f"the valid neighbour is answered {answer[:60]!r}")

    def with_fresh_connection(self):
        """A kept connection that the origin closes just now may cost a request that must not be repeated: after this, every one of those is known to be
        closed. Not for slow cases: others are under way."""
        for origin in filter(None, (self.origin, self.candidate)):
            origin.drop_connections()

    def at_origin(self, target):
        """The requests for `target` that reached the origin whole: (method, target, fields, content) each."""
        return [request for request in self.origin.requests() if request[1] == target]


def read_all(connection):
    """What comes, and how it ends: "end", "reset", or "silence" where nothing comes for long, or something without end."""
    received, until = b"", time.monotonic() + 2 * SOON
    try:
        while data := connection.recv(1 << 16):
            received += data
            if time.monotonic() > until:
                return received, "silence"
    except TimeoutError:
        return received, "silence"
    except OSError:
        return received, "reset"
    return received, "end"


def next_response(connection):
    """One whole response of a connection that goes on, informational ones before it."""
    received = b""
    while data := connection.recv(1 << 16):
        received += data
        with contextlib.suppress(Incomplete):
            take_response(received, 0)
            return received
    raise AssertionError(f"closed after {received!r}")


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


def expect_cut(received, ending):
    """502, or what nobody takes for a whole response."""
    expect(received, "no answer")
    with contextlib.suppress(Incomplete):
        (status, _, _, until_end), _ = take_response(received, 0)
        expect(status == 502 or until_end and ending == "reset", f"looks whole, with {ending}: {received[-200:]!r}")


def expect_soon(condition, what, seconds=SOON):
    try:
        wait_until(condition, seconds, what)
    except Failure as failure:
        raise AssertionError(str(failure)) from None


def problem_of(check, kit):
    """Why a case does not hold; nothing where it does."""
    ambiguous = [origin.ambiguous for origin in (kit.origin, kit.candidate) if origin]
    before = [len(found) for found in ambiguous]
    try:
        check(kit)
    except (AssertionError, OSError, Ambiguous, Failure) as problem:
        return repr(problem)
    return "".join(f"the origin cannot read it: {found[-1]}" for found, count in zip(ambiguous, before) if len(found) > count)


def problems(cases, kit):
    """(group, name, problem) of each case of [(group, name, function)]; those of a group whose name begins with "slow" wait for each other's time."""
    cases = list(cases)
    slow = [case for case in cases if case[0].startswith("slow")]
    for group, name, check in cases:
        if not group.startswith("slow"):
            yield group, name, problem_of(check, kit)
    if slow:
        with ThreadPoolExecutor(len(slow)) as pool:
            for (group, name, _), problem in zip(slow, pool.map(lambda case: problem_of(case[2], kit), slow)):
                yield group, name, problem
