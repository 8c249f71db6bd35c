"""What the load of a bench looks like from the other side."""

from __future__ import annotations

import socket

from bench.transports import Http
from bench.workload import Request


def test_requests_over_http_name_the_host_they_go_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        transport = Http(f"http://{place}", 1, root="/v1/")
        try:
            transport.send(Request("chat/completions", b"{}"))
            connection, _ = server.accept()
            with connection:
                connection.settimeout(10)
                head, _, body = connection.recv(4096).partition(b"\r\n\r\n")
        finally:
            transport.close()
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /v1/chat/completions HTTP/1.1"
    assert f"Host: {place}" in headers
    assert body == b"{}"
