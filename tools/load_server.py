#!/usr/bin/env python3
"""Many clients at once for a running `yourmt3 serve`, few of which mean well.

Clients of every kind begin together: some hand in a recording, others hand in noise or far too much, send a byte now and then, hang up in
the midst, follow a job without reading what they are told, or ask for things. Then the server is left alone: how long does it take to be
well again, and does every job that it accepted come to an end? Ends with 1 when a job is lost, when an answer has a status that is
not documented for its case, or when the server is not well again.

    yourmt3 serve --port 8000 --data /tmp/jobs --max-waiting 100 &
    tools/load_server.py http://127.0.0.1:8000 --pid $! --uploads 200 --slow 100
"""
import argparse
import collections
import concurrent.futures
import http.client
import io
import json
import math
import os
import random
import socket
import statistics
import struct
import sys
import threading
import time
import urllib.parse
import wave

BOUNDARY = "yourmt3-load"
PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="audio"; filename="load.wav"\r\n\r\n'.encode()
END = f"\r\n--{BOUNDARY}--\r\n".encode()
# For every kind of client the statuses that docs/openapi.json tells; None: no answer is expected.
DOCUMENTED = {
    "uploads": {202, 408, 429, 503, 507},
    "noise": {408, 415, 429, 503, 507},
    "oversized": {408, 413, 429, 503, 507},
    "slow": {408, 429, 503, 507},
    "aborted": {None},
    "streams": {200, 404, 408, 429, 503},
    "reads": {200, 408, 503},
}


def recording(seconds):
    """A few tones as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 16000, 0, "NONE", ""))
        sound.writeframes(b"".join(
            struct.pack("<h", int(9000 * math.sin(2 * math.pi * (220 + 110 * (i // 8000 % 4)) * i / 16000)))
            for i in range(int(seconds * 16000))))
    return file.getvalue()


class Server:
    def __init__(self, url, token, timeout):
        self.address = urllib.parse.urlsplit(url)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.timeout = timeout

    def ask(self, method, path, body=None, headers=None):
        """Status and body."""
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port or 80, timeout=self.timeout)
        try:
            connection.request(method, path, body, {**self.headers, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, sound):
        body = PART + sound + END
        return self.ask("POST", "/api/v1/jobs", body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})

    def raw(self, head):
        """A socket on which the head of a request is sent."""
        peer = socket.create_connection((self.address.hostname, self.address.port or 80), self.timeout)
        lines = [head, f"Host: {self.address.netloc}", *(f"{name}: {value}" for name, value in self.headers.items())]
        peer.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return peer

    def raw_upload(self, n_bytes):
        return self.raw("POST /api/v1/jobs HTTP/1.1\r\n"
                        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {n_bytes}")


def status_of(peer):
    answer = b""
    while len(answer) < 12:
        more = peer.recv(12 - len(answer))
        if not more:
            return 0
        answer += more
    return int(answer[9:12])


class Load:
    def __init__(self, server, options):
        self.server, self.options = server, options
        self.sound = recording(options.seconds)
        self.limit = json.loads(server.ask("GET", "/api/v1/info")[1])["max_upload_bytes"]
        self.accepted, self.first = set(), None
        self.lock = threading.Lock()

    def uploads(self):
        status, body = self.server.post(self.sound)
        if status == 202:
            with self.lock:
                self.accepted.add(json.loads(body)["id"])
        return status

    def noise(self):
        return self.server.post(random.randbytes(20000))[0]

    def oversized(self):
        """Sends until it is stopped, but at most the limit and a MiB."""
        with self.server.raw_upload(self.limit + (2 << 20)) as peer:
            peer.sendall(PART)
            block, n_left = bytes(1 << 16), self.limit + (1 << 20)
            peer.setblocking(False)
            while n_left > 0:
                try:
                    n_left -= peer.send(block)
                except BlockingIOError:
                    time.sleep(0.001)
                except OSError:
                    break
                try:
                    if peer.recv(1, socket.MSG_PEEK):
                        break
                except BlockingIOError:
                    pass
            peer.settimeout(self.server.timeout)
            return status_of(peer)

    def slow(self):
        with self.server.raw_upload(1 << 20) as peer:
            peer.sendall(PART)
            peer.settimeout(1)
            end = time.monotonic() + self.server.timeout
            while time.monotonic() < end:
                try:
                    peer.send(b"x")
                    return status_of(peer)
                except socket.timeout:
                    continue
            return 0

    def aborted(self):
        with self.server.raw_upload(1 << 20) as peer:
            peer.sendall(PART + self.sound[:1000])
        return None

    def streams(self):
        with self.server.raw(f"GET /api/v1/jobs/{self.first}/events HTTP/1.1") as peer:
            status = status_of(peer)
            time.sleep(self.options.hold)
            return status

    def reads(self):
        return self.server.ask("GET", random.choice(["/healthz", "/api/v1/jobs", "/api/v1/info", "/metrics"]))[0]

    def timed(self, kind):
        start = time.monotonic()
        try:
            status = getattr(self, kind)()
        except OSError as error:
            status = type(error).__name__
        return kind, status, time.monotonic() - start

    def run(self):
        """For each kind the statuses and the seconds that each client took."""
        status, body = self.server.post(self.sound)
        if status != 202:
            sys.exit(f"the first recording is not accepted: {status} {body.decode(errors='replace')}")
        self.first = json.loads(body)["id"]
        self.accepted.add(self.first)
        clients = [kind for kind in DOCUMENTED for _ in range(getattr(self.options, kind))]
        random.Random(1).shuffle(clients)
        found = collections.defaultdict(list)
        with concurrent.futures.ThreadPoolExecutor(max(1, len(clients))) as pool:
            for kind, status, seconds in pool.map(self.timed, clients):
                found[kind].append((status, seconds))
        return found

    def recovery_sec(self):
        """Until ten questions in a row are answered."""
        start, n_well = time.monotonic(), 0
        while n_well < 10:
            if time.monotonic() - start > self.server.timeout:
                return None
            try:
                n_well = n_well + 1 if self.server.ask("GET", "/healthz")[0] == 200 else 0
            except OSError:
                n_well = 0
        return time.monotonic() - start

    def ends(self):
        """States of the accepted jobs when all have come to their end, or do not any more."""
        last_change, before = time.monotonic(), None
        while True:
            jobs = {job["id"]: job for job in json.loads(self.server.ask("GET", "/api/v1/jobs")[1])["jobs"]}
            states = collections.Counter(jobs[i]["state"] if i in jobs else "lost" for i in self.accepted)
            progress = [(i, jobs[i]["state"], jobs[i]["progress"]) for i in sorted(self.accepted) if i in jobs]
            if progress != before:
                last_change, before = time.monotonic(), progress
            if not states["queued"] + states["running"] or time.monotonic() - last_change > self.server.timeout:
                return states
            time.sleep(0.2)


def memory_mib(pid, field):
    """VmRSS or VmHWM, the highest."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field + ":"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="address of the server, such as http://127.0.0.1:8000")
    parser.add_argument("--token", default=os.environ.get("YOURMT3_TOKEN"), help="its token (default: YOURMT3_TOKEN)")
    parser.add_argument("--pid", type=int, help="process of the server, to tell how much memory it takes")
    for kind, number, text in [("uploads", 100, "hand in a recording"), ("noise", 50, "hand in what is no recording"),
                               ("oversized", 10, "hand in too many bytes"), ("slow", 50, "send a byte a second"),
                               ("aborted", 50, "hang up in the midst"), ("streams", 50, "follow a job without reading"),
                               ("reads", 200, "ask for jobs, health, metrics")]:
        parser.add_argument(f"--{kind}", type=int, default=number, metavar="N", help=f"clients that {text} [{number}]")
    parser.add_argument("--seconds", type=float, default=2, help="length of each recording in s [2]")
    parser.add_argument("--hold", type=float, default=5, help="how long events are not read, in s [5]")
    parser.add_argument("--timeout", type=float, default=120, help="when a client gives up, in s [120]")
    options = parser.parse_args()

    load = Load(Server(options.url, options.token, options.timeout), options)
    before = memory_mib(options.pid, "VmRSS") if options.pid else None
    start = time.monotonic()
    found = load.run()
    load_sec = time.monotonic() - start
    recovery = load.recovery_sec()
    states = load.ends()

    print(f"{'clients':<10} {'number':>6}  {'median s':>8} {'worst s':>8}  statuses")
    ok = True
    for kind in DOCUMENTED:
        if not found[kind]:
            continue
        statuses = collections.Counter(status for status, _ in found[kind])
        seconds = [time_sec for _, time_sec in found[kind]]
        told = ", ".join(f"{n} x {status if status is not None else 'hung up'}{'' if status in DOCUMENTED[kind] else ' (!)'}"
                         for status, n in sorted(statuses.items(), key=lambda item: str(item[0])))
        ok = ok and set(statuses) <= DOCUMENTED[kind]
        print(f"{kind:<10} {len(seconds):>6}  {statistics.median(seconds):>8.2f} {max(seconds):>8.2f}  {told}")
    print(f"load {load_sec:.1f} s; well again after " + (f"{recovery:.2f} s" if recovery is not None else "never (!)"))
    print(f"accepted jobs: {len(load.accepted)}; " + ", ".join(f"{n} {state}" for state, n in sorted(states.items()) if n))
    if options.pid:
        print(f"memory: {before:.0f} MiB before, {memory_mib(options.pid, 'VmHWM'):.0f} MiB at most")
    if not ok or recovery is None or states["lost"] or states["queued"] or states["running"]:
        sys.exit("(!) marks what should not have happened, or a job was lost or does not come to its end")


if __name__ == "__main__":
    main()
