"""A POP3 server of Twisted on loopback: one user, messages from a folder, in clear text and over TLS.

Usage: twisted-pop3.py FOLDER USER PASSWORD CERTIFICATE KEY
Prints "ready PORT TLSPORT"; prints "deleted NUMBER" for each message that a QUIT deletes.
"""
import os
import sys
from io import BytesIO

from twisted.cred import checkers, portal
from twisted.internet import protocol, reactor, ssl
from twisted.mail import pop3
from zope.interface import implementer

folder, user, password, certificate, key = sys.argv[1:]


@implementer(pop3.IMailbox)
class Maildrop:
    def __init__(self):
        self.names = sorted(os.listdir(folder))
        self.marked = set()

    def _path(self, index):
        if not 0 <= index < len(self.names):
            raise ValueError("no such message")
        return os.path.join(folder, self.names[index])

    def listMessages(self, index=None):
        if index is None:
            return [0 if i in self.marked else os.path.getsize(self._path(i)) for i in range(len(self.names))]
        return 0 if index in self.marked else os.path.getsize(self._path(index))

    def getMessage(self, index):
        if index in self.marked:
            raise ValueError("deleted")
        with open(self._path(index), "rb") as file:
            return BytesIO(file.read())

    def getUidl(self, index):
        return self.names[index].encode() if index not in self.marked else None

    def deleteMessage(self, index):
        self._path(index)
        self.marked.add(index)

    def undeleteMessages(self):
        self.marked.clear()

    def sync(self):
        for index in sorted(self.marked):
            os.unlink(self._path(index))
            print("deleted", index + 1, flush=True)


@implementer(portal.IRealm)
class Realm:
    def requestAvatar(self, name, mind, *interfaces):
        return pop3.IMailbox, Maildrop(), lambda: None


class Factory(protocol.ServerFactory):
    def __init__(self):
        checker = checkers.InMemoryUsernamePasswordDatabaseDontUse()
        checker.addUser(user.encode(), password.encode())
        self.portal = portal.Portal(Realm(), [checker])

    def buildProtocol(self, address):
        server = pop3.POP3()
        server.factory = self
        server.portal = self.portal
        return server


tls = ssl.DefaultOpenSSLContextFactory(key, certificate)
clear = reactor.listenTCP(0, Factory(), interface="127.0.0.1")
secure = reactor.listenSSL(0, Factory(), tls, interface="127.0.0.1")
print("ready", clear.getHost().port, secure.getHost().port, flush=True)
reactor.run()
