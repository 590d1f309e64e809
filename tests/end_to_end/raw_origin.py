"""An origin on raw sockets: keeps every octet that it receives, by connection, and answers each whole request with octets that the test writes, or plays
what the test has for it: a function of a Visit, which gives True where the connection goes on. Below are those that the cases share."""
import contextlib
import select
import socket
import struct
import threading
import time

from strict_reader import Ambiguous, read_requests

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets


class RawOrigin:
    def __init__(self, address="127.0.0.1", port=0):
        self.address, self.port = address, port
        # Octets of a response by target: after which the connection is closed; after which it is kept; for which not even the whole request is awaited.
        # Whatever else is asked for gets OK, and the connection is kept.
        self.answers, self.kept, self.early = {}, {}, {}
        # What is played by target: once the whole request is there; as soon as its head is. And with each new connection before anything is read of it.
        self.plays, self.plays_of_heads, self.at_accept = {}, {}, None
        self.before_accept = None  # waited for with each new connection
        # Octets of a 101 by target: after which every octet is sent back, and kept in `echoed`.
        self.tunnels, self.echoed = {}, bytearray()
        self.connections = []
        self.ambiguous = []
        self.lock = threading.Lock()
        self.open = set()
        self.come_up()
        self.url = f"http://{self.address}:{self.port}"

    def come_up(self):
        """Listens: at first on any port unless it was given one, later on the same."""
        self.listener = socket.create_server((self.address, self.port), backlog=1024)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def go_down(self):
        """Nobody listens any more, and no connection is left."""
        self.listener.shutdown(socket.SHUT_RDWR)  # ends accept()
        self.listener.close()
        self.drop_connections()

    @contextlib.contextmanager
    def without_room(self):
        """Meanwhile nobody can connect: the queue of what is to be accepted is full, and nothing of it is accepted."""
        has_one, let_go = threading.Event(), threading.Event()
        self.before_accept = lambda: has_one.set() or let_go.wait()
        self.listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex((self.address, self.port))
            has_one.wait()  # now what comes next stays in the queue
        try:
            yield
        finally:
            self.before_accept = None
            self.listener.listen(1024)
            for filler in fillers:
                filler.close()
            let_go.set()

    def drop_connections(self):
        """Ends every connection; at the return that is known at the other end."""
        with self.lock:
            for connection in self.open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                if self.before_accept:
                    self.before_accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        visit = Visit(connection)
        with self.lock:
            self.connections.append(visit.received)
            self.open.add(connection)
        with contextlib.suppress(OSError):
            if not self.at_accept or self.at_accept(visit):
                self.read_and_answer(visit)
        with self.lock, contextlib.suppress(OSError):
            self.open.remove(connection)
            connection.close()

    def read_and_answer(self, visit):
        received, answered = visit.received, 0
        while visit.read():
            for table in (self.early, self.plays_of_heads):
                for target, answer in list(table.items()):
                    if b" " + target + b" " in received and b"\r\n\r\n" in received:
                        return visit.say(answer) if isinstance(answer, bytes) else answer(visit)
            try:
                requests, _ = read_requests(bytes(received))
            except Ambiguous as problem:
                with self.lock:
                    self.ambiguous.append(f"{problem}: {bytes(received)!r}")
                return
            for _, target, _, _ in requests[answered:]:
                answered += 1
                if target in self.plays:
                    if not self.plays[target](visit):
                        return
                elif target in self.tunnels:
                    return self.echo(visit.connection, self.tunnels[target])
                elif target in self.answers:
                    return visit.say(self.answers[target])
                else:
                    visit.say(self.kept.get(target, OK))
                visit.before += 1

    def echo(self, connection, agreed):
        connection.sendall(agreed)
        while data := connection.recv(1 << 16):
            self.echoed += data
            connection.sendall(data)

    def everything(self):
        with self.lock:
            return b"".join(self.connections)

    def requests(self):
        """All whole requests so far, by connection; none of an ambiguous connection."""
        found = []
        with self.lock:
            received = [bytes(octets) for octets in self.connections]
        for octets in received:
            with contextlib.suppress(Ambiguous):
                found += read_requests(octets)[0]
        return found

    def octets(self):
        with self.lock:
            return sum(len(received) for received in self.connections)

    def close(self):
        self.listener.close()


class Visit:
    """A connection of an origin, what has come on it, and how many requests were answered on it before."""

    def __init__(self, connection):
        self.connection, self.received, self.before = connection, bytearray(), 0
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self):
        """Nothing: the other end has ended."""
        data = self.connection.recv(1 << 16)
        self.received += data
        return data

    def say(self, octets):
        self.connection.sendall(octets)

    def has_left(self, seconds=0.0):
        """Whether the other end has ended or broken off within this time; what it says is kept."""
        if not select.select([self.connection], [], [], seconds)[0]:
            return False
        with contextlib.suppress(OSError):
            return not self.read()
        return True


# --- Plays ------------------------------------------------------------------------------------------------------------------------------------------


def saying(octets, then="close"):
    """Then "close", "reset" or "keep" the connection."""
    def play(visit):
        visit.say(octets)
        if then == "reset":
            visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return then == "keep"
    return play


def ending(visit):
    """Closes without a reset, though there may be octets that were not read."""
    visit.connection.shutdown(socket.SHUT_WR)
    while visit.read():
        pass


def only_on_a_kept_connection(play):
    """Elsewhere the request gets OK."""
    return lambda visit: play(visit) if visit.before else saying(OK, "keep")(visit)


class Held:
    """Says something, and then nothing until it is let go or the other end has left."""

    def __init__(self, first=b"", last=OK):
        self.first, self.last = first, last
        self.came, self.let_go, self.left = threading.Event(), threading.Event(), threading.Event()
        self.visits = 0

    def __call__(self, visit):
        self.visits += 1
        visit.say(self.first)
        self.came.set()
        while not self.let_go.is_set():
            if visit.has_left(0.02):
                self.left.set()
                return False
        visit.say(self.last)
        return True


class Flood:
    """Says something, and then the same over and over, at once or with pauses, until nobody takes it any more: the other end has left, or for a second has
    taken nothing, which ends it too unless it is `patient`."""

    def __init__(self, first, again, pause=0.0, most=256 << 20, patient=False):
        self.first, self.again, self.pause, self.most, self.patient = first, again, pause, most, patient
        self.came, self.left, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.said = 0

    def __call__(self, visit):
        try:
            visit.say(self.first)
            self.came.set()
            visit.connection.settimeout(None if self.patient else 1)
            while self.said < self.most and not (self.pause and visit.has_left()):
                self.said += visit.connection.send(self.again)
                time.sleep(self.pause)
        except TimeoutError:
            pass
        except OSError:
            self.left.set()
        else:
            if self.pause:
                self.left.set()
        self.ended.set()
        return False


class Taker:
    """Takes so many octets of a request that need not be whole for that, and answers."""

    def __init__(self, octets, answer=OK):
        self.octets, self.answer, self.taken = octets, answer, 0

    def __call__(self, visit):
        while len(visit.received) < self.octets and visit.read():
            self.taken = len(visit.received)
        visit.say(self.answer)
        return False
