#!/usr/bin/env python3
"""Evidence belongs to a build: what opens a run, and that no gate answers from another one's evidence; with the real binary."""
import json
import signal
import subprocess
import unittest

from program import EndToEnd, Understudy, exchange, wait_until
from raw_origin import RawOrigin
from support import Options

TARGETS = [b"/orders/%d" % number for number in range(1, 101)]  # different ones, for the same request again is the same evidence
PRICE, TEXT = b'{"id":7,"price":1999}', b'{"id":7,"price":"1999"}'


def answer(content, build=b""):
    field = b"X-Build: " + build + b"\r\n" if build else b""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + field + b"Content-Length: %d\r\n\r\n" % len(content) + content


def let_answer(origin, octets):
    origin.kept.update((target, octets) for target in TARGETS)


def command(*words, timeout=20):
    return subprocess.run([Options.build / "understudy", *map(str, words)], capture_output=True, text=True, timeout=timeout, check=False)


class Runs(EndToEnd):
    def begin(self, **keys):
        self.primary, self.candidate, self.secondary = RawOrigin(), RawOrigin(), RawOrigin()
        for origin in (self.primary, self.candidate, self.secondary):
            let_answer(origin, answer(PRICE))
        self.understudy = Understudy(self.primary.url, self.candidate.url, self.secondary.url, mirror__holdout=0.0, server__threads=1, **keys)
        self.addCleanup(self.end)

    def end(self):
        if self.understudy.process.poll() is None:
            self.understudy.process.terminate()
            self.understudy.process.wait(20)

    def restart(self):
        self.end()
        self.understudy.start()
        wait_until(self.current, 15, "a run is open, and the ledger goes on")

    def send(self, count, understudy=None):
        understudy = understudy or self.understudy
        before = understudy.ledger()["eligible"]
        for number in range(count):
            exchange(understudy.port, b"GET " + TARGETS[number] + b" HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
        wait_until(lambda: understudy.ledger()["eligible"] == before + count and understudy.ledger()["in_flight"] == 0, 15, "everything is decided")

    def verdict(self, run="", understudy=None):
        return (understudy or self.understudy).api("/api/v1/verdict" + (f"?run={run}" if run else ""))

    def current(self):
        """Nothing while the shadow plane is just starting."""
        return self.understudy.status("/api/v1/run") == 200 and self.understudy.api("/api/v1/run")["name"]

    def has(self, compared, run="", understudy=None):
        return wait_until(lambda: self.verdict(run, understudy)["compared"] == compared and self.verdict(run, understudy), 10,
                          lambda: f"{compared} compared: {self.verdict(run, understudy)}")

    def gate(self, *words):
        return command("gate", "--admin", f"http://127.0.0.1:{self.understudy.admin}", "--until", "1ms", *words)

    def report(self, *words):
        return command("report", "--admin", f"http://127.0.0.1:{self.understudy.admin}", "--format", "json", *words)

    def test_a_build_is_judged_by_its_own_evidence_alone(self):
        self.begin()
        self.send(30)
        self.assertEqual(self.has(30)["run"], "1")
        # v2 on the same address, Understudy restarted on its store, and asked at once.
        let_answer(self.candidate, answer(TEXT))
        self.restart()
        wait_until(lambda: self.current() == "2", 10, "a run of its own")
        self.assertEqual(self.verdict()["compared"], 0)
        gate = self.gate("--min-compared", "10")
        self.assertEqual(gate.returncode, 3, gate)
        self.assertIn("(run 2)", gate.stdout.splitlines()[0])
        self.send(30)
        self.assertEqual(self.has(30)["verdict"], "regression")
        self.assertEqual(self.gate().returncode, 1)
        # The shadow plane is killed: the run goes on.
        pid = int(subprocess.run(["pgrep", "-P", str(self.understudy.process.pid), "us-shadow"], capture_output=True, text=True, check=True).stdout)
        subprocess.run(["kill", "-9", str(pid)], check=True)
        wait_until(lambda: "the shadow plane was killed" in self.understudy.stderr(), 10, "its death is told")
        self.send(5)
        self.has(35)
        self.assertEqual(self.current(), "2")
        # Repaired, and judged anew.
        let_answer(self.candidate, answer(PRICE))
        reset = command("reset", "--admin", f"127.0.0.1:{self.understudy.admin}")
        self.assertEqual((reset.returncode, reset.stdout), (0, "run 3 is open\n"), reset)
        self.assertEqual(self.verdict()["compared"], 0)
        self.send(20)
        self.assertNotEqual(self.has(20)["verdict"], "regression")
        # Every run is still there, by name.
        self.assertEqual(json.loads(self.report("--run", "2").stdout)["verdict"], "regression")
        self.assertEqual(self.gate("--run", "2").returncode, 1)
        self.assertEqual([run["name"] for run in self.understudy.api("/api/v1/runs")], ["1", "2", "3"])
        for done in (self.gate("--run", "v9"), self.report("--run", "v9")):
            self.assertEqual(done.returncode, 2, done)
            self.assertIn("1, 2, 3 (current)", done.stderr)
        self.end()
        store = self.understudy.keys["store.path"]
        self.assertEqual(json.loads(command("report", "--store", store, "--run", "2", "--format", "json").stdout)["verdict"], "regression")
        self.assertEqual(json.loads(command("report", "--store", store, "--format", "json").stdout)["run"], "3")

    def test_another_address_is_another_run_and_a_name_goes_on(self):
        self.begin()
        self.send(10)
        self.has(10)
        other = RawOrigin()
        let_answer(other, answer(TEXT))
        self.understudy.configure(candidate__url=other.url)
        self.understudy.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.understudy.status("/readyz") == 200 and self.current() == "2", 15, "another run")
        self.send(10)
        self.has(10)
        self.understudy.api("/api/v1/run", "PUT", {"name": "v2"})
        self.assertEqual(self.current(), "v2")
        self.send(3)
        self.has(3)
        self.understudy.configure(candidate__run="v2")
        self.restart()
        self.has(3)
        self.send(2)
        self.has(5)

    def test_the_candidate_says_which_build_it_is(self):
        self.begin(candidate__version_header="X-Build")
        for build, content, needed in ((b"v1", PRICE, 3), (b"v2", TEXT, 3), (b"v1", PRICE, 30)):
            let_answer(self.candidate, answer(content, build))
            self.send(needed)
            wait_until(lambda build=build: self.current() == build.decode(), 10, "the run of the build")
            self.send(20)
        self.assertNotEqual(self.has(40)["verdict"], "regression")
        self.assertEqual(self.has(20, "v2")["verdict"], "regression")
        # Restarted, the candidate says again which it is.
        self.restart()
        self.send(3)
        wait_until(lambda: self.current() == "v1", 10, "the run of the build")
        self.has(40)

    def test_two_instances_on_one_store_keep_their_evidence_apart(self):
        self.begin()
        self.send(10)
        self.has(10)
        let_answer(self.candidate, answer(TEXT))
        second = Understudy(self.primary.url, self.candidate.url, store__path=self.understudy.keys["store.path"], mirror__holdout=0.0)
        self.addCleanup(lambda: (second.process.terminate(), second.process.wait(20)))
        self.assertIn("another understudy writes to", second.stderr())
        self.assertEqual(self.verdict("", second)["compared"], 0)
        self.send(4, second)
        self.has(4, "", second)
        self.has(10)
        second.process.terminate()
        second.process.wait(20)
        store = command("report", "--store", self.understudy.keys["store.path"], "--format", "json")
        self.assertEqual(json.loads(store.stdout)["ledger"]["compared"], 10)

    def test_a_store_that_is_deleted_is_written_anew(self):
        self.begin()
        self.send(10)
        self.has(10)
        path = self.understudy.directory
        for file in path.glob("understudy.db*"):
            file.unlink()
        wait_until(lambda: (path / "understudy.db").exists() and self.verdict()["compared"] == 10, 10, "it is there again")
        self.assertEqual(self.understudy.stderr().count("was deleted or replaced"), 1)
        self.send(5)
        self.has(15)
        self.end()
        self.assertEqual(json.loads(command("report", "--store", path / "understudy.db", "--format", "json").stdout)["ledger"]["compared"], 15)


if __name__ == "__main__":
    unittest.main()
