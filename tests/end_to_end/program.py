"""What the end-to-end tests share: the helpers of tests/acceptance/support.py, and raw sockets on which a test writes its bytes itself."""
import pathlib
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))

from support import Options, Origin, Understudy, load, take_failed, wait_until  # noqa: E402,F401 (what the tests use)

Options.quiet = True


def exchange(port, *pieces, timeout=10):
    """Sends the pieces and returns all that comes until the peer closes; the last request should say Connection: close."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            while data := connection.recv(1 << 16):
                received += data
        except ConnectionResetError:
            pass
        return received


def status_of(response):
    return int(response.split(b" ", 2)[1]) if response.startswith(b"HTTP/1.") else None


def fields_of(head):
    """The fields of a raw head (bytes or text) as a list of (lower-case name, value)."""
    text = head.decode("latin-1") if isinstance(head, bytes) else head
    lines = text.split("\r\n\r\n")[0].split("\r\n")[1:]
    return [(name.lower(), value.strip()) for name, value in (line.split(":", 1) for line in lines)]


def gate_after(send, admin, tries=10):
    """`understudy gate` after send(), and after more of it while it is inconclusive: how much a pass takes is up to how much this machine's latency varies."""
    for _ in range(tries):
        send()
        done = subprocess.run([Options.build / "understudy", "gate", "--admin", f"127.0.0.1:{admin}", "--timeout", "3s"], capture_output=True, text=True, timeout=20, check=False)
        if done.returncode != 3:
            break
    return done


class EndToEnd(unittest.TestCase):
    def tearDown(self):
        self.assertEqual(take_failed(), [])

    def assert_answered(self, result):
        self.assertEqual(result["errors"], 0, result)
        self.assertGreater(result["ok"], 0, result)

    def assert_balanced(self, ledger):
        dropped, failed = sum(ledger["dropped"].values()), sum(sum(reasons.values()) for reasons in ledger["failed"].values())
        self.assertEqual(ledger["eligible"], ledger["compared"] + dropped + failed + ledger["in_flight"], ledger)

    def settled(self, understudy, seconds=35):
        wait_until(lambda: understudy.ledger()["in_flight"] == 0, seconds, "in_flight is 0")
        ledger = understudy.ledger()
        self.assert_balanced(ledger)
        return ledger
