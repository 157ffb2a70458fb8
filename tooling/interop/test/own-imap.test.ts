import { tryImap } from '../src/imap-trial/suite.ts';
import { startOwnImap } from '../src/own-imap.ts';

tryImap(
  {
    name: 'our server',
    start: startOwnImap,
    mechanisms: ['PLAIN', 'LOGIN'],
    endsLastLine: false,
    lacks: ['sharing'],
  },
  true,
);
