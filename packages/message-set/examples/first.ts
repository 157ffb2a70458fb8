import { type Uid, uid } from '@posthorn/core';
import {
  contains,
  difference,
  formatSet,
  ids,
  parseSequenceSet,
  resolveSequenceSet,
  setOf,
  splitSet,
} from '@posthorn/message-set';

// A set of UIDs, from any numbers in any order.
const seen = setOf([9, 4, 5, 3, 12, 4].map(uid));
console.log(formatSet(seen)); // 3:5,9,12

// A sequence set with `*`, once the highest UID in use is known.
const wanted = resolveSequenceSet(parseSequenceSet<Uid>('1:4,8:*'), uid(12));
console.log(formatSet(difference(wanted, seen))); // 1:2,8,10:11
console.log(contains(wanted, uid(7))); // false

// Members come one at a time, in ascending order.
for (const id of ids(seen)) console.assert(contains(seen, id));

// Sets that fit command lines of so many octets.
const odd = setOf(Array.from({ length: 20 }, (_, index) => uid(index * 2 + 1)));
console.log(splitSet(odd, 40).map(formatSet).join(' | ')); // 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 | 31,33,35,37,39
