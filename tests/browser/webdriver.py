"""A headless Chromium, driven by chromedriver's WebDriver API (W3C, WebDriver 2) over loopback. The standard library
alone. Every wait is bounded, and `close` leaves no process behind."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

CHROMIUM = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--hide-scrollbars", "--force-color-profile=srgb", "--lang=en",
]


class Browser:
    def __init__(self, timezone="Europe/Berlin"):
        self.folder = tempfile.mkdtemp(prefix="mcbatch-browser-")
        environment = {**os.environ, "TZ": timezone, "HOME": self.folder, "TMPDIR": self.folder}
        # In a process group of its own, with the browsers that it starts.
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       text=True, start_new_session=True, env=environment)
        self.session = None
        try:
            self.url = f"http://127.0.0.1:{self._port()}"
            answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": {"args": CHROMIUM + [f"--user-data-dir={self.folder}/profile"]},
                "goog:loggingPrefs": {"browser": "ALL"},
                "timeouts": {"script": 10000, "pageLoad": 20000},
            }}})
            self.session = f"/session/{answer['sessionId']}"
        except BaseException:
            self.close()
            raise

    def _port(self):
        seen = ""
        for line in self.driver.stdout:
            seen += line
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                # What else it says is read, lest it block, and dropped.
                threading.Thread(target=self.driver.stdout.read, daemon=True).start()
                return int(found[1])
        raise RuntimeError("chromedriver did not start: " + seen)

    def _ask(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as e:
            raise RuntimeError(f"{method} {path}: {json.load(e)['value']['message'].splitlines()[0]}") from None

    def _do(self, method, path, body=None):
        return self._ask(method, self.session + path, body)

    def cdp(self, command, **parameters):
        """A command of Chromium's DevTools protocol."""
        return self._do("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self._do("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """What the body of a JavaScript function returns."""
        return self._do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait_for(self, script, *arguments, seconds=10):
        """Asks until the script returns something true; that is returned."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(script, *arguments)
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s: {script}")
            time.sleep(0.05)

    def messages(self):
        """What the console said since it was last asked for: errors, warnings, violations of the policy."""
        return self._do("POST", "/se/log", {"type": "browser"})

    def resize(self, width, height):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)

    def prefer(self, **features):
        """prefer(color_scheme="dark")"""
        self.cdp("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-" + n.replace("_", "-"), "value": v} for n, v in features.items()])

    def _lay_out(self, width, height):
        """Charts fit themselves to the width when the page has been laid out, and are drawn in a frame behind that."""
        self.resize(width, height)
        time.sleep(0.3)
        for _ in range(3):
            self._do("POST", "/execute/async", {"script": "requestAnimationFrame(arguments[0])", "args": []})

    def screenshot(self, path, width, height=None):
        """The page at that width, whole or as high as that."""
        self._lay_out(width, height or 800)
        if height is None:
            height = self.run("return Math.ceil(document.documentElement.scrollHeight)")
            self._lay_out(width, height)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.cdp("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def close(self):
        try:
            if self.session:
                self._do("DELETE", "")
        except (OSError, RuntimeError):
            pass  # it is killed in any case
        try:
            os.killpg(self.driver.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.driver.wait(10)
        end = time.monotonic() + 10
        while (left := self._processes()) and time.monotonic() < end:
            for process in left:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _processes(self):
        """Those of this browser that are still there, wherever they have put themselves: its folder is in their
        command line."""
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as line:
                    if self.folder.encode() in line.read():
                        found.append(int(name))
            except OSError:
                pass  # it has ended
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
