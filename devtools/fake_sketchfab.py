"""A local server that simulates Sketchfab's Data API v3, including its failures.

It lists made-up models page by page, with thumbnails that can be decoded. A seed decides which
requests fail and how: temporary errors (429 with Retry-After, 500, 503, closed connections, slow
bodies) and thumbnails that are not available at all (missing, not a picture, cut short, not
listed). Run it to try the app by hand:
python -m devtools.fake_sketchfab [--models N] [--failing SHARE] [--seed N] [--port N]
"""

import argparse
import hashlib
import io
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from PIL import Image, ImageDraw

PAGE = 24
CATEGORIES = ("Furniture & Home", "Cars & Vehicles", "Animals & Pets", "Nature & Plants")
THINGS = ("oak chair", "red sofa", "old car", "grey cat", "pine tree", "brass lamp")
SIZES = ((50, 28), (200, 112), (640, 360), (1024, 576))
# Different shapes; a comment makes the bytes of each model different as well.
SHAPES = 48
TOKEN = "0123456789abcdef-the-token"

# Failures that end after a few tries, and failures that do not.
Temporary = Literal["429", "429 by date", "500", "503", "cut", "cut before", "slow"]
Permanent = Literal["missing", "html", "text", "nothing", "short", "unlisted", "forbidden"]
TEMPORARY: tuple[Temporary, ...] = ("429", "429 by date", "500", "503", "cut", "cut before", "slow")
PERMANENT: tuple[Permanent, ...] = (
    *("missing", "html", "text", "nothing", "short", "unlisted", "forbidden"),
)


@dataclass(frozen=True, slots=True)
class Model:
    """A made-up model. `fault` says how its thumbnail fails; empty if it does not."""

    number: int
    uid: str
    likes: int
    fault: str

    @property
    def name(self) -> str:
        """The name of the model."""
        return f"{THINGS[self.number % len(THINGS)]} {self.number}"

    @property
    def is_available(self) -> bool:
        """Whether its thumbnail can be downloaded, if need be after some tries."""
        return self.fault not in PERMANENT


class FakeSketchfab:
    """The server, as a context manager.

    `requests` counts the requests by kind, `faults` the simulated failures.
    """

    def __init__(
        self, *, models: int = 60, failing: float = 0.0, seed: int = 0, port: int = 0
    ) -> None:
        """Make up the models; `failing` is the share of requests that fail."""
        chance = random.Random(seed)
        faults = cycle(TEMPORARY + PERMANENT)
        self.models = [
            Model(
                number,
                hashlib.md5(f"{seed}:{number}".encode()).hexdigest(),
                likes=max(1000, models) - number,
                fault=next(faults) if chance.random() < failing else "",
            )
            for number in range(models)
        ]
        self.by_uid = {model.uid: model for model in self.models}
        self.failing = failing
        self.seed = seed
        self.requests: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        # The path and headers of every request, and the fields that a test changes by uid.
        self.seen: list[tuple[str, Mapping[str, str]]] = []
        self.changed: dict[str, dict[str, Any]] = {}
        # Cursors that are answered with 400, as if they had expired, and with 500.
        self.dead_cursors: set[str] = set()
        self.broken_cursors: set[str] = set()
        # Cursors whose page is empty, though others follow.
        self.empty_cursors: set[str] = set()
        # The status and the body for models that are refused, by uid.
        self.refused: dict[str, tuple[int, bytes]] = {}
        # A part of the URLs of thumbnails: increase it, and all thumbnails have new URLs.
        self.renewed = 0
        self.lock = threading.Lock()
        self._tries: Counter[str] = Counter()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.fake = self

    def __enter__(self) -> Self:
        """Start the server."""
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def home(self) -> str:
        """The URL of the server."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def api(self) -> str:
        """The URL of the API, for `LOOKALIKE_SKETCHFAB_API`."""
        return f"{self.home}/v3"

    def serve_forever(self) -> None:
        """Respond until the program is interrupted."""
        self._server.serve_forever()

    def fault_of(self, key: str, fault: str) -> str:
        """Return how this try of a request fails; temporary faults end after one or two tries."""
        with self.lock:
            self._tries[key] += 1
            tried = self._tries[key]
        is_permanent = fault in PERMANENT
        fault = fault if is_permanent or tried <= 1 + len(key) % 2 else ""
        if fault:
            with self.lock:
                self.faults[fault] += 1
        return fault

    def fault_of_list(self, path: str) -> str:
        """Return how a page of a list fails at first."""
        chance = random.Random(f"{self.seed}:{path}")
        return chance.choice(TEMPORARY) if chance.random() < self.failing else ""

    def reset_tries(self) -> None:
        """Let temporary faults occur again."""
        with self.lock:
            self._tries.clear()

    def described(self, model: Model) -> dict[str, Any]:
        """Return the API's description of a model."""
        thing, category = (each[model.number % len(each)] for each in (THINGS, CATEGORIES))
        images = [
            {
                "url": f"{self.home}/thumbnails/{model.uid}/{self.renewed}-{width}x{height}.jpeg",
                "width": width,
                "height": height,
            }
            for width, height in reversed(SIZES)
        ]
        description: dict[str, Any] = {
            "uid": model.uid,
            "name": model.name,
            "viewerUrl": f"https://sketchfab.com/3d-models/{thing.replace(' ', '-')}-{model.uid}",
            "embedUrl": f"https://sketchfab.com/models/{model.uid}/embed",
            "thumbnails": {"images": images if model.fault != "unlisted" else []},
            "tags": [{"name": word, "slug": word} for word in thing.split()],
            "categories": [{"name": category, "slug": _slug(category)}],
            "user": {
                "username": f"maker{model.number % 7}",
                "displayName": f"Maker {model.number % 7}",
                "profileUrl": f"https://sketchfab.com/maker{model.number % 7}",
            },
            "license": {"label": "CC Attribution", "slug": "by"},
            "likeCount": model.likes,
            "viewCount": 10 * model.likes,
            "faceCount": 1234,
            "publishedAt": "2016-05-04T12:00:00",
        }
        # As in real responses, some fields are missing.
        if model.number % 11 == 3:
            description |= {"license": None, "tags": None, "categories": None}
        if model.number % 13 == 5:
            description |= {"user": {"username": f"maker{model.number % 7}", "displayName": None}}
        if model.number % 17 == 6:
            description |= {"license": "CC Attribution", "embedUrl": None, "viewerUrl": 7}
        return description | self.changed.get(model.uid, {})

    def listed(self, query: Mapping[str, str], path: str) -> dict[str, Any]:
        """Return a page of models. A page begins with the last model of the page before it."""
        words = query.get("q", "").casefold().split()
        models = [
            model
            for model in self.models
            if all(word in model.name for word in words)
            and query.get("user", "") in ("", f"maker{model.number % 7}")
            and query.get("categories", "")
            in ("", _slug(CATEGORIES[model.number % len(CATEGORIES)]))
        ]
        if query.get("sort_by") != "-likeCount":
            random.Random(self.seed).shuffle(models)
        start = int(query.get("cursor", "0"))
        end = start + int(query.get("count", PAGE))
        following = str(end) if end < len(models) else None
        next_url = f"{self.home}{path}?{urlencode({**query, 'cursor': following})}"
        return {
            "results": []
            if str(start) in self.empty_cursors
            else [self.described(model) for model in models[max(0, start - 1) : end]],
            "next": next_url if following else None,
            "previous": None,
            "cursors": {"next": following, "previous": None},
        }


class _Server(ThreadingHTTPServer):
    """Serves many clients at the same time."""

    daemon_threads = True
    request_queue_size = 64
    fake: FakeSketchfab


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        parts = [part for part in url.path.split("/") if part]
        fake = self.server.fake
        kind = "thumbnails" if parts[:1] == ["thumbnails"] else "lists"
        if parts[:2] == ["v3", "models"]:
            kind = "models"
        with fake.lock:
            fake.requests[kind] += 1
            fake.seen.append((self.path, dict(self.headers)))
        try:
            match parts:
                case ["v3", "search"]:
                    self._list(query)
                case ["v3", "collections", uid, "models"] if uid == "c" * 32:
                    self._list(query)
                case ["v3", "models" | "me", *_] if not self._is_token_valid():
                    self._respond(401, b'{"detail": "Invalid token."}')
                case ["v3", "me"]:
                    self._json({"username": "maker0"}, "")
                case ["v3", "models", uid] if uid in fake.refused:
                    self._respond(*fake.refused[uid])
                case ["v3", "models", uid] if uid in fake.by_uid:
                    fault = fake.fault_of(self.path, fake.fault_of_list(self.path))
                    self._json(fake.described(fake.by_uid[uid]), fault)
                case ["thumbnails", uid, name] if uid in fake.by_uid:
                    self._thumbnail(fake.by_uid[uid], name)
                case _:
                    self._respond(404, b'{"detail": "Not found."}')
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _is_token_valid(self) -> bool:
        return self.headers.get("Authorization") in (None, f"Token {TOKEN}")

    def _list(self, query: Mapping[str, str]) -> None:
        fake = self.server.fake
        cursor = query.get("cursor", "")
        if not self._is_token_valid():
            self._respond(401, b'{"detail": "Invalid token."}')
        elif cursor in fake.dead_cursors:
            self._respond(400, b'{"cursor": ["Invalid cursor."]}')
        elif cursor in fake.broken_cursors:
            self._respond(500, b"")
        else:
            fault = fake.fault_of(self.path, fake.fault_of_list(self.path))
            self._json(fake.listed(query, urlsplit(self.path).path), fault)

    def _json(self, value: object, fault: str) -> None:
        self._send(json.dumps(value).encode(), fault, {"Content-Type": "application/json"})

    def _thumbnail(self, model: Model, name: str) -> None:
        fake = self.server.fake
        width, height = map(int, name.split("-")[-1].removesuffix(".jpeg").split("x"))
        data = picture(model.number, width, height)
        match fault := fake.fault_of(self.path, model.fault):
            case "missing" | "forbidden":
                self._respond(404 if fault == "missing" else 403, b"")
            case "html":
                self._send(b"<!DOCTYPE html><html><body>Not here.</body></html>", "")
            case "text":
                self._send(b"This is no picture.", "", {"Content-Type": "image/jpeg"})
            case "nothing":
                self._send(b"", "")
            case "short":
                self._send(data[: len(data) // 2], "")
            case _:
                tag = f'"{hashlib.md5(data).hexdigest()}"'
                if self.headers.get("If-None-Match") == tag and fault in ("", "slow"):
                    with fake.lock:
                        fake.requests["not modified"] += 1
                    self._respond(304, b"", {"ETag": tag})
                else:
                    self._send(data, fault, {"ETag": tag, "Content-Type": "image/jpeg"})

    def _send(self, data: bytes, fault: str, headers: Mapping[str, str] | None = None) -> None:
        """Respond with `data`, or with a temporary fault."""
        headers = headers or {}
        match fault:
            case "429":
                self._respond(429, b"", {"Retry-After": "0"})
            case "429 by date":
                self._respond(429, b"", {"Retry-After": self.date_time_string(int(time.time()))})
            case "500" | "503":
                self._respond(int(fault), b"Server error.")
            case "cut before":
                self.close_connection = True
            case "cut":
                self._respond(200, data[: len(data) // 2], headers, length=len(data))
                self.close_connection = True
            case "slow":
                self._respond(200, data[:100], headers, length=len(data))
                time.sleep(0.3)
                self.wfile.write(data[100:])
            case _:
                self._respond(200, data, headers)

    def _respond(
        self,
        status: int,
        data: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        length: int | None = None,
    ) -> None:
        """Send head and body together, so that neither waits for an acknowledgement."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(data) if length is None else length))
        self._headers_buffer.append(b"\r\n" + data)  # type: ignore[attr-defined]
        self.flush_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""


def picture(number: int, width: int, height: int) -> bytes:
    """Return a JPEG that is different for each number."""
    comment = f"model {number}".encode()
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment
    data = _shape(number % SHAPES, width, height)
    return data[:2] + segment + data[2:]


@cache
def _shape(number: int, width: int, height: int) -> bytes:
    chance = random.Random(number)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    left, right = chance.uniform(0.1, 0.3) * width, chance.uniform(0.6, 0.9) * width
    top, bottom = chance.uniform(0.1, 0.3) * height, chance.uniform(0.6, 0.9) * height
    form = (draw.ellipse, draw.rectangle)[number % 2]
    form((left, top, right, bottom), fill=(5 * number % 256, 90, 200 - 4 * number))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=70)
    return file.getvalue()


def _slug(name: str) -> str:
    return name.casefold().replace(" & ", "-")


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--models", type=int, default=2_000)
    parser.add_argument("--failing", type=float, default=0.1, metavar="SHARE")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--port", type=int, default=8787)
    options = parser.parse_args()
    fake = FakeSketchfab(
        models=options.models, failing=options.failing, seed=options.seed, port=options.port
    )
    print(f"LOOKALIKE_ALLOW_PRIVATE=1 LOOKALIKE_SKETCHFAB_API={fake.api}", flush=True)
    fake.serve_forever()


if __name__ == "__main__":
    main()
