#!/usr/bin/env python3
"""Faults of the machine beneath Understudy: names that lead elsewhere, a wall clock that jumps, a disk that is read-only, full, broken or slow. Whichever
it is, users are answered as before, and the accounts add up."""
import contextlib
import datetime
import errno
import json
import os
import re
import sqlite3
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from fault_cases import kept, of
from http_kit import HASTY, MIRRORED, SOON, Kit, expect, expect_soon, next_response, problem_of, read_all
from machine import Machine
from mirror_cases import COMPARED, Accounting, failed
from program import EndToEnd, Understudy, status_of
from raw_origin import OK, Held, RawOrigin, saying

LATER = 3 * SOON  # seconds: for what comes round only every ten
PATIENT = {"server__threads": 1, "candidate__response_timeout": "60s", "candidate__body_timeout": "60s", "candidate__deadline": "60s"}
DAY = 86_400


class MachineKit(Kit):
    """An Understudy on a machine of its own, with whatever else a group of cases keeps."""

    def __init__(self, machine, primary="127.0.0.1", candidate="127.0.0.1", **keys):
        self.machine, self.log, self.store = machine, machine.disk / "access.log", machine.disk / "store.db"
        servers = RawOrigin(), RawOrigin()
        urls = [f"http://{host}:{server.port}" for host, server in zip((primary, candidate), servers)]
        files = {"log__access": str(self.log), "store__path": str(self.store)}
        understudy = Understudy(*urls, **{**MIRRORED, **PATIENT, **files, **keys}, **machine.under())
        super().__init__(understudy.port, servers[0], candidate=servers[1], understudy=understudy)
        self.understudies = [understudy]

    def lines(self):
        """Those of the access log that are ended."""
        return self.log.read_text().split("\n")[:-1] if self.log.exists() else []

    def from_store(self, query):
        """The rows; none as long as there is no store."""
        with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as store:
            return store.execute(query).fetchall()
        return []

    def expect_all_compared(self):
        expect_soon(lambda: self.understudy.ledger()["in_flight"] == 0, "the end of what is in flight")
        ledger = self.understudy.ledger()
        expect(0 < ledger["compared"] == ledger["eligible"], f"not everything was compared: {ledger}")


# --- Names ------------------------------------------------------------------------------------------------------------------------------------------


class NamesKit(MachineKit):
    """Production and candidate have names, and two servers each: origin and candidate at the one address, the others at the other."""
    HERE, THERE = "127.0.0.1", "127.0.0.2"

    def __init__(self):
        machine = Machine()
        machine.names(primary=self.HERE, candidate=self.HERE)
        super().__init__(machine, "primary.test", "candidate.test")
        self.other_origin, self.other_candidate = RawOrigin(self.THERE, self.origin.port), RawOrigin(self.THERE, self.candidate.port)

    def lead_to(self, address):
        self.machine.names(primary=address, candidate=address)

    def where(self):
        """One more request, answered and compared: whether request and copy came to the first servers."""
        target = self.target()
        with Accounting(self, COMPARED):
            self.expect_neighbour(of(target))
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
        connection.sendall(of(target))
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


# --- The wall clock ---------------------------------------------------------------------------------------------------------------------------------


class ClockKit(MachineKit):
    """Beside the patient Understudy a hasty one, as a Kit of its own."""

    def __init__(self):
        machine = Machine()
        super().__init__(machine, log__format="json")
        hasty = Understudy(self.origin.url, self.candidate.url, **{**MIRRORED, **HASTY}, **machine.under())
        self.hasty = Kit(hasty.port, self.origin, candidate=self.candidate, understudy=hasty)
        self.understudies.append(hasty)

    def logged(self):
        return [json.loads(line) for line in self.lines()]

    def recorded(self):
        """The times of the last records of the user plane and of the shadow plane, seconds since 1970."""
        times = [datetime.datetime.fromisoformat(line["time"]).timestamp() for line in self.logged()[-1:]]
        return times + [int(written_us) / 1e6 for written_us, in self.from_store("SELECT value FROM meta WHERE key = 'written_us'")]

    def expect_recorded(self, ahead_s):
        """New records bear the time of the clock that jumped: so it did, for both planes."""
        def are_new():
            self.expect_neighbour()
            return [abs(recorded - time.time() - ahead_s) < DAY / 24 for recorded in self.recorded()] == [True, True]
        expect_soon(are_new, lambda: f"records of this time: {self.recorded()}")


    def jump(self, ahead_s):
        """… and what has a timeout of two seconds has had it since."""
        self.machine.clock_ahead_s = ahead_s
        answer, _ = self.hasty.ask(of(self.hasty.on(Held())))
        expect(status_of(answer) == 504, f"silence is answered {answer[:60]!r}")
        self.expect_recorded(ahead_s)


def goes_on(kit):
    visits, held, held_copy = [], Held(), Held()
    target, copied = kit.on(held), kit.target()
    seen = kit.on(lambda visit: visits.append(visit) or saying(OK, "keep")(visit))
    kit.candidate.plays[copied] = held_copy
    with kit.connect() as idle, kit.connect() as waiting:
        waiting.sendall(of(target))
        kit.expect_neighbour(of(copied))
        expect_soon(lambda: held.came.is_set() and held_copy.came.is_set(), "request and copy under way")
        idle.sendall(kept(seen))
        next_response(idle)
        kit.jump(DAY)
        kit.jump(-DAY)
        idle.sendall(kept(seen))
        expect(next_response(idle).endswith(b"\r\n\r\nok"), "no answer on the connection that was idle")
        expect(visits[0] is visits[1], "the connection to production was not kept")
        held.let_go.set()
        expect(next_response(waiting).endswith(b"\r\n\r\nok"), "no answer to the request under way")
        held_copy.let_go.set()
    kit.expect_all_compared()


def times_out(ahead_s):
    """A silent production, a silent candidate and a silent user, before whom the clock jumps."""
    def check(kit):
        held, held_copy, hasty = Held(), Held(), kit.hasty
        silent, silent_copy = hasty.on(held), hasty.target()
        kit.candidate.plays[silent_copy] = held_copy
        with Accounting(hasty, failed("timeout"), ("failed", "primary", "timeout")), hasty.connect() as waiting, hasty.connect() as idle:
            idle.sendall(kept(silent_copy))
            next_response(idle)
            waiting.sendall(of(silent))
            expect_soon(lambda: held.came.is_set() and held_copy.came.is_set(), "request and copy under way")
            kit.machine.clock_ahead_s = ahead_s
            answer, _ = read_all(waiting)
            expect(status_of(answer) == 504, f"answered {answer[:60]!r}")
            expect(read_all(idle) == (b"", "end"), "the idle connection stays")
        kit.expect_recorded(ahead_s)
        kit.expect_all_compared()
    return check


def latencies(kit):
    for name in ("understudy_request_duration_seconds_sum", "understudy_upstream_duration_seconds_sum"):
        spent = kit.understudy.metric(name)
        expect(0 < spent < DAY / 24, f"{name} {spent}")
    expect(all(0 <= line["duration"] < DAY / 24 for line in kit.logged()), "a duration in the access log that is none")


CLOCK = {
    "a day ahead, two days back: what is under way or idle goes on": goes_on,
    "a day ahead: timeouts fire in their time": times_out(DAY),
    "two days back: timeouts fire in their time": times_out(-DAY),
    "latencies are none of its": latencies,
}


# --- The disk ---------------------------------------------------------------------------------------------------------------------------------------


class DiskKit(MachineKit):
    """Knows what it asked for: each line of the access log is there, or counted."""

    def __init__(self, begin_with=0):
        machine = Machine()
        machine.disk_error = begin_with
        self.asked = []
        super().__init__(machine)

    def answered(self, target=None, size=0):
        """One more request, of about this size."""
        target = (target or self.target()) + b"?" + b"x" * size
        self.asked.append(target.decode())
        self.expect_neighbour(of(target))

    def lost(self):
        return self.understudy.metric("understudy_log_dropped_total")

    def fill(self):
        """Requests until the log has room for no more. While the store waits for the disk, each look at the metrics may take a second."""
        before = self.lost()

        def is_full():
            for _ in range(10):
                self.answered(size=30_000)
            return self.lost() > before
        expect_soon(is_full, "lines without room")

    def expect_accounted(self):
        expect_soon(lambda: len(self.lines()) + self.lost() == len(self.asked),
                    lambda: f"{len(self.lines())} lines and {self.lost()} dropped of {len(self.asked)}")

    def stored(self):
        """The ledger as the store has it."""
        return dict(self.from_store("SELECT account, sum(count) FROM ledger GROUP BY account"))

    def expect_recorded(self):
        """What was not dropped and counted is written, whole and once, and the ledger is in the store."""
        self.expect_accounted()
        self.answered()  # now there is room in the ring
        self.expect_accounted()
        self.expect_all_compared()
        lines = [re.fullmatch(r'127\.0\.0\.1 - - \[[^]]+\] "GET (\S+) HTTP/1\.1" 200 2 "-" "-"', line) for line in self.lines()]
        expect(all(lines), "a line of the access log is torn")
        targets = [line.group(1) for line in lines]
        expect(len(set(targets)) == len(targets) and set(targets) <= set(self.asked), "a line of the access log is there twice")
        expect(self.asked[-1] in targets, "the access log does not go on")
        expect_soon(lambda: self.stored().get("eligible") == self.understudy.ledger()["eligible"], lambda: f"the ledger in the store: {self.stored()}")


def takes_nothing(error, room=0):
    """Nothing of the disk can be changed; write(2) still takes so many octets."""
    def check(kit):
        happened, why = kit.machine.heed(), os.strerror(error)
        errors = kit.understudy.metric("understudy_store_errors_total")
        kit.expect_recorded()
        kit.machine.disk_room, kit.machine.disk_error = room, error
        try:
            kit.fill()
            expect_soon(lambda: kit.understudy.metric("understudy_store_errors_total") > errors, "a snapshot that fails")
            for call in ("us-user write", "us-shadow pwrite64"):
                expect(happened(f"{call} {why}"), f"no {call} has failed")
            expect(happened("us-user write in part") == bool(room), "not written in part")
            kit.answered()
            expect(kit.understudy.status("/readyz") == 200, "not ready")
        finally:
            kit.machine.disk_error = 0
        kit.expect_recorded()
    return check


def begins_read_only(_):
    """The program, and later on two of its planes."""
    kit = DiskKit(errno.EROFS)
    kit.answered()
    expect(not kit.log.exists() and not kit.store.exists(), "the disk is not read-only")
    kit.machine.disk_error = 0
    kit.expect_recorded()
    kit.machine.disk_error = errno.EROFS
    for plane in ("us-user", "us-shadow"):
        kit.understudy.kill_plane(plane)
    kit.answered()
    kit.machine.disk_error = 0
    kit.expect_recorded()
    kit.understudy.terminate()


def slow(kit):
    """Each write waits for minutes at first, then for two seconds."""
    kit.expect_recorded()
    happened, ledger = kit.machine.heed(), kit.understudy.ledger()
    kit.machine.disk_wait_ms = 600_000
    try:
        kit.answered()
        for call in ("us-user waits write", "us-shadow waits pwrite64"):
            expect_soon(lambda call=call: happened(call), call)
        kit.fill()
        kit.expect_all_compared()
        kit.answered()
        expect(kit.understudy.status("/readyz") == 200, "not ready")
        expect(not happened("us-user write") and not happened("us-shadow pwrite64"), "no write waits any more")
        kit.machine.disk_wait_ms = 2_000
        for call in ("us-user write", "us-shadow pwrite64"):
            expect_soon(lambda call=call: happened(call), call)
        kit.answered()
        kit.expect_all_compared()
    finally:
        kit.machine.disk_wait_ms = 0
    expect(kit.understudy.ledger()["compared"] > ledger["compared"], "nothing was compared")
    kit.expect_recorded()


def slow_to_the_end(kit):
    kit.expect_recorded()
    happened = kit.machine.heed()
    kit.machine.disk_wait_ms = 600_000
    try:
        kit.answered()
        for call in ("us-user waits write", "us-shadow waits pwrite64"):
            expect_soon(lambda call=call: happened(call), call)
        ledger = kit.understudy.terminate(SOON)
        expect(0 < ledger["compared"] == ledger["eligible"], f"not everything was compared: {ledger}")
    finally:
        kit.machine.disk_wait_ms = 0


DISK = {
    "read-only as it begins: users are answered, and it goes on": begins_read_only,
    "read-only: nobody waits, what is dropped is counted, and it goes on": takes_nothing(errno.EROFS),
    "full: nobody waits, what is dropped is counted, and it goes on": takes_nothing(errno.ENOSPC),
    "full within a line: it is ended once there is room": takes_nothing(errno.ENOSPC, 100),
    "broken: nobody waits, what is dropped is counted, and it goes on": takes_nothing(errno.EIO),
}
SLOW_DISK = {
    "nobody waits, what is dropped is counted, and it goes on": slow,
    "it ends in time all the same, and the ledger adds up": slow_to_the_end,
}


GROUPS = {"upstream DNS change": (NamesKit, NAMES), "clock jump": (ClockKit, CLOCK), "disk full / read-only": (DiskKit, DISK),
          "slow disk": (DiskKit, SLOW_DISK)}


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
        for understudy in kit.understudies:
            if understudy.process.poll() is None:
                self.assert_balanced(understudy.terminate())
        return found


if __name__ == "__main__":
    unittest.main()
