import { bundleContender, contenderTable } from '../contenders.ts';

const STRUCTURE = ['mime: structure', 'mime: structure, header words', 'mailsplit: structure'];
const EVERYTHING = [
  'mime: structure, everything decoded',
  'mailparser: everything decoded',
  'mailparser: everything decoded, HTML to text too',
  'postal-mime: everything decoded',
];

/** How fast mail is taken apart, in megabytes of mail a second of processor time. */
export async function mimeBench(messages: number, rounds: number): Promise<string> {
  const file = await bundleContender('mime/contender');
  const table = (title: string, names: readonly string[]): Promise<string> => {
    const contenders = names.map((name) => ({ name, args: [name, String(messages)] }));
    return contenderTable(`${title} of ${messages} messages`, file, contenders, { rounds, warmUpRounds: 3 });
  };
  return [
    await table('Structure', STRUCTURE),
    await table('Everything', EVERYTHING),
    await table('Structure against everything', [STRUCTURE[0]!, ...EVERYTHING.slice(1)]),
  ].join('\n');
}
