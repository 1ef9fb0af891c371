"""A service over HTTPS whose every text is hostile: some jobs are refused, some are in doubt, the conversions of the
others fail."""

import http.server
import json
import ssl
import threading
import urllib.parse


class HostileService:
    """Answers at `url` with `text` wherever a text is to be given, and with `long` in one place. `tls` is the folder of
    a sandbox's certificates."""

    def __init__(self, tls, text, long):
        self.created = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                outer.created += 1
                if outer.created % 4 == 2:
                    self.answer(422, {"error": text, "message": text})
                elif outer.created % 4 == 3:
                    self.answer(500, {"error": text, "message": long})
                else:
                    job = f"job_{outer.created}" if outer.created > 1 else text
                    self.answer(201, {"id": job, "status": "pending", "job_type": text, "estimated_cost_micros": 10})

            def do_GET(self):
                job = urllib.parse.unquote(self.path.rsplit("/", 1)[1])
                self.answer(200, {"id": job, "status": "failed", "job_type": text, "progress_percentage": 50,
                                  "error_code": text, "error_message": text, "failed_at": text, "name": text})

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{tls}/server.pem", f"{tls}/server.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}/api/v1"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
