"""Cases of HTTP/1.1 at an intermediary (RFC 9110, 9112), written for raw sockets at both ends, so that they judge any proxy: messages that two readers could
read in two ways, and what an intermediary has to do with those that are clear. Faults of the ends are in fault_cases.py and mirror_cases.py."""
import contextlib
import socket

from http_kit import CHUNKED, END, HEAD, POST, expect, expect_cut, get, last_of
from program import fields_of, status_of, wait_until
from support import Failure

# By what is wrong (RFC section or CVE): the request, the statuses that refuse it, and its nearest valid neighbour.
REQUESTS = {
    "obsolete folding, RFC 9112 5.2": (get(fields=b"X: a\r\n b\r\n"), {400}, get(fields=b"X: a b\r\n")),
    "folded Content-Length, CVE-2024-27982": (POST + b"X: a\r\n Content-Length: 5\r\n" + END + b"hello", {400}, POST + b"Content-Length: 5\r\n" + END + b"hello"),
    "folded Transfer-Encoding": (POST + b"Transfer-Encoding:\r\n chunked\r\n" + END + b"0\r\n\r\n", {400}, CHUNKED + b"0\r\n\r\n"),
    "empty field name, CVE-2023-25725": (get(fields=b": x\r\n"), {400}, get(fields=b"X: x\r\n")),
    "space before the colon, RFC 9112 5.1": (get(fields=b"X : x\r\n"), {400}, get(fields=b"X: x\r\n")),
    "a field line without a colon": (get(fields=b"X\r\n"), {400}, get(fields=b"X:\r\n")),
    "no Host, RFC 9112 3.2": (get(host=b""), {400}, get()),
    "two Hosts": (get(host=b"Host: shop\r\nHost: shop\r\n"), {400}, get()),
    "a list of Hosts": (get(host=b"Host: shop, shop\r\n"), {400}, get()),
    "user information in Host": (get(host=b"Host: a@shop\r\n"), {400}, get()),
    "a port that is none": (get(host=b"Host: shop:80a\r\n"), {400}, get(host=b"Host: shop:80\r\n")),
    "a port that is too large": (get(host=b"Host: shop:65536\r\n"), {400}, get(host=b"Host: shop:65535\r\n")),
    "an address in Host that is none": (get(host=b"Host: [::1\r\n"), {400}, get(host=b"Host: [::1]:8080\r\n")),
    "a space in Host": (get(host=b"Host: a b\r\n"), {400}, get(host=b"Host: a.b\r\n")),
    "a path in Host": (get(host=b"Host: shop/b\r\n"), {400}, get()),
    "user information in the target": (get(b"GET http://a@shop/a HTTP/1.1"), {400}, get(b"GET http://shop/a HTTP/1.1")),
    "no host in the target": (get(b"GET http:///a HTTP/1.1"), {400}, get(b"GET http://shop/a HTTP/1.1")),
    "HTTP/0.9": (b"GET /a\r\n\r\n", {400, 505}, get()),
    "HTTP/2.0, RFC 9112 2.3": (get(b"GET /a HTTP/2.0"), {400, 505}, get()),
    "another protocol": (get(b"GET /a RTSP/1.0"), {400, 505}, get()),
    "a protocol of streams": (get(b"SOURCE /a ICE/1.0"), {400, 501, 505}, get()),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}, get()),
    "a coding before chunked, RFC 9112 6.1": (POST + b"Transfer-Encoding: gzip, chunked\r\n" + END + b"0\r\n\r\n", {400, 422, 501}, CHUNKED + b"0\r\n\r\n"),
    "an empty coding before chunked": (POST + b"Transfer-Encoding: ,chunked\r\n" + END + b"0\r\n\r\n", {400, 422, 501}, CHUNKED + b"0\r\n\r\n"),
    "chunked twice": (POST + b"Transfer-Encoding: chunked, chunked\r\n" + END + b"0\r\n\r\n", {400, 422, 501}, CHUNKED + b"0\r\n\r\n"),
    "two Transfer-Encodings": (POST + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n", {400, 422, 501}, CHUNKED + b"0\r\n\r\n"),
    "identity": (POST + b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n" + END + b"hello", {400, 422, 501}, POST + b"Content-Length: 5\r\n" + END + b"hello"),
    "an empty Transfer-Encoding": (POST + b"Transfer-Encoding:\r\nContent-Length: 5\r\n" + END + b"hello", {400, 422, 501}, POST + b"Content-Length: 5\r\n" + END + b"hello"),
    "chunked with a parameter": (POST + b"Transfer-Encoding: chunked;a=b\r\n" + END + b"0\r\n\r\n", {400, 422, 501}, CHUNKED + b"0\r\n\r\n"),
    "chunked and a length, RFC 9112 6.3": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n", {400}, CHUNKED + b"0\r\n\r\n"),
    "a length and chunked": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n" + END + b"0\r\n\r\n", {400}, CHUNKED + b"0\r\n\r\n"),
    "chunked in HTTP/1.0": (b"POST /a HTTP/1.0\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}, b"POST /a HTTP/1.0\r\nHost: shop\r\nContent-Length: 0\r\n\r\n"),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n" + END + b"hello", {400}, POST + b"Content-Length: 5\r\n" + END + b"hello"),
    "a list of lengths": (POST + b"Content-Length: 5, 6\r\n" + END + b"hello", {400}, POST + b"Content-Length: 5\r\n" + END + b"hello"),
    "a length with a sign": (POST + b"Content-Length: +5\r\n" + END + b"hello", {400}, POST + b"Content-Length: 5\r\n" + END + b"hello"),
    "a negative length": (POST + b"Content-Length: -5\r\n" + END + b"hello", {400}, POST + b"Content-Length: 5\r\n" + END + b"hello"),
    "a hexadecimal length": (POST + b"Content-Length: 0x5\r\n" + END + b"hello", {400}, POST + b"Content-Length: 5\r\n" + END + b"hello"),
    "an empty length": (POST + b"Content-Length:\r\n" + END, {400}, POST + b"Content-Length: 0\r\n" + END),
    "a length beyond 2^63": (POST + b"Content-Length: 9223372036854775808\r\n" + END, {400, 413}, POST + b"Content-Length: 0\r\n" + END),
    "a length beyond 2^64": (POST + b"Content-Length: 18446744073709551621\r\n" + END + b"hello", {400, 413}, POST + b"Content-Length: 5\r\n" + END + b"hello"),
    "LF alone behind the request line, RFC 9112 2.2": (b"GET /a HTTP/1.1\nHost: shop\r\n" + END, {400}, get()),
    "LF alone behind a field": (get(fields=b"X: x\n"), {400}, get(fields=b"X: x\r\n")),
    "LF alone behind the head": (HEAD + b"Connection: close\r\n\n", {400}, get()),
    "CR alone behind the head": (HEAD + b"Connection: close\r\n\rX", {400}, get()),
    "CR alone in a value, CVE-2023-30589": (get(fields=b"X:\rTransfer-Encoding: chunked\r\n"), {400}, get(fields=b"X: x\r\n")),
    "CR before the CRLF": (get(fields=b"X: x\r\r\n"), {400}, get(fields=b"X: x\r\n")),
    "NUL in a value": (get(fields=b"X: a\0b\r\n"), {400}, get(fields=b"X: ab\r\n")),
    "NUL in a name": (get(fields=b"X\0: ab\r\n"), {400}, get(fields=b"X: ab\r\n")),
    "a control octet in a value, RFC 9110 5.5": (get(fields=b"X: a\x01b\r\n"), {400}, get(fields=b"X: a\tb\r\n")),
    "a name that is no token, RFC 9110 5.6.2": (get(fields=b"X(a): b\r\n"), {400}, get(fields=b"X-a: b\r\n")),
    "a fragment in the target": (get(b"GET /a#b HTTP/1.1"), {400}, get(b"GET /a%23b HTTP/1.1")),
    "octets beyond ASCII in the target": (get(b"GET /\xc3\xa4 HTTP/1.1"), {400}, get(b"GET /%C3%A4 HTTP/1.1")),
    "a tab in the request line": (get(b"GET\t/a HTTP/1.1"), {400}, get()),
    "a tab in the target": (get(b"GET /a\tb HTTP/1.1"), {400}, get(b"GET /a%09b HTTP/1.1")),
    "a target without a slash": (get(b"GET a HTTP/1.1"), {400}, get()),
    "GET *": (get(b"GET * HTTP/1.1"), {400}, get(b"OPTIONS * HTTP/1.1")),
    "CONNECT": (b"CONNECT shop:443 HTTP/1.1\r\nHost: shop:443\r\n\r\n", {400, 405, 501}, get()),
    "an unknown method": (get(b"FOO! /a HTTP/1.1"), {400, 501}, get(b"DELETE /a HTTP/1.1")),
    "a method in lower case": (get(b"get /a HTTP/1.1"), {400, 501}, get()),
    "a blank before the method": (b" " + get(), {400}, get()),
    "a blank line of LF before the request": (b"\n" + get(), {400}, b"\r\n" + get()),
    "blank lines without end": (b"\r\n" * 40_000 + get(), {400, 431}, b"\r\n" + get()),
    "a field too many": (get(fields=b"X: x\r\n" * 1000), {400, 431}, get(fields=b"X: x\r\n" * 50)),
    "a head too long": (get(fields=b"X: " + b"x" * 200_000 + b"\r\n"), {400, 431}, get(fields=b"X: " + b"x" * 2000 + b"\r\n")),
    "a target too long": (get(b"GET /" + b"a" * 200_000 + b" HTTP/1.1"), {400, 414, 431}, get(b"GET /" + b"a" * 2000 + b" HTTP/1.1")),
}

# Content that is no chunked content: the head has passed, so the origin may have it, but never what looks like a whole request.
CHUNKED_CONTENT = {
    "LF alone behind a size": b"5\nhello\r\n0\r\n\r\n",
    "LF alone behind the data": b"5\r\nhello\n0\r\n\r\n",
    "LF alone at the end": b"5\r\nhello\r\n0\r\n\n",
    "LF alone behind the last size": b"5\r\nhello\r\n0\n\r\n",
    "CR alone at the end": b"5\r\nhello\r\n0\r\n\rX",
    "CR alone behind a size": b"5\rXhello\r\n0\r\n\r\n",
    "CR alone behind the data": b"5\r\nhello\rX0\r\n\r\n",
    "octets behind the data": b"5\r\nhelloXX0\r\n\r\n",
    "a sign": b"+5\r\nhello\r\n0\r\n\r\n",
    "a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a blank before the size": b" 5\r\nhello\r\n0\r\n\r\n",
    "an underscore": b"0_5\r\nhello\r\n0\r\n\r\n",
    "no size": b"\r\nhello\r\n0\r\n\r\n",
    "a size beyond 2^64": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "a size beyond 2^63": b"8000000000000000\r\nhello\r\n0\r\n\r\n",
    "CR in an extension": b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    "LF in an extension, CVE-2025 TERM.EXT": b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    "NUL in an extension": b"5;a\0b\r\nhello\r\n0\r\n\r\n",
    "an extension without end, CVE-2023-39326": b"5;" + b"a" * 200_000 + b"\r\nhello\r\n0\r\n\r\n",
    "a little extension with each of many chunks, CVE-2024-22019": b"1;aaaaaaaa\r\nh\r\n" * 20_000 + b"0\r\n\r\n",
    "a folded trailer": b"5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n",
    "a trailer without a name": b"5\r\nhello\r\n0\r\n: a\r\n\r\n",
    "a trailer that ends in LF": b"5\r\nhello\r\n0\r\nX: a\n\r\n",
    "trailers without end": b"5\r\nhello\r\n0\r\n" + b"X: a\r\n" * 40_000 + b"\r\n",
}

# Responses of the origin that can be read in two ways or in none; the user gets 502, or what is visibly cut.
RESPONSES = {
    "a folded field": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
    "a folded length": b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nok",
    "a folded coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "an empty name": b"HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 2\r\n\r\nok",
    "a blank before the colon": b"HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 2\r\n\r\nok",
    "LF alone": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "CR alone, CVE-2023-30589": b"HTTP/1.1 200 OK\rContent-Length: 2\r\n\r\nok",
    "CR alone behind the head": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\rXok",
    "a field line without a colon": b"HTTP/1.1 200 OK\r\nX\r\nContent-Length: 2\r\n\r\nok",
    "a name that is no token": b"HTTP/1.1 200 OK\r\nX(a): b\r\nContent-Length: 2\r\n\r\nok",
    "a control octet in a value": b"HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 2\r\n\r\nok",
    "NUL": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "a length with a sign": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
    "a list of lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok",
    "an empty length": b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok",
    "a length beyond 2^63": b"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\nok",
    "a length beyond 2^64": b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\nok",
    "a length and chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "a coding and chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "a coding alone": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
    "chunked before a coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nok",
    "an empty coding and chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: ,chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunked twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "an empty coding and a length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 2\r\n\r\nok",
    "chunked in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "status 99": b"HTTP/1.1 99 Low\r\nContent-Length: 2\r\n\r\nok",
    "status 600": b"HTTP/1.1 600 High\r\nContent-Length: 2\r\n\r\nok",
    "status 1000": b"HTTP/1.1 1000 Higher\r\nContent-Length: 2\r\n\r\nok",
    "status 42": b"HTTP/1.1 42 Short\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/0.9": b"HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/2.0": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "garbage": b"garbage\r\n\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "a switch that nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nraw",
    "a head too long": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\nContent-Length: 2\r\n\r\nok",
    "a field too many": b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 1000 + b"Content-Length: 2\r\n\r\nok",
    "informational responses alone": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
}
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CUT_RESPONSES = {
    "short of its length": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok",
    "no last chunk": CHUNKS + b"2\r\nok\r\n",
    "LF alone behind a chunk size": CHUNKS + b"2\nok\r\n0\r\n\r\n",
    "LF alone behind the data": CHUNKS + b"2\r\nok\n0\r\n\r\n",
    "LF alone at the end": CHUNKS + b"2\r\nok\r\n0\r\n\n",
    "CR alone behind a chunk size": CHUNKS + b"2\rXok\r\n0\r\n\r\n",
    "CR alone behind the data": CHUNKS + b"2\r\nok\rX0\r\n\r\n",
    "CR alone at the end": CHUNKS + b"2\r\nok\r\n0\r\n\rX",
    "octets behind the data": CHUNKS + b"2\r\nokX\r\n0\r\n\r\n",
    "a sign before a chunk size": CHUNKS + b"+2\r\nok\r\n0\r\n\r\n",
    "a prefix before a chunk size": CHUNKS + b"0x2\r\nok\r\n0\r\n\r\n",
    "an underscore in a chunk size": CHUNKS + b"0_2\r\nok\r\n0\r\n\r\n",
    "a chunk size beyond 2^63": CHUNKS + b"8000000000000000\r\nok\r\n0\r\n\r\n",
    "a chunk size beyond 2^64": CHUNKS + b"10000000000000002\r\nok\r\n0\r\n\r\n",
    "LF in an extension": CHUNKS + b"2;a\nb\r\nok\r\n0\r\n\r\n",
    "an extension without end, CVE-2023-39326": CHUNKS + b"2;" + b"a" * 200_000 + b"\r\nok\r\n0\r\n\r\n",
    "a folded trailer": CHUNKS + b"2\r\nok\r\n0\r\nX: a\r\n b\r\n\r\n",
    "a trailer without a name": CHUNKS + b"2\r\nok\r\n0\r\n: a\r\n\r\n",
    "trailers without end": CHUNKS + b"2\r\nok\r\n0\r\n" + b"X: a\r\n" * 40_000 + b"\r\n",
}
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def refused(request, statuses, neighbour):
    def check(kit):
        before = kit.origin.octets()
        answer = kit.exchange(request)
        expect(status_of(answer) in statuses, f"answered {answer[:60]!r}")
        expect(kit.origin.octets() == before, "something reached the origin")
        expect(status_of(kit.exchange(neighbour)) == 200, "the valid neighbour is not answered")
    return check


def never_whole(content):
    def check(kit):
        # What stands behind it must not be taken for a request, whatever the reader made of the content.
        answer = kit.exchange(CHUNKED.replace(b"Connection: close\r\n", b"") + content + b"GET /smuggled HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
        expect(status_of(answer) == 400 and answer.count(b"HTTP/1.") == 1, f"answered {answer[:60]!r}")
    return check


def bad_gateway(target, response):
    def check(kit):
        kit.origin.answers[target] = response
        answer = kit.exchange(get(b"GET " + target + b" HTTP/1.1"))
        expect(status_of(last_of(answer)) == 502, f"answered {answer[:60]!r}")
        expect(status_of(kit.exchange(get())) == 200, "the next request is not answered")
    return check


def visibly_cut(target, response):
    def check(kit):
        kit.origin.answers[target] = response
        expect_cut(*kit.ask(get(b"GET " + target + b" HTTP/1.1")))
        kit.expect_neighbour()
    return check


def no_content(kit):
    for i, status in enumerate((b"204 No Content", b"304 Not Modified")):
        target = b"/empty/%d" % i
        kit.origin.answers[target] = b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"
        answer = kit.exchange(get(b"GET " + target + b" HTTP/1.1"))
        expect(answer.count(b"HTTP/1.1") == 1 and answer.endswith(b"\r\n\r\n"), f"answered {answer!r}")
        expect(kit.exchange(get()).endswith(b"\r\n\r\nok"), "the next answer is another's")


def fields_at_origin(kit, target, fields, line=b"GET %s HTTP/1.1"):
    expect(status_of(kit.exchange(get(line % target, fields=fields))) == 200, "no answer")
    requests = kit.at_origin(target)
    expect(len(requests) == 1, f"{len(requests)} requests at the origin")
    return {name: value for name, value in requests[0][2]}


def nominated_of_request(kit):
    # Not with get(): Connection has to name the field.
    expect(status_of(kit.exchange(HEAD.replace(b"/a", b"/nominated") + b"X-Hop: 1\r\nConnection: close, X-Hop\r\n\r\n")) == 200, "no answer")
    expect(b"x-hop" not in dict(kit.at_origin(b"/nominated")[0][2]), "X-Hop reached the origin")


def nominated_of_response(kit):
    kit.origin.answers[b"/nominated-back"] = b"HTTP/1.1 200 OK\r\nX-Hop: 1\r\nConnection: X-Hop\r\nContent-Length: 2\r\n\r\nok"
    answer = kit.exchange(get(b"GET /nominated-back HTTP/1.1"))
    expect(status_of(answer) == 200 and "x-hop" not in dict(fields_of(answer)), f"answered {answer!r}")


def framing_cannot_be_nominated(kit):
    kit.with_fresh_connection()
    request = b"POST /framing HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\nConnection: close, content-length, host\r\n\r\nhello"
    status = status_of(kit.exchange(request))
    expect(status == 400 or status == 200 and kit.at_origin(b"/framing")[0][3] == b"hello", f"{status}: Connection took the framing away: {kit.at_origin(b'/framing')}")


def h2c_is_removed(kit):
    fields = fields_at_origin(kit, b"/h2c", b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")
    expect(b"upgrade" not in fields and b"http2-settings" not in fields, f"{fields}")


def proxy_connection_is_removed(kit):
    expect(b"proxy-connection" not in fields_at_origin(kit, b"/proxy-connection", b"Proxy-Connection: keep-alive\r\n"), "Proxy-Connection reached the origin")


def via_is_added(kit):
    expect(b"via" in fields_at_origin(kit, b"/via", b""), "no Via")


def max_forwards(kit):
    before = kit.origin.octets()
    kit.exchange(get(b"OPTIONS /far HTTP/1.1", fields=b"Max-Forwards: 0\r\n"))
    expect(kit.origin.octets() == before, "it went on beyond Max-Forwards: 0")
    expect(fields_at_origin(kit, b"/near", b"Max-Forwards: 5\r\n", b"OPTIONS %s HTTP/1.1")[b"max-forwards"] == b"4", "not one less")


def no_informational_to_1_0(kit):
    kit.origin.answers[b"/hints"] = HINTS
    answer = kit.exchange(b"GET /hints HTTP/1.0\r\nHost: shop\r\n\r\n")
    expect(status_of(answer) == 200 and b" 103 " not in answer, f"answered {answer[:60]!r}")


def informational_passes(kit):
    kit.origin.answers[b"/hints"] = HINTS
    answer = kit.exchange(get(b"GET /hints HTTP/1.1"))
    expect(status_of(answer) == 103 and status_of(last_of(answer)) == 200, f"answered {answer[:60]!r}")


def nothing_behind_close(kit):
    for close in (b"close", b"close\t", b"Close, x"):
        answer = kit.exchange(HEAD + b"Connection: " + close + b"\r\n\r\n" + get(b"GET /behind-close HTTP/1.1"))
        expect(answer.count(b"HTTP/1.") == 1 and not kit.at_origin(b"/behind-close"), f"Connection: {close!r} was not heard")


def absolute_form(kit):
    expect(status_of(kit.exchange(get(b"GET http://other.example/absolute HTTP/1.1"))) == 200, "no answer")
    expect(dict(kit.at_origin(b"/absolute")[0][2])[b"host"] == b"other.example", "Host is not the target's")


def pipelining(kit):
    kit.with_fresh_connection()
    answers = kit.exchange(HEAD + b"\r\n" + b"HEAD /a HTTP/1.1\r\nHost: shop\r\n\r\n" + POST + b"Content-Length: 5\r\n\r\nhello" + get())
    expect(answers.count(b"HTTP/1.1 200") == 4 and answers.count(b"\r\n\r\nok") == 3, f"answered {answers!r}")


def surplus_is_nobodys(kit):
    kit.origin.kept[b"/surplus"] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    for _ in range(3):
        expect(kit.exchange(get(b"GET /surplus HTTP/1.1")).endswith(b"\r\n\r\nok"), "surplus reached the user")
        expect(b"poison" not in kit.exchange(get()), "a response to nobody reached a user")


def user_leaves(kit):
    kit.with_fresh_connection()
    with socket.create_connection(("127.0.0.1", kit.port)) as connection:
        connection.sendall(b"POST /left HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\nhalf")
        with contextlib.suppress(Failure):  # a proxy may well wait for the whole request
            wait_until(lambda: b"/left" in kit.origin.everything(), 2, "the request at the origin")
    expect(status_of(kit.exchange(get())) == 200 and not kit.at_origin(b"/left"), "half a request looks whole")


def early_answer(kit):
    kit.origin.early[b"/early"] = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"
    kit.with_fresh_connection()
    body = b"GET /smuggled-early HTTP/1.1\r\nHost: shop\r\n\r\n" * 10
    announced = 1 << 20  # small content a proxy may well wait for
    answer = kit.exchange(b"POST /early HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % announced, body)
    expect(status_of(answer) == 413 and not kit.at_origin(b"/smuggled-early"), f"answered {answer[:60]!r}")


def post_is_not_repeated(kit):
    kit.with_fresh_connection()
    kit.origin.answers[b"/once"] = b""
    before = len(kit.at_origin(b"/once"))
    status = status_of(kit.exchange(b"POST /once HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"))
    expect(status == 502 and len(kit.at_origin(b"/once")) == before + 1, f"{status}, {len(kit.at_origin(b'/once')) - before} times at the origin")


def framing_in_trailers(kit):
    # What would make another message of it, were it believed: refused, or nothing of it goes on.
    kit.with_fresh_connection()
    for trailer in (b"Content-Length: 50", b"Host: other.example", b"Transfer-Encoding: chunked", b"Connection: close"):
        request = POST.replace(b"/a", b"/trailers") + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n" + trailer + b"\r\n\r\n" + get()
        answer = kit.exchange(request)
        expect(status_of(answer) == 400 or answer.count(b"HTTP/1.1 200") == 2, f"{trailer!r}: answered {answer[:60]!r}")
    kit.expect_neighbour(CHUNKED + b"5\r\nhello\r\n0\r\nX: a\r\n\r\n")


def framing_in_trailers_of_a_response(kit):
    kit.origin.kept[b"/trailers-back"] = CHUNKS + b"2\r\nok\r\n0\r\nContent-Length: 50\r\nX: a\r\n\r\n"
    answer, _ = kit.ask(get(b"GET /trailers-back HTTP/1.1", fields=b"TE: trailers\r\n"))
    expect(status_of(answer) == 200 and b"content-length: 50" not in answer.lower(), f"answered {answer!r}")
    kit.expect_neighbour()


def one_space(kit):
    answer = kit.exchange(get(b"GET  /spaces  HTTP/1.1"))
    expect(status_of(answer) == 400 or len(kit.at_origin(b"/spaces")) == 1, f"answered {answer[:60]!r}")
    kit.expect_neighbour()


def te_goes_no_further(kit):
    fields = HEAD.replace(b"/a", b"/te") + b"TE: gzip, x;q=0.5\r\nKeep-Alive: timeout=5\r\nConnection: close, TE, Keep-Alive\r\n\r\n"
    expect(status_of(kit.exchange(fields)) == 200, "no answer")
    found = dict(kit.at_origin(b"/te")[0][2])
    expect(b"gzip" not in found.get(b"te", b"") and b"keep-alive" not in found, f"{found}")


def proxy_connection_says_nothing(kit):
    kit.with_fresh_connection()
    answer = kit.exchange(HEAD.replace(b"/a", b"/proxy-close") + b"Proxy-Connection: close\r\n\r\n" + get())
    expect(answer.count(b"HTTP/1.1 200") == 2, f"answered {answer!r}")


def head_has_no_content(kit):
    kit.origin.answers[b"/head"] = b"HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"
    answer = kit.exchange(get(b"HEAD /head HTTP/1.1"))
    expect(answer.count(b"HTTP/1.1") == 1 and answer.endswith(b"\r\n\r\n"), f"answered {answer!r}")
    expect(kit.exchange(get()).endswith(b"\r\n\r\nok"), "the next answer is another's")


def informational_has_no_content(kit):
    kit.origin.answers[b"/hints-length"] = HINTS.replace(b"\r\nLink", b"\r\nContent-Length: 19\r\nLink", 1)
    answer = kit.exchange(get(b"GET /hints-length HTTP/1.1"))
    expect(status_of(last_of(answer)) in (200, 502) and b"content-length: 19" not in answer.lower(), f"answered {answer!r}")
    kit.expect_neighbour()


def websocket_with_content(kit):
    kit.with_fresh_connection()
    request = POST.replace(b"/a", b"/post-chat") + b"Content-Length: 5\r\n" + WEBSOCKET.replace(b"Upgrade\r\n", b"Upgrade, close\r\n", 1) + b"hello"
    expect(status_of(kit.exchange(request)) == 200, "no answer")
    found = kit.at_origin(b"/post-chat")
    expect(len(found) == 1 and found[0][3] == b"hello" and b"upgrade" not in dict(found[0][2]), f"{found}")


WEBSOCKET = (b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
AGREED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"


def websocket(kit):
    kit.origin.tunnels[b"/chat"] = AGREED
    with socket.create_connection(("127.0.0.1", kit.port), timeout=5) as connection:
        connection.sendall(HEAD.replace(b"/a", b"/chat") + WEBSOCKET)
        answer = connection.recv(4096)
        expect(status_of(answer) == 101 and ("upgrade", "websocket") in fields_of(answer), f"answered {answer!r}")
        connection.sendall(b"\x81\x02hi\x00\r\n")
        echoed = b""
        while len(echoed) < 7 and (data := connection.recv(4096)):
            echoed += data
        expect(echoed == b"\x81\x02hi\x00\r\n", f"the tunnel gave {echoed!r}")
        connection.shutdown(socket.SHUT_WR)
        expect(connection.recv(1) == b"", "the tunnel does not end")


def websocket_refused(kit):
    # What stands behind the request is no tunnel's, whatever it was meant for: it is the next request.
    answer = kit.exchange(HEAD.replace(b"/a", b"/no-chat") + WEBSOCKET + get(b"GET /behind-upgrade HTTP/1.1"))
    expect(answer.count(b"HTTP/1.1 200") == 2 and len(kit.at_origin(b"/behind-upgrade")) == 1, f"answered {answer!r}")


def other_switch(kit):
    kit.origin.tunnels[b"/other"] = AGREED.replace(b"Upgrade: websocket", b"Upgrade: h2c")
    kit.origin.echoed.clear()
    answer = kit.exchange(HEAD.replace(b"/a", b"/other") + WEBSOCKET, b"raw octets")
    expect(status_of(answer) == 502 and not kit.origin.echoed, f"answered {answer!r}, and {bytes(kit.origin.echoed)!r} went on")


def websocket_of_1_0(kit):
    request = b"GET /old-chat HTTP/1.0\r\nHost: shop\r\n" + WEBSOCKET
    expect(status_of(kit.exchange(request)) == 200, "no answer")
    expect(b"upgrade" not in dict(kit.at_origin(b"/old-chat")[0][2]), "Upgrade of HTTP/1.0 reached the origin")


SEMANTICS = {
    "WebSocket, RFC 6455 4.1": websocket,
    "WebSocket that the origin does not take up, RFC 9110 7.8": websocket_refused,
    "a switch to another protocol than was asked for": other_switch,
    "WebSocket asked for with POST, RFC 6455 4.1": websocket_with_content,
    "Upgrade in HTTP/1.0, RFC 9110 7.8": websocket_of_1_0,
    "204 and 304 have no content, RFC 9112 6.3": no_content,
    "the answer to HEAD has no content": head_has_no_content,
    "1xx has no content": informational_has_no_content,
    "framing in trailers, RFC 9110 6.5.1": framing_in_trailers,
    "framing in a response's trailers": framing_in_trailers_of_a_response,
    "several spaces in the request line, RFC 9112 3": one_space,
    "fields named by Connection, to the origin, RFC 9110 7.6.1": nominated_of_request,
    "fields named by Connection, to the user": nominated_of_response,
    "Connection cannot name the framing": framing_cannot_be_nominated,
    "h2c": h2c_is_removed,
    "TE and Keep-Alive, RFC 9110 7.6.1": te_goes_no_further,
    "Proxy-Connection": proxy_connection_is_removed,
    "Proxy-Connection: close closes nothing": proxy_connection_says_nothing,
    "Via, RFC 9110 7.6.3": via_is_added,
    "Max-Forwards, RFC 9110 7.6.2": max_forwards,
    "no 1xx to HTTP/1.0, RFC 9110 15.2": no_informational_to_1_0,
    "1xx to HTTP/1.1": informational_passes,
    "nothing behind Connection: close": nothing_behind_close,
    "absolute-form, RFC 9112 3.2.2": absolute_form,
    "pipelining, RFC 9112 9.3.2": pipelining,
    "octets behind a response": surplus_is_nobodys,
    "a user who leaves": user_leaves,
    "an early final response": early_answer,
    "POST is not repeated, RFC 9110 9.2.2": post_is_not_repeated,
}


def cases():
    """(group, name, function) of each."""
    for name, (request, statuses, neighbour) in REQUESTS.items():
        yield "requests", name, refused(request, statuses, neighbour)
    for name, content in CHUNKED_CONTENT.items():
        yield "chunked content", name, never_whole(content)
    for i, (name, response) in enumerate(RESPONSES.items()):
        yield "responses", name, bad_gateway(b"/response/%d" % i, response)
    for i, (name, response) in enumerate(CUT_RESPONSES.items()):
        yield "cut responses", name, visibly_cut(b"/cut/%d" % i, response)
    for name, check in SEMANTICS.items():
        yield "semantics", name, check
