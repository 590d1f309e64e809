#!/usr/bin/env python3
"""What passes through the real binary: fields, framing, refusals and faults, written and read on raw sockets."""
import unittest

from program import EndToEnd, Origin, Understudy, exchange, fields_of, load, status_of, wait_until


class Fields(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.primary, cls.candidate = Origin(), Origin()
        cls.understudy = Understudy(cls.primary.url, cls.candidate.url, mirror__holdout=0.0, mirror__headers={"set": {"X-Tenant": "shadow"}, "remove": ["cookie"]})

    @classmethod
    def tearDownClass(cls):
        cls.understudy.process.terminate()
        cls.understudy.process.wait()

    def heads_of(self, target, response):
        """The heads that primary and candidate received of the request for `target`, which no other test asks for; and the response."""
        def head_at(origin):
            return next((head for head in origin.heads() if head.split(" ")[1] == target), None)
        return head_at(self.primary), wait_until(lambda: head_at(self.candidate), 10, "the copy at the candidate"), response

    def test_the_primary_gets_the_request_as_an_intermediary_sends_it(self):
        request = (b"GET /orders/1?a=%20b HTTP/1.1\r\nHost: shop.example\r\nX-Mine: 1\r\nX-Mine: 2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n"
                   b"Keep-Alive: timeout=5\r\nProxy-Connection: close\r\nTE: gzip\r\nUpgrade: h2c\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n")
        head, _, response = self.heads_of("/orders/1?a=%20b", exchange(self.understudy.port, request))
        fields = dict(fields_of(head))
        self.assertTrue(head.startswith("GET /orders/1?a=%20b HTTP/1.1\r\n"), head)
        self.assertEqual(fields["host"], "shop.example")
        self.assertEqual([value for name, value in fields_of(head) if name == "x-mine"], ["1", "2"])
        for gone in ("x-hop", "keep-alive", "proxy-connection", "upgrade", "te"):
            self.assertNotIn(gone, fields)
        self.assertEqual(fields["via"], "1.1 understudy")
        self.assertEqual(fields["x-forwarded-for"], "192.0.2.7, 127.0.0.1")
        self.assertEqual(fields["x-forwarded-proto"], "http")
        self.assertEqual(fields["x-forwarded-host"], "shop.example")
        self.assertNotIn("understudy-role", fields)
        self.assertEqual(status_of(response), 200)

    def test_the_copy_is_what_the_primary_got_with_the_marker_and_the_configured_changes(self):
        request = (b"GET /orders/2 HTTP/1.1\r\nHost: shop.example\r\nCookie: a=b\r\nConnection: close\r\n"
                   b"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n")
        primary, candidate, _ = self.heads_of("/orders/2", exchange(self.understudy.port, request))
        ours, theirs = dict(fields_of(primary)), dict(fields_of(candidate))
        self.assertEqual(theirs.pop("understudy-role"), "candidate")
        self.assertEqual(theirs.pop("x-tenant"), "shadow")
        self.assertEqual(ours.pop("cookie"), "a=b")
        trace, copied = ours.pop("traceparent").split("-"), theirs.pop("traceparent").split("-")
        self.assertEqual(trace[1], copied[1])
        self.assertNotEqual(trace[2], copied[2])
        for connection in (ours, theirs):
            connection.pop("connection", None)
        self.assertEqual(ours, theirs)

    def test_pipelined_requests_are_answered_in_order(self):
        answers = exchange(self.understudy.port, b"GET /status/404 HTTP/1.1\r\nHost: a\r\n\r\nGET /orders/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                                                 b"GET /status/204 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertEqual([int(part.split(b" ", 1)[0]) for part in answers.split(b"HTTP/1.1 ")[1:]], [404, 200, 204])

    def test_an_http_1_0_client_gets_a_response_that_ends_with_the_connection(self):
        answer = exchange(self.understudy.port, b"GET /bytes/5000?chunked=1 HTTP/1.0\r\n\r\n")
        head, content = answer.split(b"\r\n\r\n", 1)
        self.assertNotIn("transfer-encoding", dict(fields_of(head)))
        self.assertEqual(len(content), 5000)

    def test_every_refusal_is_short_neutral_and_reaches_nobody(self):
        before = self.primary.totals()["begun"]
        refused = {
            b"GET / HTTP/1.1\r\n\r\n": {400},
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n": {400},
            b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n": {400},
            b"GET / HTTP/1.1\nHost: a\n\n": {400},
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": {400},
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n": {400, 501},
            b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Many: 1\r\n" * 200 + b"\r\n": {431},
            b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 70000 + b"\r\n\r\n": {431},
            b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n": {400, 405, 501},
        }
        for request, statuses in refused.items():
            answer = exchange(self.understudy.port, request)
            with self.subTest(request=request[:60]):
                self.assertIn(status_of(answer), statuses, answer[:200])
                fields = dict(fields_of(answer))
                self.assertEqual(fields["connection"], "close")
                self.assertTrue(fields["content-type"].startswith("text/plain"))
                self.assertNotIn("server", fields)
                self.assertLess(len(answer), 1000)
        self.assertEqual(self.primary.totals()["begun"], before)
        self.assertFalse([head for head in self.candidate.heads() if head.split(" ")[1] == "/"])

    def test_100_continue_comes_from_the_primary(self):
        answer = exchange(self.understudy.port, b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n", b"hello")
        self.assertTrue(answer.startswith(b"HTTP/1.1 100 "), answer[:80])
        self.assertIn(b'"length":5', answer)

    def test_trailers_pass(self):
        answer = exchange(self.understudy.port, b"GET /bytes/100?trailers=1 HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n")
        self.assertIn(b"x-content-length: 100", answer.lower())


class Faults(EndToEnd):
    def test_each_fault_of_the_primary_has_its_answer(self):
        primary, candidate = Origin(), Origin()
        understudy = Understudy(primary.url, candidate.url, primary__response_timeout="400ms", primary__connect_timeout="300ms")
        request = b"GET /bytes/20000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        for mode, status in (("hang", 504), ("garbage", 502), ("close", 502), ("refuse", 502), ("healthy", 200)):
            primary.mode(mode)
            with self.subTest(mode=mode):
                answer = exchange(understudy.port, request)
                self.assertEqual(status_of(answer), status, answer[:100])
                if status != 200:
                    self.assertTrue(dict(fields_of(answer))["content-type"].startswith("text/plain"))
        primary.mode("reset")
        head, content = exchange(understudy.port, request).split(b"\r\n\r\n", 1)
        self.assertEqual(status_of(head), 200)
        self.assertLess(len(content), int(dict(fields_of(head))["content-length"]), "a cut response must look cut")
        primary.mode("healthy")
        self.settled(understudy)
        understudy.terminate()

    def test_a_slow_head_is_408_and_silence_is_closed(self):
        primary = Origin()
        understudy = Understudy(primary.url, server__timeouts__header="300ms", server__timeouts__idle="300ms")
        self.assertEqual(status_of(exchange(understudy.port, b"GET / HTTP/1.1\r\nHo")), 408)
        self.assertEqual(exchange(understudy.port, b""), b"")
        understudy.terminate()

    def test_connections_that_the_primary_closes_while_idle_cost_no_request(self):
        primary, candidate = Origin(idle_timeout=30, requests_per_connection=7), Origin(idle_timeout=30, requests_per_connection=5)
        understudy = Understudy(primary.url, candidate.url)
        for _ in range(3):
            self.assert_answered(load(understudy.port, "GET /orders/%d", requests=400, rate=200, connections=20))
        ledger = self.settled(understudy)
        self.assertEqual(ledger["compared"], ledger["eligible"], ledger)
        understudy.terminate()

    def test_all_connections_to_the_primary_in_use_is_503(self):
        primary = Origin(mode="slow=1500")
        understudy = Understudy(primary.url, primary__connections=2, server__threads=1)
        result = load(understudy.port, "GET /orders/%d", requests=12, connections=12)
        self.assertEqual(result["ok"], 2, result)
        self.assertIn("503", result["statuses"])
        understudy.terminate()


if __name__ == "__main__":
    unittest.main()
