"""Everything imaplib can do with an account. Prints what it saw as JSON."""
import base64
import imaplib
import json
import ssl
import sys

_, security, port, ca, user, password = sys.argv
context = ssl.create_default_context(cafile=ca)
if security == "tls":
    imap = imaplib.IMAP4_SSL("localhost", int(port), ssl_context=context, timeout=20)
else:
    imap = imaplib.IMAP4("localhost", int(port), timeout=20)
if security == "starttls":
    imap.starttls(ssl_context=context)
seen = {"before": list(imap.capabilities)}
if security == "none":
    imap.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
else:
    imap.login(user, password)


def ok(answer):
    status, data = answer
    if status != "OK":
        raise RuntimeError(f"{status} {data}")
    return data


def text(data):
    return base64.b64encode(data).decode()


seen["namespace"] = ok(imap.namespace())[0].decode()
ok(imap.create("Work"))
ok(imap.subscribe("Work"))
seen["list"] = sorted(line.decode() for line in ok(imap.list()))
seen["lsub"] = [line.decode() for line in ok(imap.lsub())]
ok(imap.append("Work", "(\\Flagged mine)", '" 1-Feb-2020 10:20:30 +0100"', b"Subject: appended\r\n\r\nbody \xe9\r\n"))
seen["status"] = ok(imap.status("Work", "(MESSAGES UIDNEXT UNSEEN)"))[0].decode()
seen["count"] = int(ok(imap.select("INBOX"))[0])
seen["search"] = ok(imap.search(None, "ALL"))[0].decode()
seen["subject"] = ok(imap.uid("SEARCH", "SUBJECT", "dots"))[0].decode()
seen["charset"] = ok(imap.search("UTF-8", "SUBJECT", "no"))[0].decode()
seen["bodies"] = []
for number in seen["search"].split():
    seen["bodies"].append(text(ok(imap.fetch(number, "(BODY.PEEK[])"))[0][1]))
seen["partial"] = ok(imap.fetch("1", "(BODY.PEEK[]<5.10>)"))[0][1].decode("latin-1")
seen["header"] = ok(imap.fetch("1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))[0][1].decode("latin-1")
seen["metadata"] = ok(imap.fetch("1", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"))[0].decode("latin-1")
ok(imap.store("1", "+FLAGS", "(\\Seen $Done)"))
ok(imap.store("2", "FLAGS.SILENT", "\\Deleted"))
seen["copied"] = ok(imap.copy("1:2", "Work"))[0].decode()
seen["expunged"] = [number.decode() for number in ok(imap.expunge())]
seen["sorted"] = ok(imap.sort("(SUBJECT)", "UTF-8", "ALL"))[0].decode() if "SORT" in imap.capabilities else None
seen["threads"] = ok(imap.thread("REFERENCES", "UTF-8", "ALL"))[0].decode() if "THREAD=REFERENCES" in imap.capabilities else None
ok(imap.check())
ok(imap.noop())
ok(imap.close())
ok(imap.rename("Work", "Play"))
ok(imap.unsubscribe("Work"))
ok(imap.select("Play", readonly=True))
seen["play"] = imap.response("EXISTS")[1][0].decode()
seen["refused"] = imap.store("1", "+FLAGS", "\\Seen")[0]
ok(imap.unselect())
ok(imap.delete("Play"))
seen["end"] = sorted(line.decode() for line in ok(imap.list()))
imap.logout()
print(json.dumps(seen))
