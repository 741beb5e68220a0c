"""Tiny wheels that stand in for the large downloads, a folder and a server of them. Everything else is real pip."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from inference.engine.flavours import Flavour

WORKING_TORCH = "__version__ = '2.13.0'\ndef zeros(n):\n    return [0.0] * n\n"
OTHERS = (("numpy", "2.3.5"), ("safetensors", "0.8.0"))
NOTHING = "__version__ = 'stand-in'\n"


def add_wheel(folder: Path, name: str, version: str, code: str = NOTHING) -> Path:
    """A valid wheel that holds one module of `code`."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}/__init__.py", code)
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", f"{name}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


def add_wheels(folder: Path, torch: str = WORKING_TORCH) -> Path:
    """All that an environment needs, the stand-in for torch being `torch`."""
    folder.mkdir(exist_ok=True)
    add_wheel(folder, "torch", "2.13.0", torch)
    for name, version in OTHERS:
        add_wheel(folder, name, version)
    return folder


def flavour(*indexes: str) -> Flavour:
    return Flavour("cpu", "CPU", "", indexes, "", ("linux",), (), 0.001, 0.1)


@dataclass
class Shop:
    """A package index of a folder of wheels."""

    folder: Path
    url: str = ""
    loaded: list[str] = field(default_factory=list)


@contextmanager
def open_shop(folder: Path) -> Iterator[Shop]:
    shop = Shop(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = self.path.strip("/").split("/")
            if len(parts) == 2 and parts[0] == "simple":
                wheels = sorted(folder.glob(f"{parts[1]}-*.whl"))
                links = "".join(f'<a href="/files/{wheel.name}">{wheel.name}</a>' for wheel in wheels)
                self.answer(200 if wheels else 404, links.encode(), "text/html", "no-cache")
            else:
                shop.loaded.append(parts[-1])
                self.answer(200, (folder / parts[-1]).read_bytes(), "application/zip", "max-age=3600")

        def answer(self, code: int, body: bytes, kind: str, cache: str) -> None:
            self.send_response(code)
            for name, value in (
                ("Content-Type", kind),
                ("Content-Length", str(len(body))),
                ("Cache-Control", cache),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.url = f"http://127.0.0.1:{server.server_port}/simple"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
