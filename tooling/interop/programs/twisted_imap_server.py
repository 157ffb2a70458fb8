"""An IMAP server of Twisted on loopback over mailboxes in memory: one user, in clear text with STARTTLS, and over TLS.

Usage: twisted_imap_server.py USER PASSWORD CERTIFICATE KEY
Prints "ready PORT TLSPORT". The dialogue, FETCH, SEARCH and their faults are Twisted's; only what is kept is ours.
"""
import datetime
import email.utils
import io
import itertools
import re
import sys
from email.parser import BytesHeaderParser

from twisted.cred import checkers, credentials, portal
from twisted.internet import defer, protocol, reactor, ssl
from twisted.mail import imap4
from zope.interface import implementer

user, password, certificate, key = sys.argv[1:]
uid_validities = itertools.count(1_700_000_000)


@implementer(imap4.IMessagePart)
class Part:
    def __init__(self, octets):
        self.octets = octets
        head, blank, self.body = octets.partition(b"\r\n\r\n")
        self.head = BytesHeaderParser().parsebytes(head + blank)

    def getHeaders(self, negate, *names):
        wanted = {(name.decode() if isinstance(name, bytes) else name).lower() for name in names}
        found = {}
        for name, value in self.head.items():
            if (name.lower() in wanted) == bool(negate):
                continue
            kept = found.get(name.lower())
            found[name.lower()] = str(value) if kept is None else f"{kept}\r\n{name}: {value}"
        return found

    def getBodyFile(self):
        return io.BytesIO(self.body)

    def getSize(self):
        return len(self.octets)

    def isMultipart(self):
        return self.head.get_content_maintype() == "multipart"

    def getSubPart(self, index):
        boundary = self.head.get_param("boundary")
        if not self.isMultipart() or not boundary:
            raise TypeError("it has no parts")
        pieces = (b"\r\n" + self.body).split(b"\r\n--" + boundary.encode())[1:]
        parts = [piece for piece in pieces if not piece.startswith(b"--")]
        return Part(parts[index].partition(b"\r\n")[2])


@implementer(imap4.IMessage, imap4.IMessageFile)
class Message(Part):
    def __init__(self, octets, flags, date, uid):
        super().__init__(octets)
        self.flags, self.date, self.uid = set(flags), date, uid

    def getUID(self):
        return self.uid

    def getFlags(self):
        return sorted(self.flags)

    def getInternalDate(self):
        return self.date

    def open(self):
        return io.BytesIO(self.octets)


@implementer(imap4.IMailbox, imap4.ICloseableMailbox, imap4.IMessageCopier)
class Mailbox:
    def __init__(self):
        self.messages, self.uid_next, self.listeners = [], 1, []
        self.uid_validity = next(uid_validities)

    def getUIDValidity(self):
        return self.uid_validity

    def getUIDNext(self):
        return self.uid_next

    def getUID(self, number):
        return self.messages[number - 1].uid

    def getMessageCount(self):
        return len(self.messages)

    def getRecentCount(self):
        return 0

    def getUnseenCount(self):
        return sum("\\Seen" not in message.flags for message in self.messages)

    def isWriteable(self):
        return True

    def getHierarchicalDelimiter(self):
        return "/"

    def getFlags(self):
        return ["\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Seen"]

    def addListener(self, listener):
        self.listeners.append(listener)

    def removeListener(self, listener):
        self.listeners.remove(listener)

    def requestStatus(self, names):
        return imap4.statusRequestHelper(self, names)

    def destroy(self):
        self.messages.clear()

    def close(self):
        pass

    def addMessage(self, message, flags=(), date=None):
        return self._add(message.read(), flags, mail_date(date))

    def copy(self, message):
        return self._add(message.octets, message.flags, message.date)

    def _add(self, octets, flags, date):
        self.messages.append(Message(octets, flags, date, self.uid_next))
        self.uid_next += 1
        for listener in list(self.listeners):
            listener.newMessages(len(self.messages), None)
        return defer.succeed(self.uid_next - 1)

    def _named(self, messages, uid):
        if uid:
            messages.last = self.messages[-1].uid if self.messages else 0
        else:
            messages.last = len(self.messages)
        numbered = enumerate(self.messages, 1)
        return [(number, each) for number, each in numbered if (each.uid if uid else number) in messages]

    def fetch(self, messages, uid):
        return self._named(messages, uid)

    def store(self, messages, flags, mode, uid):
        stored = {}
        for number, message in self._named(messages, uid):
            kept = set() if mode == 0 else message.flags
            message.flags = kept - set(flags) if mode < 0 else kept | set(flags)
            stored[number] = sorted(message.flags)
        for listener in list(self.listeners):
            listener.flagsChanged(stored)
        return stored

    def expunge(self):
        """The numbers removed, each as it stood when its turn came."""
        removed = []
        for message in list(self.messages):
            if "\\Deleted" in message.flags:
                removed.append(self.messages.index(message) + 1)
                self.messages.remove(message)
        return removed


@implementer(imap4.IMailbox, imap4.ICloseableMailbox)
class Examined:
    """A mailbox that is opened read-only: Twisted leaves it to the mailbox to be that."""

    def __init__(self, mailbox):
        self.mailbox = mailbox

    def __getattr__(self, name):
        return getattr(self.mailbox, name)

    def isWriteable(self):
        return False


def mail_date(date):
    """The date of an APPEND in the form that Twisted reads: that of mail."""
    if not date:
        return email.utils.formatdate()
    text = date.decode() if isinstance(date, bytes) else date
    return email.utils.format_datetime(datetime.datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z"))


@implementer(imap4.IAccount, imap4.INamespacePresenter)
class Account:
    """Mailboxes by name, spelt as they were made: Twisted's own account knows capital letters alone."""

    def __init__(self):
        self.mailboxes, self.subscriptions = {"INBOX": Mailbox()}, set()

    def addMailbox(self, name, mailbox=None):
        if self._spelt(name) in self.mailboxes:
            raise imap4.MailboxCollision(name)
        self.mailboxes[name] = mailbox or Mailbox()
        return True

    def create(self, name):
        parts = name.rstrip("/").split("/")
        for length in range(1, len(parts)):
            self.mailboxes.setdefault("/".join(parts[:length]), Mailbox())
        return self.addMailbox("/".join(parts))

    def select(self, name, rw=True):
        mailbox = self.mailboxes.get(self._spelt(name))
        return mailbox if rw or mailbox is None else Examined(mailbox)

    def delete(self, name):
        if name not in self.mailboxes:
            raise imap4.NoSuchMailbox(name)
        del self.mailboxes[name]

    def rename(self, old, new):
        if old not in self.mailboxes:
            raise imap4.NoSuchMailbox(old)
        if new in self.mailboxes:
            raise imap4.MailboxCollision(new)
        for name in [name for name in self.mailboxes if name == old or name.startswith(old + "/")]:
            self.mailboxes[new + name[len(old) :]] = self.mailboxes.pop(name)

    def isSubscribed(self, name):
        return name in self.subscriptions

    def subscribe(self, name):
        self.subscriptions.add(name)

    def unsubscribe(self, name):
        self.subscriptions.discard(name)

    def listMailboxes(self, reference, wildcard):
        pattern = re.escape(reference + wildcard).replace(r"\*", ".*").replace("%", "[^/]*")
        return [(name, box) for name, box in sorted(self.mailboxes.items()) if re.fullmatch(pattern, name)]

    def getPersonalNamespaces(self):
        return [[b"", b"/"]]

    def getSharedNamespaces(self):
        return None

    def getOtherNamespaces(self):
        return None

    def _spelt(self, name):
        return "INBOX" if name.upper() == "INBOX" else name


@implementer(portal.IRealm)
class Realm:
    account = Account()

    def requestAvatar(self, name, mind, *interfaces):
        return imap4.IAccount, self.account, lambda: None


class Factory(protocol.ServerFactory):
    challengers = {
        b"CRAM-MD5": credentials.CramMD5Credentials,
        b"LOGIN": imap4.LOGINCredentials,
        b"PLAIN": imap4.PLAINCredentials,
    }

    def __init__(self, context):
        checker = checkers.InMemoryUsernamePasswordDatabaseDontUse()
        checker.addUser(user.encode(), password.encode())
        self.context, self.portal = context, portal.Portal(Realm(), [checker])

    def buildProtocol(self, address):
        server = imap4.IMAP4Server(chal=self.challengers, contextFactory=self.context)
        server.factory, server.portal = self, self.portal
        return server


tls = ssl.DefaultOpenSSLContextFactory(key, certificate)
clear = reactor.listenTCP(0, Factory(tls), interface="127.0.0.1")
secure = reactor.listenSSL(0, Factory(None), tls, interface="127.0.0.1")
print("ready", clear.getHost().port, secure.getHost().port, flush=True)
reactor.run()
