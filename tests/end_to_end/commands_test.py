#!/usr/bin/env python3
"""The commands as a user types them: run without a file, check, report, gate, diff; what they print and what they end with."""
import json
import os
import pathlib
import signal
import subprocess
import unittest

from program import EndToEnd, Origin, Understudy, gate_after, load, wait_until
from support import Options, directory, free_port, start


def understudy(*words, stdin=None, timeout=20):
    return subprocess.run([Options.build / "understudy", *map(str, words)], capture_output=True, text=True, timeout=timeout, input=stdin, check=False)


class Offline(EndToEnd):
    def test_help_fits_a_screen_and_the_version_is_told(self):
        for words in ([], ["run"], ["check"], ["report"], ["gate"], ["reset"], ["diff"]):
            done = understudy(*words, "--help")
            self.assertEqual(done.returncode, 0)
            self.assertLessEqual(len(done.stdout.splitlines()), 40, words)
            self.assertIn("understudy", done.stdout)
        self.assertRegex(understudy("--version").stdout, r"^understudy \d+\.\d+\.\d+\n$")

    def test_diff_ends_with_0_1_or_2(self):
        place = directory()
        (place / "a").write_text('{"id":1,"name":"x","tags":["a","b"]}')
        (place / "b").write_text('{"name":"x","tags":["a","b"],"id":1}')
        (place / "c").write_text('{"id":"1","tags":["a","b"]}')
        self.assertEqual(understudy("diff", place / "a", place / "b").returncode, 0)
        changed = understudy("diff", place / "a", place / "c")
        self.assertEqual(changed.returncode, 1)
        self.assertIn("type_changed", changed.stdout)
        self.assertIn("/name", changed.stdout)
        self.assertIsInstance(json.loads(understudy("diff", place / "a", place / "c", "--format", "json").stdout), (dict, list))
        self.assertEqual(understudy("diff", place / "a", place / "missing").returncode, 2)

    def test_check_dump_gives_a_configuration_that_gives_the_same_again(self):
        place = directory()
        (place / "a.toml").write_text('[primary]\nurl = "http://127.0.0.1:9001"\n[candidate]\nurl = "http://127.0.0.1:9002"\n[mirror]\npercent = 12.5\n')
        first = understudy("check", "-c", place / "a.toml", "--dump")
        self.assertEqual(first.returncode, 0, first.stderr)
        (place / "b.toml").write_text(first.stdout)
        self.assertEqual(understudy("check", "-c", place / "b.toml", "--dump").stdout, first.stdout)
        self.assertIn("percent = 12.5", first.stdout)

    def test_what_cannot_be_reached_ends_with_4(self):
        nobody = f"http://127.0.0.1:{free_port()}"
        for words in (["report", "--admin", nobody], ["gate", "--admin", nobody, "--timeout", "1s"], ["report", "--store", "missing.db"]):
            done = understudy(*words)
            self.assertEqual(done.returncode, 4, (words, done.stderr))
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_a_port_in_use_ends_with_4_and_says_which(self):
        origin = Origin()
        done = understudy("run", "--listen", f"127.0.0.1:{origin.control}", "--primary", origin.url, "--admin", f"127.0.0.1:{free_port()}", "--store", "")
        self.assertEqual(done.returncode, 4)
        self.assertIn(str(origin.control), done.stderr)


class Running(EndToEnd):
    def test_run_without_a_file_serves_reports_and_gates(self):
        primary, candidate, secondary, place = Origin(), Origin(), Origin(), directory()
        port, admin = free_port(), free_port()
        program = start([Options.build / "understudy", "run", "--primary", primary.url, "--candidate", candidate.url, "--secondary", secondary.url, "--listen",
                         f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}", "--store", place / "run.db", "--threads", "1"], stderr=subprocess.PIPE, text=True)
        url = f"http://127.0.0.1:{admin}"
        wait_until(lambda: understudy("report", "--admin", url).returncode == 0, 10, "an admin plane")
        gate = gate_after(lambda: self.assert_answered(load(port, "GET /orders/%d", requests=2000, rate=1000)), admin)
        self.assertEqual(gate.returncode, 0, gate.stdout + gate.stderr)
        self.assertIn("pass", gate.stdout.lower())
        self.assertEqual(understudy("gate", "--admin", url, "--until", "1s", "--min-compared", 1000000).returncode, 3)

        candidate.mode("hang")
        self.assert_answered(load(port, "GET /orders/%d", requests=200, rate=200))
        candidate.mode("close")
        self.assert_answered(load(port, "GET /orders/%d", requests=500, rate=250))
        # Nowhere an answer: that is no verdict on a build.
        dead = understudy("gate", "--admin", url, "--patience", "2s", "--timeout", "30s", timeout=40)
        self.assertEqual(dead.returncode, 4, dead.stdout + dead.stderr)
        self.assertIn("does not answer", dead.stdout + dead.stderr)
        text = understudy("report", "--admin", url).stdout
        self.assertIn("transport", text)
        report = json.loads(understudy("report", "--admin", url, "--format", "json").stdout)
        self.assertEqual(report["verdict"], "regression")

        os.kill(program.pid, signal.SIGTERM)
        self.assertEqual(program.wait(40), 0)
        self.assertGreater(json.loads(program.stderr.read().splitlines()[-1])["compared"], 0)
        stored = understudy("report", "--store", place / "run.db")
        self.assertEqual(stored.returncode, 0, stored.stderr)
        self.assertIn("transport", stored.stdout)
        self.assertEqual(understudy("gate", "--store", place / "run.db").returncode, 1)

    def test_the_processes_have_their_names_and_end_with_the_supervisor(self):
        primary = Origin()
        program = Understudy(primary.url, primary.url)
        planes = {name: program.plane(name) for name in ("us-user", "us-shadow", "us-admin")}
        self.assertEqual(pathlib.Path(f"/proc/{program.process.pid}/comm").read_text(), "understudy\n")
        os.kill(program.process.pid, signal.SIGKILL)
        program.process.wait()
        for name, pid in planes.items():
            wait_until(lambda pid=pid: not pathlib.Path(f"/proc/{pid}").exists(), 10, f"{name} ends when its supervisor was killed")
        program.start()
        self.assert_answered(load(program.port, "GET /orders/%d", requests=100))
        program.terminate()

    def compared_after_a_restart(self, **settings):
        primary, candidate = Origin(), Origin()
        program = Understudy(primary.url, candidate.url, mirror__holdout=0.0, **settings)
        self.assert_answered(load(program.port, "GET /orders/%d", requests=300))
        self.settled(program)
        program.terminate()
        program.start()
        self.assert_answered(load(program.port, "GET /orders/%d", requests=200))
        self.settled(program)
        return program

    def test_a_stored_run_with_a_name_goes_on_after_a_restart(self):
        program = self.compared_after_a_restart(candidate__run="v1")
        wait_until(lambda: program.api("/api/v1/verdict")["compared"] == 500, 10, "300 + 200 compared")
        program.terminate()

    def test_after_a_restart_without_a_name_the_candidate_may_be_another_build(self):
        program = self.compared_after_a_restart()
        wait_until(lambda: program.api("/api/v1/verdict")["compared"] == 200, 10, "200 compared")
        program.terminate()


if __name__ == "__main__":
    unittest.main()
