"""Lets the exporter `mktxp` read a RouterOS API server once and prints what it found as JSON: for each
metric a list of its samples, the labels and the value.

Arguments: host, port, user, password.
"""

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

host, port, user, password = sys.argv[1:]
# So long a machine under load may take.
PATIENCE = 60

COLLECTED = [
    "dhcp",
    "dhcp_lease",
    "interface",
    "queue",
    "user",
    "health",
    "installed_packages",
    "pool",
    "firewall",
]
NOT_COLLECTED = ["connections", "route", "neighbor", "netwatch", "monitor", "poe", "public_ip", "wireless", "capsman"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def configuration(folder, listen):
    switches = [f"{name} = True" for name in COLLECTED] + [f"{name} = False" for name in NOT_COLLECTED]
    router = ["[router]", "enabled = True", f"hostname = {host}", f"port = {port}", f"username = {user}"]
    router += [f"password = {password}", 'address_list = "blocked,vip"'] + switches
    (folder / "mktxp.conf").write_text("\n".join(router) + "\n")
    (folder / "_mktxp.conf").write_text(f"[MKTXP]\nlisten = '127.0.0.1:{listen}'\nsocket_timeout = 20\n")


def scrape(listen, process):
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{listen}/metrics", timeout=PATIENCE) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)


def samples(text):
    found = {}
    for name, labels, value in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.MULTILINE):
        pairs = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))
        found.setdefault(name, []).append([pairs, float(value)])
    return found


with tempfile.TemporaryDirectory() as name:
    folder, listen = Path(name), free_port()
    configuration(folder, listen)
    command = [str(Path(sys.executable).with_name("mktxp")), "--cfg-dir", name, "export"]
    log = (folder / "log").open("w+")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        found = samples(scrape(listen, process))
    finally:
        process.terminate()
        process.wait()
        log.seek(0)
        print(log.read(), file=sys.stderr)
json.dump(found, sys.stdout)
