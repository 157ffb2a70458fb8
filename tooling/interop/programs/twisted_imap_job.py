"""What Twisted's IMAP4Client does with an account. Prints what it saw as JSON."""
import base64
import io
import json
import sys

from twisted.internet import defer, endpoints, protocol, reactor, ssl
from twisted.mail import imap4

_, port, user, password = sys.argv
seen = {}


class Client(imap4.IMAP4Client):
    def serverGreeting(self, capabilities):
        seen["capabilities"] = sorted(
            (name if isinstance(name, str) else name.decode()) for name in capabilities or {}
        )
        self.factory.ready.callback(self)


def shown(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {str(key): shown(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(each) for each in value]
    return value


@defer.inlineCallbacks
def job(client):
    yield client.login(user.encode(), password.encode())
    yield client.create("Twisted")
    seen["list"] = sorted(name for _, _, name in (yield client.list("", "*")))
    message = io.BytesIO(b"Subject: by twisted\r\n\r\nbody\r\n")
    yield client.append("Twisted", message, ("\\Seen",), "01-Feb-2020 10:20:30 +0000")
    selected = yield client.select("INBOX")
    seen["exists"] = selected["EXISTS"]
    everything = imap4.MessageSet(1, None)
    seen["bodies"] = [
        shown(each["RFC822"].encode("latin-1") if isinstance(each["RFC822"], str) else each["RFC822"])
        for _, each in sorted((yield client.fetchMessage(everything)).items())
    ]
    seen["uids"] = [each["UID"] for _, each in sorted((yield client.fetchUID(everything)).items())]
    seen["envelopes"] = len((yield client.fetchEnvelope(everything)))
    seen["structures"] = len((yield client.fetchBodyStructure(everything)))
    seen["search"] = list((yield client.search(imap4.Query(subject="dots"))))
    yield client.addFlags("1", ("\\Deleted",), uid=False)
    yield client.copy("1:2", "Twisted", uid=False)
    seen["expunged"] = list((yield client.expunge()))
    seen["status"] = shown((yield client.status("Twisted", "MESSAGES", "UIDNEXT")))
    yield client.rename("Twisted", "Moved")
    yield client.noop()
    yield client.close()
    yield client.logout()


@defer.inlineCallbacks
def main():
    # Of itself it would offer TLS 1.0 and no more.
    factory = protocol.Factory.forProtocol(lambda: Client(ssl.CertificateOptions()))
    factory.ready = defer.Deferred()
    try:
        yield endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", int(port), timeout=20).connect(factory)
        client = yield factory.ready
        yield job(client)
    except Exception as error:
        seen["error"] = repr(error)
    print(json.dumps(seen))
    reactor.stop()


reactor.callLater(50, reactor.stop)
main()
reactor.run()
