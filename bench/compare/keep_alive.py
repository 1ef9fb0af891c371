#!/usr/bin/python3
"""The client that one writes in an afternoon: threads that each keep a connection alive and post the next line.

keep_alive.py URL CA-FILE TOKEN THREADS MANIFEST
"""
import http.client
import ssl
import sys
import threading
import urllib.parse

url, ca_file, token, threads, manifest = sys.argv[1:]
service = urllib.parse.urlsplit(url)
context = ssl.create_default_context(cafile=ca_file)
headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
lock = threading.Lock()
failed = []


def submit(lines):
    connection = http.client.HTTPSConnection(service.hostname, service.port, context=context)
    while True:
        with lock:
            line = next(lines, None)
        if line is None:
            break
        connection.request("POST", service.path + "/conversion_jobs", line.rstrip(b"\n"), headers)
        reply = connection.getresponse()
        reply.read()
        if reply.status != 201:
            failed.append(reply.status)
    connection.close()


with open(manifest, "rb") as lines:
    workers = [threading.Thread(target=submit, args=(lines,)) for _ in range(int(threads))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
sys.exit(f"{len(failed)} jobs were refused" if failed else 0)
