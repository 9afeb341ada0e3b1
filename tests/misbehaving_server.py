"""A mirror on this machine that does, on request, what mirrors do on a bad day.

The path of a request names the behaviour: ``/not_found/seeds.csv.gz``. The behaviours are
the functions below `Server`; each gets the request and the body that would be right.
"""

import functools
import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """Serves ``content``; ``seen`` lists the behaviours asked for, in order."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), Request)
        self.content, self.packed = content, gzip.compress(content)
        self.seen, self.pause = [], 0.1
        self.half_sent, self.over = threading.Event(), threading.Event()
        self.both_here = threading.Barrier(2, timeout=20)

    def url(self, behaviour):
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/file.gz"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *args):
        self.over.set()
        self.shutdown()
        self.server_close()


class Request(BaseHTTPRequestHandler):
    def do_GET(self):
        behaviour = self.path.split("/")[1]
        self.server.seen.append(behaviour)
        self.server.accepted = self.headers["Accept-Encoding"]
        try:
            globals()[behaviour](self, self.server.packed)
        except OSError:  # whoever asked did not wait for the end
            self.close_connection = True

    def head(self, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def send(self, body, **headers):
        self.head(Content_Length=len(body), **headers)
        self.wfile.write(body)

    def wait(self):
        self.server.over.wait()

    def drip(self, data):
        for i in range(len(data)):
            if self.server.over.wait(0.02):
                return
            self.wfile.write(data[i : i + 1])

    def log_message(self, *args):
        pass


# Good ones


def good(request, body):
    request.send(body)


def good_decompressed(request, body):
    request.send(request.server.content)


def good_decompressed_on_the_way(request, body):
    request.send(body, Content_Encoding="gzip")


def good_after_redirect(request, body):
    request.head(302, Location=request.server.url("good"))


def good_without_length(request, body):
    request.head()
    request.wfile.write(body)


def good_in_two_halves(request, body):
    request.head(Content_Length=len(body))
    request.wfile.write(body[: len(body) // 2])
    time.sleep(request.server.pause)
    request.wfile.write(body[len(body) // 2 :])


def good_for_two_at_once(request, body):
    request.server.both_here.wait()  # neither gets a byte before the other asks
    good_in_two_halves(request, body)


# Bad ones


def not_found(request, body):
    request.send_error(404)


def broken(request, body):
    request.send_error(500)


def hangs_up(request, body):
    pass


def speaks_another_protocol(request, body):
    request.wfile.write(b"220 mail.example ESMTP\r\n")


def lies_about_length(request, body):
    request.head(Content_Length="many")


def stops_halfway(request, body):
    request.head(Content_Length=len(body))
    request.wfile.write(body[: len(body) // 2])


def stops_halfway_unannounced(request, body):
    request.head()
    request.wfile.write(body[: len(body) // 2])


def stops_halfway_decompressed(request, body):
    request.send(request.server.content[:100])


def sends_nothing(request, body):
    request.send(b"")


def sends_damaged_gzip(request, body):
    request.send(body[:-8] + bytes(8))


def sends_other_content(request, body):
    request.send(bytes(len(request.server.content)))


def sends_gzip_of_other_content(request, body):
    request.send(gzip.compress(bytes(len(request.server.content))))


def sends_a_login_page(request, body):
    request.send(b"<html>Welcome to the hotel's network</html>", Content_Type="text/html")


def sends_too_much(request, body):
    request.head()
    while not request.server.over.is_set():
        request.wfile.write(bytes(2**16))


def sends_a_bomb(request, body):
    request.send(bomb())


@functools.cache
def bomb():
    return gzip.compress(bytes(2**26))


def hangs_before_headers(request, body):
    request.wait()


def hangs_halfway(request, body):
    request.head(Content_Length=len(body))
    request.wfile.write(body[: len(body) // 2])
    request.server.half_sent.set()
    request.wait()


def drips_headers(request, body):
    request.drip(b"HTTP/1.0 200 OK\r\nX-Long: " + b"x" * 10_000)


def drips_body(request, body):
    request.head(Content_Length=len(body))
    request.drip(body)


def redirects_to_itself(request, body):
    request.head(302, Location=request.path)
