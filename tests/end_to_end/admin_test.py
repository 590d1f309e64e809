#!/usr/bin/env python3
"""The admin endpoints of the real binary: health, differences and their exemplars, the switch, errors, the token, redaction."""
import http.client
import json
import sqlite3
import unittest

from program import EndToEnd, Origin, Understudy, exchange, wait_until


def ask(port, method, path, body=None, **fields):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body=body, headers={name.replace("_", "-"): value for name, value in fields.items()})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, response.getheader("Content-Type", ""), content


class Admin(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.primary, cls.candidate = Origin(), Origin()
        cls.understudy = Understudy(cls.primary.url, cls.candidate.url, mirror__holdout=0.0)
        # The candidate of this endpoint answers another document.
        cls.candidate.mode("huge=200")
        exchange(cls.understudy.port, b"GET /orders/7?token=x HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer seeecret\r\nCookie: s=seeecret\r\nConnection: close\r\n\r\n")
        wait_until(cls.understudy.differences, 10, "a difference")
        cls.candidate.mode("healthy")

    @classmethod
    def tearDownClass(cls):
        cls.understudy.process.terminate()
        cls.understudy.process.wait()

    def test_health_follows_the_primary_and_nothing_else(self):
        self.assertEqual(self.understudy.status("/livez"), 200)
        self.candidate.mode("refuse")
        self.assertEqual(self.understudy.status("/readyz"), 200)
        self.candidate.mode("healthy")
        self.primary.mode("refuse")
        wait_until(lambda: self.understudy.status("/readyz") == 503, 15, "unready without a primary")
        self.assertEqual(self.understudy.status("/livez"), 200)
        self.primary.mode("healthy")
        wait_until(lambda: self.understudy.status("/readyz") == 200, 15, "ready again")

    def test_a_difference_leads_to_its_exemplar(self):
        difference = self.understudy.differences()[0]
        for key in ("id", "endpoint", "path", "class", "severity", "count", "noise", "compared", "evidence", "verdict", "exemplars"):
            self.assertIn(key, difference)
        exemplar = difference["exemplars"][0]
        status, kind, content = ask(self.understudy.admin, "GET", f"/api/v1/exchanges/{exemplar}")
        self.assertEqual((status, kind.split(";")[0]), (200, "application/json"))
        self.assertNotIn(b"seeecret", content)
        self.assertIn(b"/orders/7", content)
        har = json.loads(ask(self.understudy.admin, "GET", f"/api/v1/exchanges/{exemplar}.har")[2])
        self.assertTrue(har["log"]["entries"])
        self.assertIn(b"curl", ask(self.understudy.admin, "GET", f"/api/v1/exchanges/{exemplar}.curl")[2])

    def test_secrets_are_not_stored(self):
        with sqlite3.connect(f"file:{self.understudy.keys['store.path']}?mode=ro", uri=True) as store:
            dump = "\n".join(store.iterdump())
        self.assertNotIn("seeecret", dump)
        self.assertNotIn("seeecret".encode().hex(), dump.lower())

    def test_differences_are_filtered(self):
        all_of_them = self.understudy.differences()
        kind = all_of_them[0]["class"]
        filtered = self.understudy.api(f"/api/v1/differences?class={kind}")
        self.assertEqual({one["class"] for one in filtered}, {kind})
        self.assertEqual(self.understudy.api("/api/v1/differences?class=latency"), [])

    def test_errors_are_problem_details(self):
        for method, path, body, wanted in (("GET", "/api/v1/nothing", None, 404), ("GET", "/api/v1/exchanges/404404", None, 404), ("DELETE", "/api/v1/ledger", None, 405),
                                           ("PUT", "/api/v1/mirror", '{"percent":5000}', 400), ("PUT", "/api/v1/mirror", "no json", 400)):
            status, kind, content = ask(self.understudy.admin, method, path, body)
            with self.subTest(path=path):
                self.assertEqual(status, wanted, content)
                self.assertEqual(kind.split(";")[0], "application/problem+json")
                self.assertIn("title", json.loads(content))
        self.assertEqual(self.understudy.api("/api/v1/mirror"), {"enabled": True, "percent": 100.0})

    def test_the_users_port_knows_nothing_of_the_admin_endpoints(self):
        self.primary.reset()
        status, _, content = ask(self.understudy.port, "GET", "/api/v1/ledger")
        self.assertEqual(status, 200)
        self.assertIn(b'"path":"/api/v1/ledger"', content, "the primary's answer")


class ShadowTax(EndToEnd):
    def test_it_is_told_with_an_interval_once_enough_were_held_out(self):
        primary, candidate = Origin(), Origin()
        understudy = Understudy(primary.url, candidate.url, mirror__holdout=40.0)
        connection = http.client.HTTPConnection("127.0.0.1", understudy.port, timeout=10)
        sent = 0

        def tax_of_more():
            nonlocal sent
            for _ in range(500):
                connection.request("GET", f"/orders/{sent}")
                connection.getresponse().read()
                sent += 1
            tax = understudy.api("/api/v1/verdict")["shadow_tax"]
            return tax["quantiles"] and min(tax["mirrored"], tax["heldout"]) > 500

        wait_until(tax_of_more, 60, "enough of each side")
        connection.close()
        wait_until(lambda: sum(understudy.api("/api/v1/verdict")["shadow_tax"][side] for side in ("mirrored", "heldout")) == sent, 10, "each is counted")
        tax = understudy.api("/api/v1/verdict")["shadow_tax"]
        self.assertEqual(tax["random"]["heldout"] + tax["windows"]["heldout"], tax["heldout"])
        self.assertEqual(tax["heldout"], understudy.api("/api/v1/ledger")["heldout"])
        self.assertEqual([entry["quantile"] for entry in tax["quantiles"]], [0.5, 0.9, 0.99])
        for entry in tax["quantiles"]:
            self.assertLess(entry["low"], entry["seconds"])
            self.assertGreater(entry["high"], entry["seconds"])
            for name in ("low", "high"):
                self.assertIn(f'understudy_shadow_tax_{name}_seconds{{quantile="{entry["quantile"]}"}} ', understudy.metrics())
        report = ask(understudy.admin, "GET", "/api/v1/report")[2].decode()
        self.assertRegex(report, r"Shadow tax .*\n  p50 [+-]\d+ (µs|ms) \(between [+-]\d+ and [+-]\d+\)")
        understudy.terminate()


class Token(EndToEnd):
    def test_with_a_token_nothing_is_told_without_it(self):
        primary = Origin()
        understudy = Understudy(primary.url, admin__token="long-and-secret")
        for path in ("/api/v1/ledger", "/metrics", "/api/v1/mirror"):
            self.assertEqual(ask(understudy.admin, "GET", path)[0], 401)
            self.assertEqual(ask(understudy.admin, "GET", path, Authorization="Bearer wrong")[0], 401)
            self.assertEqual(ask(understudy.admin, "GET", path, Authorization="Bearer long-and-secret")[0], 200)
        self.assertEqual(ask(understudy.admin, "PUT", "/api/v1/mirror", '{"enabled":false}')[0], 401)
        understudy.terminate()


if __name__ == "__main__":
    unittest.main()
