"""Works on a Maildir with Python's own module while others do too, and prints what it did as JSON.

Adds messages, removes some that it added, and sets or takes away the flag F of any message. Stops when its input ends.
"""
import json
import mailbox
import os
import random
import sys
import threading
import time

root = sys.argv[1]
box = mailbox.Maildir(root, create=False)
stopped = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
added, removed, flagged, counts = {}, [], {}, {"add": 0, "flag": 0, "remove": 0, "read": 0}


def set_flag(key, is_set):
    """What `Maildir.add_flag` and `remove_flag` do from Python 3.13 on: one rename."""
    subpath = box._lookup(key)
    base, _, info = subpath.partition(":")
    flags = set(info[2:] if info.startswith("2,") else "")
    flags = flags | {"F"} if is_set else flags - {"F"}
    os.rename(os.path.join(root, subpath), os.path.join(root, "cur", os.path.basename(base) + ":2," + "".join(sorted(flags))))


serial = 0
while not stopped.is_set():
    try:
        if random.random() < 0.3:
            serial += 1
            token = f"python-{serial}"
            text = f"From: a@example.org\nSubject: {token}\n\nadded by Python\n"
            added[token] = box.add(mailbox.MaildirMessage(text))
            counts["add"] += 1
        elif added and random.random() < 0.2:
            token = random.choice(list(added))
            key = added.pop(token)
            removed.append(token)
            box.discard(key)
            counts["remove"] += 1
        else:
            key = random.choice(box.keys())
            subject = box.get_message(key)["Subject"]
            is_set = random.random() < 0.6
            set_flag(key, is_set)
            flagged[subject] = is_set
            counts["flag"] += 1
            counts["read"] += 1
    except (KeyError, FileNotFoundError, IndexError):
        pass  # Somebody else renamed or removed it in between.
    time.sleep(0.002)

print(json.dumps({"added": list(added), "removed": removed, "flagged": flagged, "counts": counts}))
