#!/usr/bin/env python3
"""The cases of verdict_cases.py with the real binary, several instances side by side: every verdict that is seen on the way, the differences in the end, and
what gate says. With words, only the cases whose letter or title contains one of them; with --all, the long table."""
import collections
import itertools
import subprocess
import sys
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import verdict_cases
from program import Options, Understudy, gate_after, wait_until
from service import Service, ask_all
from support import Failure

SIDE_BY_SIDE = 4
SHORT = {"F4": 8, "F3": 1, "F5": 1, "R1": 2, "R2": 3, "R3": 2, "H": 3, "P": 1, "F6": 3, "R6": 1}  # cases of a letter without --all; 2 of the others
USERS = 2
numbers = itertools.count(1000)


def targets(case):
    """As many as the case wants, in the shares of its routes, evenly mixed."""
    total = sum(case.routes.values())
    sums = dict.fromkeys(case.routes, 0.0)
    for _ in range(case.exchanges):
        for route, share in case.routes.items():
            sums[route] += share / total
        route = max(sums, key=sums.get)
        sums[route] -= 1
        yield route.replace("{n}", str(next(numbers)))


class Watched:
    """What is seen of one case."""

    def __init__(self, case):
        self.case, self.looks, self.problems, self.differences, self.gate = case, [], [], [], None

    def run(self):
        roles = ("production", "candidate", "secondary") if self.case.secondary is True else ("production", "candidate")
        services = [Service(self.case.make(role)) for role in roles]
        understudy = None
        try:
            urls = [service.url for service in services] + ([services[0].url] if self.case.secondary == verdict_cases.SELF else [])
            understudy = Understudy(*urls, **{"mirror__holdout": 0.0, "server__threads": 1, "store__path": "", **time_keys(), **self.case.keys})
            self.drive(understudy)
            self.judge(understudy)
        except (AssertionError, OSError, Failure) as problem:
            self.problems.append(repr(problem))
        finally:
            if understudy and understudy.process and understudy.process.poll() is None:
                understudy.process.terminate()
                understudy.process.wait(20)
            for service in services:
                service.close()
        return self

    def look(self, understudy):
        verdict = understudy.api("/api/v1/verdict")
        self.looks.append((verdict["verdict"], verdict["compared"]))
        return verdict

    def drive(self, understudy):
        wanted = list(targets(self.case))
        users = [threading.Thread(target=ask_all, args=(understudy.port, wanted[user::USERS], self.case.pause), daemon=True) for user in range(USERS)]
        for user in users:
            user.start()
        while any(user.is_alive() for user in users):
            self.look(understudy)
            users[0].join(0.3)
            users[1].join(0.01)
        wait_until(lambda: understudy.ledger()["eligible"] >= len(wanted) and understudy.ledger()["in_flight"] == 0, 20, lambda: f"all is decided: {understudy.ledger()}")
        compared = understudy.ledger()["compared"]
        wait_until(lambda: self.look(understudy)["compared"] >= compared, 10, lambda: f"{compared} are judged: {self.looks[-1]}")
        before = len(self.looks)
        wait_until(lambda: self.look(understudy) and len(self.looks) > before + 40, 10, "a later snapshot")  # failures move no count of the compared

    def judge(self, understudy):
        case = self.case
        self.gate = subprocess.run([Options.build / "understudy", "gate", "--admin", f"127.0.0.1:{understudy.admin}", "--until", "1ms"], capture_output=True, text=True, timeout=20, check=False)
        self.differences = understudy.api("/api/v1/differences")
        self.ledger = understudy.ledger()
        said = {verdict for verdict, _ in self.looks}
        for verdict in case.never:
            if verdict in said:
                self.problems.append(f"{verdict} at {next(compared for one, compared in self.looks if one == verdict)}")
        if case.gate and self.gate.returncode not in case.gate:
            self.problems.append(f"gate {self.gate.returncode}, right is {case.gate}")
        for words in case.says:
            if words not in self.gate.stdout + self.gate.stderr:
                self.problems.append(f"gate does not say {words}")
        regressions = [row for row in self.differences if row["verdict"] == "regression"]
        for path, classes in case.named:
            if not any(path in row["path"] and (not classes or row["class"] in classes) for row in regressions):
                self.problems.append(f"no regression named at {path or 'any path'} {'/'.join(classes)}")
        for path in case.quiet:
            loud = [row["class"] for row in self.differences if row["path"] == path and row["verdict"] == "regression"]
            if loud:
                self.problems.append(f"{path} {loud} is no regression")
        if case.only:
            paths = [path for path, _ in case.named]
            loud = {(row["path"], row["class"]) for row in regressions if not any(path in row["path"] for path in paths)}
            if loud:
                self.problems.append(f"regressions that are none: {sorted(loud)}")
            if len(case.named) == 1 and len(regressions) > 1 and not loud:
                self.problems.append(f"one cause in {len(regressions)} rows: {[(row['path'], row['class']) for row in regressions]}")

    def told(self):
        rows = [f"{row['verdict']} {row['endpoint']} {row['path']} {row['class']} {row['count']}/{row['noise']}/{row['compared']}" for row in self.differences]
        return "; ".join(self.problems) + "\n    " + "\n    ".join((self.gate.stdout + self.gate.stderr).splitlines()[:8] if self.gate else []) + "\n    rows: " + "\n          ".join(rows[:8])


def chosen(words):
    """Those that the words name; without a word the first of each letter, with --all every one."""
    if words and words != ["--all"]:
        return [case for case in verdict_cases.CASES if any(word in case.letter + " " + case.title for word in words)]
    found, count = [], collections.Counter()
    for case in verdict_cases.CASES:
        count[case.letter] += 1
        if words or count[case.letter] <= SHORT.get(case.letter, 2):
            found.append(case)
    return found


class Verdicts(unittest.TestCase):
    def test_a_pass_means_tested_and_a_regression_means_changed(self):
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for watched in pool.map(lambda case: Watched(case).run(), chosen(WORDS)):
                case = watched.case
                name = f"{case.letter}: {case.title}"
                with self.subTest(name):
                    if case.sometimes_wrong:
                        print(*(f"now and then: {name}: {problem}" for problem in watched.problems), sep="\n", end="", flush=True)
                    elif case.known_wrong:
                        self.assertTrue(watched.problems, f"is right now, and still marked as known to be wrong: {case.known_wrong}")
                        print(f"known: {name}: {case.known_wrong}", flush=True)
                    else:
                        self.assertEqual(watched.problems, [], watched.told())


    def test_a_build_that_was_away_and_is_another_one_now_is_judged_anew(self):
        for first, then, gate in ((right, wrong, verdict_cases.REGRESSION), (wrong, right, verdict_cases.PASS)):
            with self.subTest(f"{first.__name__}, then {then.__name__}"):
                primary, candidate, secondary = Service(right), Service(first), Service(right)
                understudy = Understudy(primary.url, candidate.url, secondary.url, mirror__holdout=0.0, server__threads=1, store__path="", **time_keys())
                self.assertEqual(gate_after(lambda: send(understudy, 900), understudy.admin).returncode, 1 - gate)
                candidate.go_down()
                ask_all(understudy.port, [f"/orders/{next(numbers)}" for _ in range(80)], 0.05)
                candidate.answer = then
                candidate.come_up()
                ask_all(understudy.port, [f"/orders/{next(numbers)}" for _ in range(100)], 0.02)
                wait_until(lambda: understudy.api("/api/v1/run")["name"] == "2", 15, "a run of its own")
                self.assertEqual(gate_after(lambda: send(understudy, 1200), understudy.admin).returncode, gate)
                understudy.terminate()
                for service in (primary, candidate, secondary):
                    service.close()


def is_sanitized():
    return b"__asan_init" in (Options.build / "understudy").read_bytes()


def time_keys():
    """Sanitizers slow everybody down, by the machine's load: how long that takes is no evidence."""
    return {"diff__slower": 0.0} if is_sanitized() else {}


def right(target):
    return verdict_cases.of_json(verdict_cases.order(target))


def wrong(target):
    return verdict_cases.of_json(verdict_cases.order(target, price=str(verdict_cases.order(target)["price"])))


def send(understudy, count):
    ask_all(understudy.port, [f"/orders/{next(numbers)}" for _ in range(count)], 0.002)
    wait_until(lambda: understudy.ledger()["in_flight"] == 0, 15, "everything is decided")


WORDS = sys.argv[1:]
if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
