import { baseSubject } from './base-subject.ts';
import type { Casemap } from './casemap.ts';
import { compareMessages, type DatedMessage, sortThreads, type Thread } from './thread.ts';

/** Threads of one level: the first message about a subject, and all others as its children. @see RFC 5256 section 3 */
export function threadByOrderedSubject(messages: readonly DatedMessage[], casemap: Casemap): Thread[] {
  const bySubject = new Map<string, DatedMessage[]>();
  for (const dated of messages) {
    const subject = baseSubject(casemap(dated.message.subject ?? '')).text;
    const others = bySubject.get(subject);
    if (others === undefined) bySubject.set(subject, [dated]);
    else others.push(dated);
  }
  const threads = Array.from(bySubject.values(), (group) => {
    const [message, ...rest] = group.sort(compareMessages);
    return { message, children: rest.map((child) => ({ message: child, children: [] })) };
  });
  sortThreads(threads);
  return threads;
}
