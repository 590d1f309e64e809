"""An HTTP service whose every answer a test computes, and a user who asks for one thing after the other: raw sockets, kept connections, no more than is
needed to be quick. Unlike RawOrigin it keeps nothing of what it received."""
import contextlib
import socket
import threading
import time


def head_end(connection, received):
    """Reads on until a whole head is there; its end, or nothing where the other end has ended."""
    while (end := received.find(b"\r\n\r\n")) < 0:
        data = connection.recv(1 << 16)
        if not data:
            return None
        received += data
    return end + 4


class Service:
    """`answer(target)` gives the octets of a response, or a function of the connection that gives True where it goes on."""

    def __init__(self, answer):
        self.answer = answer
        self.port, self.connections = 0, []
        self.come_up()
        self.url = f"http://127.0.0.1:{self.port}"

    def come_up(self):
        """Listens: at first on any port, later on the same."""
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def go_down(self):
        """Nobody listens any more, and no connection is left."""
        self.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.connections.append(connection)
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            received = bytearray()
            while end := head_end(connection, received):
                target = bytes(received[:end]).split(b" ", 2)[1].decode()
                del received[:end]
                answer = self.answer(target)
                if callable(answer):
                    if not answer(connection):
                        return
                else:
                    connection.sendall(answer)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def ask_all(port, targets, pause=0.0):
    """One user asks for these, a pause behind each answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = bytearray()
        for target in targets:
            connection.sendall(b"GET %s HTTP/1.1\r\nHost: shop\r\n\r\n" % target.encode())
            end = head_end(connection, received)
            assert end, f"no answer to {target}"
            head = bytes(received[:end]).lower()
            length = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0]) if b"content-length: " in head else 0
            while len(received) < end + length:
                data = connection.recv(1 << 18)
                assert data, f"half an answer to {target}"
                received += data
            del received[:end + length]
            time.sleep(pause)
