#!/usr/bin/env python3
"""nginx as primary and as candidate: real files, ranges, conditional requests, coded content, large files, keep-alive limits."""
import gzip
import hashlib
import http.client
import pathlib
import random
import shutil
import sys
import unittest

from program import EndToEnd, Understudy, load, wait_until
from support import NGINX_PLACES, directory, free_port, start

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

CONFIGURATION = """
daemon off; master_process off; error_log stderr error; pid {place}/pid;
events {{ worker_connections 1024; }}
http {{
  access_log off; """ + NGINX_PLACES + """ types {{ application/json json; text/plain txt; }}
  default_type application/octet-stream; keepalive_requests 50; gzip {gzip}; gzip_types application/json text/plain; gzip_min_length 100; gzip_proxied any;
  server {{ listen 127.0.0.1:{port}; root {root}; location /missing {{ return 404; }} location /moved {{ return 302 /orders.json; }}
            location /only-here {{ return {status}; }} }}
}}
"""


class Nginx:
    def __init__(self, root, status, coded="off"):
        self.port, place = free_port(), directory()
        configuration = place / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(place=place, root=root, port=self.port, status=status, gzip=coded))
        self.process = start([NGINX, "-c", configuration, "-p", place, "-e", "stderr"])
        self.url = f"http://127.0.0.1:{self.port}"
        wait_until(self.answers, 10, "nginx answers")

    def answers(self):
        try:
            return get(self.port, "/orders.json")[0].status == 200
        except OSError:
            return False


def get(port, path, **fields):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in fields.items()})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


class BehindUnderstudy(EndToEnd):
    @classmethod
    def setUpClass(cls):
        cls.root = directory()
        cls.root.chmod(0o755)
        (cls.root / "orders.json").write_text('{"orders":[' + ",".join(f'{{"id":{n},"total":{n}.5}}' for n in range(200)) + "]}")
        cls.large = random.Random(7).randbytes(20 << 20)
        (cls.root / "large.bin").write_bytes(cls.large)
        (cls.root / "empty.txt").write_text("")
        cls.primary, cls.candidate = Nginx(cls.root, 200), Nginx(cls.root, 503, coded="on")
        cls.understudy = Understudy(cls.primary.url, cls.candidate.url, mirror__holdout=0.0)

    @classmethod
    def tearDownClass(cls):
        cls.understudy.process.terminate()
        cls.understudy.process.wait()

    def test_files_ranges_and_conditions_pass_as_they_are(self):
        direct, content = get(self.primary.port, "/orders.json")
        proxied, same = get(self.understudy.port, "/orders.json")
        self.assertEqual(content, same)
        self.assertEqual(direct.getheader("ETag"), proxied.getheader("ETag"))
        part, content = get(self.understudy.port, "/large.bin", Range="bytes=1000-1999")
        self.assertEqual((part.status, content), (206, self.large[1000:2000]))
        unchanged, content = get(self.understudy.port, "/orders.json", If_None_Match=direct.getheader("ETag"))
        self.assertEqual((unchanged.status, content), (304, b""))
        self.assertEqual(get(self.understudy.port, "/moved")[0].status, 302)
        self.assertEqual(get(self.understudy.port, "/missing")[0].status, 404)
        self.assertEqual(get(self.understudy.port, "/empty.txt")[1], b"")

    def test_a_large_file_arrives_whole(self):
        _, content = get(self.understudy.port, "/large.bin")
        self.assertEqual(hashlib.sha256(content).digest(), hashlib.sha256(self.large).digest())

    def test_coded_content_passes_untouched_and_differs_in_its_header_alone(self):
        response, content = get(self.understudy.port, "/orders.json", Accept_Encoding="gzip", Canonical_Resource="coded")
        self.assertIsNone(response.getheader("Content-Encoding"))
        self.assertEqual(content, (self.root / "orders.json").read_bytes())
        direct, coded = get(self.candidate.port, "/orders.json", Accept_Encoding="gzip")
        self.assertEqual(direct.getheader("Content-Encoding"), "gzip")
        self.assertEqual(gzip.decompress(coded), content)
        found = wait_until(lambda: [one for one in self.understudy.differences() if "coded" in one["endpoint"]], 10, "a difference at the endpoint")
        self.assertTrue(all(one["path"].startswith("header:") for one in found), found)
        self.assertIn("header:content-encoding", {one["path"] for one in found})

    def test_a_status_that_only_the_candidate_has_is_found(self):
        self.assertEqual(get(self.understudy.port, "/only-here")[0].status, 200)
        found = wait_until(lambda: [one for one in self.understudy.differences() if "only-here" in one["endpoint"]], 10, "a difference at the endpoint")
        self.assertEqual([(one["path"], one["class"], one["severity"]) for one in found], [("status", "status_class", "critical")])

    def test_keep_alive_limits_of_nginx_cost_no_request(self):
        self.assert_answered(load(self.understudy.port, "3 GET /orders.json", "1 HEAD /orders.json", "1 GET /empty.txt", requests=3000, verify=0, connections=32))
        self.settled(self.understudy)


if __name__ == "__main__":
    if not pathlib.Path(NGINX).exists():
        print("no nginx")
        sys.exit(77)
    unittest.main()
