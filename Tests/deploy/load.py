"""Eight clients that read, each over one kept connection, for some seconds; fails if any request fails.

usage: load.py SECONDS ACCOUNT TOKEN MENU
"""

import http.client
import ssl
import sys
import threading
import time

seconds, account, token, menu = float(sys.argv[1]), *sys.argv[2:5]
path = f"/v2/accounts/{account}/menus/{menu}"
ends = time.monotonic() + seconds
lock = threading.Lock()
answers = {}
slowest = 0.0


def client():
    global slowest
    connection = None
    while time.monotonic() < ends:
        began = time.monotonic()
        try:
            if connection is None:
                context = ssl.create_default_context()
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                connection = http.client.HTTPSConnection("localhost", timeout=30, context=context)
            connection.request("GET", path, headers={"X-Auth-Token": token})
            answer = connection.getresponse()
            answer.read()
            word = answer.status
            if answer.getheader("Connection") == "close":
                connection.close()
                connection = None
        except (OSError, http.client.HTTPException) as error:
            word = f"{type(error).__name__}"
            connection = None
        with lock:
            answers[word] = answers.get(word, 0) + 1
            slowest = max(slowest, time.monotonic() - began)


threads = [threading.Thread(target=client) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"{answers}, the slowest after {slowest * 1000:.0f} ms")
sys.exit(0 if set(answers) == {200} else 1)
