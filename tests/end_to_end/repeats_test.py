#!/usr/bin/env python3
"""Production as its own secondary: what differs is asked again on both sides before it is a proof; with the real binary."""
import threading
import unittest

from program import EndToEnd, Understudy, exchange, wait_until
from raw_origin import RawOrigin, saying

COUNT = 400
TARGETS = [b"/orders/%d" % number for number in range(1, COUNT + 1)]


def answer(price, host=b"a"):
    content = b'{"id":7,"price":%d}' % price
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Host: " + host + b"\r\nContent-Length: %d\r\n\r\n" % len(content) + content


class Stale:
    """Answers with an old price the first time, and with the right one from then on, as a cache that was behind."""

    def __init__(self):
        self.lock, self.asked = threading.Lock(), set()

    def play(self, target):
        def play(visit):
            with self.lock:
                is_first = target not in self.asked
                self.asked.add(target)
            return saying(answer(1899 if is_first else 1999), "keep")(visit)
        return play


class Repeats(EndToEnd):
    def begin(self, candidate, **keys):
        self.primary, self.candidate = RawOrigin(), RawOrigin()
        self.primary.kept.update((target, answer(1999)) for target in TARGETS)
        candidate(self.candidate)
        self.understudy = Understudy(self.primary.url, self.candidate.url, self.primary.url, mirror__holdout=0.0, server__threads=1,
                                     secondary__share=1.0, secondary__budget=0.0, secondary__confirm_after="200ms", **keys)
        self.addCleanup(self.end)

    def end(self):
        self.understudy.process.terminate()
        self.understudy.process.wait(20)

    def send(self):
        for target in TARGETS:
            self.assertIn(b" 200 ", exchange(self.understudy.port, b"GET " + target + b" HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")[:20])
        wait_until(lambda: self.ledger_is_settled(), 15, "everything is decided")

    def ledger_is_settled(self):
        ledger = self.understudy.ledger()
        return ledger["eligible"] == COUNT and ledger["in_flight"] == 0

    def verdict(self):
        return self.understudy.api("/api/v1/verdict")

    def difference(self, path):
        found = [difference for difference in self.understudy.api("/api/v1/differences") if difference["path"] == path]
        return found[0] if found else None

    def results(self):
        lines = [line.rsplit(" ", 1) for line in self.understudy.metrics().splitlines() if line.startswith("understudy_confirmations_total{")]
        return {name.split('"')[1]: int(value) for name, value in lines}

    def settle(self):
        """Until nothing is asked again any more."""
        seen = []
        def is_quiet():
            seen.append(sum(self.results().values()))
            return len(seen) > 10 and seen[-1] == seen[-10] != 0
        wait_until(is_quiet, 20, "all were asked again")

    def test_a_change_that_is_still_there_is_a_regression(self):
        self.begin(lambda origin: origin.kept.update((target, answer(1899)) for target in TARGETS))
        self.send()
        wait_until(lambda: self.verdict()["verdict"] == "regression", 20, self.verdict)
        self.assertEqual(self.difference("/price")["verdict"], "regression")
        self.assertGreater(self.results()["still"], 0)
        self.assertEqual(self.results()["gone"], 0)
        self.assert_balanced(self.understudy.ledger())

    def test_what_is_gone_when_both_are_asked_again_is_none_and_no_pass(self):
        stale = Stale()
        self.begin(lambda origin: origin.plays.update((target, stale.play(target)) for target in TARGETS))
        self.send()
        self.settle()
        wait_until(lambda: "it was gone" in (self.difference("/price") or {"reason": ""})["reason"], 10, lambda: self.difference("/price"))
        self.assertEqual(self.verdict()["verdict"], "inconclusive")
        self.assertIn("only a second instance could tell", self.difference("/price")["reason"])
        self.assertEqual(self.results()["still"], 0)
        self.assertEqual(self.understudy.ledger()["compared"], COUNT)

    def test_a_host_name_of_each_process_cannot_be_known_and_the_report_says_so(self):
        self.begin(lambda origin: origin.kept.update((target, answer(1999, host=b"b")) for target in TARGETS))
        self.send()
        self.settle()
        caveats = self.understudy.api("/api/v1/report?format=json")["caveats"]
        self.assertTrue(any("no second instance" in caveat and "a host name" in caveat for caveat in caveats), caveats)


if __name__ == "__main__":
    unittest.main()
