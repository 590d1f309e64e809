"""Cases of a mirror: whatever the candidate does, the user gets production's answer, the same to the octet as with a healthy candidate, and waits for nobody;
the next copy is compared again, and the accounts name what became of this one. The accounts are looked at where the proxy is Understudy."""
import gzip
import threading

from http_cases import CUT_RESPONSES, HINTS, REQUESTS, RESPONSES
from http_kit import SOON, expect, expect_soon, get, next_response, post, read_all, reset
from program import fields_of, status_of
from raw_origin import OK, Flood, Held, Taker, ending, only_on_a_kept_connection, saying

INTERIM = HINTS[:HINTS.index(b"HTTP/1.1 200")]
COMPARED = ("compared",)
PIECE = b"x" * 65536
LARGE = 16 << 20  # more than lies in the kernel's buffers and in mirror.body together
MORE_THAN_KEPT, KEPT = 4 << 20, 512 << 10  # of mirror.body, whose default is 1 MiB


GAVE_UP = ("dropped", "gave_up")  # cut off by the kit's short timeouts, within which production's are not over


def failed(reason):
    return "failed", "candidate", reason


def accounts(kit):
    """Every place of the ledger with what it counts; nothing of other proxies."""
    found = {}

    def gather(path, value):
        if isinstance(value, dict):
            for name, inner in value.items():
                gather((*path, name), inner)
        else:
            found[path] = value
    if kit.understudy:
        gather((), kit.understudy.ledger())
    return found


def settle(kit):
    expect_soon(lambda: not kit.understudy or kit.understudy.ledger()["in_flight"] == 0, "the end of what is in flight")


class Accounting:
    """Expects that the ledger counts as many exchanges as ended within, each at a place that is named."""

    def __init__(self, kit, *places):
        self.kit, self.places = kit, places

    def __enter__(self):
        settle(self.kit)  # what came before is none of it
        self.before = accounts(self.kit)
        return self

    def difference(self):
        now = accounts(self.kit)
        return {path: now[path] - self.before[path] for path in now if now[path] != self.before[path] and path not in (("matched",), ("differed",))}

    def __exit__(self, kind, *_):
        if kind or not self.kit.understudy:
            return
        wanted = {("eligible",): len(self.places)} if self.places else {}
        for place in self.places:
            wanted[place] = wanted.get(place, 0) + 1
        expect_soon(lambda: self.difference() == wanted, lambda: f"in the ledger {wanted}, it has {self.difference()}")


def expect_answer(kit, request):
    expect_as_usual(kit, *kit.ask(request))


def expect_as_usual(kit, answer, ending):
    """Production's answer, the same to the octet but for the date."""
    def of_date(answer):
        return [field for field in fields_of(answer) if field[0] != "date"], answer.partition(b"\r\n\r\n")[2]
    usual, _ = kit.ask(get(b"GET /a HTTP/1.1"))
    expect(status_of(answer) == 200 and ending == "end" and of_date(answer) == of_date(usual), f"answered {answer!r}")


def expect_healthy(kit):
    """The neighbour: its copy is compared, so the breaker, if there is one, starts anew."""
    with Accounting(kit, COMPARED):
        kit.expect_neighbour()


def at_candidate(kit, target):
    return [request for request in kit.candidate.requests() if request[1] == target]


def copied(play, *places, times=None, table="plays"):
    """A GET whose copy the candidate answers so; beside it goes a healthy one, for comparison."""
    def check(kit):
        target = kit.target()
        getattr(kit.candidate, table)[target] = play()
        with Accounting(kit, COMPARED, *places):
            expect_answer(kit, get(b"GET " + target + b" HTTP/1.1"))
        expect(times is None or not kit.understudy or len(at_candidate(kit, target)) == times, f"{len(at_candidate(kit, target))} times at the candidate")
        expect_healthy(kit)
    return check


def compressed(content):
    packed = gzip.compress(content, 9)
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)


def json_of(content):
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)


CANDIDATE = {
    "closes instead of an answer": copied(lambda: saying(b""), failed("truncated")),
    "resets instead of an answer": copied(lambda: saying(b"", "reset"), failed("reset")),
    "garbage": copied(lambda: saying(b"\x16\x03\x01\0garbage\r\n\r\n"), failed("protocol")),
    "half a head and the end": copied(lambda: saying(RESPONSES["half a head"]), failed("truncated")),
    "a length and chunked": copied(lambda: saying(RESPONSES["a length and chunked"]), failed("protocol")),
    "101": copied(lambda: saying(RESPONSES["a switch that nobody asked for"]), failed("protocol")),
    "content cut by the end": copied(lambda: saying(CUT_RESPONSES["short of its length"]), failed("truncated")),
    "chunked content cut by the end": copied(lambda: saying(CUT_RESPONSES["no last chunk"]), failed("truncated")),
    "a bad chunk": copied(lambda: saying(CUT_RESPONSES["octets behind the data"]), failed("protocol")),
    "a value without end": copied(lambda: Flood(b"HTTP/1.1 200 OK\r\nX: ", PIECE), failed("protocol")),
    "1xx without end": copied(lambda: Flood(b"", INTERIM * 100), failed("protocol")),
    "content without end": copied(lambda: Flood(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", PIECE, most=1 << 40), COMPARED),
    "a gzip bomb": copied(lambda: saying(compressed(b" " * (64 << 20))), COMPARED),
    "gzip that is none": copied(lambda: saying(compressed(b"{}").replace(b"\x1f\x8b", b"\0\0")), COMPARED),
    "deep JSON": copied(lambda: saying(json_of(b"[" * 200_000 + b"]" * 200_000)), COMPARED),
    "huge JSON": copied(lambda: saying(json_of(b"[" + b"{\"a\":1}," * 300_000 + b"0]")), COMPARED),
    "octets behind the answer": copied(lambda: saying(OK + OK.replace(b"ok", b"no"), "keep"), COMPARED),
    "answers HTTP/1.0": copied(lambda: saying(OK.replace(b"1.1", b"1.0")), COMPARED),
    "silence": copied(Held, GAVE_UP, times=1),
    "half a head and silence": copied(lambda: Held(b"HTTP/1.1 200 OK\r\nContent-Le"), GAVE_UP, times=1),
    "1xx and silence": copied(lambda: Held(INTERIM), GAVE_UP, times=1),
    "silence in the content": copied(lambda: Held(CUT_RESPONSES["short of its length"]), GAVE_UP, times=1),
    "content that drips": copied(lambda: Flood(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x", 0.05), GAVE_UP, times=1),
}


def late(kit):
    target, held = kit.target(), Held()
    kit.candidate.plays[target] = held
    with Accounting(kit, COMPARED, COMPARED):
        expect_answer(kit, get(b"GET " + target + b" HTTP/1.1"))
        expect_soon(held.came.is_set, "the copy at the candidate")
        held.let_go.set()
    expect_healthy(kit)


def nobody_waits(kit):
    """Three requests of one connection are answered while the candidate has yet to answer the first; on a machine that is too slow for that, at another try."""
    for _ in range(3):
        held = Held()
        target = kit.target()
        kit.candidate.plays[target] = held
        with kit.connect() as connection:
            for _ in range(3):
                connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: shop\r\n\r\n")
                expect(next_response(connection).endswith(b"\r\n\r\nok"), "no answer")
            answered_first = not held.left.is_set()
        held.let_go.set()
        if answered_first:
            break
    expect(answered_first, "the next request waited until the candidate's time was up")
    settle(kit)
    expect_healthy(kit)


def at_accept(play, reason):
    def check(kit):
        kit.candidate.drop_connections()
        kit.candidate.at_accept = play
        try:
            with Accounting(kit, failed(reason), failed(reason)):
                expect_answer(kit, get())
        finally:
            kit.candidate.at_accept = None
        expect_healthy(kit)
    return check


def dead_and_back(kit):
    before = accounts(kit)
    kit.candidate.go_down()
    try:
        for _ in range(100):
            kit.expect_neighbour()
        settle(kit)
    finally:
        kit.candidate.come_up()
    if kit.understudy:
        after = accounts(kit)
        risen = {path: after[path] - before[path] for path in after if after[path] != before[path]}
        here = [risen.get(path, 0) for path in (failed("refused"), failed("reset"), failed("truncated"), ("dropped", "breaker_open"))]
        expect(risen.pop(("eligible",)) == 100 == sum(here) and here[0] >= 10 and here[3] > 0, f"{risen}")
    # By itself, while users go on.
    came = kit.candidate.octets()
    expect_soon(lambda: kit.expect_neighbour() or kit.candidate.octets() > came, "a copy at the candidate")
    settle(kit)
    expect_healthy(kit)


def never_accepts(kit):
    kit.candidate.drop_connections()
    with kit.candidate.without_room(), Accounting(kit, failed("connect_timeout"), failed("connect_timeout")):
        expect_answer(kit, get())
    expect_healthy(kit)


def refused_requests(kit):
    came = kit.candidate.octets()
    with Accounting(kit):
        for request, statuses, _ in REQUESTS.values():
            if request.count(b"\r\n") < 500:
                kit.ask(request)
    expect(not kit.understudy or kit.candidate.octets() == came, "something reached the candidate")
    expect_healthy(kit)


def unselected_method(kit):
    kit.with_fresh_connection()
    target = kit.target()
    with Accounting(kit):
        answer, _ = kit.ask(b"PUT " + target + b" HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
    expect(status_of(answer) == 200, f"answered {answer!r}")
    expect_healthy(kit)
    expect(not kit.understudy or not at_candidate(kit, target), "PUT was copied")


def get_is_repeated(kit):
    for _ in range(20):  # until its copy goes out on a kept connection
        target = kit.target()
        kit.candidate.plays[target] = only_on_a_kept_connection(saying(b""))
        with Accounting(kit, COMPARED, COMPARED):
            expect_answer(kit, get(b"GET " + target + b" HTTP/1.1"))
        if len(at_candidate(kit, target)) == 2:
            break
    expect(not kit.understudy or len(at_candidate(kit, target)) == 2, f"{len(at_candidate(kit, target))} times at the candidate")
    expect_healthy(kit)


def post_is_not_repeated(kit):
    kit.with_fresh_connection()
    target = kit.target()
    kit.candidate.plays[target] = saying(b"")
    with Accounting(kit, COMPARED, failed("truncated")):
        expect_answer(kit, post(target, b"hello"))
    expect(not kit.understudy or len(at_candidate(kit, target)) == 1, f"{len(at_candidate(kit, target))} times at the candidate")
    expect_healthy(kit)


def takes_no_content(kit):
    kit.with_fresh_connection()
    target, let_go = kit.target(), threading.Event()
    request = post(target, b"x" * LARGE)
    kit.origin.plays_of_heads[target] = Taker(LARGE)
    kit.candidate.plays_of_heads[target] = lambda visit: let_go.wait(2 * SOON)
    with Accounting(kit, COMPARED, ("dropped", "lagging")):
        expect_answer(kit, request)
    let_go.set()
    expect_healthy(kit)


def takes_large_content(kit):
    kit.with_fresh_connection()
    target, candidate = kit.target(), Taker(MORE_THAN_KEPT)
    kit.origin.plays_of_heads[target], kit.candidate.plays_of_heads[target] = Taker(MORE_THAN_KEPT), candidate
    with Accounting(kit, COMPARED, COMPARED):
        with kit.connect() as connection:
            connection.sendall(post(target, b"x" * MORE_THAN_KEPT)[:-MORE_THAN_KEPT])
            for sent in range(0, MORE_THAN_KEPT, len(PIECE)):
                connection.sendall(PIECE)
                # No faster than the candidate takes it: one that falls behind is the case before.
                expect_soon(lambda sent=sent: not kit.understudy or candidate.taken + KEPT > sent, lambda: f"{candidate.taken} octets at the candidate")
            expect_as_usual(kit, *read_all(connection))
    expect_healthy(kit)


def user_leaves(leave):
    def check(kit):
        kit.with_fresh_connection()
        target = kit.target()
        with Accounting(kit, ("dropped", "client_aborted")):
            with kit.connect() as connection:
                connection.sendall(b"POST " + target + b" HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000000\r\n\r\n" + PIECE)
                if kit.understudy:
                    expect_soon(lambda: target in kit.candidate.everything(), "the copy at the candidate")
                leave(connection)
        expect_healthy(kit)
        expect(not at_candidate(kit, target) and not kit.at_origin(target), "half a request looks whole")
    return check


def user_resets_while_production_is_silent(kit):
    target, held = kit.target(), Held()
    kit.origin.plays[target] = held
    with Accounting(kit, ("dropped", "client_aborted")):
        with kit.connect() as connection:
            connection.sendall(get(b"GET " + target + b" HTTP/1.1"))
            expect_soon(held.came.is_set, "the request at the origin")
            reset(connection)
            expect_soon(held.left.is_set, "the end of the origin's connection")
    expect_healthy(kit)


def production_fails(play, statuses, reason):
    """Never the candidate's answer, however good."""
    def check(kit):
        target = kit.on(play())
        with Accounting(kit, ("failed", "primary", reason)):
            answer, _ = kit.ask(get(b"GET " + target + b" HTTP/1.1"))
            expect(status_of(answer) in statuses and not answer.endswith(b"ok"), f"answered {answer!r}")
        expect_healthy(kit)
    return check


def production_is_down(kit):
    kit.origin.go_down()
    try:
        with Accounting(kit, ("failed", "primary", "refused")):
            answer, _ = kit.ask(get())
    finally:
        kit.origin.come_up()
    expect(status_of(answer) in (502, 503), f"answered {answer!r}")
    expect_healthy(kit)


MIRROR = {
    "a candidate that closes what it accepts": at_accept(ending, "truncated"),
    "a candidate that resets what it accepts": at_accept(saying(b"", "reset"), "reset"),
    "a candidate that accepts nothing": never_accepts,
    "a candidate that answers late": late,
    "nobody waits for a candidate that hangs": nobody_waits,
    "a candidate that is dead, and back": dead_and_back,
    "a candidate that takes no content": takes_no_content,
    "a candidate that takes large content": takes_large_content,
    "requests that are refused reach no candidate": refused_requests,
    "a method that is not to be copied": unselected_method,
    "GET is repeated at a candidate that has closed its kept connection": get_is_repeated,
    "POST is not repeated at the candidate": post_is_not_repeated,
    "a user who ends within the content": user_leaves(lambda connection: connection.close()),
    "a user who resets within the content": user_leaves(reset),
    "a user who resets while production is silent": user_resets_while_production_is_silent,
    "production is down": production_is_down,
    "production closes instead of an answer": production_fails(lambda: saying(b""), (502,), "truncated"),
    "production resets instead of an answer": production_fails(lambda: saying(b"", "reset"), (502,), "reset"),
    "production talks garbage": production_fails(lambda: saying(b"garbage\r\n\r\n"), (502,), "protocol"),
    "production's content is cut": production_fails(lambda: saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut"), (200,), "truncated"),
}


def cases():
    """(group, name, function) of each."""
    for name, check in CANDIDATE.items():
        yield "candidate", name, check
    for name, check in MIRROR.items():
        yield "mirror", name, check
