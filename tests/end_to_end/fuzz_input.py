"""The inputs of fuzz.py: what a user sends on one connection and what the origins answer, drawn from a seed; and what an intermediary has to make of it, as
told by a reader of octets that were not yet written anew by one. It is laxer than strict_reader.py where RFC 9112 lets a recipient tidy up: absolute-form,
chunk extensions, blanks, fields of one connection."""
import contextlib
import gzip
import json
import random
import re
from typing import NamedTuple

from http_cases import AGREED, CHUNKED_CONTENT, CUT_RESPONSES, HINTS, REQUESTS, RESPONSES, WEBSOCKET
from http_kit import CHUNKED
from strict_reader import HOST, TOKEN, Ambiguous, Incomplete, by_name, framing_of, take_chunked, take_fields, take_line

DELICATE = [bytes([octet]) for octet in b"\r\n\0 \t:;,0123456789af\x80\x85\xa0\xff"] + [b"\r\n", b"\r\n\r\n", b"\n\n", b"0\r\n\r\n"]
IDEMPOTENT = {b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE", b"TRACE"}
PLACES = [re.compile(rb"[\r\n]"), re.compile(rb"[\r\n :;,0-9]")]
METHODS = [b"GET"] * 4 + [b"POST"] * 3 + [b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PATCH"]
REQUEST_FIELDS = [b"X-A: a", b"X-B:\t b \t", b"x-c:", b"X-D: \xc3\xa4", b"Accept: */*", b"Cookie: a=b; c=d", b"Connection: x-a", b"Connection: keep-alive, X-D",
                  b"TE: trailers", b"Expect: 100-continue", b"Max-Forwards: 3", b"Upgrade: h2c", b"Keep-Alive: timeout=5", b"X-Forwarded-For: 10.0.0.1"]
RESPONSE_FIELDS = [b"X-A: a", b"X-B:\t b \t", b"x-c:", b"X-D: \xc3\xa4", b"Set-Cookie: a=b", b"Connection: close", b"Connection: x-a", b"ETag: \"a\"",
                   b"Keep-Alive: timeout=5", b"Content-Type: application/json", b"Content-Type: text/html", b"Vary: *", b"Via: 1.1 a"]
INTERIM = [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"]
BAD_REQUESTS = [octets for refused, _, neighbour in REQUESTS.values() for octets in (refused, neighbour) if len(octets) < 9000]
BAD_REQUESTS += [CHUNKED + content for content in CHUNKED_CONTENT.values() if len(content) < 9000]
# Fields that ask for WebSocket, in requests that may well be none of those that can.
UPGRADES = [WEBSOCKET[:-4], b"Connection: Upgrade\r\nUpgrade: websocket", b"Upgrade: websocket", b"Connection: upgrade, x-a\r\nUpgrade: WebSocket, h2c"]
# What agrees to it, whatever the key's answer is, and what does not.
AGREEMENTS = [AGREED, AGREED.replace(b"s3pP", b"sssP"), AGREED.replace(b": websocket", b":WebSocket").replace(b": Upgrade", b": keep-alive, upgrade"),
              AGREED.replace(b"101 Switching Protocols", b"101 ").replace(b"Upgrade: ", b"X-A: a\r\nUPGRADE: ")]
DISAGREEMENTS = [AGREED.replace(b": websocket", b": h2c"), AGREED.replace(b"Upgrade: websocket\r\n", b""), AGREED.replace(b"Connection: Upgrade\r\n", b""),
                 AGREED.replace(b"1.1", b"1.0"), AGREED.replace(b": websocket", b": websocket, h2c"),
                 AGREED.replace(b"Connection", b"Upgrade: h2c\r\nConnection"),
                 AGREED.replace(b": websocket", b":\r\n websocket"), AGREED.replace(b": Upgrade", b": close"), AGREED.replace(b"Upgrade: w", b"Upgrade : w")]
BAD_RESPONSES = [*RESPONSES.values(), *CUT_RESPONSES.values(), HINTS]


def mutated(rng, octets):
    """One to a few octets or stretches changed, mostly beside those that delimit something."""
    octets = bytearray(octets)
    while octets:
        places = [match.start() for match in rng.choice(PLACES).finditer(octets)] if rng.random() < 0.7 else []
        at = rng.choice(places) + rng.randrange(-1, 2) if places else rng.randrange(len(octets))
        at, size = max(at, 0), rng.choice((1, 1, 2, rng.randrange(1, 40)))
        new = rng.choice(DELICATE) if rng.random() < 0.7 else rng.randbytes(1)
        source = rng.randrange(len(octets))
        octets[at:at + rng.choice((0, 1, size))] = rng.choice((new, new, b"", octets[at:at + size] * 2, octets[source:source + size], bytes(reversed(new))))
        if rng.random() < 0.05:
            del octets[at:]
        if rng.random() < 0.6:
            break
    return bytes(octets)


def content_of(rng, token):
    size = rng.choice((0, 5, 40, 40, 40, 200, 200, 2000)) if rng.random() < 0.994 else rng.randrange(20_000, 200_000)
    if rng.random() < 0.3:
        return json.dumps({"token": token.decode(), "list": [rng.randrange(9)] * (size // 9), "on": {"x": None, "y": 1.5}}).encode()
    return (token + rng.randbytes(20)) * (size // 32)


def framed(rng, content, chunked):
    """The field that frames the content, and the content so framed."""
    if not chunked:
        return b"Content-Length: %d" % len(content), content
    octets = b""
    while content:
        size = rng.randrange(1, len(content) + 1)
        octets += b"%x%s\r\n%s\r\n" % (size, rng.choice((b"", b"", b";a=b")), content[:size])
        content = content[size:]
    return b"Transfer-Encoding: chunked", octets + b"0\r\n" + rng.choice((b"", b"", b"X-T: t\r\n")) + b"\r\n"


def request_of(rng, token, target):
    version = rng.choice(b"1111111110")
    fields = [b"Host: shop"] + rng.sample(REQUEST_FIELDS, rng.randrange(4)) + [b"Connection: close"] * (rng.random() < 0.1) + [b"X-Token: " + token]
    frame, content = framed(rng, content_of(rng, token), version == ord("1") and rng.random() < 0.5)
    method = rng.choice(METHODS)
    fields += [rng.choice(UPGRADES)] * (rng.random() < 0.06)
    if method in (b"POST", b"PUT", b"PATCH") or rng.random() < 0.1:
        fields.append(frame)
    else:
        content = b""
    rng.shuffle(fields)
    target = rng.choice((b"", b"", b"", b"http://other.example:81")) + target
    return b"%s %s HTTP/1.%c\r\n%s\r\n\r\n%s" % (method, target, version, b"\r\n".join(fields), content)


# --- What it says -----------------------------------------------------------------------------------------------------------------------------------

REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") +([\x21-\x22\x24-\x7e]+) +HTTP/1\.([01])")
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: [\t \x21-\x7e\x80-\xff]*)?")
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;[\t \x21-\x7e\x80-\xff]*)?")
ABSOLUTE = re.compile(rb"https?://([^/?]*)(.*)", re.IGNORECASE)
# Fields that a proxy writes itself or keeps to itself; all others pass as they came.
NOT_PASSED = {b"connection", b"keep-alive", b"proxy-connection", b"te", b"transfer-encoding", b"upgrade", b"http2-settings", b"content-length", b"host",
              b"expect", b"via", b"max-forwards", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"understudy-role"}


def options_of(fields):
    return {option.strip(b" \t").lower() for name, value in fields if name == b"connection" for option in value.split(b",")}


def passed(fields):
    nominated = options_of(fields)
    return [(name, value) for name, value in fields if name not in NOT_PASSED and name not in nominated]


def take_content(octets, at, fields, version, has_none=False, until_close=False):
    values = by_name(fields)
    values[b"transfer-encoding"] = [value.lower() for value in values.get(b"transfer-encoding", [])]
    size, is_chunked = framing_of(values)
    if is_chunked and version == b"0":
        raise Ambiguous("chunked in HTTP/1.0")
    if has_none:
        return b"", at
    if is_chunked:
        return take_chunked(octets, at, CHUNK_LINE, ())
    end = at + size if size is not None else len(octets) if until_close else at
    if len(octets) < end:
        raise Incomplete
    return octets[at:end], end


def read_sent(octets, authority):
    """The requests that a user's octets hold, as an origin has to get them: (method, target, host, fields, content) each; what it does not see of them:
    (version, whether chunked) each; and what is left."""
    requests, traits, at = [], [], 0
    with contextlib.suppress(Ambiguous, Incomplete):
        while at < len(octets):
            begin = at + len(re.match(rb"(?:\r\n)*", octets[at:])[0])
            line, behind = take_line(octets, begin)
            found = REQUEST_LINE.fullmatch(line)
            fields, behind = take_fields(octets, behind) if found else (None, 0)
            if not found:
                break
            method, target, version = found.groups()
            hosts = by_name(fields).get(b"host", [])
            if len(hosts) > 1 or not hosts and version == b"1" or hosts and not HOST.fullmatch(hosts[0]):
                break
            host = hosts[0] if hosts else authority
            if absolute := ABSOLUTE.fullmatch(target):
                host, target = absolute[1], absolute[2] or (b"*" if method == b"OPTIONS" else b"/")
                target = b"/" * target.startswith(b"?") + target
            content, at = take_content(octets, behind, fields, version)
            requests.append((method, target, host, passed(fields), content))
            traits.append((version, b"transfer-encoding" in dict(fields)))
            options = options_of(fields)
            if b"close" in options or version == b"0" and b"keep-alive" not in options:
                return requests, traits, b""
    return requests, traits, octets[at:]


def read_answer(octets, to_head=False):
    """(status, fields, content, whether it ends with the connection, whether there is something behind it) of an origin's octets."""
    status, at = 100, 0
    while status < 200:
        line, at = take_line(octets, at)
        found = STATUS_LINE.fullmatch(line)
        if not found or found[2] == b"101":
            raise Ambiguous(f"no status line: {line!r}")
        status = int(found[2])
        fields, at = take_fields(octets, at)
        has_none = to_head or status in (204, 304) or status < 200
        content, at = take_content(octets, at, fields, found[1], has_none, until_close=True)
    names = {name for name, _ in fields}
    return status, passed(fields), content, not has_none and not names & {b"content-length", b"transfer-encoding"}, at < len(octets)


# --- One input --------------------------------------------------------------------------------------------------------------------------------------


DIFFERENT = re.compile(rb"websocket", re.IGNORECASE)


class Answer(NamedTuple):
    """What an origin says to one request, and what it does then: "keep", "close" or "reset" the connection."""
    octets: bytes
    cuts: list
    then: str
    is_clean: bool  # nothing but what is asked of an origin

    @staticmethod
    def drawn(rng, token, index, clean):
        octets, is_clean, kind = b"", True, rng.random()
        if kind < clean:
            octets = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s %d" % (len(token) + 2, token, index % 10)
        elif kind < 0.9:
            content, fields = content_of(rng, token), rng.sample(RESPONSE_FIELDS, rng.randrange(4))
            if rng.random() < 0.1:
                content, fields = gzip.compress(content, 1, mtime=0), fields + [b"Content-Encoding: gzip"]
            version, status = rng.choice(b"1111111110"), rng.choice((200, 200, 200, 201, 404, 500, 204, 304))
            frame, content = framed(rng, content, version == ord("1") and rng.random() < 0.5)
            fields.append(frame)
            if status in (204, 304):
                content = b""
                fields.remove(frame)
            elif rng.random() < 0.1 and frame.startswith(b"Content"):
                fields.remove(frame)
            octets = b"HTTP/1.%c %d %s\r\n%s\r\n\r\n%s" % (version, status, rng.choice((b"OK", b"")), b"\r\n".join([*fields, b"X-Token: " + token]), content)
            octets = rng.choice((b"", b"", b"", *INTERIM)) + octets
        else:
            octets, is_clean = rng.choice(BAD_RESPONSES), False
        if kind > max(clean, 0.7) and (is_clean or rng.random() < 0.5):
            octets, is_clean = mutated(rng, octets), False
        then = rng.choice(("keep",) * 8 + ("close", "reset"))
        try:
            *_, until_close, surplus = read_answer(octets)
        except (Ambiguous, Incomplete):
            until_close, surplus = True, False
        if until_close and then == "keep":
            then = "close"
        # What is behind a response has to be there with it: a proxy cannot tell a late surplus from the next response.
        cuts = [] if surplus or rng.random() < 0.5 else sorted(rng.randrange(len(octets) + 1) for _ in range(rng.randrange(4)))
        return Answer(octets, cuts, then, is_clean and then != "reset")


class Tunnel:
    """What passes behind a request for WebSocket, where the primary agrees to it; and its answer."""

    def __init__(self, rng):
        self.agrees = rng.random() < 0.7
        self.answer = rng.choice(AGREEMENTS if self.agrees else DISAGREEMENTS)
        # What looks like a message is none; where it stays HTTP it begins so that nobody takes it for one.
        self.up = rng.choice((b"", b"GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n", b"\r\n\r\n")) + rng.randbytes(rng.choice((0, 1, 40, 3000, 40_000)))
        if not self.agrees:
            self.up = b"\x81" + self.up
        self.down = rng.choice((b"", b"", HINTS)) + rng.randbytes(rng.choice((0, 1, 40, 3000, 40_000)))


class Input:
    def __init__(self, seed, number, authority):
        rng = random.Random(f"{seed} {number}")
        self.number, self.token = number, b"t%014x" % rng.getrandbits(56)
        self.address = f"127.{1 + number // 65536 % 250}.{number // 256 % 256}.{number % 256}"
        wild = number % 50 != 0  # the others: a plain GET on a fresh connection gets its 200
        self.octets, self.is_clean = b"", True
        for index in range(rng.choice((1, 1, 2, 3, 5)) if wild else 1):
            target = b"/%s/%d" % (self.token, index)
            request = request_of(rng, self.token, target) if wild else b"GET %s HTTP/1.1\r\nHost: shop\r\n\r\n" % target
            if wild and rng.random() < 0.15:
                request, self.is_clean = rng.choice(BAD_REQUESTS).replace(b"/a", target, 1), False
            self.octets += request
        self.tunnel = Tunnel(rng) if wild and rng.random() < 0.08 else None
        if self.tunnel:
            gets = b"".join(b"GET /%s/%d HTTP/1.1\r\nHost: shop\r\n" % (self.token, index) + b"\r\n" * (index < 2) for index in range(3))
            self.octets, self.is_clean = gets[gets.index(b"/%d " % rng.randrange(3)) - len(self.token) - 5:] + WEBSOCKET, True
        if wild and not self.tunnel and rng.random() < 0.6:
            self.octets, self.is_clean = mutated(rng, self.octets), False
        if wild and not self.tunnel and rng.random() < 0.1:
            self.octets, self.is_clean = self.octets[:rng.randrange(len(self.octets) + 1)], False
        self.expected, self.traits, self.rest = read_sent(self.octets, authority)
        self.answers = [Answer.drawn(rng, self.token, index, 0.3 if wild and not self.tunnel else 1) for index in range(5)]
        self.candidate_answers = [Answer.drawn(rng, self.token, index, 0.6) for index in range(5)]
        # To a head whose content is not there yet.
        self.early = Answer.drawn(rng, self.token, 9, 0.7) if wild and rng.random() < 0.05 else None
        if self.tunnel:
            self.answers, self.early = [answer._replace(then="keep") for answer in self.answers], None
        elif b"websocket" in self.octets.lower():  # none of them may agree by chance
            self.answers = [answer._replace(octets=DIFFERENT.sub(b"h2c", answer.octets)) for answer in self.answers]
            self.early = self.early and self.early._replace(octets=DIFFERENT.sub(b"h2c", self.early.octets))
        said = self.octets + (self.tunnel.up if self.tunnel else b"")
        cuts = sorted(rng.randrange(len(said) + 1) for _ in range(rng.choice((0, 0, 1, 2, 5, 20))))
        self.pieces = [(said[a:b], rng.choice((0, 0, 0.0005, 0.003))) for a, b in zip([0, *cuts], [*cuts, len(said)])]
        waits = "wait" if self.is_clean and not self.tunnel else "half-close"
        self.ending = rng.choice(("half-close", "half-close", "reset", waits)) if wild else "wait"
        self.arrived, self.refused = set(), None

    def told(self):
        pieces = [piece for piece, _ in self.pieces]
        return f"  input {self.number}: {pieces!r}"[:10_000] + f", then {self.ending}; answers {self.answers!r}, early {self.early!r}"[:20_000]

    def answer_to(self, index):
        """Requests that are equal get the same, as nobody could tell which of them is sent again."""
        return self.answers[self.expected.index(self.expected[index]) % 5]

    def arrive(self, request):
        """The index of the request that has now come to the primary; nothing where none can come now."""
        begin = max(self.arrived, default=-1) + 1
        for index in range(begin, len(self.expected)):
            if self.expected[index] == request:
                self.arrived.add(index)
                return index
        return begin - 1 if begin and self.expected[begin - 1] == request and request[0] in IDEMPOTENT else None
