"""Eight clients, each over one kept connection, until a file appears; fails if any request fails.

usage: load.py [--write] [--reload] FILE ACCOUNT TOKEN MENU
  --write    two of them change the menu; otherwise all read it
  --reload   the front end is told to reload: it may close a kept connection while it waits for its next request, and a
             request that met this end is sent once more, as HTTP lets clients do with what does no harm twice (RFC 9110
             §9.2.2), which these changes do not
"""

import http.client
import os
import ssl
import sys
import threading
import time

options = {word for word in sys.argv[1:] if word.startswith("--")}
writes, reloads = "--write" in options, "--reload" in options
file, account, token, menu = sys.argv[len(options) + 1 :]
path = f"/v2/accounts/{account}/menus/{menu}"
stop = threading.Event()
lock = threading.Lock()
answers = {}
slowest = 0.0


def connect():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("localhost", timeout=30, context=context)


def client(number):
    global slowest
    connection, is_kept, count = None, False, 0
    began = time.monotonic()
    while not stop.is_set():
        try:
            connection = connection or connect()
            if writes and number < 2:
                count += 1
                body = f'{{"data":{{"interdigit_timeout":{count % 1000 + 1}}}}}'
                connection.request("PATCH", path, body, {"X-Auth-Token": token, "Content-Type": "application/json"})
            else:
                connection.request("GET", path, headers={"X-Auth-Token": token})
            answer = connection.getresponse()
            answer.read()
            word = answer.status
            is_kept = answer.getheader("Connection") != "close"
            if not is_kept:
                connection.close()
                connection = None
        except (OSError, http.client.HTTPException) as error:
            connection = None
            if reloads and is_kept and isinstance(error, (ConnectionError, ssl.SSLError)):
                is_kept = False
                continue
            word = type(error).__name__
        with lock:
            answers[word] = answers.get(word, 0) + 1
            slowest = max(slowest, time.monotonic() - began)
        began = time.monotonic()


threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
while not os.path.exists(file):
    time.sleep(0.1)
stop.set()
for thread in threads:
    thread.join()
print(f"{answers}, the slowest after {slowest * 1000:.0f} ms")
sys.exit(0 if set(answers) == {200} else 1)
