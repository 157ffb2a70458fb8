import { tryImap } from '../src/imap-trial/suite.ts';
import { canRunPrivately, startCourier } from '../src/index.ts';

const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5'];
tryImap({ name: 'Courier', start: startCourier, mechanisms, endsLastLine: true }, await canRunPrivately('Courier'));
