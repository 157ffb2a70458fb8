import { assertNever } from '@posthorn/core';
import { type KnownCommand, usesSequenceNumbers } from '../protocol/command-rules.ts';
import type { ServerEvent } from '../protocol/server-protocol.ts';
import { bad, type Completion, ok } from '../replies/replies.ts';
import type { Session } from '../session/session.ts';
import { deleteAcl, getAcl, listRights, myRights, setAcl } from './acl.ts';
import { append, replace } from './append.ts';
import { authenticate, login, startTls } from './authenticate.ts';
import { check } from './check.ts';
import { compress } from './compress.ts';
import { copyOrMove } from './copy.ts';
import { enable } from './enable.ts';
import { close, expunge } from './expunge.ts';
import { fetch } from './fetch.ts';
import { idle } from './idle.ts';
import { list, lsub } from './list.ts';
import { create, deleteMailbox, rename, subscribe } from './mailboxes.ts';
import { getMetadata, setMetadata } from './metadata.ts';
import { multisearch } from './multisearch.ts';
import { namespaceResponse } from './namespace.ts';
import { notify } from './notify.ts';
import { getQuota, getQuotaRoot, setQuota } from './quota.ts';
import { cancelUpdate, search } from './search.ts';
import { select } from './select.ts';
import { sort, thread } from './sort.ts';
import { status } from './status.ts';
import { store } from './store.ts';
import { unauthenticate } from './unauthenticate.ts';

/** Runs one command. Throws what the store throws. */
export async function execute(
  session: Session,
  tag: string,
  command: KnownCommand,
  literal?: Extract<ServerEvent, { readonly type: 'appendLiteral' }>,
): Promise<Completion> {
  if (session.modes.uidOnly && usesSequenceNumbers(command)) {
    if (literal !== undefined) session.protocol.refuseLiteral();
    return { ...bad('Messages have UIDs alone'), code: { type: 'atom', name: 'UIDREQUIRED' } };
  }
  switch (command.name) {
    case 'CAPABILITY':
      session.output.send({ type: 'capability', capabilities: session.protocol.capabilities });
      return ok('Done');
    case 'NOOP':
      return ok('Done');
    case 'CHECK':
      return check(session);
    case 'LOGOUT':
      await session.deselect();
      session.protocol.loggedOut();
      return ok('Logged out');
    case 'ID':
      session.output.send({ type: 'id', parameters: new Map([['name', 'Posthorn']]) });
      return ok('Done');
    case 'NAMESPACE':
      session.output.send(namespaceResponse(session));
      return ok('Done');
    case 'ENABLE':
      return enable(session, command.capabilities);
    case 'STARTTLS':
      return startTls(session, tag);
    case 'NOTIFY':
      return notify(session, command);
    case 'COMPRESS':
      return compress(session, tag, command.algorithm);
    case 'GETQUOTA':
      return getQuota(session, command.root);
    case 'GETQUOTAROOT':
      return getQuotaRoot(session, command);
    case 'SETQUOTA':
      return setQuota(session, command);
    case 'GETMETADATA':
      return getMetadata(session, command);
    case 'SETMETADATA':
      return setMetadata(session, command);
    case 'GETACL':
      return getAcl(session, command);
    case 'SETACL':
      return setAcl(session, command);
    case 'DELETEACL':
      return deleteAcl(session, command);
    case 'LISTRIGHTS':
      return listRights(session, command);
    case 'MYRIGHTS':
      return myRights(session, command);
    case 'UNAUTHENTICATE':
      return unauthenticate(session);
    case 'LOGIN':
      return login(session, command);
    case 'AUTHENTICATE':
      return authenticate(session, command);
    case 'SELECT':
    case 'EXAMINE':
      return select(session, command);
    case 'CREATE':
      return create(session, command);
    case 'DELETE':
      return deleteMailbox(session, command.mailbox);
    case 'RENAME':
      return rename(session, command);
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return subscribe(session, command.mailbox, command.name === 'SUBSCRIBE');
    case 'LIST':
      return list(session, command);
    case 'LSUB':
      return lsub(session, command);
    case 'STATUS':
      return status(session, command);
    case 'APPEND':
      return append(session, command, literal);
    case 'REPLACE':
      return replace(session, command, literal);
    case 'IDLE':
      return idle(session);
    case 'CLOSE':
    case 'UNSELECT':
      return close(session, { expunges: command.name === 'CLOSE' });
    case 'EXPUNGE':
      return expunge(session, command);
    case 'FETCH':
      return fetch(session, command);
    case 'SEARCH':
      return search(session, tag, command);
    case 'SORT':
      return sort(session, tag, command);
    case 'THREAD':
      return thread(session, command);
    case 'ESEARCH':
      return multisearch(session, tag, command);
    case 'CANCELUPDATE':
      return cancelUpdate(session, command.tags);
    case 'STORE':
      return store(session, command);
    case 'COPY':
    case 'MOVE':
      return copyOrMove(session, command);
    default:
      return assertNever(command);
  }
}
