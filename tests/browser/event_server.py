"""A small server of a live page and of its events, which can break off and refuse."""

import http.server
import queue
import threading


class EventServer:
    """Serves `page` at `url`; `send` gives an event to the page that listens, `drop` breaks its connection."""

    PATH = "/s3cret/"

    def __init__(self, page):
        self.page, self.events, self.refusing = page.encode(), queue.Queue(), False
        self.streams = self.refused = 0  # how often the events were asked for
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == outer.PATH:
                    outer._page(self)
                elif self.path == outer.PATH + "events":
                    outer._stream(self)
                else:
                    self.send_error(404)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}{self.PATH}"

    def _page(self, request):
        request.send_response(200)
        request.send_header("Content-Type", "text/html; charset=utf-8")
        request.send_header("Content-Length", str(len(self.page)))
        request.end_headers()
        request.wfile.write(self.page)

    def _stream(self, request):
        self.streams += 1
        if self.refusing:
            self.refused += 1
            request.send_error(503)
            return
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.end_headers()
        request.wfile.write(b"retry: 100\n\n")
        while True:
            event = self.events.get()
            if event is None:
                return  # the connection closes
            request.wfile.write(f"data: {event}\n\n".encode())

    def send(self, event):
        self.events.put(event)

    def drop(self):
        self.events.put(None)

    def close(self):
        self.drop()
        self.server.shutdown()
        self.server.server_close()
