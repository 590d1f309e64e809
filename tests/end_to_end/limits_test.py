#!/usr/bin/env python3
"""What happens at the limits of the user plane: nobody who is served notices, who comes too late waits, and it is over when there is room again."""
import contextlib
import os
import pathlib
import resource
import socket
import sqlite3
import subprocess
import time
import unittest

from program import EndToEnd, Origin, Understudy, exchange, load, status_of, wait_until
from support import directory

GET = b"GET /orders/1 HTTP/1.1\r\nHost: shop\r\n\r\n"
LAST_GET = b"GET /orders/1 HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def answered(connection):
    """Whether the request on a kept connection gets its 200."""
    connection.sendall(GET)
    return status_of(connection.recv(1 << 16)) == 200


def answer_on_its_own(port):
    """What a connection for one request gets; nothing where it is reset."""
    with contextlib.suppress(ConnectionResetError):
        return exchange(port, LAST_GET)
    return b""


class Limits(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.primary, cls.candidate = Origin(), Origin()

    def begin(self, **keys):
        understudy = Understudy(self.primary.url, self.candidate.url, **keys)
        self.addCleanup(understudy.process.kill)
        return understudy

    def connect(self, understudy):
        return self.connections.enter_context(socket.create_connection(("127.0.0.1", understudy.port), timeout=20))

    def setUp(self):
        self.connections = self.enterContext(contextlib.ExitStack())

    def test_without_descriptors_users_are_served_others_wait_and_nothing_spins(self):
        understudy = self.begin(server__threads=1)
        pid = understudy.plane("us-user")
        kept = self.connect(understudy)
        self.assertTrue(answered(kept))
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        in_use = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(set(range(len(in_use) + 1)) - in_use), before[1]))  # the next one would be this
        waiting = [self.connect(understudy) for _ in range(20)]
        for connection in waiting:
            connection.sendall(LAST_GET)
        # As many rounds on the kept connection as take two seconds: it is served, and the plane does little beside that.
        began, used = time.monotonic(), processor_seconds(pid)
        while time.monotonic() < began + 2:
            self.assertTrue(answered(kept))
            time.sleep(0.05)
        self.assertLess(processor_seconds(pid) - used, 1)
        self.assertEqual(understudy.metric("understudy_connections"), 1)
        self.assertEqual(understudy.status("/readyz"), 200)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        for connection in waiting:
            self.assertEqual(status_of(connection.recv(1 << 16)), 200)
        self.assertEqual(understudy.metric("understudy_plane_restarts_total"), 0)

    def test_who_comes_when_all_connections_are_in_use_waits(self):
        understudy = self.begin(server__threads=1, server__limits__connections=3)
        held = [self.connect(understudy) for _ in range(3)]
        for connection in held:
            self.assertTrue(answered(connection))
        late = self.connect(understudy)
        late.sendall(LAST_GET)
        for connection in held:
            self.assertTrue(answered(connection))
        self.assertEqual(understudy.metric("understudy_connections"), 3)
        held[0].close()
        self.assertEqual(status_of(late.recv(1 << 16)), 200)

    def test_an_address_holds_no_more_connections_than_it_may(self):
        understudy = self.begin(server__limits__connections_per_address=2)
        for _ in range(2):
            self.assertTrue(answered(self.connect(understudy)))
        self.assertEqual(answer_on_its_own(understudy.port), b"")
        self.assertEqual(understudy.metric("understudy_connections_refused_total"), 1)
        # 127.0.0.2 is another address.
        other = self.connections.enter_context(socket.create_connection(("127.0.0.1", understudy.port), source_address=("127.0.0.2", 0)))
        self.assertTrue(answered(other))
        self.connections.close()
        wait_until(lambda: status_of(answer_on_its_own(understudy.port)) == 200, 10, "room for the address")

    def test_a_full_disk_costs_findings_and_no_user_and_is_over_when_there_is_room(self):
        place = directory()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", place], capture_output=True, check=False).returncode != 0:
            self.skipTest("may not mount a small disk")
        self.addCleanup(subprocess.run, ["umount", "-l", place], check=False)
        understudy = self.begin(store__path=str(place / "understudy.db"))
        self.assert_answered(load(understudy.port, "GET /orders/%d", requests=50))
        filler = place / "filler"
        with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
            while True:
                file.write(bytes(1024))

        def is_full():
            self.assert_answered(load(understudy.port, "GET /orders/%d", requests=50))
            return understudy.metric("understudy_store_errors_total") > 0
        wait_until(is_full, 40, "a snapshot that finds no room")
        filler.unlink()
        self.settled(understudy)
        self.assert_answered(load(understudy.port, "GET /orders/%d", requests=50))
        self.assertEqual(understudy.metric("understudy_plane_restarts_total"), 0)
        self.assert_balanced(understudy.terminate())
        with contextlib.closing(sqlite3.connect(place / "understudy.db")) as store:
            self.assertEqual(store.execute("PRAGMA integrity_check").fetchone()[0], "ok")


if __name__ == "__main__":
    unittest.main()
