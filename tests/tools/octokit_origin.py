#!/usr/bin/env python3
"""An origin that serves recordings of a scenario of octokit-history, with their header fields and bodies.

    octokit_origin.py FILE.ndjson [--offset N] [--form plain|reversed|gzip|br|zstd]

A request names what it wants by "X-Recording: n" and "X-Exchange: i"; --offset is added to n, so that a candidate serves recording n + 1 where the
primary serves n. `reversed` is the same JSON indented and with the members of every object in reverse order; the codings code the same content.
The first line on stdout is the port.
"""
import argparse
import gzip
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile

FRAMING = {"content-length", "transfer-encoding", "connection", "keep-alive", "content-encoding"}


def reverse(value):
    if isinstance(value, dict):
        return {key: reverse(item) for key, item in reversed(value.items())}
    return [reverse(item) for item in value] if isinstance(value, list) else value


def content_of(exchange, form):
    content = exchange["response"]
    if isinstance(content, str):
        return content.encode()
    if form == "reversed":
        return json.dumps(reverse(content), indent=4, ensure_ascii=False).encode()
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def code_all(contents, form):
    """The coded form of every content, made by the coding's own command line tool in one call."""
    if form == "gzip":
        return [gzip.compress(content) for content in contents]
    with tempfile.TemporaryDirectory() as directory:
        files = [pathlib.Path(directory) / str(number) for number in range(len(contents))]
        for file, content in zip(files, contents):
            file.write_bytes(content)
        subprocess.run({"br": ["brotli", "-q", "5"], "zstd": ["zstd", "-q"]}[form] + files, check=True)
        suffix = {"br": ".br", "zstd": ".zst"}[form]
        return [pathlib.Path(f"{file}{suffix}").read_bytes() for file in files]


def load_answers(path, form):
    """(recording, exchange) -> (status, fields, content)."""
    answers = {}
    for number, line in enumerate(path.read_text().splitlines()):
        for index, exchange in enumerate(json.loads(line)["exchanges"]):
            raw = exchange["rawHeaders"]
            fields = [(name, value) for name, value in zip(raw[::2], raw[1::2]) if name.lower() not in FRAMING]
            answers[number, index] = [exchange["status"], fields, content_of(exchange, form)]
    if form in ("gzip", "br", "zstd"):
        with_content = [answer for answer in answers.values() if answer[2]]
        for answer, coded in zip(with_content, code_all([answer[2] for answer in with_content], form)):
            answer[1].append(("Content-Encoding", form))
            answer[2] = coded
    return answers


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers, offset = {}, 0

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, fields, content = self.answers[int(self.headers["X-Recording"]) + self.offset, int(self.headers["X-Exchange"])]
        self.send_response_only(status)
        for name, value in fields:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--form", choices=["plain", "reversed", "gzip", "br", "zstd"], default="plain")
    arguments = parser.parse_args()
    Handler.answers, Handler.offset = load_answers(arguments.file, arguments.form), arguments.offset
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
