"""An origin on raw sockets: keeps every octet that it receives, by connection, and answers each whole request with octets that the test writes."""
import contextlib
import socket
import threading

from strict_reader import Ambiguous, read_requests

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class RawOrigin:
    def __init__(self):
        # Octets of a response by target: after which the connection is closed; after which it is kept; for which not even the whole request is awaited.
        # Whatever else is asked for gets OK, and the connection is kept.
        self.answers, self.kept, self.early = {}, {}, {}
        # Octets of a 101 by target: after which every octet is sent back, and kept in `echoed`.
        self.tunnels, self.echoed = {}, bytearray()
        self.connections = []
        self.ambiguous = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        received = bytearray()
        with self.lock:
            self.connections.append(received)
        answered = 0
        with connection, contextlib.suppress(OSError):
            while data := connection.recv(1 << 16):
                received += data
                early = next((answer for target, answer in self.early.items() if b" " + target + b" " in received), None)
                if early is not None:
                    return connection.sendall(early)
                try:
                    requests, _ = read_requests(bytes(received))
                except Ambiguous as problem:
                    with self.lock:
                        self.ambiguous.append(f"{problem}: {bytes(received)!r}")
                    return None
                for _, target, _, _ in requests[answered:]:
                    answered += 1
                    if target in self.tunnels:
                        return self.echo(connection, self.tunnels[target])
                    if target in self.answers:
                        return connection.sendall(self.answers[target])
                    connection.sendall(self.kept.get(target, OK))
        return None

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
