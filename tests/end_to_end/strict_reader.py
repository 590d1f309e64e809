"""A second reader of HTTP/1.1 (RFC 9112), written apart from the proxy's and stricter than any server or client: it judges what reached an origin and what
reached a user. What it cannot read in exactly one way is an error."""
import re

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([\x21-\x22\x24-\x7e]+) HTTP/1\.([01])")  # no fragment
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [\t \x21-\x7e\x80-\xff]*")
FIELD_LINE = re.compile(rb"(" + TOKEN + rb"):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t \x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*")
HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::[0-9]{0,5})?")
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})")
# Fields that speak of one connection, or of the framing: never in trailers, and the first group never at an origin at all.
OF_A_CONNECTION = {b"keep-alive", b"proxy-connection", b"upgrade", b"http2-settings", b"proxy-authorization"}
OF_THE_FRAMING = {b"content-length", b"transfer-encoding", b"host"}


class Ambiguous(Exception):
    """Not readable, or not in one way alone."""


class Incomplete(Exception):
    """Cut off before its end, visibly."""


def take_line(octets, at):
    end = octets.find(b"\n", at)
    if end < 0:
        raise Incomplete
    if end == at or octets[end - 1:end] != b"\r":
        raise Ambiguous(f"a line that ends in LF alone: {octets[at:end + 1]!r}")
    line = octets[at:end - 1]
    if b"\r" in line or b"\0" in line:
        raise Ambiguous(f"CR or NUL in a line: {line!r}")
    return line, end + 1


def take_fields(octets, at):
    fields = []
    while True:
        line, at = take_line(octets, at)
        if not line:
            return fields, at
        found = FIELD_LINE.fullmatch(line)
        if not found:
            raise Ambiguous(f"no field line: {line!r}")
        fields.append((found[1].lower(), found[2]))


def take_chunked(octets, at, chunk_line=CHUNK_LINE, forbidden=OF_THE_FRAMING | OF_A_CONNECTION):
    content = b""
    while True:
        line, at = take_line(octets, at)
        found = chunk_line.fullmatch(line)
        if not found:
            raise Ambiguous(f"no chunk line: {line!r}")
        size = int(found[1], 16)
        if size == 0:
            break
        if len(octets) < at + size + 2:
            raise Incomplete
        content += octets[at:at + size]
        if octets[at + size:at + size + 2] != b"\r\n":
            raise Ambiguous("no CRLF behind a chunk")
        at += size + 2
    trailers, at = take_fields(octets, at)
    for name, _ in trailers:
        if name in forbidden:
            raise Ambiguous(f"{name!r} in the trailers")
    return content, at


def by_name(fields):
    return {name: [value for other, value in fields if other == name] for name, _ in fields}


def framing_of(values):
    """(number of octets or None, whether chunked) of the fields by name."""
    lengths, codings = values.get(b"content-length", []), values.get(b"transfer-encoding", [])
    if lengths and codings or len(lengths) > 1 or len(codings) > 1:
        raise Ambiguous(f"framed twice: {lengths!r} {codings!r}")
    if codings and codings != [b"chunked"]:
        raise Ambiguous(f"Transfer-Encoding: {codings!r}")
    if lengths and (not re.fullmatch(rb"[0-9]{1,19}", lengths[0]) or int(lengths[0]) >= 1 << 63):
        raise Ambiguous(f"Content-Length: {lengths!r}")
    return int(lengths[0]) if lengths else None, bool(codings)


def take_request(octets, at):
    """One request from `at`: (method, target, fields, content) and where the next begins."""
    line, at = take_line(octets, at)
    found = REQUEST_LINE.fullmatch(line)
    if not found:
        raise Ambiguous(f"no request line: {line!r}")
    method, target = found[1], found[2]
    if not (target.startswith(b"/") or (method == b"OPTIONS" and target == b"*")):
        raise Ambiguous(f"not in origin-form: {target!r}")
    fields, at = take_fields(octets, at)
    values = by_name(fields)
    if len(values.get(b"host", [])) != 1 or not HOST.fullmatch(values[b"host"][0]):
        raise Ambiguous(f"Host: {values.get(b'host')!r}")
    size, is_chunked = framing_of(values)
    to_websocket = method == b"GET" and not size and not is_chunked and values.get(b"upgrade") == [b"websocket"] and values.get(b"connection") == [b"Upgrade"]
    for name in values:
        if name in OF_A_CONNECTION and not (to_websocket and name == b"upgrade"):
            raise Ambiguous(f"{name!r} belongs to another connection")
    if is_chunked:
        if found[3] == b"0":
            raise Ambiguous("chunked in HTTP/1.0")
        content, at = take_chunked(octets, at)
    else:
        size = size or 0
        if len(octets) < at + size:
            raise Incomplete
        content, at = octets[at:at + size], at + size
    return (method, target, fields, content), at


def read_requests(octets):
    """All whole requests of a connection's octets, and what is left behind them: a request that is not whole yet, or was cut. Raises Ambiguous."""
    requests, at = [], 0
    while at < len(octets):
        try:
            request, at = take_request(octets, at)
        except Incomplete:
            break
        requests.append(request)
    return requests, octets[at:]


def take_response(octets, at, to_head=False):
    """One final response from `at`, informational ones before it: (status, fields, content, whether the end of the octets is its end), and where the next
    begins."""
    status = 100
    while status < 200:
        line, at = take_line(octets, at)
        found = STATUS_LINE.fullmatch(line)
        if not found:
            raise Ambiguous(f"no status line: {line!r}")
        status = int(found[1])
        fields, at = take_fields(octets, at)
    size, is_chunked = framing_of(by_name(fields))
    if to_head or status in (204, 304):
        return (status, fields, b"", False), at
    if is_chunked:
        content, at = take_chunked(octets, at)
        return (status, fields, content, False), at
    end = len(octets) if size is None else at + size
    if len(octets) < end:
        raise Incomplete
    return (status, fields, octets[at:end], size is None), end


def read_response(octets):
    """The status of the one response to a GET that makes up all of a connection's octets, informational ones before it; whole, or visibly cut: then None.
    Raises Ambiguous."""
    try:
        (status, _, _, _), end = take_response(octets, 0)
    except Incomplete:
        return None
    if len(octets) > end:
        raise Ambiguous(f"octets behind the response: {octets[end:]!r}")
    return status
