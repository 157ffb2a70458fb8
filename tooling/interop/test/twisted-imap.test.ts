import { tryImap } from '../src/imap-trial/suite.ts';
import { missingServer } from '../src/index.ts';
import { findTwistedImap, startTwistedImap } from '../src/twisted-imap.ts';

const python = await findTwistedImap();
if (python === undefined) missingServer("Twisted's IMAP server", 'python3-twisted python3-openssl');

const mechanisms = ['CRAM-MD5', 'LOGIN', 'PLAIN'];
tryImap(
  {
    name: 'Twisted',
    start: (options) => startTwistedImap(python!, options),
    mechanisms,
    endsLastLine: false,
    tellsPlaces: false,
    lacks: ['windows', 'stringSearch', 'newsOfExpunges', 'seenByFetch'],
  },
  python !== undefined,
);
