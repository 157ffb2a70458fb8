import { behave, CAPABILITIES, type Peer } from './peer.ts';
import { PASSWORD, type Scenario } from './scenario.ts';

const NO_LOGIN = /LOGIN alice|AUTHENTICATE/;
const ANY_REFUSAL = /^(?:IMAP_|TRANSPORT_|CONNECTION_|WIRE_|LIMIT_)/;

/** Greets, and answers CAPABILITY, until STARTTLS comes. @returns its tag */
async function untilStartTls(peer: Peer, capabilities = `${CAPABILITIES} STARTTLS`): Promise<string> {
  await peer.send('* OK ready\r\n');
  for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
    const [tag = '', name = ''] = line.split(' ');
    if (name === 'STARTTLS') return tag;
    await peer.send(`* CAPABILITY ${capabilities}\r\n${tag} OK done\r\n`);
  }
  return '';
}

/** Octets smuggled in before the handshake. @see security 1.1, response injection */
const INJECTED: readonly (readonly [string, string])[] = [
  ['capabilities', '* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n'],
  ['PREAUTH', '* PREAUTH hi\r\n'],
  ['a tagged OK', 'AAAA1 OK done\r\n'],
  ['a list', '* LIST () "/" evil\r\n'],
  ['an alert', '* OK [ALERT] call 555-0100\r\n'],
  ['BYE', '* BYE go away\r\n'],
  ['a challenge', '+ go on\r\n'],
  ['half a line', '* OK [CAPA'],
  ['NUL', '\0\0\0\0'],
  ['an empty line', '\r\n'],
];

const injections: readonly Scenario[] = INJECTED.flatMap(([name, octets]): readonly Scenario[] => [
  {
    attack: `STARTTLS: ${name} in the same packet as OK`,
    security: 'starttls',
    forbids: NO_LOGIN,
    right: ANY_REFUSAL,
    serve: async (peer) => {
      const tag = await untilStartTls(peer);
      await peer.send(`${tag} OK go\r\n${octets}`);
      await peer.startTls();
      await behave(peer);
    },
  },
  {
    attack: `STARTTLS: ${name} in the next packet`,
    security: 'starttls',
    forbids: NO_LOGIN,
    right: ANY_REFUSAL,
    serve: async (peer) => {
      const tag = await untilStartTls(peer);
      await peer.send(`${tag} OK go\r\n`);
      await peer.send(octets);
      await peer.startTls();
      await behave(peer);
    },
  },
]);

function refusing(
  attack: string,
  right: Scenario['right'],
  answer: (peer: Peer, tag: string) => Promise<void>,
): Scenario {
  return {
    attack,
    security: 'starttls',
    forbids: NO_LOGIN,
    right,
    serve: async (peer) => answer(peer, await untilStartTls(peer)),
  };
}

const stripping: readonly Scenario[] = [
  {
    attack: 'STARTTLS is not offered',
    security: 'starttls',
    forbids: NO_LOGIN,
    right: 'IMAP_STARTTLS_UNAVAILABLE',
    serve: async (peer) => {
      await untilStartTls(peer, CAPABILITIES);
    },
  },
  {
    attack: 'CAPABILITY before STARTTLS is refused',
    security: 'starttls',
    forbids: NO_LOGIN,
    right: /^IMAP_/,
    serve: (peer) => behave(peer, { CAPABILITY: (tag) => `${tag} BAD what\r\n` }, '* OK ready\r\n'),
  },
  refusing('STARTTLS is answered NO', 'IMAP_STARTTLS_REFUSED', (peer, tag) => peer.send(`${tag} NO not now\r\n`)),
  refusing('STARTTLS is answered BAD', 'IMAP_STARTTLS_REFUSED', (peer, tag) => peer.send(`${tag} BAD what\r\n`)),
  refusing('STARTTLS is answered BYE', /^CONNECTION_/, async (peer) => {
    await peer.send('* BYE no\r\n');
    await peer.close();
  }),
  refusing('OK to STARTTLS, and no TLS behind it', ANY_REFUSAL, async (peer, tag) => {
    await peer.send(`${tag} OK go\r\n`);
    await peer.line();
    await peer.send('* OK still in clear\r\n');
  }),
  refusing('a handshake that never answers', ANY_REFUSAL, async (peer, tag) => {
    await peer.send(`${tag} OK go\r\n`);
    while ((await peer.line()) !== undefined);
  }),
  {
    attack: 'PREAUTH where STARTTLS is required',
    security: 'starttls',
    forbids: /LIST|SELECT|FETCH|APPEND|LOGIN/,
    right: 'IMAP_PREAUTH_IN_CLEAR',
    serve: (peer) => behave(peer),
    act: (client) => client.list(),
  },
];

const CERTIFICATES: readonly (readonly [string, NonNullable<Scenario['certificate']>])[] = [
  ['signed by itself', { hosts: ['localhost'] }],
  ['for another host', { hosts: ['example.org'] }],
  ['that expired', { hosts: ['localhost'], validTo: new Date('2020-01-01') }],
  ['from the future', { hosts: ['localhost'], validFrom: new Date('2199-01-01') }],
];

const certificates: readonly Scenario[] = CERTIFICATES.flatMap(([name, certificate]): readonly Scenario[] => [
  {
    attack: `a certificate ${name}, with TLS from the first octet`,
    security: 'tls',
    certificate,
    forbids: NO_LOGIN,
    right: 'TRANSPORT_CERTIFICATE',
    serve: (peer) => behave(peer, {}, '* OK ready\r\n'),
  },
  {
    attack: `a certificate ${name}, with STARTTLS`,
    security: 'starttls',
    certificate,
    forbids: NO_LOGIN,
    right: 'TRANSPORT_CERTIFICATE',
    serve: async (peer) => {
      await peer.send(`${await untilStartTls(peer)} OK go\r\n`);
      await peer.startTls();
      await behave(peer, {}, '');
    },
  },
]);

const early: readonly Scenario[] = [
  ['of any tag in the greeting', 'A0001 OK done\r\n* OK ready\r\n', undefined],
  ['of many guessed tags', undefined, Array.from({ length: 50 }, (_, index) => `A${index} OK done\r\n`).join('')],
  ['without any tag', undefined, 'OK done\r\n'],
  ['of an empty tag', undefined, ' OK done\r\n'],
].map(
  ([name, greeting, before]): Scenario => ({
    attack: `completion ${name}`,
    // What is no answer at all may be ignored, as long as it completes nothing.
    right: (result) =>
      result instanceof Error
        ? 'code' in result
        : result === 'took it' && (name === 'without any tag' || name === 'of an empty tag'),
    serve: (peer) =>
      behave(
        peer,
        { STATUS: (tag) => `${before}* STATUS x (MESSAGES 1)\r\n${tag} OK done\r\n` },
        greeting ?? `* PREAUTH [CAPABILITY ${CAPABILITIES}] hi\r\n`,
      ),
    act: async (client) => {
      const { messages } = await client.status('x', ['MESSAGES']);
      await client.noop();
      return messages === 1 ? 'took it' : 'completed early';
    },
  }),
);

/** Logging in, in clear text and not. */
function login(
  attack: string,
  right: Scenario['right'],
  capabilities: string,
  authenticate: (peer: Peer, tag: string, line: string) => Promise<string | undefined>,
  more: Partial<Scenario> = {},
): Scenario {
  return {
    attack,
    security: 'tls',
    right,
    serve: (peer) =>
      behave(
        peer,
        {
          CAPABILITY: (tag) => `* CAPABILITY IMAP4rev1 SASL-IR ${capabilities}\r\n${tag} OK done\r\n`,
          AUTHENTICATE: (tag, line) => authenticate(peer, tag, line),
          LOGIN: (tag) => `${tag} NO [AUTHENTICATIONFAILED] you said ${PASSWORD}\r\n`,
        },
        '* OK ready\r\n',
      ),
    ...more,
  };
}

const nonceOf = (line: string): string => /r=(.*)$/.exec(atob(line.split(' ')[3] ?? ''))?.[1] ?? '';
const scram =
  (message: (nonce: string) => string, end = 'OK in') =>
  async (peer: Peer, tag: string, line: string) => {
    await peer.send(`+ ${btoa(message(nonceOf(line)))}\r\n`);
    const answer = await peer.line();
    return answer === '*' ? `${tag} BAD cancelled\r\n` : `${tag} ${end}\r\n`;
  };
const SALT = 's=QSXCR+Q6sek8bf92';

const authentication: readonly Scenario[] = [
  login('only PLAIN, in clear text', 'AUTH_INSECURE', 'AUTH=PLAIN', async () => undefined, {
    security: 'none',
    forbids: NO_LOGIN,
  }),
  login('only the LOGIN command, in clear text', 'AUTH_INSECURE', '', async () => undefined, {
    security: 'none',
    forbids: NO_LOGIN,
  }),
  login('no mechanism, and no LOGIN', 'AUTH_NO_MECHANISM', 'LOGINDISABLED AUTH=GSSAPI', async () => undefined, {
    forbids: NO_LOGIN,
  }),
  login('a refusal that repeats the password', 'AUTH_REFUSED', '', async () => undefined),
  login(
    'SCRAM: a single iteration',
    'AUTH_PROTOCOL',
    'AUTH=SCRAM-SHA-256',
    scram((nonce) => `r=${nonce}x,${SALT},i=1`),
  ),
  login(
    'SCRAM: a thousand million iterations',
    'AUTH_PROTOCOL',
    'AUTH=SCRAM-SHA-256',
    scram((nonce) => `r=${nonce}x,${SALT},i=1000000000`),
  ),
  login(
    'SCRAM: another nonce',
    'AUTH_PROTOCOL',
    'AUTH=SCRAM-SHA-256',
    scram(() => `r=other,${SALT},i=4096`),
  ),
  login(
    'SCRAM: our nonce and nothing else',
    'AUTH_PROTOCOL',
    'AUTH=SCRAM-SHA-256',
    scram((nonce) => `r=${nonce},${SALT},i=4096`),
  ),
  login(
    'SCRAM: an extension that must be known',
    'AUTH_PROTOCOL',
    'AUTH=SCRAM-SHA-256',
    scram((nonce) => `m=x,r=${nonce}x,${SALT},i=4096`),
  ),
  login(
    'SCRAM: success without the proof',
    'AUTH_PROTOCOL',
    'AUTH=SCRAM-SHA-256',
    scram((nonce) => `r=${nonce}x,${SALT},i=4096`),
  ),
  login('SCRAM: a wrong proof, and success', 'AUTH_PROTOCOL', 'AUTH=SCRAM-SHA-256', async (peer, tag, line) => {
    await peer.send(`+ ${btoa(`r=${nonceOf(line)}x,${SALT},i=4096`)}\r\n`);
    await peer.line();
    await peer.send(`+ ${btoa('v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')}\r\n`);
    await peer.line();
    return `${tag} OK in\r\n`;
  }),
  login(
    'SCRAM: success before the first challenge',
    'AUTH_PROTOCOL',
    'AUTH=SCRAM-SHA-256',
    async (_, tag) => `${tag} OK in\r\n`,
  ),
  login('endless challenges', /^(?:AUTH_PROTOCOL|IMAP_PROTOCOL)$/, 'AUTH=PLAIN', async (peer) => {
    for (let count = 0; count < 2000; count++) await peer.send('+ \r\n');
    return undefined;
  }),
  login('a challenge that is not base64', 'AUTH_PROTOCOL', 'AUTH=SCRAM-SHA-256', async (peer, tag) => {
    await peer.send('+ %%%\r\n');
    await peer.line();
    return `${tag} BAD cancelled\r\n`;
  }),
  login(
    'the password is asked for twice',
    (result, peer) => result instanceof Error && peer.heard.split(btoa(`\0alice\0${PASSWORD}`)).length === 2,
    'AUTH=PLAIN',
    async (peer, tag) => {
      await peer.send('+ \r\n');
      await peer.line();
      return `${tag} NO no\r\n`;
    },
  ),
  {
    attack: 'a referral to another server',
    security: 'tls',
    right: 'AUTH_REFUSED',
    serve: (peer) =>
      behave(
        peer,
        {
          CAPABILITY: (tag) => `* CAPABILITY IMAP4rev1 LOGIN-REFERRALS\r\n${tag} OK done\r\n`,
          LOGIN: (tag) => `${tag} NO [REFERRAL imap://evil.example/] go there\r\n`,
        },
        '* OK ready\r\n',
      ),
  },
];

/** @see security 1.1 */
export const TLS_SCENARIOS: readonly Scenario[] = [
  ...injections,
  ...stripping,
  ...certificates,
  ...early,
  ...authentication,
];
