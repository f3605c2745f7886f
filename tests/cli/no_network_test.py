"""The program in a network namespace of its own, where there is not even a route: it does all its work, and `serve` is
reached over loopback alone. Ends with 77 where namespaces are not allowed.

usage: no_network_test.py PROGRAM SOURCE
"""
import fcntl
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
import urllib.request

PROGRAM, SOURCE = sys.argv[1:3]
MODEL = os.path.join(SOURCE, "models", "default.safetensors")
DEMO = os.path.join(SOURCE, "examples", "demo", "demo.ogg")
INSIDE = "YOURMT3_TEST_INSIDE_NAMESPACE"


def start_loopback():
    up_and_running = 0x41
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", up_and_running))  # SIOCSIFFLAGS


class NoNetwork(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_program(self, *arguments):
        run = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_there_is_no_way_out(self):
        with open("/proc/net/route", encoding="ascii") as routes:
            self.assertEqual(len(routes.readlines()), 1, "only the heading")
        with self.assertRaises(OSError):
            socket.create_connection(("192.0.2.1", 80), timeout=1)

    def test_transcribes_and_goes_on_with_the_notes(self):
        midi = self.path("demo.mid")
        self.run_program("transcribe", DEMO, "--model", MODEL, "-o", midi)
        self.assertIn("note", self.run_program("info", midi))
        self.run_program("score", os.path.join(SOURCE, "examples", "demo", "demo.mid"), midi)
        self.run_program("notate", midi, "-o", self.path("demo.musicxml"))
        self.run_program("info", MODEL)
        self.run_program("convert", MODEL, self.path("copy.safetensors"))

    def test_serves_on_loopback(self):
        server = subprocess.Popen([PROGRAM, "serve", "--port", "0", "--data", self.path("data"), "--model", MODEL],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = server.stdout.readline().strip()
            with open(DEMO, "rb") as file:
                form = (b"--x\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"demo.ogg\"\r\n\r\n" +
                        file.read() + b"\r\n--x--\r\n")
            request = urllib.request.Request(url + "api/v1/jobs", form,
                                             {"Content-Type": "multipart/form-data; boundary=x"})
            with urllib.request.urlopen(request) as answer:
                job = json.load(answer)["id"]
            with urllib.request.urlopen(f"{url}api/v1/jobs/{job}/events") as events:
                told = events.read().decode()
            self.assertIn('"state":"done"', told.rsplit("event: end", 1)[1])
            with urllib.request.urlopen(f"{url}api/v1/jobs/{job}/result?format=midi") as result:
                self.assertTrue(result.read().startswith(b"MThd"))
            for page in ("", "page.js", "page.css"):
                with urllib.request.urlopen(url + page) as part:
                    elsewhere = re.findall(r"https?://[^\s\"'<>)]+", part.read().decode())
                # Names of XML, which nobody opens.
                self.assertEqual([link for link in elsewhere if not link.startswith("http://www.w3.org/")], [])
        finally:
            server.terminate()
            server.stdout.close()
            server.wait()


if __name__ == "__main__":
    if INSIDE not in os.environ:
        namespace = ["unshare", "--map-root-user", "--net"]
        if shutil.which("unshare") is None or subprocess.run([*namespace, "true"], stderr=subprocess.DEVNULL).returncode:
            print("Skipped: network namespaces are not allowed here")
            sys.exit(77)
        os.execvpe(namespace[0], [*namespace, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})
    start_loopback()
    unittest.main(argv=sys.argv[:1])
