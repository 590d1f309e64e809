"""Cases of TLS towards candidate and production, beside those of mirror_cases.py and fault_cases.py, which are held over TLS as well. The kit's origin and
candidate are TlsOrigins; `kit.others` are contexts of other servers by name."""
import contextlib

from http_cases import CUT_RESPONSES
from http_kit import expect, expect_cut, get
from mirror_cases import COMPARED, Accounting, copied, expect_answer, expect_healthy, failed, status_of
from raw_origin import OK, Flood, Held, Visit, saying
from tls_origin import cut, saying_raw

UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\nok"
RECORD = b"\x17\x03\x03\x00\x20" + bytes(32)

def then(first, second):
    def play(visit):
        first(visit)
        return second(visit)
    return play


# What a server does in place of the handshake.
HANDSHAKES = {
    "plain text": saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    "garbage": saying(bytes(range(256))),
    "an alert": saying(b"\x15\x03\x03\x00\x02\x02\x28"),
    "a record that is too long": saying(b"\x16\x03\x03\xff\xff" + bytes(1000)),
    "a stall": Held(),
    "half a record and a stall": Held(b"\x16\x03\x03\x01\x00half"),
    "octets that drip": Flood(b"\x16\x03\x03\x01\x00", b"\x02", 0.1),
    "a reset": then(Visit.read, saying(b"", "reset")),
    "the end": saying(b""),
}


# What a server does after a good handshake, and what the ledger says of it.
CONVERSATIONS = {
    "a bad record instead of an answer": (saying_raw(RECORD), "tls"),
    "a bad record in the content": (then(saying(CUT_RESPONSES["short of its length"], "keep"), saying_raw(RECORD)), "tls"),
    "plain text instead of an answer": (saying_raw(OK), "tls"),
    "a cut instead of an answer": (cut, "reset"),
    "a cut in the content": (then(saying(CUT_RESPONSES["short of its length"], "keep"), cut), "reset"),
    "a cut where the end of the connection is that of the content": (then(saying(UNTIL_CLOSE, "keep"), cut), "reset"),
}


@contextlib.contextmanager
def another(origin, context=None, play=None):
    """Meanwhile new connections meet another server, or one that plays this in place of the handshake; there are no others."""
    usual = origin.context
    origin.drop_connections()
    origin.context, origin.in_the_clear = context or usual, play
    try:
        yield
    finally:
        origin.context, origin.in_the_clear = usual, None
        origin.drop_connections()


def expect_no_candidate(kit, **server):
    with another(kit.candidate, **server), Accounting(kit, failed("tls"), failed("tls")):
        expect_answer(kit, get())
    expect_healthy(kit)


def expect_no_production(kit, **server):
    """No user gets what such a server says, nor the candidate's answer."""
    with another(kit.origin, **server), Accounting(kit, ("failed", "primary", "tls")):
        answer, _ = kit.ask(get())
    expect(status_of(answer) == 502, f"answered {answer!r}")
    expect_healthy(kit)


def older_version(kit):
    with another(kit.candidate, kit.others["TLS 1.2"]), another(kit.origin, kit.others["TLS 1.2"]):
        with Accounting(kit, COMPARED, COMPARED):
            expect_answer(kit, get())
    expect_healthy(kit)


def production_says(play, reason):
    def check(kit):
        target = kit.on(play)
        with Accounting(kit, ("failed", "primary", reason)):
            expect_cut(*kit.ask(get(b"GET " + target + b" HTTP/1.1")))
        expect_healthy(kit)
    return check


def cases():
    """(group, name, function) of each."""
    for name, play in HANDSHAKES.items():
        yield "candidate TLS", name + " in place of the handshake", lambda kit, play=play: expect_no_candidate(kit, play=play)
        yield "production TLS", name + " in place of the handshake", lambda kit, play=play: expect_no_production(kit, play=play)
    for name in ("a certificate that nobody trusts", "a certificate for another name"):
        yield "candidate TLS", name, lambda kit, name=name: expect_no_candidate(kit, context=kit.others[name])
        yield "production TLS", name, lambda kit, name=name: expect_no_production(kit, context=kit.others[name])
    for name, (play, reason) in CONVERSATIONS.items():
        yield "candidate TLS", name, copied(lambda play=play: play, failed(reason))
        yield "production TLS", name, production_says(play, reason)
    yield "both TLS", "an older version", older_version
    yield "candidate TLS", "an end of TLS where the content ends so", copied(lambda: saying(UNTIL_CLOSE), COMPARED)
