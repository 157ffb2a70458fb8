import type { Target } from './target.ts';
import { base64 } from './targets/base64.ts';
import { commandValues } from './targets/command-values.ts';
import { commands } from './targets/commands.ts';
import { dates } from './targets/dates.ts';
import { decoding } from './targets/decoding.ts';
import { extensionCommandValues, extensionResponseValues } from './targets/extension-values.ts';
import { messages } from './targets/messages.ts';
import { names } from './targets/names.ts';
import { pop3Commands, pop3Responses } from './targets/pop3.ts';
import { responseValues } from './targets/response-values.ts';
import { responses } from './targets/responses.ts';
import { sets } from './targets/sets.ts';

/** Everything that reads what a peer wrote, and everything that writes for one. */
export const TARGETS: readonly Target[] = [
  responses,
  commands,
  responseValues,
  commandValues,
  extensionResponseValues,
  extensionCommandValues,
  sets,
  dates,
  names,
  base64,
  messages,
  decoding,
  pop3Commands,
  pop3Responses,
];
