#!/usr/bin/python3
"""How long `mcbatch submit` takes from its start to the first byte of its first job, beyond setting up TCP and TLS.

first_byte.py FOLDER TIMES: prints milliseconds, one line for each run with a new ledger and a manifest of one job.
FOLDER has ca.pem, server.pem and server.key.

This script is the server, so that one clock tells all: when it started the program, when it accepted its connection,
when the handshake was done and when the first byte of the request was there. What lies between the second and the third
is the set-up; the rest is the program's own time: loading, reading, making the ledger, committing the intent.
"""
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time

folder, times = sys.argv[1], int(sys.argv[2])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
answer = b'{"id":"job_1","status":"pending","estimated_cost_micros":1234}'
reply = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer)
manifest = subprocess.run(["bench/manifest.sh", "1"], check=True, capture_output=True).stdout


def read_request(connection):
    received = connection.recv(1)
    first = time.monotonic()
    while manifest.rstrip(b"\n") not in received:
        more = connection.recv(65536)
        if not more:
            sys.exit("the connection ended before the job was there")
        received += more
    return first


def run_once(listener, scratch):
    path = f"{scratch}/one.jsonl"
    with open(path, "wb") as file:
        file.write(manifest)
    command = ["build/mcbatch", "submit", path,
               "--base-url", f"https://127.0.0.1:{listener.getsockname()[1]}/api/v1", "--ca-file", f"{folder}/ca.pem",
               "--limit", "1000000000/1s", "--progress", "none", "--log-level", "warning"]
    environment = dict(os.environ, XDG_STATE_HOME=f"{scratch}/state")
    started = time.monotonic()
    program = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    raw, _ = listener.accept()
    accepted = time.monotonic()
    with context.wrap_socket(raw, server_side=True) as connection:
        ready = time.monotonic()
        first = read_request(connection)
        connection.sendall(reply)
        if program.wait(timeout=60) != 0:
            sys.exit("mcbatch submit failed")
    return (accepted - started) + (first - ready)


with socket.create_server(("127.0.0.1", 0)) as listener:
    listener.settimeout(60)
    for _ in range(times):
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            print(f"{1000 * run_once(listener, scratch):.1f}")
