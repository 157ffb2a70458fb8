import { applyFlags, type Flag, MailError, StoreError, type Uid, uid } from '@posthorn/core';

// Ids that cannot be mixed up.
const id: Uid = uid(17);
console.log(id); // 17

// Flags as servers combine them.
const flags: readonly Flag[] = applyFlags(['\\Seen', '$Forwarded'], 'add', ['\\SEEN', '\\flagged']);
console.log(flags.join(' ')); // \Seen $Forwarded \Flagged

// Errors of whichever package, told apart by their code.
try {
  throw new StoreError('STORE_NONEXISTENT', 'no such mailbox');
} catch (error) {
  console.log(MailError.is(error) && error.code); // STORE_NONEXISTENT
}
