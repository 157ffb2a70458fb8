import { baseSubject, sortMessages, threadMessages } from '@posthorn/threading';

const messages = [
  { number: 1, subject: 'Lunch?', messageId: 'a@example.org', sentDate: { epochSeconds: 100 } },
  { number: 2, subject: 'Invoice', messageId: 'b@example.org', sentDate: { epochSeconds: 50 } },
  { number: 3, subject: 'Re: Lunch?', references: ['a@example.org'], sentDate: { epochSeconds: 200 } },
  { number: 4, subject: '[list] Fwd: lunch?', sentDate: { epochSeconds: 300 } },
];

const sorted = sortMessages(messages, [{ key: 'SUBJECT' }, { key: 'DATE', isReverse: true }]);
console.log(sorted.map(({ number }) => number).join(' ')); // 2 4 3 1

const threads = threadMessages(messages, 'REFERENCES');
console.log(threads.map(({ number, children }) => `${number}: ${children.length} answers`).join(', ')); // 2: 0 answers, 1: 2 answers

console.log(baseSubject('[list] Re: Lunch? (fwd)').text); // Lunch?
