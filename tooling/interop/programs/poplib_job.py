"""Everything poplib can do with a maildrop. Prints what it saw as JSON. Deletes messages 1 and 3."""
import base64
import json
import poplib
import ssl
import sys

_, security, port, ca, auth, user, password = sys.argv
poplib._MAXLINE = 1 << 20
context = ssl.create_default_context(cafile=ca)
if security == "tls":
    pop = poplib.POP3_SSL("localhost", int(port), context=context, timeout=20)
else:
    pop = poplib.POP3("localhost", int(port), timeout=20)
seen = {"before": sorted(pop.capa())}
if security == "stls":
    pop.stls(context=context)
    seen["behind"] = sorted(pop.capa())
seen["utf8"] = pop.utf8().decode()
if auth == "apop":
    pop.apop(user, password)
else:
    pop.user(user)
    pop.pass_(password)
seen["after"] = sorted(pop.capa())
seen["stat"] = pop.stat()
seen["list"] = [line.decode() for line in pop.list()[1]]
seen["uidl"] = [line.decode() for line in pop.uidl()[1]]
count = seen["stat"][0]
seen["one"] = [pop.list(count).decode(), pop.uidl(count).decode()]


def text(lines):
    return base64.b64encode(b"".join(line + b"\r\n" for line in lines)).decode()


seen["messages"] = [text(pop.retr(number)[1]) for number in range(1, count + 1)]
seen["tops"] = [text(pop.top(number, 2)[1]) for number in range(1, count + 1)]
pop.noop()
pop.dele(2)
pop.rset()
pop.dele(1)
pop.dele(3)
try:
    pop.retr(3)
except poplib.error_proto as error:
    seen["refused"] = str(error)
seen["left"] = pop.stat()
seen["quit"] = pop.quit().decode()
print(json.dumps(seen))
