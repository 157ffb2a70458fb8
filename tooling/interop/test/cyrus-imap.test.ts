import { tryImap } from '../src/imap-trial/suite.ts';
import { canRunPrivately, startCyrus } from '../src/index.ts';

const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256'];
tryImap(
  { name: 'Cyrus', start: startCyrus, mechanisms, endsLastLine: false, administrator: 'cyrus' },
  await canRunPrivately('Cyrus'),
);
