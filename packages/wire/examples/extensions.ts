import type { ExtensionTable, Syntax } from '@posthorn/wire';
import { CommandDecoder, encodeCommand, encodeResponse, ResponseDecoder } from '@posthorn/wire';

const mood: Syntax<{ readonly word: string; readonly strength: number }> = {
  read(input) {
    const word = input.astring();
    input.space();
    return { word, strength: input.number() };
  },
  write(output, { word, strength }) {
    output.astring(word).space().number(strength);
  },
};
const extensions = { commands: { XMOOD: mood }, responses: { XMOOD: mood } } satisfies ExtensionTable;

// A client sends a command that only the table knows.
const commands = new CommandDecoder({ extensions });
const asked = { name: 'extension', command: 'XMOOD', value: { word: 'so so', strength: 3 } } as const;
for (const piece of encodeCommand('a1', asked, { extensions })) {
  if (piece.type === 'bytes') commands.push(piece.bytes);
}
const event = commands.next();
if (event?.type === 'command' && event.command.name === 'extension') {
  console.log(event.command.value); // { word: 'so so', strength: 3 }
}

// A server answers. The type of `value` follows the table.
const answers = new ResponseDecoder({ extensions });
const told = { type: 'extension', name: 'XMOOD', value: { word: 'happy', strength: 9 } } as const;
for (const piece of encodeResponse(told, { extensions })) {
  if (piece.type === 'bytes') answers.push(piece.bytes);
}
const answer = answers.next();
if (answer?.type === 'extension') console.log(answer.value.word, answer.value.strength + 1); // happy 10
