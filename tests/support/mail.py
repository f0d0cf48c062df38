"""An SMTP server on loopback that keeps what it is sent."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class MailServer:
    """Takes every message; `refuses` makes it turn senders away for now."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refuses = False
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._talk(self)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _talk(self, handler: Any) -> None:
        def say(line: str) -> None:
            handler.wfile.write(line.encode() + b"\r\n")

        say("421 come back later" if self.refuses else "220 ready")
        to: list[str] = []
        while not self.refuses and (line := handler.rfile.readline().decode().strip()):
            word = line[:4].upper()
            if word == "DATA":
                say("354 go on")
                self._take(handler, to)
                to = []
            elif word == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
            say("221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return

    def _take(self, handler: Any, to: list[str]) -> None:
        body = b""
        while (part := handler.rfile.readline()) != b".\r\n":
            body += part.removeprefix(b".") if part.startswith(b"..") else part
        self.messages.append(message_from_bytes(body, policy=policy.default))
        self.recipients.append(to)
