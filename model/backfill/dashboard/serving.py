"""Listening: a socket that is ours before anything is said about it, and a server that ends with Ctrl-C."""

from __future__ import annotations

import socket

import uvicorn
from starlette.applications import Starlette

from backfill.errors import BackfillError

SECONDS_TO_END = 2


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises BackfillError if that place is taken or is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as failure:
        listener.close()
        raise BackfillError(
            f"cannot listen at {host}, port {port}: {failure.strerror or failure}; try --port 0"
        ) from failure
    return listener


def server(app: Starlette) -> uvicorn.Server:
    """A server without websockets and access log, which waits a moment for answers under way when it ends."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_END,
    )
    return uvicorn.Server(config)


def serve(app: Starlette, listener: socket.socket) -> None:
    """Answer until somebody ends it."""
    server(app).run(sockets=[listener])
