"""Reads a maildrop with poplib: PORT USER PASSWORD retr|uidl. Prints how much it found."""
import poplib
import sys

port, user, password, work = sys.argv[1:]
pop3 = poplib.POP3("127.0.0.1", int(port))
pop3.user(user)
pop3.pass_(password)
if work == "uidl":
    found = len(pop3.uidl()[1])
else:
    found = 0
    for number in range(1, len(pop3.list()[1]) + 1):
        lines = pop3.retr(number)[1]
        found += sum(map(len, lines)) + 2 * len(lines)
pop3.quit()
print(found)
