"""A stick names `agent:` as the key: the visitor's own ssh-agent would be asked to sign in it. An
agent is asked only by whoever names it, or in a ledger that they wrote.
"""

from __future__ import annotations

import socket
from threading import Thread

import pytest


@pytest.fixture
def asked(scene, monkeypatch):
    """Who came to the agent's socket: it hears, and answers nothing."""
    heard, server = [], socket.socket(socket.AF_UNIX)
    server.bind(str(scene.base / "agent"))
    server.listen()

    def listen():
        while True:
            try:
                one, _ = server.accept()
            except OSError:
                return
            heard.append(1)
            one.close()

    thread = Thread(target=listen)
    thread.start()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(scene.base / "agent"))
    yield heard
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_the_agent_is_not_asked(scene, asked):
    scene.name_key("agent:")
    assert scene.run("status", folder=scene.stick).code == 0
    assert scene.transfer(folder=scene.stick).code == 1
    assert scene.run("checkpoint", folder=scene.stick).code == 1
    assert asked == []


def test_whoever_names_it_asks_it(scene, asked):
    """The honest twin."""
    scene.run("--key", "agent:", "key", "show", folder=scene.stick)
    assert asked
