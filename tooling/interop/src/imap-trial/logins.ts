import { expect, it } from 'vitest';
import type { TrialSetting } from './subject.ts';

/** Mechanisms that want something else than a user and a password. */
const OTHERS = ['ANONYMOUS', 'EXTERNAL', 'OAUTHBEARER', 'XOAUTH2'];

/** Logging in: every way, in clear text, after STARTTLS and over TLS. */
export function tryLogins({ subject: { mechanisms }, trial }: TrialSetting): void {
  it.each(mechanisms)('logs in by %s', async (mechanism) => {
    for (const security of ['tls', 'starttls', 'none'] as const) {
      const auth = { user: 'alice', password: 'correct horse', mechanisms: [mechanism] };
      const client = await trial().login({ security, auth });
      expect(client.security).toBe(security === 'none' ? 'none' : 'tls');
      await client.noop();
    }
  });

  it('leaves no mechanism untried', async () => {
    const { code } = (await trial().login()).greeting;
    const offered = code?.type === 'capability' ? code.capabilities : [];
    const names = offered.flatMap((capability) => /^AUTH=(.+?)(?:-PLUS)?$/i.exec(capability)?.[1]?.toUpperCase() ?? []);
    const ours = [...new Set(names)].filter((name) => !OTHERS.includes(name));
    expect(ours.toSorted()).toEqual(mechanisms.toSorted());
  });

  it('is refused with the wrong password', async () => {
    await expect(trial().login({ auth: { user: 'alice', password: 'wrong' } })).rejects.toMatchObject({
      code: 'AUTH_REFUSED',
    });
  });
}
