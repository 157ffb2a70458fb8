import { canRunPrivately, startCyrus } from '../src/index.ts';
import { tryPop3 } from '../src/private-server/pop3-suite.ts';

const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'USER'];
tryPop3({ name: 'Cyrus', start: startCyrus, mechanisms }, await canRunPrivately('Cyrus'));
