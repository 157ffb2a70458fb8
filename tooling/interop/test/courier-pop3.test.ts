import { canRunPrivately, startCourier } from '../src/index.ts';
import { tryPop3 } from '../src/private-server/pop3-suite.ts';

const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'USER'];
tryPop3({ name: 'Courier', start: startCourier, mechanisms }, await canRunPrivately('Courier'));
