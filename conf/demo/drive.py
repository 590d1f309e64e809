#!/usr/bin/env python3
"""The demo's traffic: keep-alive clients that ask Understudy for products, orders, customers, stock and searches, with a progress line.

    drive.py URL [--requests N] [--seed N] [--rate RPS]
"""
import argparse
import http.client
import random
import sys
import threading
import time
from urllib.parse import urlsplit

CLIENTS = 8
WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven"]


def choose_target(rng):
    kind = rng.choices(["search", "products", "orders", "customers", "stock"], [35, 20, 20, 15, 10])[0]
    if kind == "search":
        return f"/search?q={rng.choice(WORDS)}+{rng.randrange(400)}"
    return f"/{kind}/{rng.randrange(1, 1000)}"


class Traffic:
    def __init__(self, url, requests, seed, rate):
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.requests, self.rate = requests, rate
        self.rng = random.Random(seed)
        self.lock = threading.Lock()
        self.begun = self.done = self.failed = 0
        self.start = time.monotonic()

    def next_target(self):
        """The next request and when it is due; None when all are begun."""
        with self.lock:
            if self.begun == self.requests:
                return None
            self.begun += 1
            return choose_target(self.rng), self.start + self.begun / self.rate

    def client(self):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        while (step := self.next_target()) is not None:
            target, due = step
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                connection.request("GET", target, headers={"User-Agent": "demo"})
                response = connection.getresponse()
                response.read()
                good = response.status == 200
            except (OSError, http.client.HTTPException):
                connection.close()
                good = False
            with self.lock:
                self.done += 1
                self.failed += not good

    def run(self):
        threads = [threading.Thread(target=self.client, daemon=True) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.2)
            self.show()
        self.show()
        print(file=sys.stderr)

    def show(self):
        end = "" if sys.stderr.isatty() else "\n"
        if end and self.done < self.requests and self.done // 1000 == getattr(self, "shown", 0):
            return
        self.shown = self.done // 1000
        print(f"\r  {self.done} of {self.requests} requests answered, {self.failed} failed", end=end, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=400)
    options = parser.parse_args()
    traffic = Traffic(options.url, options.requests, options.seed, options.rate)
    traffic.run()
    return 1 if traffic.failed else 0


if __name__ == "__main__":
    sys.exit(main())
