"""What is measured: the server, the floor below it, and what one could build instead. Each stands behind an nginx of its
own, started by a copy of nginx/start whose configuration speaks the target's protocol."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
NGINX = HERE.parents[1] / "nginx"
STATIC_FILE = "/static/document.json"
STATIC_DOWNLOAD = "/static/download.bin"
DOWNLOAD_BYTES = 10_000_000


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    @property
    def json(self):
        return json.loads(self.body)


class Target:
    """A stack: nginx with one program behind it."""

    def __init__(self, name, title, program, protocol="fastcgi", is_floor=False):
        self.name, self.title, self.program, self.protocol, self.is_floor = name, title, program, protocol, is_floor
        self.token = None
        self.port = free_port()
        # What the program's work is about; set when it is filled. A case that lacks one of them is not measured.
        self.names = {}

    def start(self, work, password):
        self.data = work / f"{self.name}-data"
        nginx = work / f"{self.name}-nginx"
        shutil.copytree(NGINX, nginx)
        speak(self.protocol, nginx)
        (nginx / "static").mkdir(exist_ok=True)
        (nginx / STATIC_FILE[1:]).write_bytes(b'{"data":"' + b"x" * 1013 + b'"}')
        (nginx / STATIC_DOWNLOAD[1:]).write_bytes(os.urandom(DOWNLOAD_BYTES))
        self.nginx_home = nginx
        run = subprocess.run(
            [nginx / "start", "--detach", "--no-demo", "--files", "20", "--binary", self.program, "--data", self.data,
             "--port", str(self.port), "--tls-port", str(free_port())],
            env=dict(os.environ, JACKFIELD_PASSWORD=password), stdout=subprocess.DEVNULL)
        if run.returncode != 0:
            raise SystemExit(f"{self.title} does not start; its logs are in {self.data}/logs")
        self.backend = int((self.data / "run/jackfield.pid").read_text())
        self.nginx = int((self.data / "run/nginx.pid").read_text())

    def stop(self):
        if hasattr(self, "nginx_home"):
            subprocess.run([self.nginx_home / "stop", "--data", self.data], stdout=subprocess.DEVNULL)

    def call(self, method, path, body=None, fields=None):
        """Sends one request and returns its answer, whatever its status."""
        fields = dict(fields or {})
        if self.token:
            fields["X-Auth-Token"] = self.token
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, fields, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def expect(self, status, method, path, body=None, fields=None):
        answer = self.call(method, path, body, fields)
        if answer.status != status:
            raise SystemExit(f"{self.title}: {method} {path}: {answer.status}, not {status}: {answer.body[:500]!r}")
        return answer


def speak(protocol, nginx):
    """Changes a copy of nginx's configuration to another protocol. What all stacks share stays: workers, log, compression,
    limits, buffers, and connections that are kept where the protocol can keep them."""
    server, call = nginx / "server.conf", nginx / "fastcgi.conf"
    text = call.read_text()
    if protocol == "fastcgi":
        # PHP-FPM is told the script here. Nobody else reads it, and the server is measured as it is shipped.
        return
    if protocol == "php":
        script = HERE / "peers/php/index.php"
        # A kept connection would hold a process of PHP-FPM while it is idle.
        text = re.sub(r"fastcgi_keep_conn.*\n", "", text)
        text += (f"fastcgi_param SCRIPT_FILENAME {script};\nfastcgi_param PEER_DATA {nginx.parent}/php-data;\n"
                 "fastcgi_param QUERY_STRING $query_string;\n")
    elif protocol == "uwsgi":
        text = re.sub(r"fastcgi_keep_conn.*\n", "", text).replace("fastcgi_", "uwsgi_")
        text += "uwsgi_param PATH_INFO $document_uri;\nuwsgi_param QUERY_STRING $query_string;\n"
        text += "uwsgi_param SERVER_NAME localhost;\nuwsgi_param SERVER_PORT $server_port;\n"
    elif protocol == "http":
        text = re.sub(r"fastcgi_(param|keep_conn).*\n", "", text).replace("fastcgi_", "proxy_")
        text += ('proxy_http_version 1.1;\nproxy_set_header Connection "";\n'
                 "proxy_set_header X-Request-ID $request_id;\n")
    call.write_text(text)
    passed = {"php": "fastcgi_pass jackfield", "uwsgi": "uwsgi_pass jackfield", "http": "proxy_pass http://jackfield"}
    text = server.read_text().replace("fastcgi_pass jackfield", passed[protocol])
    if protocol != "php":
        text = text.replace("fastcgi_next_upstream", ("uwsgi" if protocol == "uwsgi" else "proxy") + "_next_upstream")
    server.write_text(text)


def available(programs, wanted):
    """The targets that can be had; `programs` holds what was built."""
    launch = {}
    for peer in ("flask", "php", "go", "hummingbird-grdb"):
        launch[peer] = programs / f"launch-{peer}"
        launch[peer].write_text(
            f'#!/bin/sh\nexport PEER_PROGRAMS={programs}\nexec {HERE}/peers/launch {peer} "$@"\n')
        launch[peer].chmod(0o755)
    epoll = programs / "floor-epoll"
    epoll.write_text(f'#!/bin/sh\nexec {programs}/floor "$@" --epoll\n')
    epoll.chmod(0o755)
    every = [
        Target("server", "Jackfield", programs / "jackfield"),
        Target("classic", "C, classic loop", programs / "floor", is_floor=True),
        Target("epoll", "C, epoll", epoll, is_floor=True),
        Target("nginx", "nginx alone", programs / "floor", is_floor=True),
        Target("go", "Go", launch["go"]),
        Target("hummingbird", "Hummingbird", launch["hummingbird-grdb"], "http"),
        Target("flask", "Flask", launch["flask"], "uwsgi"),
        Target("php", "PHP", launch["php"], "php"),
    ]
    return [target for target in every if target.name in wanted]
