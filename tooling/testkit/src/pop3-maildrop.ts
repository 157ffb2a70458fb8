import type { Transport } from '@posthorn/core';
import { type Pop3Behaviour, playPop3 } from './pop3-peer.ts';

/** A message of a {@link ScriptedMaildrop}: lines that end with CRLF and do not begin with a dot. */
export interface ScriptedMail {
  readonly id: string;
  readonly text: string;
}

/** What the server of a maildrop does wrong. */
export interface MaildropFaults {
  readonly noUidl?: boolean;
  readonly noTop?: boolean;
  /** Answers to commands, instead of doing what they say. */
  readonly quit?: string;
  readonly dele?: string;
  readonly list?: string;
  /** Breaks the connection in the middle of the message behind so many. */
  readonly cutAfter?: number;
  /** The number of a message that is not sent. */
  readonly refuse?: number;
}

/** A maildrop that outlives its sessions: deletions happen at QUIT, all of them. */
export class ScriptedMaildrop {
  mail: readonly ScriptedMail[];
  faults: MaildropFaults = {};
  /** Every line that was sent, in all sessions. */
  readonly lines: string[] = [];

  constructor(mail: readonly ScriptedMail[]) {
    this.mail = mail;
  }

  /** Serves one session, until the client ends it. */
  async play(transport: Transport): Promise<void> {
    const snapshot = this.mail;
    const { noUidl, noTop, list } = this.faults;
    const lines = await playPop3(transport, {
      messages: snapshot.map((mail) => mail.text),
      uniqueIds: snapshot.map((mail) => mail.id),
      capabilities: ['USER', 'PIPELINING'],
      on: {
        ...this.#session(snapshot),
        ...(noUidl ? { UIDL: '-ERR what' } : {}),
        ...(noTop ? { TOP: '-ERR what' } : {}),
        ...(list === undefined ? {} : { LIST: list }),
      },
    });
    this.lines.push(...lines.map(({ line }) => line));
  }

  #session(snapshot: readonly ScriptedMail[]): Readonly<Record<string, Pop3Behaviour>> {
    const deleted = new Set<ScriptedMail>();
    const { quit, dele, cutAfter = Number.POSITIVE_INFINITY, refuse } = this.faults;
    let retrieved = 0;
    return {
      DELE: (_, argument) => {
        if (dele !== undefined) return dele;
        deleted.add(snapshot[Number(argument) - 1]!);
        return '+OK';
      },
      QUIT: () => {
        if (quit !== undefined) return quit;
        this.mail = this.mail.filter((mail) => !deleted.has(mail));
        return '+OK';
      },
      RETR: async (peer, argument) => {
        const mail = snapshot[Number(argument) - 1];
        if (mail === undefined || Number(argument) === refuse) return '-ERR [SYS/TEMP] broken on disk';
        if (++retrieved <= cutAfter) return `+OK\r\n${mail.text}.\r\n`;
        await peer.send(`+OK\r\n${mail.text.slice(0, 3)}`);
        peer.transport.destroy();
        return undefined;
      },
    };
  }
}
