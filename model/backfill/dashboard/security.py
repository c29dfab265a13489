"""Who may ask, and what a page from here may do: nothing that leads off this machine."""

from __future__ import annotations

import ipaddress
import socket

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",  # the figures set the style of what they draw
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {where}" for what, where in SOURCES.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """Refuse whoever came by a name that is not ours, or from another site; put the headers on every answer.

    A page on the web can make a name of its own point here; it cannot make a browser send another name than that.
    exposed: other machines may ask: by any address in numbers, and by this machine's own name
    """

    def __init__(self, app: ASGIApp, *, exposed: bool = False) -> None:
        self._app, self._exposed = app, exposed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refused = self._refusal(scope)
        await (refused or self._app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("This server only answers questions.", 405)
        if not self._is_ours(_name(headers.get("host", ""))):
            return PlainTextResponse("This is not the name of this server.", 421)
        elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")  # another port here is same-site
        if elsewhere and headers.get("sec-fetch-mode") != "navigate":
            return PlainTextResponse("Another site may not ask this server.", 403)
        return None

    def _is_ours(self, name: str) -> bool:
        if is_loopback(name):
            return True
        return self._exposed and (_is_address(name) or name == socket.gethostname().lower())


def _name(host: str) -> str:
    """The host without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).strip("[]").lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
