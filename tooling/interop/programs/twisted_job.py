"""Everything Twisted's AdvancedPOP3Client can do with a maildrop. Prints what it saw as JSON. Deletes messages 1 and 3."""
import base64
import json
import sys

from twisted.internet import defer, endpoints, reactor, ssl
from twisted.mail.pop3client import POP3Client
from twisted.internet.protocol import Factory

_, security, port, ca, auth, user, password = sys.argv
seen = {}


class Client(POP3Client):
    MAX_LENGTH = 1 << 20
    allowInsecureLogin = auth == "insecure"

    def __init__(self):
        super().__init__()
        self.greeted = defer.Deferred()

    def serverGreeting(self, greeting):
        self.greeted.callback(greeting)


def text(lines):
    return base64.b64encode(b"".join(line + b"\r\n" for line in lines)).decode()


@defer.inlineCallbacks
def job():
    with open(ca, "rb") as file:
        authority = ssl.Certificate.loadPEM(file.read())
    options = ssl.optionsForClientTLS("localhost", trustRoot=authority)
    endpoint = endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", int(port))
    if security == "tls":
        endpoint = endpoints.wrapClientTLS(options, endpoint)
    pop = yield endpoint.connect(Factory.forProtocol(Client))
    yield pop.greeted
    seen["before"] = sorted(key.decode() for key in (yield pop.capabilities()))
    if security == "stls":
        yield pop.startTLS(options)
    yield pop.login(user.encode(), password.encode())
    seen["after"] = sorted(key.decode() for key in (yield pop.capabilities(useCache=False)))
    seen["stat"] = yield pop.stat()
    seen["sizes"] = yield pop.listSize()
    seen["ids"] = [each.decode() for each in (yield pop.listUID())]
    count = seen["stat"][0]
    messages = []
    # All at once: the client sends them one after the other, or in one go where the server takes it.
    for number in range(count):
        messages.append(pop.retrieve(number))
    seen["messages"] = [text(lines) for lines in (yield defer.gatherResults(messages))]
    seen["tops"] = []
    for number in range(count):
        seen["tops"].append(text((yield pop.retrieve(number, lines=2))))
    yield pop.noop()
    yield pop.delete(1)
    yield pop.reset()
    yield pop.delete(0)
    yield pop.delete(2)
    seen["left"] = yield pop.stat()
    seen["quit"] = (yield pop.quit()).decode()


def done(failure=None):
    if failure is not None:
        seen["error"] = str(failure)
    print(json.dumps(seen))
    reactor.stop()


job().addCallbacks(lambda _: done(), done)
reactor.run()
