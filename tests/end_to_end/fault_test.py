#!/usr/bin/env python3
"""The cases of fault_cases.py and mirror_cases.py against the real binary."""
import pathlib
import unittest

import fault_cases
import mirror_cases
from http_kit import HASTY, MIRRORED, Kit, problems
from program import EndToEnd, Understudy, wait_until
from raw_origin import RawOrigin
from support import PLANES, anonymous_memory


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


class Faults(EndToEnd):
    def hold(self, cases, kit):
        for group, name, problem in problems(cases, kit):
            with self.subTest(group + ": " + name):
                self.assertEqual(problem, "")

    def test_faults_at_both_ends_trouble_nobody_else(self):
        origin = RawOrigin()
        self.addCleanup(origin.close)
        understudies = Understudy(origin.url), Understudy(origin.url, **HASTY)
        pids = [understudy.plane("us-user") for understudy in understudies]
        before = [(descriptors(pid), anonymous_memory(pid)) for pid in pids]
        self.hold(fault_cases.cases(), Kit(understudies[0].port, origin, understudies[1].port))
        origin.drop_connections()
        for understudy, pid, (descriptors_before, memory) in zip(understudies, pids, before):
            self.assertEqual(understudy.plane("us-user"), pid)
            wait_until(lambda pid=pid, most=descriptors_before: descriptors(pid) <= most, 20, lambda pid=pid: f"{descriptors(pid)} descriptors")
            self.assertLess(anonymous_memory(pid) - memory, 32)
            understudy.terminate()

    def test_a_candidate_troubles_nobody_whatever_it_does(self):
        origin, candidate = RawOrigin(), RawOrigin()
        understudy = Understudy(origin.url, candidate.url, **MIRRORED)
        kit = Kit(understudy.port, origin, candidate=candidate, understudy=understudy)
        planes = {name: understudy.plane(name) for name in PLANES}
        self.hold(mirror_cases.cases(), kit)
        self.assertEqual({name: understudy.plane(name) for name in PLANES}, planes)
        self.assertEqual(candidate.ambiguous, [])
        self.settled(understudy)
        understudy.terminate()
        candidate.close()
        origin.close()


if __name__ == "__main__":
    unittest.main()
