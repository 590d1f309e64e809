#!/usr/bin/env python3
"""The cases of tls_cases.py, and those of mirror_cases.py and fault_cases.py once more with TLS towards candidate and production, against the real binary."""
import os
import ssl
import unittest

import fault_cases
import http_cases
import mirror_cases
import tls_cases
from http_kit import HASTY, MIRRORED, Kit, problems
from program import EndToEnd, Understudy
from support import PLANES, directory
from tls_origin import TlsOrigin, certificate, server_context


class Tls(EndToEnd):
    def setUp(self):
        place = directory()
        self.certificate = certificate(place, "server", "IP:127.0.0.1")
        self.others = {"a certificate that nobody trusts": server_context(certificate(place, "stranger", "IP:127.0.0.1")),
                       "a certificate for another name": server_context(certificate(place, "other", "DNS:shop")),
                       "TLS 1.2": server_context(self.certificate, ssl.TLSVersion.TLSv1_2)}
        self.trusted = place / "trusted.pem"
        self.trusted.write_bytes(self.certificate.read_bytes() + (place / "other.pem").read_bytes())

    def origin(self):
        origin = TlsOrigin(server_context(self.certificate))
        self.addCleanup(origin.close)
        return origin

    def understudy(self, origin, candidate=None, **keys):
        if candidate:
            keys["candidate__tls"] = {"ca": str(self.trusted)}
        return Understudy(origin.url, candidate and candidate.url, primary__tls={"ca": str(self.trusted)}, **keys)

    def hold(self, cases, kit):
        for group, name, problem in problems(cases, kit):
            with self.subTest(group + ": " + name):
                self.assertEqual(problem, "")

    def test_whatever_becomes_of_TLS_the_ledger_names_it_and_the_candidates_troubles_nobody(self):
        origin, candidate = self.origin(), self.origin()
        understudy = self.understudy(origin, candidate, **MIRRORED)
        kit = Kit(understudy.port, origin, candidate=candidate, understudy=understudy)
        kit.others = self.others
        planes = {name: understudy.plane(name) for name in PLANES}
        self.hold(tls_cases.cases(), kit)
        self.hold(mirror_cases.cases(), kit)
        self.assertEqual({name: understudy.plane(name) for name in PLANES}, planes)
        for role in ("us-shadow: candidate", "understudy: primary"):
            self.assertIn(role + ": no TLS with 127.0.0.1: ", understudy.stderr())
        self.settled(understudy)
        understudy.terminate()

    def test_messages_and_faults_at_both_ends_of_production_with_TLS(self):
        origin = self.origin()
        patient, hasty = self.understudy(origin, server__timeouts__header="2s", server__timeouts__body="2s"), self.understudy(origin, **HASTY)
        self.hold([*http_cases.cases(), *fault_cases.cases()], Kit(patient.port, origin, hasty.port))
        origin.drop_connections()
        patient.terminate()
        hasty.terminate()

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_a_key_that_is_roots_alone_serves_the_planes_user(self):
        self.certificate.chmod(0o600)
        origin = self.origin()
        origin.context.verify_mode = ssl.CERT_REQUIRED
        origin.context.load_verify_locations(self.certificate)
        files = {"ca": str(self.trusted), "certificate": str(self.certificate), "key": str(self.certificate)}
        understudy = Understudy(origin.url, primary__tls=files, server__user="nobody", store__path="")
        Kit(understudy.port, origin).expect_neighbour()
        understudy.kill_plane("us-user")
        Kit(understudy.port, origin).expect_neighbour()
        understudy.terminate()


if __name__ == "__main__":
    unittest.main()
