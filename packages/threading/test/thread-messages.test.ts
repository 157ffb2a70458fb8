import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkByReferences } from '../src/ancestry.ts';
import { type SortableMessage, type ThreadAlgorithm, type ThreadNode, threadMessages } from '../src/index.ts';

/** `(1 2)((3)(4))`, as THREAD writes it. */
function text(nodes: readonly ThreadNode[]): string {
  return nodes.map(({ number, children }) => `(${[number ?? '', below(children)].join(' ').trim()})`).join('');
}

function below(nodes: readonly ThreadNode[]): string {
  return nodes.length === 1 ? `${nodes[0]!.number} ${below(nodes[0]!.children)}`.trim() : text(nodes);
}

/** `id<references subject`, each message a second after the one before. */
function mailbox(...lines: readonly string[]): readonly SortableMessage[] {
  return lines.map((line, index) => {
    const [ids = '', ...subject] = line.split(' ');
    const [id, references = ''] = ids.split('<');
    return {
      number: index + 1,
      sentDate: { epochSeconds: index },
      messageId: id === '' ? undefined : id,
      references: references === '' ? [] : references.split(','),
      subject: subject.join(' '),
    };
  });
}

const threaded = (messages: readonly SortableMessage[], algorithm: ThreadAlgorithm = 'REFERENCES'): string =>
  text(threadMessages(messages, algorithm));

describe('ORDEREDSUBJECT', () => {
  it('makes all messages about a subject answers to the first', () => {
    const messages = mailbox('a one', 'b two', 'c Re: one', 'd ONE (fwd)', 'e', 'f');
    expect(threaded(messages, 'ORDEREDSUBJECT')).toBe('(1 (3)(4))(2)(5 6)');
  });

  it('sorts threads by their first message', () => {
    const messages: readonly SortableMessage[] = [
      { number: 1, subject: 'b', sentDate: { epochSeconds: 9 } },
      { number: 2, subject: 'a', sentDate: { epochSeconds: 8 } },
      { number: 3, subject: 'b', internalDate: { epochSeconds: 7 } },
    ];
    expect(threaded(messages, 'ORDEREDSUBJECT')).toBe('(3 1)(2)');
  });
});

describe('REFERENCES', () => {
  it.each([
    ['answers under what they answer', ['a x', 'b<a y', 'c<a,b z', 'd<a w'], '(1 (2 3)(4))'],
    ['a missing parent of one', ['b<a x'], '(1)'],
    ['a missing parent of two', ['b<a x', 'c<a y'], '((1)(2))'],
    ['missing messages between', ['a x', 'd<a,b,c y', 'e<a,b y'], '(1 (2)(3))'],
    ['missing messages above one another', ['c<a,b x', 'd<a y'], '((1)(2))'],
    ['the parent that comes later', ['b<a x', 'a y'], '(2 1)'],
    ['the same identifier twice', ['a x', 'a y', 'b<a z'], '(1 3)(2)'],
    ['a message that refers to itself', ['a<a x'], '(1)'],
    ['a loop', ['a<b x', 'b<a y'], '(2 1)'],
    ['truncated references: the message itself knows best', ['c<a,b x', 'b<d y', 'd z'], '(3 2 1)'],
    ['a message without references loses a parent others gave it', ['c<a,b x', 'b y'], '(2 1)'],
    ['an answer without references, by its subject', ['a x', 'b Re: x'], '(1 2)'],
    ['an answer that came first', ['b Re: x', 'a x'], '(2 1)'],
    ['equals about one subject', ['a x', 'b x', 'c Re: x'], '((1)(2)(3))'],
    ['answers alone', ['a Re: x', 'b Re: x'], '((1)(2))'],
    ['two missing parents about one subject', ['c<a x', 'd<a x', 'e<b x', 'f<b x'], '((1)(2)(3)(4))'],
    ['a missing parent takes in others', ['z x', 'c<a x', 'd<a x'], '((1)(2)(3))'],
    ['no subject is nobody’s', ['a', 'b', 'c Re:'], '(1)(2)(3)'],
    ['nothing', [], ''],
  ])('%s', (_, lines, expected) => {
    expect(threaded(mailbox(...lines))).toBe(expected);
  });

  it('takes In-Reply-To only without references', () => {
    const messages: readonly SortableMessage[] = [
      { number: 1, messageId: 'a' },
      { number: 2, messageId: 'b', inReplyTo: 'a', references: [] },
      { number: 3, messageId: 'c', inReplyTo: 'a', references: ['b'] },
    ];
    expect(threaded(messages)).toBe('(1 2 3)');
  });

  it('sorts siblings and threads by sent date', () => {
    const dated = (number: number, seconds: number, reference?: string): SortableMessage => ({
      number,
      messageId: `m${number}`,
      sentDate: { epochSeconds: seconds },
      references: reference === undefined ? [] : [reference],
    });
    const messages = [
      dated(1, 50),
      dated(2, 40),
      dated(3, 30, 'm1'),
      dated(4, 20, 'm1'),
      dated(5, 45, 'z'),
      dated(6, 41, 'z'),
    ];
    expect(threaded(messages)).toBe('(2)((6)(5))(1 (4)(3))');
    expect(threaded(messages, 'REFS')).toBe('(2)((6)(5))(1 (4)(3))');
  });
});

describe('REFS', () => {
  it('does not look at subjects, and puts the latest thread last', () => {
    const messages = mailbox('a x', 'b x', 'c<a x');
    expect(threaded(messages, 'REFERENCES')).toBe('((1 3)(2))');
    expect(threaded(messages, 'REFS')).toBe('(2)(1 3)');
  });
});

describe('depth', () => {
  const chain = (length: number) => Array.from({ length }, (_, index) => `${index}<${index === 0 ? '' : index - 1} s`);

  it('ends where it is told to', () => {
    const threads = threadMessages(mailbox(...chain(5)), 'REFS', { maxDepth: 3 });
    expect(text(threads)).toBe('(1 2 (3)(4)(5))');
  });

  it('is bounded, so that what is made can be copied and written', () => {
    const threads = threadMessages(mailbox(...chain(20_000)), 'REFERENCES');
    expect(JSON.stringify(threads)).toContain('"number":20000,');
    expect(structuredClone(threads)).toHaveLength(1);
  });
});

const tangle = fc.array(
  fc.record({
    id: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
    references: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 4 }),
    subject: fc.constantFrom('', 'a', 'Re: a', 'b', 'Fwd: b'),
    seconds: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 14 },
);
const tangled = tangle.map((entries): readonly SortableMessage[] =>
  entries.map(({ id, references, subject, seconds }, index) => ({
    number: index + 1,
    messageId: id === undefined ? undefined : String(id),
    references: references.map(String),
    subject,
    sentDate: { epochSeconds: seconds },
  })),
);

describe('any mailbox', () => {
  it.each(['ORDEREDSUBJECT', 'REFERENCES', 'REFS'] as const)('has every message once in %s', (algorithm) => {
    fc.assert(
      fc.property(tangled, (messages) => {
        const numbers: number[] = [];
        const visit = (nodes: readonly ThreadNode[], isTop: boolean): void => {
          for (const { number, children } of nodes) {
            if (number !== null) numbers.push(number);
            else expect(isTop && children.length > 1).toBe(true);
            visit(children, false);
          }
        };
        visit(threadMessages(messages, algorithm), true);
        expect(numbers.sort((one, other) => one - other)).toEqual(messages.map(({ number }) => number));
      }),
    );
  });

  it('is linked as the rules of RFC 5256 say, taken literally', () => {
    fc.assert(
      fc.property(tangled, (messages) => {
        const linked = linkByReferences(messages).map(({ message, parent }) => [message, parent]);
        expect(linked).toEqual(literalLinks(messages));
      }),
      { numRuns: 1000 },
    );
  });
});

/** Step 1 with every question about loops asked of the parents themselves. */
function literalLinks(messages: readonly SortableMessage[]): readonly (readonly [message: number, parent: number])[] {
  const nodes: { id: string | undefined; message: number; parent: number }[] = [];
  const add = (id: string | undefined): number => nodes.push({ id, message: -1, parent: -1 }) - 1;
  const find = (id: string): number => {
    const known = nodes.findIndex((node) => node.id === id);
    return known === -1 ? add(id) : known;
  };
  const link = (node: number, parent: number): void => {
    for (let above = parent; above !== -1; above = nodes[above]!.parent) if (above === node) return;
    nodes[node]!.parent = parent;
  };
  for (const [index, { messageId, references = [] }] of messages.entries()) {
    let own = messageId === undefined ? add(undefined) : find(messageId);
    if (nodes[own]!.message !== -1) own = add(undefined);
    nodes[own]!.message = index;
    const chain = references.map(find);
    for (const [place, node] of chain.entries()) {
      if (place > 0 && nodes[node]!.parent === -1) link(node, chain[place - 1]!);
    }
    const parent = chain.at(-1) ?? -1;
    if (nodes[own]!.parent === parent) continue;
    nodes[own]!.parent = -1;
    if (parent !== -1) link(own, parent);
  }
  return nodes.map(({ message, parent }) => [message, parent]);
}
