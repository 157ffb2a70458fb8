import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseSubject } from '../src/index.ts';

/** Read off the grammar of RFC 5256 section 5; the reply marks are those of section 3, REFERENCES. */
const CASES: readonly (readonly [subject: string, text: string, isReplyOrForward: boolean])[] = [
  ['lunch', 'lunch', false],
  ['Re: Lunch', 'Lunch', true],
  ['RE:lunch', 'lunch', true],
  ['re : lunch', 'lunch', true],
  ['Re[2]: lunch', 'lunch', true],
  ['Re [2] : lunch', 'lunch', true],
  ['Fw: lunch', 'lunch', true],
  ['FWD: lunch', 'lunch', true],
  ['Re: Fwd: re: lunch', 'lunch', true],
  ['[list] lunch', 'lunch', false],
  ['[list] [other] lunch', 'lunch', false],
  ['[list] Re: [other] Fwd: lunch', 'lunch', true],
  ['[list]', '[list]', false],
  ['[list] [other]', '[other]', false],
  ['[a [b] lunch', '[a [b] lunch', false],
  ['[] lunch', 'lunch', false],
  ['lunch (fwd)', 'lunch', true],
  ['lunch (FWD) (fwd)  ', 'lunch', true],
  ['(fwd)', '', true],
  ['[fwd: lunch]', 'lunch', true],
  ['[Fwd: Re: [fwd: lunch (fwd)] ]', 'lunch', true],
  ['[fwd: lunch', '[fwd: lunch', false],
  ['[fwd: lunch] dinner', 'dinner', false],
  ['[fwd:]', '', true],
  ['Re:', '', true],
  ['Re', 'Re', false],
  ['Reply: lunch', 'Reply: lunch', false],
  ['Fwdd: lunch', 'Fwdd: lunch', false],
  ['AW: lunch', 'AW: lunch', false],
  ['a\t b\r\n  c', 'a b c', false],
  ['  ', '', false],
  ['', '', false],
];

describe('baseSubject', () => {
  it.each(CASES)('%j', (subject, text, isReplyOrForward) => {
    expect(baseSubject(subject)).toEqual({ text, isReplyOrForward });
  });

  const piece = fc.constantFrom('re', 'Fwd', 'fw', ':', ' ', '[', ']', 'a', '[x]', '[fwd:', '(fwd)', '\t', 'Re: ');
  const subjects = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));

  it('has nothing more to take from what is left', () => {
    fc.assert(
      fc.property(subjects, (subject) => {
        const { text } = baseSubject(subject);
        expect(baseSubject(text)).toEqual({ text, isReplyOrForward: false });
      }),
    );
  });

  it('follows the six steps of the standard, taken literally', () => {
    fc.assert(
      fc.property(subjects, (subject) => {
        expect(baseSubject(subject).text).toBe(literally(subject));
      }),
      { numRuns: 2000 },
    );
  });
});

/** The steps of section 2.1 one by one, with no regard to time. */
function literally(subject: string): string {
  let text = subject.replace(/[\t\r\n ]+/g, ' ');
  for (;;) {
    for (let before = ''; before !== text; ) {
      before = text;
      text = text.replace(/(\(fwd\)| )$/i, '');
    }
    for (let before = ''; before !== text; ) {
      before = text;
      text = text.replace(/^((\[[^[\]]*\] *)*(re|fwd?) *(\[[^[\]]*\] *)?:| )/i, '');
      const rest = text.replace(/^\[[^[\]]*\] */, '');
      if (rest !== '') text = rest;
    }
    const forwarded = /^\[fwd:(.*)\]$/is.exec(text);
    if (forwarded === null) return text;
    text = forwarded[1]!;
  }
}
