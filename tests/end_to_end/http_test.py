#!/usr/bin/env python3
"""The cases of http_cases.py against the real binary, and a sweep: whatever byte stands at a delicate place, what reaches the origin can be read in exactly
one way (strict_reader.py)."""
import contextlib
import socket
import unittest
from concurrent.futures import ThreadPoolExecutor

from http_cases import CUT_RESPONSES, RESPONSES, cases
from http_kit import Kit, get, problems
from program import EndToEnd, Understudy, exchange, status_of
from raw_origin import RawOrigin
from strict_reader import Ambiguous, read_response

# Every byte goes to each of these places; at the ends of lines also in place of the byte before.
DELICATE = {
    "request": b"P|OST| |/|a| |HTTP|/|1|.1|\r|\n|Host|:| |sh|op|\r|\n|X-A|b|:| |c| d|\r|\n|Content-Length|:| 5|\r|\n|Connection: close\r\n|\r|\n|hello",
    "chunked": b"POST /a HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: ch|unked|\r\nConnection: close\r\n\r\n|5|;a|=b|\r|\n|hello|\r|\n|0|\r|\n|Tr|ail|:| x|\r|\n|\r|\n|",
}
DELICATE_RESPONSE = b"HT|TP/|1|.1| |2|00| |O|K|\r|\n|X-A|b|:| |c|\r|\n|Content-Length|:| 2|\r|\n|\r|\nok"


def sweep(text):
    """The text with every byte at each place, each once."""
    pieces = text.split(b"|")
    found = {}
    for i in range(1, len(pieces)):
        before, behind = b"".join(pieces[:i]), b"".join(pieces[i:])
        for octet in range(256):
            found[before + bytes([octet]) + behind] = None
            if before[-1:] in b"\r\n":
                found[before[:-1] + bytes([octet]) + behind] = None
    return list(found)


class Http(EndToEnd):
    def setUp(self):
        self.origin = RawOrigin()
        self.understudy = Understudy(self.origin.url, server__timeouts__header="2s", server__timeouts__body="2s")

    def tearDown(self):
        self.understudy.process.terminate()
        self.understudy.process.wait()
        self.origin.close()
        super().tearDown()

    def test_every_case_holds(self):
        kit = Kit(self.understudy.port, self.origin)
        for group, name, problem in problems(cases(), kit):
            with self.subTest(group + ": " + name):
                self.assertEqual(problem, "")

    def test_a_hostile_candidate_is_counted_and_never_compared(self):
        hostile = {b"/hostile/%d" % i: response for i, response in enumerate((*RESPONSES.values(), *CUT_RESPONSES.values()))}
        candidate = RawOrigin()
        candidate.answers.update(hostile)
        understudy = Understudy(self.origin.url, candidate.url, mirror__holdout=0.0, candidate__response_timeout="1s", candidate__deadline="2s")
        for target in hostile:
            self.assertTrue(exchange(understudy.port, get(b"GET " + target + b" HTTP/1.1")).endswith(b"\r\n\r\nok"))
        ledger = self.settled(understudy)
        self.assertEqual(ledger["eligible"], len(hostile))
        self.assertEqual(ledger["compared"], 0, ledger)
        self.assertGreater(sum(ledger["failed"]["candidate"].values()), 0)
        self.assertEqual(candidate.ambiguous, [])
        understudy.terminate()
        candidate.close()

    def test_whatever_byte_stands_at_a_delicate_place_the_origin_reads_it_in_one_way(self):
        payloads = [payload for text in DELICATE.values() for payload in sweep(text)]

        def send(payload):
            with socket.create_connection(("127.0.0.1", self.understudy.port), timeout=10) as connection, contextlib.suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(payload)
                connection.shutdown(socket.SHUT_WR)
                received = b""
                while data := connection.recv(1 << 16):
                    received += data
                return status_of(received)
            return None

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(send, payloads))
        self.assertEqual(self.origin.ambiguous, [])
        self.assertLessEqual(set(statuses), {None, 200, 400, 405, 411, 413, 414, 431, 501, 505}, "a status that is no answer to a request")
        self.assertIn(200, statuses)
        self.assertGreater(statuses.count(400), len(payloads) // 10)

    def test_whatever_byte_stands_in_a_response_the_user_reads_it_in_one_way(self):
        responses = sweep(DELICATE_RESPONSE)
        self.origin.answers.update((b"/%d" % i, response) for i, response in enumerate(responses))

        def ask(i):
            answer = exchange(self.understudy.port, get(b"GET /%d HTTP/1.1" % i))
            try:
                return read_response(answer)
            except Ambiguous as problem:
                return f"{problem}: {responses[i]!r} came as {answer!r}"

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(ask, range(len(responses))))
        self.assertEqual([status for status in statuses if isinstance(status, str)], [])
        self.assertIn(200, statuses)
        self.assertGreater(statuses.count(502), len(responses) // 10)


if __name__ == "__main__":
    unittest.main()
