"""mcbatch against its sandbox, from outside."""

import json
import os
import re
import subprocess
import time


class Program:
    """Runs `mcbatch` in a folder; with `sandbox`, a sandbox beside it until `close`."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.double = binary, folder, None
        self.environment = {**os.environ, "MEDIACONVERT_API_TOKEN": "mc_test_sandbox",
                            "XDG_STATE_HOME": os.path.join(folder, "state")}

    def path(self, name):
        return os.path.join(self.folder, name)

    def sandbox(self, *options):
        with open(self.path("sandbox.out"), "w") as out, open(self.path("sandbox.err"), "w") as err:
            self.double = subprocess.Popen([self.binary, "sandbox", "--listen", "127.0.0.1:0", "--tls-dir",
                                            self.path("tls"), *options], stdout=out, stderr=err)
        for _ in range(200):
            with open(self.path("sandbox.out")) as out:
                said = out.read()
            if said.startswith("listening on "):
                self.service = ["--base-url", said.split()[2], "--ca-file", self.path("tls/ca.pem")]
                return
            if self.double.poll() is not None:
                break
            time.sleep(0.05)
        with open(self.path("sandbox.err")) as err:
            raise RuntimeError("the sandbox did not start: " + err.read())

    def run(self, *arguments, codes=(0,), seconds=60):
        done = subprocess.run([self.binary, *arguments], cwd=self.folder, env=self.environment, capture_output=True,
                              text=True, timeout=seconds)
        if done.returncode not in codes:
            raise AssertionError(f"mcbatch {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done

    def submit(self, *arguments, **more):
        return self.run("submit", *arguments, *self.service, "--progress", "none", codes=(0, 1, 75), **more)

    def track(self, *arguments, **more):
        return self.run("track", *arguments, *self.service, "--progress", "none", codes=(0, 1, 75), **more)

    def watch(self, command, *arguments):
        """Starts `mcbatch submit` or `track` with a live page, and gives its process and the page's address. What it
        writes is in the folder's files `watched.out` and `watched.err`."""
        with open(self.path("watched.out"), "w") as out, open(self.path("watched.err"), "w") as err:
            process = subprocess.Popen([self.binary, command, *arguments, *self.service, "--progress", "none", "--page",
                                        "127.0.0.1:0"], cwd=self.folder, env=self.environment, stdout=out, stderr=err)
        for _ in range(200):
            with open(self.path("watched.err")) as err:
                said = err.read()
            if address := re.search(r"the page is at (\S+)", said):
                return process, address[1]
            if process.poll() is not None:
                break
            time.sleep(0.05)
        process.kill()
        process.wait(10)
        raise RuntimeError(f"mcbatch {command} showed no page: {said}")

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json").stdout)

    def export(self, ledger):
        return [json.loads(line) for line in self.run("export", ledger).stdout.splitlines()]

    def close(self):
        if self.double:
            self.double.terminate()
            self.double.wait(10)


def manifest(path, entries, odd=()):
    """Writes a manifest of three types of jobs; every entry of a number in `odd` is no valid job."""
    types = [("video", "mov", "mp4")] * 7 + [("audio", "wav", "aac")] * 2 + [("image", "tiff", "webp")]
    with open(path, "w") as file:
        for n in range(entries):
            kind, source, target = types[n * 7 % 10]
            entry = {"job_type": kind, "input_url": f"https://ingest.example.com/masters/{n:06}.{source}",
                     "output_url": f"https://delivery.example.com/{n:06}.{target}", "input_format": source,
                     "output_format": target, "input_size_bytes": 1_000_000 + n}
            if n in odd:
                del entry["output_url"]
            file.write(json.dumps(entry) + "\n")
