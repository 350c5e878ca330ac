"""Clients that are too many or too slow, all on this machine, and what the others notice of them.

usage: crowd.py slow COUNT ACCOUNT TOKEN USER     COUNT clients of each kind: that take their time with the header, with
                                                  the body, and with reading the answer (USER's photo)
       crowd.py storm COUNT ACCOUNT TOKEN MENU    COUNT connections, and then a request on all of them at once

Fails if any other client fails or waits too long: its 99th percentile may be three times what it is alone, and 5 ms
more, which the processor is shared for; or if any request of a storm has another answer than 200.
"""

import collections
import http.client
import multiprocessing
import resource
import selectors
import socket
import ssl
import sys
import threading
import time

context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE

# Each other client asks so often, and so many times.
INTERVAL, REQUESTS, OTHERS = 0.04, 250, 4


def connect(is_secure, receive_buffer=None):
    connection = socket.create_connection(("127.0.0.1", 443 if is_secure else 80), 60)
    if is_secure:
        connection = context.wrap_socket(connection)
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    return connection


def in_threads(count, body, threads=8):
    """Calls body(index) for each index below count."""
    indices = iter(range(count))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                index = next(indices, None)
            if index is None:
                return
            body(index)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def measure(path, token):
    """How long the others wait, in seconds; each failure is said."""
    durations, failures = [], []

    def client(_):
        connection = http.client.HTTPSConnection("127.0.0.1", timeout=30, context=context)
        due = time.monotonic()
        for number in range(REQUESTS):
            time.sleep(max(0, due - time.monotonic()))
            began = time.monotonic()
            try:
                connection.request("GET", path, headers={"X-Auth-Token": token})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    failures.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                failures.append(type(error).__name__)
                connection.close()
            # The first request makes the connection.
            if number:
                durations.append(time.monotonic() - began)
            due += INTERVAL

    in_threads(OTHERS, client, OTHERS)
    return durations, failures


class Header:
    """Sends a field of its header now and then. In the clear: nginx ends such clients after 15 seconds, and in this
    time all of them are to be there."""

    secure, receive_buffer, interval = False, None, 2

    def __init__(self, names):
        self.first = b"GET /v2 HTTP/1.1\r\nHost: localhost\r\n"

    def go_on(self, connection):
        connection.send(b"X-A: b\r\n")


class Body:
    """Sends a byte of its body now and then."""

    secure, receive_buffer, interval = True, None, 4

    def __init__(self, names):
        self.first = (
            f"PUT /v2/accounts/{names['account']}/menus HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
            f"Content-Type: application/json\r\nX-Auth-Token: {names['token']}\r\n\r\n"
        ).encode()

    def go_on(self, connection):
        connection.send(b"{")


class Reader:
    """Takes some bytes of a large answer now and then."""

    secure, receive_buffer, interval = True, 4096, 2

    def __init__(self, names):
        self.first = (
            f"GET {names['photo']} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {names['token']}\r\n\r\n"
        ).encode()

    def go_on(self, connection):
        if not connection.recv(512):
            raise ConnectionError


def be_slow(kind, count, names, ready, over):
    """One process of slow clients: says how many are connected, and at the end how many still are."""
    client = kind(names)
    connections = [None] * count

    def begin(index):
        connections[index] = connect(kind.secure, kind.receive_buffer)
        connections[index].sendall(client.first)

    in_threads(count, begin)
    ready.put(count)
    for connection in connections:
        connection.setblocking(False)
    while not over.wait(kind.interval):
        for index, connection in enumerate(connections):
            if connection is None:
                continue
            try:
                client.go_on(connection)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                pass
            except OSError:
                connections[index] = None
    ready.put(sum(connection is not None for connection in connections))


def slow(count, account, token, user):
    names = {"account": account, "token": token, "photo": f"/v2/accounts/{account}/users/{user}/photo"}
    path = f"/v2/accounts/{account}/users/{user}"
    connection = http.client.HTTPSConnection("127.0.0.1", timeout=30, context=context)
    # More than what fits into all buffers on the way to a reader.
    photo = b"\x89PNG\r\n\x1a\n" + bytes(2_000_000)
    connection.request("PUT", names["photo"], photo, {"X-Auth-Token": token, "Content-Type": "image/png"})
    answer = connection.getresponse()
    answer.read()
    if answer.status not in (200, 201, 204):
        sys.exit(f"the photo is answered with {answer.status}")
    has_failed = False
    for kind in (Header, Body, Reader):
        alone, failures = measure(path, token)
        ready, over = multiprocessing.Queue(), multiprocessing.Event()
        processes = [
            multiprocessing.Process(target=be_slow, args=(kind, count // 2, names, ready, over)) for _ in range(2)
        ]
        began = time.monotonic()
        for process in processes:
            process.start()
        connected = sum(ready.get(timeout=120) for _ in processes)
        took = time.monotonic() - began
        beside, more = measure(path, token)
        over.set()
        left = sum(ready.get(timeout=60) for _ in processes)
        for process in processes:
            process.join()
        alone_again, still_more = measure(path, token)
        failures += more + still_more
        # The machine may have become slower or faster by itself.
        idle = max(percentile(alone, 0.99), percentile(alone_again, 0.99))
        p99 = percentile(beside, 0.99)
        is_wrong = bool(failures) or p99 > 3 * idle + 0.005 or left < count * 0.9
        has_failed |= is_wrong
        print(
            f"{'FAILED: ' if is_wrong else ''}{connected} slow clients ({kind.__name__.lower()}), connected in "
            f"{took:.1f} s, {left} of them held to the end: p50 {percentile(beside, 0.5) * 1000:.1f} ms, p99 "
            f"{p99 * 1000:.1f} ms; alone p99 {idle * 1000:.1f} ms; failures {failures}",
            flush=True,
        )
    return has_failed


def storm(count, account, token, menu):
    request = (
        f"GET /v2/accounts/{account}/menus/{menu} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {token}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    connections = [None] * count

    def open_one(index):
        connections[index] = connect(True)
        # After an answer nginx waits for a minute, before it for 15 seconds, in which they cannot all be opened.
        connections[index].sendall(b"GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += connections[index].recv(4096) or sys.exit("nginx closes a connection at once")

    began = time.monotonic()
    in_threads(count, open_one)
    opened = time.monotonic() - began
    began = time.monotonic()
    selector = selectors.DefaultSelector()
    for connection in connections:
        connection.setblocking(False)
        connection.send(request)
        selector.register(connection, selectors.EVENT_READ, bytearray())
    sent = time.monotonic() - began
    answers, slowest, waiting = collections.Counter(), 0.0, count
    while waiting:
        events = selector.select(60)
        if not events:
            answers["silence"] += waiting
            break
        for key, _ in events:
            try:
                bytes_read = key.fileobj.recv(65536)
            except (ssl.SSLWantReadError, BlockingIOError):
                continue
            except OSError as error:
                bytes_read = b""
                key.data.extend(type(error).__name__.encode())
            key.data.extend(bytes_read)
            if bytes_read:
                continue
            words = bytes(key.data[:64]).split()
            answers[words[1].decode() if len(words) > 1 else bytes(key.data[:64]).decode() or "nothing"] += 1
            slowest = time.monotonic() - began
            selector.unregister(key.fileobj)
            key.fileobj.close()
            waiting -= 1
    print(
        f"{count} connections in {opened:.1f} s, a request on each within {sent:.1f} s: {dict(answers)}, "
        f"the last after {slowest:.1f} s",
        flush=True,
    )
    return set(answers) != {"200"}


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # A fork would take along what OpenSSL's threads hold just then.
    multiprocessing.set_start_method("spawn")
    work = {"slow": slow, "storm": storm}[sys.argv[1]]
    sys.exit(1 if work(int(sys.argv[2]), *sys.argv[3:]) else 0)
