"""Cases of faults at both ends of an intermediary: an origin that is gone, silent, cut off or late for its own connection, and users who leave, wait or never
end. Whatever the fault, the user sees an error or a visible cut, no request that may have been processed is sent twice, and the next one is answered."""
import contextlib
import select
import socket
import threading
import time

from http_cases import HINTS
from http_kit import SOON, expect, expect_cut, expect_soon, get, last_of, next_response, post, read_all, reset
from program import status_of, wait_until
from raw_origin import OK, Flood, Held, Taker, ending, only_on_a_kept_connection, saying
from support import Failure

INTERIM = HINTS[:HINTS.index(b"HTTP/1.1 200")]
TEN = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
UNTIL_END = b"HTTP/1.1 200 OK\r\n\r\nok"
LARGE = b"x" * (128 << 10)  # more than a proxy gathers before it asks the origin
MOST = 64 << 20  # octets that a proxy may hold, with all that lies in the kernel's buffers, of what nobody takes


def of(target, method=b"GET"):
    return get(method + b" " + target + b" HTTP/1.1")


def kept(target, method=b"GET", content=b""):
    """A request behind which the connection goes on."""
    length = b"Content-Length: %d\r\n" % len(content) if content else b""
    return method + b" " + target + b" HTTP/1.1\r\nHost: shop\r\n" + length + b"\r\n" + content


# --- The origin fails -------------------------------------------------------------------------------------------------------------------------------


def bad_gateway(play, statuses=(502,), hasty=False):
    def check(kit):
        answer, _ = kit.ask(of(kit.on(play())), hasty)
        expect(status_of(last_of(answer)) in statuses, f"answered {answer[:60]!r}")
        kit.expect_neighbour(hasty=hasty)
    return check


def cut(play, version=b"1.1", hasty=False):
    def check(kit):
        received, ending = kit.ask(get(b"GET %s HTTP/%s" % (kit.on(play()), version)), hasty)
        expect(ending != "silence", "nothing tells that it is cut")
        expect_cut(received, ending)
        kit.expect_neighbour(hasty=hasty)
    return check


def at_accept(play):
    def check(kit):
        kit.origin.drop_connections()
        kit.origin.at_accept = play
        try:
            answer, _ = kit.ask(of(kit.target()))
        finally:
            kit.origin.at_accept = None
        expect(status_of(answer) in (502, 503), f"answered {answer[:60]!r}")
        kit.expect_neighbour()
    return check


def down(kit):
    kit.origin.go_down()
    try:
        for request in (of(b"/down"), post(b"/down", b"hello")):
            answer, _ = kit.ask(request)
            expect(status_of(answer) in (502, 503), f"answered {answer[:60]!r}")
    finally:
        kit.origin.come_up()
    for _ in range(10):
        kit.expect_neighbour()  # at once, every one


def silent_post(kit):
    held = Held()
    answer, _ = kit.ask(post(kit.on(held), b"hello"), hasty=True)
    expect(status_of(answer) == 504 and held.visits == 1, f"answered {answer[:60]!r}, {held.visits} times at the origin")
    kit.expect_neighbour(hasty=True)


ORIGIN = {
    "nobody listens": down,
    "it closes what it accepts": at_accept(ending),
    "it resets what it accepts": at_accept(saying(b"", "reset")),
    "it closes instead of an answer": bad_gateway(lambda: saying(b"")),
    "it resets instead of an answer": bad_gateway(lambda: saying(b"", "reset")),
    "half a status line and the end": bad_gateway(lambda: saying(b"HTTP/1.1 2")),
    "half a head and a reset": bad_gateway(lambda: saying(b"HTTP/1.1 200 OK\r\nContent-Le", "reset")),
    "1xx and a reset": bad_gateway(lambda: saying(INTERIM, "reset")),
    "a value without end": bad_gateway(lambda: Flood(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536)),
    "fields without end": bad_gateway(lambda: Flood(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n" * 10_000)),
    "a reset in the content": cut(lambda: saying(TEN, "reset")),
    "a reset in chunked content": cut(lambda: saying(CHUNKS, "reset")),
    "a reset in place of the last chunk's end": cut(lambda: saying(CHUNKS + b"0\r\n", "reset")),
    "a reset in content up to the end": cut(lambda: saying(UNTIL_END, "reset")),
    "a reset in content up to the end, to HTTP/1.0": cut(lambda: saying(UNTIL_END, "reset"), b"1.0"),
}
SLOW_ORIGIN = {
    "silence": bad_gateway(Held, (504,), True),
    "silence, to POST": silent_post,
    "half a head and silence": bad_gateway(lambda: Held(b"HTTP/1.1 200 OK\r\nContent-Le"), (504,), True),
    "1xx and silence": bad_gateway(lambda: Held(INTERIM), (504,), True),
    "1xx without end": bad_gateway(lambda: Flood(b"", INTERIM, 0.05), (502, 504), True),
    "a head that drips": bad_gateway(lambda: Flood(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.05), (502, 504), True),
    "silence in the content": cut(lambda: Held(TEN), hasty=True),
    "silence in chunked content": cut(lambda: Held(CHUNKS), hasty=True),
    "silence in content up to the end": cut(lambda: Held(UNTIL_END), hasty=True),
}


# --- A connection to the origin is used again -------------------------------------------------------------------------------------------------------


def second_answer(kit, request):
    """What a user gets who asks for something else before, so that the origin keeps a connection."""
    with kit.connect() as connection:
        connection.sendall(kept(b"/a"))
        next_response(connection)
        connection.sendall(request)
        return read_all(connection)[0]


def on_kept_connection(play, request, times, statuses):
    """One user's two requests, so that the second goes out on the connection that the first has left, where `play` waits for it."""
    def check(kit):
        target = kit.on(only_on_a_kept_connection(play))
        answer = second_answer(kit, request(target))
        came = len(kit.at_origin(target))
        expect(status_of(last_of(answer)) in statuses and came in times, f"answered {answer[:60]!r}, {came} times at the origin")
        expect(len({request[3] for request in kit.at_origin(target)}) == 1, "not with the same content each time")
        kit.expect_neighbour()
    return check


def put(target):
    return b"PUT " + target + b" HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


def never_for_ever(kit):
    target = kit.on(saying(b""))
    answer = second_answer(kit, of(target))
    came = len(kit.at_origin(target))
    expect(status_of(answer) == 502 and 1 <= came <= 2, f"answered {answer[:60]!r}, {came} times at the origin")
    kit.expect_neighbour()


def closed_while_idle(request):
    def check(kit):
        target = kit.target()
        with kit.connect() as connection:
            connection.sendall(kept(b"/a"))
            next_response(connection)
            kit.origin.drop_connections()
            connection.sendall(request(target))
            answer, _ = read_all(connection)
        expect(status_of(answer) == 200 and len(kit.at_origin(target)) == 1, f"answered {answer[:60]!r}")
    return check


def answer_to_nobody(kit):
    visits = []
    first = kit.on(lambda visit: visits.append(visit) or saying(OK, "keep")(visit))
    with kit.connect() as connection:
        connection.sendall(kept(first))
        next_response(connection)
        visits[0].say(OK.replace(b"ok", b"no"))
        connection.sendall(of(b"/a"))
        answer, _ = read_all(connection)
    expect(answer.endswith(b"\r\n\r\nok"), f"answered {answer!r}")


def used_no_more(response):
    """The connection of a response that ends it, though the origin leaves it open."""
    def check(kit):
        visits = []
        first, second = (kit.on(lambda visit, said=said: visits.append(visit) or saying(said, "keep")(visit)) for said in (response, OK))
        with kit.connect() as connection:
            connection.sendall(kept(first))
            next_response(connection)
            connection.sendall(of(second))
            answer, _ = read_all(connection)
        expect(answer.endswith(b"\r\n\r\nok") and visits[0] is not visits[-1], f"answered {answer!r}, over {len(set(visits))} connections")
    return check


def head_with_content(kit):
    target = kit.on(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno", "keep"))
    for _ in range(3):
        answer, _ = kit.ask(kept(target, b"HEAD") + of(b"/a"))
        expect(answer.endswith(b"\r\n\r\nok") and answer.count(b"HTTP/1.1 200") == 2, f"answered {answer!r}")


KEPT_CONNECTIONS = {
    "closed as GET comes: sent again, RFC 9112 9.3.1": on_kept_connection(saying(b""), of, (2,), (200,)),
    "reset as GET comes: sent again": on_kept_connection(saying(b"", "reset"), of, (2,), (200,)),
    "closed as PUT comes: sent again with all of its content, or not": on_kept_connection(saying(b""), put, (1, 2), (200, 502)),
    "closed as POST comes: not sent again, RFC 9110 9.2.2": on_kept_connection(saying(b""), lambda target: post(target, b"hello"), (1,), (502,)),
    "reset as POST comes: not sent again": on_kept_connection(saying(b"", "reset"), lambda target: post(target, b"hello"), (1,), (502,)),
    "closed within the answer to GET: not sent again": on_kept_connection(saying(b"HTTP/1.1 2"), of, (1,), (502,)),
    "closed behind 1xx: not sent again": on_kept_connection(saying(INTERIM), of, (1,), (502,)),
    "closed each time: not sent for ever": never_for_ever,
    "closed while idle, GET": closed_while_idle(of),
    "closed while idle, POST": closed_while_idle(lambda target: post(target, b"hello")),
    "an answer to nobody while idle": answer_to_nobody,
    "octets behind the answer to HEAD": head_with_content,
    "Connection: close of an origin that does not close": used_no_more(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")),
    "Connection: close with a tab, RFC 9110 7.6.1": used_no_more(OK.replace(b"\r\n\r\n", b"\r\nConnection: x, close\t\r\n\r\n")),
    "HTTP/1.0 of an origin that does not close": used_no_more(OK.replace(b"1.1", b"1.0")),
}


# --- The user fails ---------------------------------------------------------------------------------------------------------------------------------


def resets_while_origin_is_silent(request):
    def check(kit):
        held = Held()
        kit.with_fresh_connection()
        with kit.connect() as connection:
            connection.sendall(request(kit.on(held)))
            expect_soon(held.came.is_set, "the request at the origin")
            reset(connection)
            expect_soon(held.left.is_set, "the end of the origin's connection")
        kit.expect_neighbour()
    return check


def half_closes(request, at_once):
    """Ends its side before the origin has answered, at once or once the request is there: that is no end of the exchange."""
    def check(kit):
        held = Held()
        kit.with_fresh_connection()
        with kit.connect() as connection:
            connection.sendall(request(kit.on(held)))
            if not at_once:
                expect_soon(held.came.is_set, "the request at the origin")
            connection.shutdown(socket.SHUT_WR)
            expect_soon(held.came.is_set, "the request at the origin")
            for _ in range(3):  # so long that whoever takes it for an end has acted on that
                kit.expect_neighbour()
            held.let_go.set()
            answer, _ = read_all(connection)
        expect(answer.endswith(b"\r\n\r\nok"), f"answered {answer!r}")
    return check


def reset_within_the_answer(kit):
    flood = Flood(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", b"x" * 65536, most=1 << 40, patient=True)
    with kit.connect() as connection:
        connection.sendall(of(kit.on(flood)))
        expect(status_of(connection.recv(1 << 16)) == 200, "no answer")
        reset(connection)
        expect_soon(flood.left.is_set, "the end of the origin's connection")
    kit.expect_neighbour()


def leaves_within_the_request(leave, head, first):
    def check(kit):
        kit.with_fresh_connection()
        target = kit.target()
        with kit.connect() as connection:
            connection.sendall(b"POST " + target + b" HTTP/1.1\r\nHost: shop\r\n" + head + b"\r\n\r\n" + first)
            with contextlib.suppress(Failure):  # a proxy may well wait for the whole request
                wait_until(lambda: target in kit.origin.everything(), 2, "the request at the origin")
            leave(connection)
        kit.expect_neighbour()
        expect(not kit.at_origin(target), "half a request looks whole")
    return check


def leave_unheard(kit):
    for i in range(150):
        connection = kit.connect()
        with contextlib.suppress(OSError):
            connection.sendall((b"", b"GET", of(b"/a"))[i % 3])
        reset(connection)
    kit.expect_neighbour()


def nothing_behind_refused(kit):
    target = kit.target()
    answer, _ = kit.ask(b"GET /a HTTP/1.1\r\nHost: shop\r\nHost: other.example\r\n\r\n" + of(target))
    expect(status_of(answer) == 400 and answer.count(b"HTTP/1.") == 1 and not kit.at_origin(target), f"answered {answer!r}")
    kit.expect_neighbour()


def send_until_answered(connection, octets, most):
    """Sends the same over and over until something comes back, the connection ends or takes nothing for a second; how many octets that was."""
    sent = 0
    with contextlib.suppress(OSError):
        connection.settimeout(1)
        while sent < most and not select.select([connection], [], [], 0)[0]:
            sent += connection.send(octets)
    connection.settimeout(SOON)
    return sent


def never_ends(first, again):
    """A head that goes on for as long as somebody takes it."""
    def check(kit):
        target = kit.target()
        with kit.connect() as connection:
            connection.sendall(first.replace(b"/target", target))
            sent = send_until_answered(connection, again, MOST)
            with contextlib.suppress(OSError):
                expect(status_of(connection.recv(4096)) in (None, 400, 414, 431), "no refusal")
        expect(sent < MOST and target not in kit.origin.everything(), f"{sent} octets were taken")
        kit.expect_neighbour()
    return check


USER = {
    "resets while the origin is silent": resets_while_origin_is_silent(of),
    "resets while the origin is silent, behind its content": resets_while_origin_is_silent(lambda target: post(target, b"hello")),
    "resets while the origin is silent, behind the next request": resets_while_origin_is_silent(lambda target: kept(target) + of(b"/a")),
    "ends its side while the origin is silent, RFC 9112 9.6": half_closes(of, False),
    "ends its side with the request": half_closes(lambda target: post(target, b"hello"), True),
    "resets within the answer": reset_within_the_answer,
    "resets within the content": leaves_within_the_request(reset, b"Content-Length: 10", b"hello"),
    "resets within large content": leaves_within_the_request(reset, b"Content-Length: 1000000", LARGE),
    "resets within chunked content": leaves_within_the_request(reset, b"Transfer-Encoding: chunked", b"5\r\nhello\r\n"),
    "resets within large chunked content": leaves_within_the_request(reset, b"Transfer-Encoding: chunked", b"20000\r\n" + LARGE + b"\r\n"),
    "ends within chunked content": leaves_within_the_request(socket.socket.close, b"Transfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n"),
    "ends within large content": leaves_within_the_request(socket.socket.close, b"Content-Length: 1000000", LARGE),
    "connects and resets, often": leave_unheard,
    "goes on behind what is refused": nothing_behind_refused,
    "a value without end": never_ends(b"GET /target HTTP/1.1\r\nHost: shop\r\nX: ", b"x" * 65536),
    "fields without end": never_ends(b"GET /target HTTP/1.1\r\nHost: shop\r\n", b"X: x\r\n" * 10_000),
    "a target without end": never_ends(b"GET /target", b"a" * 65536),
    "blank lines without end": never_ends(b"\r\n", b"\r\n" * 30_000),
}


def drips(begin, again):
    """Goes on for ever, an octet at a time: refused or closed, and nothing whole at the origin."""
    def check(kit):
        target, received = kit.target(), b""
        with kit.connect(hasty=True) as connection, contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(begin % target)
            until = time.monotonic() + SOON
            while not select.select([connection], [], [], 0.05)[0]:
                expect(time.monotonic() < until, "it goes on")
                connection.sendall(again)
            received, _ = read_all(connection)
        expect(status_of(received) in (None, 400, 408), f"answered {received[:60]!r}")
        expect(not kit.at_origin(target), "it looks whole")
        kit.expect_neighbour(hasty=True)
    return check


def falls_silent(octets, statuses=(None, 400, 408)):
    def check(kit):
        target = kit.target()
        received, ending = kit.ask(octets.replace(b"/target", target), hasty=True)
        expect(ending != "silence" and status_of(last_of(received)) in statuses, f"answered {received!r}, {ending}")
        expect(len(kit.at_origin(target)) == statuses.count(200), "not as it was sent")
        kit.expect_neighbour(hasty=True)
    return check


def takes_nothing(kit):
    flood = Flood(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", b"x" * 65536, most=1 << 40, patient=True)
    with kit.connect(hasty=True) as connection:
        connection.sendall(of(kit.on(flood)))
        expect_soon(flood.left.is_set, "the end of the origin's connection")
    kit.expect_neighbour(hasty=True)


SLOW_USERS = {
    "a head that drips": drips(b"GET %s HTTP/1.1\r\nHost: shop\r\nX: ", b"x"),
    "blank lines that drip": drips(b"\r\n%.0s", b"\r\n"),
    "content that drips": drips(b"POST %s HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000000\r\n\r\n", b"x"),
    "chunks that drip": drips(b"POST %s HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "silence": falls_silent(b""),
    "half a head and silence": falls_silent(b"GET /target HTTP/1.1\r\nHo"),
    "half the content and silence": falls_silent(b"POST /target HTTP/1.1\r\nHost: shop\r\nContent-Length: 10\r\n\r\nhello"),
    "half a chunk and silence": falls_silent(b"POST /target HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
    "silence behind an answer": falls_silent(kept(b"/target"), (200,)),
    "takes nothing of a large answer": takes_nothing,
}


# --- Neither fails, and one waits for the other -----------------------------------------------------------------------------------------------------


def says_continue(visit):
    if b"\r\nexpect:" in visit.received.lower():
        visit.say(b"HTTP/1.1 100 Continue\r\n\r\n")
    while not visit.received.endswith(b"hello"):
        if not visit.read():
            return False
    visit.say(OK)
    return False


def expecting(target, version=b"1.1"):
    return (b"POST " + target + b" HTTP/" + version + b"\r\nHost: shop\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")


def waits_for_continue(kit):
    kit.with_fresh_connection()
    target = kit.on(says_continue, "plays_of_heads")
    with kit.connect() as connection:
        connection.sendall(expecting(target))
        answer = connection.recv(4096)
        expect(status_of(answer) == 100, f"answered {answer!r}")
        connection.sendall(b"hello")
        answer, _ = read_all(connection)
    expect(status_of(answer) == 200 and [request[3] for request in kit.at_origin(target)] == [b"hello"], f"answered {answer!r}")


def does_not_wait_for_continue(kit):
    kit.with_fresh_connection()
    target = kit.on(says_continue, "plays_of_heads")
    answer, _ = kit.ask(expecting(target) + b"hello")
    expect(status_of(last_of(answer)) == 200 and [request[3] for request in kit.at_origin(target)] == [b"hello"], f"answered {answer!r}")


def knows_no_continue(kit):
    kit.with_fresh_connection()
    answer, _ = kit.ask(expecting(kit.on(says_continue, "plays_of_heads"), b"1.0") + b"hello")
    expect(status_of(answer) == 200, f"answered {answer!r}")


def final_in_place_of_continue(kit):
    kit.with_fresh_connection()
    target = kit.on(saying(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"), "plays_of_heads")
    smuggled = kit.target()
    content = of(smuggled)
    request = b"POST " + target + b" HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(content)
    with kit.connect() as connection:
        connection.sendall(request)
        answer = b""
        while b"401" not in answer and (data := connection.recv(4096)):
            answer += data
            if status_of(answer) == 100:  # its own; then it wants the content
                connection.sendall(content)
        with contextlib.suppress(OSError):
            if status_of(answer) != 100:  # not to be taken for a request, where it comes all the same
                connection.sendall(content)
            answer += read_all(connection)[0]
    expect(status_of(last_of(answer)) == 401 and not kit.at_origin(smuggled), f"answered {answer!r}")
    kit.expect_neighbour()


def early_answer_within_content(kit):
    kit.with_fresh_connection()
    target, smuggled = kit.on(Taker(20_000, b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"), "plays_of_heads"), kit.target()
    answer, _ = kit.ask(post(target, of(smuggled) * 1000, last=False) + of(smuggled))
    expect(status_of(answer) in (413, 200) and len(kit.at_origin(smuggled)) <= 1, f"answered {answer[:60]!r}")
    kit.expect_neighbour()


def user_takes_nothing(kit):
    flood = Flood(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", b"x" * 65536, most=4 * MOST)
    with kit.connect() as connection:
        connection.sendall(of(kit.on(flood)))
        expect(status_of(connection.recv(100)) == 200, "no answer")
        expect_soon(flood.ended.is_set, "the origin's wait")
    expect(flood.said < MOST, f"{flood.said} octets were taken")
    kit.expect_neighbour()


def origin_takes_nothing(kit):
    kit.with_fresh_connection()
    let_go = threading.Event()
    target = kit.on(lambda visit: let_go.wait(2 * SOON), "plays_of_heads")
    with kit.connect() as connection:
        connection.sendall(b"POST " + target + b" HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000000000000\r\n\r\n")
        sent = send_until_answered(connection, b"x" * 65536, 4 * MOST)
    let_go.set()
    expect(sent < MOST, f"{sent} octets were taken")
    kit.expect_neighbour()


WAITING = {
    "100 before the content, RFC 9110 10.1.1": waits_for_continue,
    "content before the 100": does_not_wait_for_continue,
    "no 100 to HTTP/1.0": knows_no_continue,
    "a final answer in place of the 100": final_in_place_of_continue,
    "a final answer within the content": early_answer_within_content,
    "a user who takes nothing": user_takes_nothing,
    "an origin that takes nothing": origin_takes_nothing,
}


def cases():
    """(group, name, function) of each."""
    groups = {"the origin fails": ORIGIN, "kept connections": KEPT_CONNECTIONS, "the user fails": USER, "one waits": WAITING,
              "slow origin": SLOW_ORIGIN, "slow users": SLOW_USERS}
    for group, found in groups.items():
        for name, check in found.items():
            yield group, name, check
