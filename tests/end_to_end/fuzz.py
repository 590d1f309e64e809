#!/usr/bin/env python3
"""Random octets and random cuts through the real binary, between raw sockets. An input is one connection of a user: requests, often mutated, pipelined,
written in pieces, left open, half-closed or reset, and what the primary and the candidate answer to each. It is known at both ends by its own source address,
which the proxy tells in X-Forwarded-For, so each is judged apart though several run at once:

  at the origins   the strict reader reads all of it, in one way, as the very requests that stand in the user's octets, in their order
  at the user      whole responses that stand in the primary's octets, refusals and 502s in the proxy's own words, or what is visibly cut
  in a tunnel      every octet, and none before the primary has agreed to it
  at the end       the same processes, the ledger settled and balanced, the descriptors back, no word of a sanitizer

    fuzz.py [--seed N] [--seconds S] [--inputs N] [--first N]      --first N --inputs 1 with the seed of a finding repeats its input N
"""
import argparse
import collections
import contextlib
import pathlib
import random
import re
import socket
import sys
import threading
import time
import traceback

from fuzz_input import IDEMPOTENT, Input, passed, read_answer
from program import Understudy, take_failed, wait_until
from raw_origin import RESET, RawOrigin
from strict_reader import Ambiguous, Incomplete, read_requests, take_fields, take_line, take_response
from support import PLANES, Failure, check, check_balance

THREADS = 6
REMEMBERED = 4000  # inputs: copies reach the candidate late
TOLD = 5000  # octets of what was wrong
PATIENCE = 15  # seconds without an octet
REFUSALS = {400, 405, 411, 413, 414, 417, 431, 501, 505}
OWN_WORDS = re.compile(rb"([45][0-9][0-9]) [A-Z][A-Za-z -]*(?:: .*)?\n", re.DOTALL)


def responses_to(source, octets):
    """The whole responses among the octets that came to an input's user, and what is left."""
    found, at, methods = [], 0, [request[0] for request in source.expected]
    while at < len(octets):
        try:
            response, at = take_response(octets, at, methods[len(found):len(found) + 1] == [b"HEAD"])
        except Incomplete:
            break
        found.append(response)
    return found, octets[at:]


def is_answered(source, octets):
    """Whether every request has its response, and none needs the end of the connection."""
    with contextlib.suppress(Ambiguous):
        responses, _ = responses_to(source, octets)
        return len(responses) >= len(source.expected) and not responses[-1][3]
    return False


class Finding(Exception):
    pass


class Origin(RawOrigin):
    def __init__(self, fuzzer, is_candidate):
        self.fuzzer, self.is_candidate = fuzzer, is_candidate
        super().__init__()

    def serve(self, connection):
        rest = b""
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := connection.recv(1 << 16):
                rest += data
                received = rest
                try:
                    requests, rest = read_requests(rest)
                    for number, request in enumerate(requests):
                        source = self.fuzzer.source_of(request[2])
                        if b"upgrade" in dict(request[2]) and self.is_candidate:
                            raise Finding("a request for WebSocket was copied")
                        if b"upgrade" in dict(request[2]) and source and source.tunnel:
                            if rest or number + 1 < len(requests):
                                raise Finding("octets behind a request for WebSocket that nobody has agreed to")
                            return self.tunnel(source, request, connection)
                        answer = source and self.answer(source, request)
                        if not answer or not self.say(connection, answer, request[0] == b"HEAD"):
                            return
                    if b"\r\n\r\n" in rest and not self.is_candidate:
                        source = self.fuzzer.source_of(take_fields(rest, rest.index(b"\n") + 1)[0])
                        if source and source.early:
                            self.say(connection, source.early)
                            return
                except (Ambiguous, Finding) as problem:
                    addresses = re.findall(rb"(127(?:\.[0-9]+){3})\r\n", received)
                    source = self.fuzzer.recent.get(addresses[-1].decode()) if addresses else None
                    self.fuzzer.found(source, f"at the {'candidate' if self.is_candidate else 'primary'}: {problem!r} in {received!r}")
                    return

    def answer(self, source, request):
        method, target, fields, content = request
        request = (method, target, dict(fields)[b"host"], passed(fields), content)
        with self.fuzzer.lock:
            if self.is_candidate:
                self.fuzzer.copies += 1
                index = source.expected.index(request) if request in source.expected else None
            else:
                self.fuzzer.requests += 1
                index = source.arrive(request)
            if index is None or source.refused is not None and index >= source.refused:
                raise Finding(f"not what the user sent: {request!r}")
        return source.candidate_answers[index] if self.is_candidate else source.answer_to(index)

    def tunnel(self, source, request, connection):
        self.answer(source, request)  # judged, as any request
        tunnel, came = source.tunnel, b""
        connection.sendall(tunnel.answer + (tunnel.down if tunnel.agrees else b""))
        with contextlib.suppress(ConnectionResetError):
            while data := connection.recv(1 << 16):
                came += data
        if came != tunnel.up[:len(came) if source.ending == "reset" else None] * tunnel.agrees:
            raise Finding(f"came through the tunnel: {came!r}")

    @staticmethod
    def say(connection, answer, at_once=False):
        """True: the connection goes on."""
        cuts = [] if at_once else answer.cuts
        for begin, end in zip([0, *cuts], [*cuts, len(answer.octets)]):
            connection.sendall(answer.octets[begin:end])
            time.sleep(0.0003 if cuts else 0)
        if answer.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return answer.then == "keep"


class Fuzzer:
    def __init__(self, seed, first=0):
        self.seed, self.next = seed, first
        self.lock = threading.Lock()
        self.recent, self.tokens = collections.OrderedDict(), {}  # inputs by address; numbers by token
        self.findings, self.ended = [], threading.Event()
        self.inputs = self.requests = self.copies = self.responses = self.tunnels = 0
        self.refusals = collections.Counter()
        self.primary, self.candidate = Origin(self, False), Origin(self, True)
        self.understudy = Understudy(self.primary.url, self.candidate.url, mirror__methods=["*"], mirror__holdout=0.0, primary__idle_timeout="1s",
                                     primary__response_timeout="10s", primary__body_timeout="10s", server__timeouts__body="10s",
                                     candidate__response_timeout="1s", candidate__deadline="2s")

    def source_of(self, fields):
        """The input that a request at an origin comes from; nothing where that is long over."""
        address = dict(fields).get(b"x-forwarded-for", b"").rsplit(b",")[-1].strip().decode("latin-1")
        with self.lock:
            source = self.recent.get(address)
        if not source and not re.fullmatch(r"127(\.[0-9]+){3}", address):
            raise Finding(f"nobody's: {fields!r}")
        return source

    def found(self, source, problem):
        self.findings.append((source, problem))
        self.ended.set()

    def run(self, deadline, last):
        while not self.ended.is_set() and time.monotonic() < deadline:
            with self.lock:
                number, self.next = self.next, self.next + 1
                if last is not None and number >= last:
                    return
            source = Input(self.seed, number, self.primary.url[7:].encode())
            with self.lock:
                self.inputs += 1
                self.recent[source.address], self.tokens[source.token] = source, number
                if len(self.recent) > REMEMBERED:
                    self.tokens.pop(self.recent.popitem(last=False)[1].token, None)
            received = b""
            try:
                received, was_reset = self.talk(source)
                self.judge(source, received, was_reset)
            except (Finding, Ambiguous, OSError) as problem:
                self.found(source, f"at the user: {problem!r} in {received!r}")
            except Exception:
                self.found(source, traceback.format_exc())

    def talk(self, source):
        """What came back, and whether it ended in a reset."""
        received, was_reset = b"", False
        with socket.socket() as connection:
            connection.bind((source.address, 0))
            connection.settimeout(PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.connect(("127.0.0.1", self.understudy.port))
            try:
                for piece, pause in source.pieces:
                    connection.sendall(piece)
                    time.sleep(pause)
                if source.ending == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    return b"", True
                if source.ending == "half-close":
                    connection.shutdown(socket.SHUT_WR)
            except TimeoutError:
                raise Finding(f"takes nothing for {PATIENCE} s") from None
            except OSError:
                was_reset = True  # closed already: what was said is still to be read
            try:
                while data := connection.recv(1 << 16):
                    received += data
                    if source.ending == "wait" and is_answered(source, received):
                        break
            except TimeoutError:
                raise Finding(f"nothing for {PATIENCE} s, after {received!r}") from None
            except ConnectionResetError:
                was_reset = True
        return received, was_reset

    def judge(self, source, received, was_reset):
        strangers = {token for token in re.findall(rb"t[0-9a-f]{14}", received) if token != source.token and token in self.tokens}
        if strangers:
            raise Finding(f"of another user's exchange: {strangers}")
        if source.ending == "reset":
            return
        if source.tunnel:
            return self.judge_tunnel(source, received, was_reset)
        responses, left = responses_to(source, received)
        if responses and responses[-1][3] and was_reset:
            responses, left = responses[:-1], b"cut"
        is_troubled = source.early is not None  # a connection that need not go on
        for index, response in enumerate(responses):
            kind = self.kind_of(source, index, response)
            self.responses += 1
            is_troubled = is_troubled or kind != "answer" or response[3] or not source.answer_to(index).is_clean
            if kind == "refusal":
                self.refusals[response[0]] += 1
                with self.lock:
                    source.refused = index
                if index < max(source.arrived, default=-1) + 1 or left or len(responses) > index + 1:
                    raise Finding(f"response {index} refuses what reached the primary, or is not the last")
        index = len(responses)
        if index < len(source.expected) and not is_troubled and source.answer_to(index).is_clean:
            raise Finding(f"response {index} is missing or cut")
        if left and index >= len(source.expected) and not source.rest and not source.early:
            raise Finding(f"behind the last response: {left!r}")

    def judge_tunnel(self, source, received, was_reset):
        at, last = 0, len(source.expected) - 1
        for index in range(last):
            response, at = take_response(received, at)
            if response[0] != 200 or self.kind_of(source, index, response) != "answer":
                raise Finding(f"response {index}, before a tunnel: {response!r}")
        line, behind = take_line(received, at)
        if source.tunnel.agrees:
            self.tunnels += 1
            fields, behind = take_fields(received, behind)
            if not line.startswith(b"HTTP/1.1 101 ") or dict(fields).get(b"upgrade", b"").lower() != b"websocket" or was_reset:
                raise Finding("the primary agreed to a tunnel")
            if received[behind:] != source.tunnel.down:
                raise Finding(f"came back through the tunnel: {received[behind:]!r}")
            return
        statuses = []
        while at < len(received):
            (status, _, content, _), at = take_response(received, at)
            statuses.append(status)
            if not OWN_WORDS.fullmatch(content):
                raise Finding(f"not the proxy's own: {content!r}")
        if statuses not in ([502], [502, 400]):
            raise Finding(f"the primary did not agree to a tunnel: {statuses}")

    def kind_of(self, source, index, response):
        """Whether the response is the primary's ("answer"), or the proxy's own: "failure" of the primary or "refusal"."""
        status, fields, content, _ = response
        is_asked = index < len(source.expected)
        method = source.expected[index][0] if is_asked else b"GET"
        answers = [source.answer_to(index)] if is_asked and index in source.arrived else []
        for answer in answers + ([source.early] if source.early and (is_asked or source.rest) else []):
            with contextlib.suppress(Ambiguous, Incomplete):
                said = read_answer(answer.octets, method == b"HEAD")
                if said[:3] == (status, passed(fields), content) and not (said[3] and answer.then == "reset"):
                    if is_asked and source.traits[index][0] == b"0" and b"transfer-encoding" in dict(fields):
                        raise Finding("chunked, to HTTP/1.0")
                    return "answer"
        words = OWN_WORDS.fullmatch(content) if method != b"HEAD" else [b"", b"%d" % status]
        if not words or int(words[1]) != status:
            raise Finding(f"response {index} is neither the primary's nor the proxy's own: {response!r}")
        # Without content it is sent again where a kept connection was just closed; with content, only if all of it is there.
        is_sure = is_asked and source.answer_to(index).is_clean and method in IDEMPOTENT and not source.expected[index][4] and not source.traits[index][1]
        if status == 502 and (is_asked or source.rest) and not (is_sure and not source.early):
            return "failure"
        if status in REFUSALS and not source.is_clean and (is_asked or source.rest):
            return "refusal"
        raise Finding(f"response {index}: {status} for no reason")


def fuzz(seed, seconds, inputs=None, first=0):
    """Runs it and checks; returns the sum in one line."""
    fuzzer = Fuzzer(seed, first)
    understudy = fuzzer.understudy
    planes = {name: understudy.planes(name) for name in PLANES}

    def descriptors():
        return len(list(pathlib.Path(f"/proc/{planes['us-user'][0]}/fd").iterdir()))

    def is_sound():
        return understudy.process.poll() is None and planes == {name: understudy.planes(name) for name in PLANES} and is_silent()

    def is_silent():
        return not re.search("Sanitizer|runtime error|[Aa]ssert", understudy.stderr())
    before = descriptors()
    last = None if inputs is None else first + inputs
    threads = [threading.Thread(target=fuzzer.run, args=(time.monotonic() + seconds, last), daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        fuzzer.ended.wait(0.5)
        if not is_sound():
            fuzzer.found(None, f"a process ended or a sanitizer spoke, with the inputs up to {fuzzer.next}: {understudy.stderr()[-4000:]}")
        time.sleep(0.1)
    for source, problem in fuzzer.findings[:3]:
        check(False, f"seed {seed}: {problem[:TOLD]}\n{source.told() if source else ''}")
    if is_sound():
        ledger = understudy.settled(35)
        check_balance(ledger)
        check(ledger["eligible"] > 0 or fuzzer.requests == 0, "something was mirrored")
        check(understudy.metric("understudy_plane_restarts_total") == 0, "no plane was restarted")
        wait_until(lambda: descriptors() <= before, 20, lambda: f"{before} descriptors of us-user, now {descriptors()}")
        understudy.terminate()
        check(is_silent(), "no word of a sanitizer " + understudy.stderr()[-4000:] * (not is_silent()))
    refusals = ", ".join(f"{count} x {status}" for status, count in sorted(fuzzer.refusals.items()))
    return (f"seed {seed}: {fuzzer.inputs} inputs, {fuzzer.requests} requests at the primary, {fuzzer.copies} at the candidate, "
            f"{fuzzer.responses} responses judged, {fuzzer.tunnels} tunnels, refusals: {refusals or 'none'}")


def main():
    parser = argparse.ArgumentParser(description="Random octets and random cuts through the real binary.")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--inputs", type=int, help="at most so many")
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    options = parser.parse_args()
    seconds = options.seconds or (20 if options.inputs is None else 1e9)
    try:
        print(fuzz(options.seed, seconds, options.inputs, options.first), flush=True)
    except Failure as failure:
        check(False, f"seed {options.seed}: {failure}")
    sys.exit(1 if take_failed() else 0)


if __name__ == "__main__":
    main()
