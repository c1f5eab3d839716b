// A console that answers each line until `quit`. A failed call is told in one sentence, and the console goes on.
import { createInterface } from 'node:readline';
import { sentenceOf } from './refusals.ts';

export async function converse(answerTo: (text: string) => Promise<string>): Promise<void> {
  const input = createInterface({ input: process.stdin });
  try {
    process.stdout.write('text> ');
    for await (const line of input) {
      const text = line.trim();
      if (text === 'quit') break;
      if (text !== '') process.stdout.write(`${await answerTo(text).catch(sentenceOf)}\n`);
      process.stdout.write('text> ');
    }
  } finally {
    input.close();
  }
}
