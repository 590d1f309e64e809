#!/usr/bin/env python3
"""The supervisor of the real binary: what runs under which name and may touch what, restart, reload, drain, the ledger at the end."""
import contextlib
import json
import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

from program import EndToEnd, Origin, Understudy, exchange, load, status_of, wait_until
from support import Load, Options, directory, free_port, start

PLANES = ("us-user", "us-shadow", "us-admin")
GET = b"GET /orders/1 HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"


def run_until_it_ends(*arguments):
    return subprocess.run([Options.build / "understudy", "run", *arguments], capture_output=True, text=True, timeout=30, check=False)


def is_running(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def descriptors(pid):
    """What each open descriptor of a process leads to, and whether it can be written."""
    found = {}
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            flags = int(re.search(r"flags:\s*(\d+)", pathlib.Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text()).group(1), 8)
            found[int(entry.name)] = (os.readlink(entry), flags & os.O_ACCMODE != os.O_RDONLY)
    return found


class Supervisor(EndToEnd):
    def setUp(self):
        self.primary, self.candidate = Origin(), Origin()

    def begin(self, **keys):
        understudy = Understudy(self.primary.url, self.candidate.url, **keys)
        self.addCleanup(self.end, understudy)
        return understudy

    def end(self, understudy):
        if understudy.process.poll() is None:
            understudy.process.kill()
        understudy.process.wait()

    def reload(self, understudy):
        """SIGHUP, and waits until the new configuration is in force."""
        done = "understudy: reload: the new configuration is in force"
        before = understudy.stderr().count(done)
        understudy.process.send_signal(signal.SIGHUP)
        wait_until(lambda: understudy.stderr().count(done) > before, 20, "the reload is done")

    def ledger_at_the_end(self, understudy, status=0):
        self.assertEqual(understudy.process.wait(40), status, understudy.stderr()[-2000:])
        ledger = json.loads(understudy.stderr().splitlines()[-1])
        self.assert_balanced(ledger)
        self.assertEqual(ledger["in_flight"], 0)
        return ledger

    # --- processes -----------------------------------------------------------------------------------------------------------------------------

    def test_the_planes_have_their_names_and_stay_in_the_supervisors_session(self):
        understudy = self.begin()
        for name in PLANES:
            pid = understudy.plane(name)
            self.assertEqual(os.getsid(pid), os.getsid(understudy.process.pid))
            self.assertEqual(os.getpgid(pid), os.getpgid(understudy.process.pid))
        self.assertEqual(pathlib.Path(f"/proc/{understudy.process.pid}/comm").read_text().strip(), "understudy")

    def test_each_plane_holds_what_it_needs_and_can_write_only_what_it_owns(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        understudy = Understudy(self.primary.url, self.candidate.url, begin=False)
        with open(understudy.directory / "stderr", "wb") as stderr:
            understudy.stderr_path = understudy.directory / "stderr"
            understudy.process = start([Options.build / "understudy", "run", "-c", understudy.directory / "understudy.toml"],
                                       stderr=stderr, pass_fds=(writing,))
        self.addCleanup(self.end, understudy)
        wait_until(understudy.is_ready, 20, "ready")
        strange = os.readlink(f"/proc/self/fd/{writing}")
        may_write = {"us-user": {"tap"}, "us-shadow": {"shadow"}, "us-admin": {"switch"}}
        for name in PLANES:
            held = descriptors(understudy.plane(name))
            self.assertNotIn(strange, [target for target, _ in held.values()], f"{name} inherited a descriptor of the test's")
            memories = [(re.match(r"/memfd:understudy-(\w+)", target), can_write) for target, can_write in held.values()]
            written = {found.group(1) for found, can_write in memories if found and can_write}
            self.assertEqual(written, may_write[name], f"{name}: {held}")
        self.assertFalse([target for target, _ in descriptors(understudy.plane("us-user")).values() if ".db" in target])

    def test_what_is_killed_comes_back_and_is_counted(self):
        understudy = self.begin(server__threads=1)
        for name in PLANES:
            understudy.kill_plane(name)
        wait_until(lambda: understudy.status("/readyz") == 200, 20, "ready again")
        self.assertEqual(status_of(exchange(understudy.port, GET)), 200)
        self.assertEqual(understudy.metric("understudy_plane_restarts_total"), 3)
        for name in ("user", "shadow", "admin"):
            self.assertIn(f"understudy: the {name} plane was killed by signal 9; it is started again at once", understudy.stderr())
        # A second death soon after the first waits a little.
        understudy.kill_plane("us-shadow")
        self.assertIn("the shadow plane was killed by signal 9; it is started again in 100 ms", understudy.stderr())
        self.assertEqual(understudy.metric("understudy_plane_restarts_total"), 4)
        understudy.process.terminate()
        self.ledger_at_the_end(understudy)

    def test_all_planes_end_when_the_supervisor_is_killed(self):
        understudy = self.begin()
        planes = [understudy.plane(name) for name in PLANES]
        understudy.process.kill()
        understudy.process.wait()
        wait_until(lambda: not [pid for pid in planes if is_running(pid)], 2, "the planes are gone")

    def test_a_shadow_plane_without_memory_troubles_no_user(self):
        self.candidate.mode("slow=2000")
        understudy = self.begin(mirror__memory_limit="32MiB")
        self.assert_answered(load(understudy.port, "GET /bytes/900000", connections=32, requests=1000))
        self.assertEqual(understudy.status("/readyz"), 200)
        understudy.process.terminate()
        ledger = self.ledger_at_the_end(understudy)
        self.assertEqual(ledger["eligible"] + ledger["heldout"], 1000)

    @unittest.skipIf(os.geteuid() != 0, "only root can become another user")
    def test_the_planes_run_as_the_configured_user(self):
        nobody = pwd.getpwnam("nobody")
        understudy = Understudy(self.primary.url, self.candidate.url, begin=False, server__user="nobody")
        os.chown(understudy.directory, nobody.pw_uid, nobody.pw_gid)
        understudy.start()
        self.addCleanup(self.end, understudy)

        def ids(name, kind):
            status = pathlib.Path(f"/proc/{understudy.plane(name)}/status").read_text()
            return set(re.search(rf"^{kind}:\s*(.*)$", status, re.M).group(1).split())
        for name in PLANES:
            # It has its name a moment before it gives up its rights; nothing is served before both.
            wait_until(lambda name=name: ids(name, "Uid") == {str(nobody.pw_uid)}, 10, f"{name} runs as nobody")
            self.assertEqual(ids(name, "Gid"), {str(nobody.pw_gid)})
        self.assertEqual(status_of(exchange(understudy.port, GET)), 200)
        self.settled(understudy)
        self.assertEqual(os.stat(understudy.keys["store.path"]).st_uid, nobody.pw_uid)
        self.assertEqual(pathlib.Path(f"/proc/{understudy.plane('us-shadow')}/oom_score_adj").read_text().strip(), "1000")
        # After a kill, too.
        understudy.kill_plane("us-shadow")
        self.assertEqual(status_of(exchange(understudy.port, GET)), 200)
        self.settled(understudy)

    @unittest.skipIf(os.geteuid() != 0, "only root can write into the planes' shared memory from outside")
    def test_a_shadow_plane_whose_positions_make_no_sense_is_replaced(self):
        understudy = self.begin(server__threads=1, mirror__memory="1MiB", mirror__holdout=0.0)
        self.assert_answered(load(understudy.port, "GET /orders/%d", connections=4, requests=200))
        self.settled(understudy)
        memory = {match.group(1): f"/proc/{understudy.process.pid}/fd/{fd}" for fd, (target, can_write) in descriptors(understudy.process.pid).items()
                  if can_write and (match := re.match(r"/memfd:understudy-(\w+)", target))}
        # At rest all of a ring is claimed and released: both of the reader's positions are the writer's.
        with open(memory["tap"], "rb") as tap:
            position = tap.read(24)[16:]
        with open(memory["shadow"], "r+b") as shadow:
            at = shadow.read().index(position + position)
            os.kill(understudy.plane("us-shadow"), signal.SIGSTOP)
            shadow.seek(at + 8)
            shadow.write((1 << 60).to_bytes(8, "little"))
        self.assert_answered(load(understudy.port, "GET /bytes/100000", connections=4, requests=200))
        wait_until(lambda: "positions in the tap make no sense" in understudy.stderr(), 10, "the supervisor has noticed")
        ledger = self.settled(understudy)
        self.assertEqual(ledger["eligible"], 400)
        self.assertGreater(ledger["dropped"]["tap_corrupt"], 0)
        self.assert_answered(load(understudy.port, "GET /orders/%d", connections=4, requests=100))
        self.assertEqual(self.settled(understudy)["compared"], ledger["compared"] + 100)

    # --- addresses -----------------------------------------------------------------------------------------------------------------------------

    def test_a_taken_address_is_one_clear_line_and_status_4(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            for flags in (("--listen", address, "--admin", "127.0.0.1:0"), ("--listen", "127.0.0.1:0", "--admin", address)):
                ended = run_until_it_ends(*flags, "--primary", self.primary.url, "--candidate", self.candidate.url, "--store", "")
                self.assertEqual(ended.returncode, 4)
                lines = [line for line in ended.stderr.splitlines() if "limits.connections" not in line]
                self.assertEqual(len(lines), 1, ended.stderr)
                self.assertIn(address, lines[0])
                self.assertIn("Address already in use", lines[0])

    def test_port_0_is_told(self):
        understudy = Understudy(self.primary.url, self.candidate.url, begin=False, server__listen=["127.0.0.1:0"])
        understudy.start()
        self.addCleanup(self.end, understudy)
        port = int(re.search(r"^understudy: listening on 127\.0\.0\.1:(\d+)$", understudy.stderr(), re.M).group(1))
        self.assertIn(f"understudy: admin on http://127.0.0.1:{understudy.admin}\n", understudy.stderr())
        for _ in range(50):  # whichever of the shared sockets it is
            self.assertEqual(status_of(exchange(port, GET)), 200)

    def test_a_unix_socket_serves_and_goes_at_the_end(self):
        understudy = Understudy(self.primary.url, self.candidate.url, begin=False)
        path = understudy.directory / "users.sock"
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(path))  # what a killed predecessor leaves
        understudy.configure(server__listen=[f"unix:{path}", f"127.0.0.1:{understudy.port}"])
        understudy.start()
        self.addCleanup(self.end, understudy)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(GET)
            self.assertEqual(status_of(client.recv(1 << 16)), 200)
        understudy.process.terminate()
        self.ledger_at_the_end(understudy)
        self.assertFalse(path.exists())

    # --- reload --------------------------------------------------------------------------------------------------------------------------------

    def test_a_bad_configuration_leaves_the_running_one_in_force(self):
        understudy = self.begin()
        before = {name: understudy.plane(name) for name in PLANES}
        self.assertEqual(understudy.metric("understudy_config_last_reload_successful"), 1)
        good = (understudy.directory / "understudy.toml").read_text()
        (understudy.directory / "understudy.toml").write_text(good + "\nserver.threds = 2\nmirror.percent = -1.0\n")
        understudy.process.send_signal(signal.SIGHUP)
        wait_until(lambda: understudy.metric("understudy_config_last_reload_successful") == 0, 10, "the metric says so")
        for said in ("server.threds", "mirror.percent", "reload refused"):
            self.assertIn(said, understudy.stderr())
        self.assertEqual({name: understudy.plane(name) for name in PLANES}, before)
        self.assertEqual(status_of(exchange(understudy.port, GET)), 200)
        (understudy.directory / "understudy.toml").write_text(good)
        self.reload(understudy)
        wait_until(lambda: understudy.status("/readyz") == 200, 20, "ready under the new configuration")
        self.assertEqual(understudy.metric("understudy_config_last_reload_successful"), 1)

    def test_a_reload_whose_address_is_taken_leaves_the_running_configuration_in_force(self):
        understudy = self.begin()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            understudy.configure(server__listen=[f"127.0.0.1:{understudy.port}", "127.0.0.1:%d" % taken.getsockname()[1]])
            understudy.process.send_signal(signal.SIGHUP)
            wait_until(lambda: understudy.metric("understudy_config_last_reload_successful") == 0, 10, "the metric says so")
        self.assertIn("cannot listen on", understudy.stderr())
        self.assertEqual(status_of(exchange(understudy.port, GET)), 200)

    def test_addresses_come_and_go_and_stay(self):
        understudy = self.begin(server__drain="2s")
        stays, goes, comes = understudy.port, free_port(), free_port()
        understudy.configure(server__listen=[f"127.0.0.1:{stays}", f"127.0.0.1:{goes}"])
        self.reload(understudy)
        wait_until(lambda: status_of(exchange(goes, GET)) == 200, 10, "the second address serves")
        understudy.configure(server__listen=[f"127.0.0.1:{comes}", f"127.0.0.1:{stays}"])
        self.reload(understudy)
        wait_until(lambda: len(understudy.planes("us-user")) == 1, 20, "the old user plane is gone")
        self.assertEqual(status_of(exchange(stays, GET)), 200)
        self.assertEqual(status_of(exchange(comes, GET)), 200)
        wait_until(lambda: self.refuses(goes), 10, "the first generation's second address is closed")

    def test_any_number_of_threads_serves_every_connection_while_it_changes(self):
        understudy = self.begin(server__threads=1, server__drain="5s")
        requests = Load(understudy.port, "GET /orders/%d", connections=16, duration=12, rate=500)
        for threads in (4, 1, 3, 100, 2):
            understudy.configure(server__threads=threads)
            self.reload(understudy)
            wait_until(lambda: understudy.status("/readyz") == 200, 20, "an admin plane that answers")
        result = requests.result()
        self.assert_answered(result)
        self.assertIn("server.threads: 100 are too many", understudy.stderr())
        ledger = self.settled(understudy)
        self.assertEqual(ledger["eligible"] + ledger["heldout"], result["sent"])
        understudy.process.terminate()
        self.assertEqual(self.ledger_at_the_end(understudy)["eligible"], ledger["eligible"])

    def test_many_hangups_at_once_are_few_reloads_and_end_well(self):
        understudy = self.begin(server__drain="2s")
        for _ in range(20):
            understudy.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reload: the new configuration is in force" in understudy.stderr(), 20, "a reload")
        wait_until(lambda: len(understudy.planes("us-user")) == 1 and understudy.status("/readyz") == 200, 30, "one user plane is left")
        self.assertLess(understudy.stderr().count("the new configuration is in force"), 20)
        self.assertEqual(status_of(exchange(understudy.port, GET)), 200)
        self.assertEqual(understudy.metric("understudy_plane_restarts_total"), 0)

    def test_the_access_log_goes_on_in_a_new_file(self):
        log = pathlib.Path(directory()) / "access.log"
        understudy = self.begin(log__access=str(log))
        for round_, name in enumerate(("first", "second")):
            self.assertEqual(status_of(exchange(understudy.port, GET.replace(b"/orders/1", b"/orders/%d" % round_))), 200)
            wait_until(lambda: log.exists() and f"/orders/{round_} " in log.read_text(), 10, "the line")
            log.rename(log.with_suffix("." + name))
            understudy.process.send_signal(signal.SIGUSR1)
            wait_until(log.exists, 10, "a new file")
        self.assertEqual(log.with_suffix(".first").read_text().count("\n"), 1)
        self.assertEqual(log.with_suffix(".second").read_text().count("\n"), 1)
        self.assertEqual(understudy.metric("understudy_plane_restarts_total"), 0)

    def planes_with_users(self, understudy):
        """How many user planes hold a connection of a user."""
        users = set()
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[i] for i in (1, 3, 9))
            if int(local.split(":")[1], 16) == understudy.port and state == "01":
                users.add(f"socket:[{inode}]")
        count = 0
        for pid in understudy.planes("us-user"):
            with contextlib.suppress(OSError):  # it may end just now
                count += any(target in users for target, _ in descriptors(pid).values())
        return count

    def test_a_reload_waits_for_slots_of_the_tap(self):
        self.primary.mode("hang")
        understudy = self.begin(server__threads=24, server__drain="120s")
        waits, done = "reload: all slots of the tap are taken", "reload: the new configuration is in force"
        with contextlib.ExitStack() as clients:
            # Each user plane that holds a request holds 24 slots of 256: there are as many as ten at once.
            for held in range(1, 11):
                while self.planes_with_users(understudy) < held:  # which of two takes a connection is open while the old one stops to listen
                    begun = self.primary.totals()["begun"]
                    clients.enter_context(socket.create_connection(("127.0.0.1", understudy.port))).sendall(GET)
                    wait_until(lambda: self.primary.totals()["begun"] == begun + 1, 10, "a request that holds its user plane")
                reloads = understudy.stderr().count(done)
                self.assertEqual((reloads, understudy.stderr().count(waits)), (held - 1, 0))
                understudy.process.send_signal(signal.SIGHUP)
                wait_until(lambda: understudy.stderr().count(done) > reloads or waits in understudy.stderr(), 20, "an outcome")
            self.assertEqual((understudy.stderr().count(done), self.planes_with_users(understudy)), (9, 10))
            # Without the primary every request ends, and with them the old user planes.
            self.primary.process.kill()
            wait_until(lambda: understudy.stderr().count(done) > reloads, 30, "the reload that waited")
        Origin(port=self.primary.port)
        self.assertEqual(status_of(exchange(understudy.port, GET)), 200)

    # --- the end -------------------------------------------------------------------------------------------------------------------------------

    def test_the_last_line_is_the_ledger(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            understudy = self.begin()
            self.assert_answered(load(understudy.port, "GET /orders/%d", connections=4, requests=1000))
            # As a terminal does it: to all of the group.
            os.killpg(understudy.process.pid, number) if number == signal.SIGINT else understudy.process.send_signal(number)
            ledger = self.ledger_at_the_end(understudy)
            self.assertEqual(ledger["eligible"] + ledger["heldout"], 1000)

    def test_a_request_under_way_is_finished_and_nobody_new_is_let_in(self):
        understudy = self.begin(server__drain="20s")
        self.primary.mode("slow=2000")
        answers = []
        request = threading.Thread(target=lambda: answers.append(exchange(understudy.port, GET, timeout=30)))
        request.start()
        wait_until(lambda: self.primary.totals()["begun"] > 0, 10, "the request is at the primary")
        understudy.process.terminate()
        wait_until(lambda: self.refuses(understudy.port), 5, "new connections are refused")
        request.join()
        self.assertEqual(status_of(answers[0]), 200)
        self.ledger_at_the_end(understudy)

    def refuses(self, port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            pass
        return False

    def test_a_second_signal_ends_it_at_once(self):
        understudy = self.begin(server__drain="60s")
        self.primary.mode("hang")
        with socket.create_connection(("127.0.0.1", understudy.port)) as client:
            client.sendall(GET)
            wait_until(lambda: self.primary.totals()["begun"] > 0, 10, "the request is at the primary")
            understudy.process.terminate()
            wait_until(lambda: "understudy: draining" in understudy.stderr(), 5, "draining")
            begun = time.monotonic()
            understudy.process.terminate()
            ledger = self.ledger_at_the_end(understudy, 130)
            self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(ledger["eligible"] + ledger["heldout"], 1)

    def test_a_shadow_plane_that_hangs_is_settled_by_the_supervisor(self):
        understudy = self.begin(mirror__holdout=0.0)
        os.kill(understudy.plane("us-shadow"), signal.SIGSTOP)
        self.assert_answered(load(understudy.port, "GET /orders/%d", connections=4, requests=500))
        understudy.process.terminate()
        ledger = self.ledger_at_the_end(understudy)
        self.assertEqual(ledger["eligible"], 500)
        self.assertEqual(ledger["dropped"]["shutdown"], 500)

    def test_a_run_without_a_store_leaves_nothing_behind(self):
        before = set(pathlib.Path("/dev/shm").glob("understudy-*"))
        understudy = self.begin(store__path="")
        self.assertEqual(status_of(exchange(understudy.port, GET)), 200)
        self.settled(understudy)
        made = set(pathlib.Path("/dev/shm").glob("understudy-*")) - before
        understudy.process.terminate()
        self.ledger_at_the_end(understudy)
        self.assertFalse([path for path in made if path.exists()])

    def test_log_level_error_says_nothing_of_ordinary_events(self):
        understudy = self.begin(log__level="error")
        understudy.kill_plane("us-shadow")
        understudy.process.terminate()
        self.ledger_at_the_end(understudy)
        said = [line for line in understudy.stderr().splitlines() if " on " not in line]
        self.assertEqual(len(said), 1, said)


if __name__ == "__main__":
    unittest.main()
