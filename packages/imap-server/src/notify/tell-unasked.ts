import { tellNews } from '../selected/tell-news.ts';
import type { Session } from '../session/session.ts';

/** Whether a client that asked to be told has something to be told. */
export function hasUnasked({ notifying, selected }: Session): boolean {
  if (notifying === undefined) return false;
  return notifying.isHinted || (notifying.request.selected !== undefined && selected?.isHinted === true);
}

/** Tells what a client asked to be told while no command is under way. @see RFC 5465 section 3.1 */
export async function tellUnasked(session: Session): Promise<void> {
  const { notifying, selected, signal } = session;
  const notices = notifying?.request.selected;
  if (selected !== undefined && notices !== undefined && selected.isHinted) {
    await selected.refresh(signal);
    await tellNews(session, selected, { holdExpunges: notices.isDelayed });
  }
  await tellOthers(session);
}

/** Tells of the mailboxes that are not selected. */
export async function tellOthers(session: Session): Promise<void> {
  const { notifying } = session;
  if (notifying?.isHinted === true) await session.send(await notifying.news());
}
