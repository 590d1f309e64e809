#!/usr/bin/env python3
"""Faults of the machine beneath Understudy: names that lead elsewhere, a wall clock that jumps, a disk that is read-only, full, broken or slow. Whichever it is,
users are answered as before, and the accounts add up."""
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

from http_kit import MIRRORED, SOON, Kit, expect, expect_soon, get, next_response, problem_of
from machine import Machine
from mirror_cases import COMPARED, Accounting, at_candidate, expect_healthy
from program import EndToEnd, Understudy, status_of
from raw_origin import Held, RawOrigin
from support import PLANES

LATER = 3 * SOON  # seconds: for what comes round only every ten


class MachineKit(Kit):
    """An Understudy on a machine of its own, with whatever else a group of cases keeps."""

    def __init__(self, machine, primary_url=None, candidate_url=None, **keys):
        self.machine = machine
        origin, candidate = RawOrigin(), RawOrigin()
        self.keys = {**MIRRORED, "server__threads": 1, **keys}
        understudy = Understudy(primary_url(origin) if primary_url else origin.url, candidate_url(candidate) if candidate_url else candidate.url,
                                **self.keys, **machine.under())
        super().__init__(understudy.port, origin, candidate=candidate, understudy=understudy)


# --- Names ------------------------------------------------------------------------------------------------------------------------------------------


class NamesKit(MachineKit):
    """Production and candidate have names, and two servers each: origin and candidate at the one address, the others at the other."""
    HERE, THERE = "127.0.0.1", "127.0.0.2"

    def __init__(self):
        machine = Machine()
        machine.names(primary=self.HERE, candidate=self.HERE)
        super().__init__(machine, lambda origin: f"http://primary.test:{origin.port}", lambda candidate: f"http://candidate.test:{candidate.port}",
                         candidate__response_timeout="60s", candidate__deadline="60s")
        self.other_origin, self.other_candidate = RawOrigin(self.THERE, self.origin.port), RawOrigin(self.THERE, self.candidate.port)

    def lead_to(self, address):
        self.machine.names(primary=address, candidate=address)

    def where(self):
        """One more request, answered and compared: whether request and copy came to the first servers."""
        target = self.target()
        with Accounting(self, COMPARED):
            self.expect_neighbour(get(b"GET " + target + b" HTTP/1.1"))
        came = [origin.everything().count(b" " + target + b" ") for origin in (self.origin, self.other_origin, self.candidate, self.other_candidate)]
        expect(came in ([1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1], [0, 1, 1, 0]), f"{came} times at the four servers")
        return came[0] == 1, came[2] == 1

    def expect_at(self, place, seconds=LATER):
        """Every request is answered and compared until all go there, and some more."""
        expect_soon(lambda: self.where() == (place == self.HERE,) * 2, lambda: f"everything at {place}: {self.where()}", seconds)
        for _ in range(5):
            expect(self.where() == (place == self.HERE,) * 2, "some goes elsewhere again")


def name_changes(kit):
    """What is under way ends where it began, idle connections are given up."""
    kit.lead_to(kit.HERE)
    kit.expect_at(kit.HERE)
    held, held_copy = Held(), Held()
    target = kit.on(held)
    kit.candidate.plays[target] = held_copy
    with kit.connect() as connection:
        connection.sendall(get(b"GET " + target + b" HTTP/1.1"))
        expect_soon(held.came.is_set, "the request at production")
        kit.lead_to(kit.THERE)

        def others_are_gone():
            kit.expect_neighbour()
            return len(kit.origin.open) == len(kit.candidate.open) == 1
        expect_soon(others_are_gone, "the end of the idle connections to the old addresses", LATER)
        held.let_go.set()
        expect(next_response(connection).endswith(b"\r\n\r\nok"), "no answer from the old address")
        held_copy.let_go.set()
    kit.expect_at(kit.THERE)
    expect_soon(lambda: not kit.origin.open and not kit.candidate.open, "the end of all connections to the old addresses")


def lookup_hangs_and_fails(kit):
    kit.lead_to(kit.THERE)
    kit.expect_at(kit.THERE)
    happened = kit.machine.heed()
    kit.machine.lookup_wait_ms = 600_000
    try:
        for plane in ("us-user", "us-shadow", "us-admin"):
            expect_soon(lambda plane=plane: happened(plane + " waits lookup"), f"a lookup of {plane} that hangs", LATER)
        kit.expect_at(kit.THERE, 0)
        expect(not happened("us-user lookup"), "no lookup hangs any more")
        kit.machine.names()
    finally:
        kit.machine.lookup_wait_ms = 0
    for plane, name in (("us-user", "primary"), ("us-shadow", "candidate"), ("us-admin", "primary")):
        expect_soon(lambda event=f"{plane} lookup {name}.test none": happened(event), f"a lookup of {plane} that fails", LATER)
    kit.expect_at(kit.THERE, 0)
    expect(kit.understudy.status("/readyz") == 200, "not ready for want of names, though the last good answer holds")
    kit.lead_to(kit.HERE)
    kit.expect_at(kit.HERE)


def stop_while_lookup_hangs(kit):
    kit.machine.lookup_wait_ms = 600_000
    happened = kit.machine.heed()
    expect_soon(lambda: happened("us-user waits lookup"), "a lookup that hangs", LATER)
    ledger = kit.understudy.terminate(SOON)
    expect(ledger["eligible"] == ledger["compared"], f"not everything was compared: {ledger}")


NAMES = {
    "another address: requests and copies go there, none fails, old connections drain": name_changes,
    "a lookup that hangs, then fails: the last good answer holds": lookup_hangs_and_fails,
    "a lookup that hangs holds up no end": stop_while_lookup_hangs,
}


GROUPS = {"upstream DNS change": (NamesKit, NAMES)}


class Machines(EndToEnd):
    def test_faults_of_the_machine_reach_no_user(self):
        with ThreadPoolExecutor(len(GROUPS)) as pool:  # a group waits mostly
            for group, found in zip(GROUPS, pool.map(self.problems, GROUPS)):
                for name, problem in found:
                    with self.subTest(group + ": " + name):
                        self.assertEqual(problem, "")

    def problems(self, group):
        """(name, problem) of each case of a group, one after the other."""
        begin, cases = GROUPS[group]
        kit, found = begin(), []
        for name, check in cases.items():
            found.append((name, problem_of(check, kit)))
            print(f"  {'FAILED' if found[-1][1] else 'ok    '}  {group}: {name}", flush=True)
        return found


if __name__ == "__main__":
    unittest.main()
