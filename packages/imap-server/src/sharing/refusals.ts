import { type MailboxPath, StoreError } from '@posthorn/core';
import { type PlaceOfOther, placeOf } from './other-users.ts';

/** A mailbox that is not there, or that the user has no right to know of: nobody is to tell these apart. */
export function nonexistent(): StoreError {
  return new StoreError('STORE_NONEXISTENT', 'there is no such mailbox');
}

export function refused(): StoreError {
  return new StoreError('STORE_NO_PERMISSION', 'the owner of the mailbox did not give the right to do that');
}

export function cannot(): StoreError {
  return new StoreError('STORE_CANNOT', 'that cannot be done with the mailboxes of others');
}

/** Whose mailbox a name stands for. @throws {@link StoreError} `STORE_NONEXISTENT` for a name that is above all mailboxes */
export function existingPlace(path: MailboxPath): PlaceOfOther {
  const place = placeOf(path);
  if (place === undefined) throw nonexistent();
  return place;
}
