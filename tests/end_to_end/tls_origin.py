"""RawOrigin behind TLS, and the certificates for it."""
import contextlib
import socket
import ssl
import subprocess

from raw_origin import RESET, RawOrigin, Visit


def certificate(directory, name, subject):
    """A file with a certificate of its own authority for `subject` ("IP:127.0.0.1", "DNS:shop"), and with its key."""
    path = directory / (name + ".pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=" + subject, "-keyout", path, "-out", directory / "certificate"], check=True, capture_output=True)
    with open(path, "ab") as file:
        file.write((directory / "certificate").read_bytes())
    return path


def server_context(certificate_file, most=ssl.TLSVersion.TLSv1_3):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file)
    context.maximum_version = most
    context.sslsocket_class = TlsConnection
    return context


class TlsConnection(ssl.SSLSocket):
    """Tells the peer of its end, unless it resets."""

    def say_end(self):
        with contextlib.suppress(OSError, ValueError):
            self.settimeout(0)
            self.unwrap()

    def close(self):
        with contextlib.suppress(OSError):
            if self.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(RESET)) != RESET:
                self.say_end()
        super().close()

    def shutdown(self, how):
        if how == socket.SHUT_WR:
            self.say_end()
            self.settimeout(None)
        super().shutdown(how)


class TlsOrigin(RawOrigin):
    def __init__(self, context):
        self.context = context
        self.in_the_clear = None  # played with each new connection in place of the handshake
        super().__init__()
        self.url = f"https://127.0.0.1:{self.port}"

    def serve(self, connection):
        with contextlib.suppress(OSError), connection:
            if self.in_the_clear:
                self.in_the_clear(Visit(connection))
            else:
                super().serve(self.context.wrap_socket(connection, server_side=True))


def cut(visit):
    """Ends the connection without the end of TLS."""
    socket.socket.shutdown(visit.connection, socket.SHUT_RDWR)


def saying_raw(octets):
    """Octets under TLS: no record, or one that nobody has the key of."""
    def play(visit):
        with socket.socket(fileno=socket.dup(visit.connection.fileno())) as raw:
            raw.sendall(octets)
        return True
    return play
