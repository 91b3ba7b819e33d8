"""A mail server for tests: real sockets and real TLS on this machine, and faults on demand."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailServer:
    """answers: replies to a command, in turn, before the ordinary ones; "drop" closes the line."""

    port: int
    trust: ssl.SSLContext
    with_tls: bool = True
    mails: list[str] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    logins: int = 0


@contextmanager
def mail_server(folder: Path, *, with_tls: bool = True) -> Iterator[MailServer]:
    """A server on a free port of 127.0.0.1, and the context that trusts it."""
    certificate, key = _certificate(folder)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # the client left
                _converse(self.request, told, serving)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        trust = ssl.create_default_context(cafile=str(certificate))
        told = MailServer(port=server.server_address[1], trust=trust, with_tls=with_tls)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield told
        server.shutdown()


def _converse(line, told: MailServer, serving: ssl.SSLContext) -> None:
    reader = line.makefile("rb")
    line.sendall(b"220 test\r\n")
    while command := reader.readline().decode().strip():
        verb = command.split()[0].upper()
        reply = told.answers[verb].pop(0) if told.answers.get(verb) else _ordinary(verb, told)
        if reply == "drop":
            line.close()
            return
        line.sendall(f"{reply}\r\n".encode())
        if verb == "STARTTLS" and reply.startswith("220"):
            line = serving.wrap_socket(line, server_side=True)
            reader = line.makefile("rb")
        elif verb == "DATA" and reply.startswith("354"):
            told.mails.append(_mail(reader))
            after = told.answers["."].pop(0) if told.answers.get(".") else "250 taken"
            if after == "drop":
                line.close()
                return
            if not after.startswith("250"):
                told.mails.pop()
            line.sendall(f"{after}\r\n".encode())
        elif verb == "QUIT":
            return


def _ordinary(verb: str, told: MailServer) -> str:
    if verb == "AUTH":
        told.logins += 1
    hello = "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN" if told.with_tls else "250 test"
    replies = {"EHLO": hello, "STARTTLS": "220 go on", "AUTH": "235 welcome", "DATA": "354 go on"}
    return replies.get(verb, "250 fine")


def _mail(reader) -> str:
    lines = []
    while (line := reader.readline()) not in (b".\r\n", b""):
        lines.append(line.decode())
    return "".join(lines)


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "certificate.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return folder / "certificate.pem", folder / "key.pem"
