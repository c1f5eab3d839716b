// From the bytes of a file to its text. Spreadsheets and Windows PowerShell write UTF-16, too.
import { wrongUsage } from './failure.ts';

/** Without the byte order mark. Throws `Failure`: a guess would put wrong characters into documents. */
export function textOf(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw wrongUsage('The file is neither UTF-8 nor UTF-16.', 'Save it as UTF-8.');
  }
}
