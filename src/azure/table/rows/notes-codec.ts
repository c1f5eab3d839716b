// The stored form of the notes of an account: JSON in one column. They are for people, so notes that cannot be read count
// as absent.
import * as z from 'zod';
import type { AccountNotes } from '../../../rotation/ports.ts';

const renewal = z.object({ at: z.number(), fingerprint: z.string().min(1).exactOptional() });
const notes = z.object({
  kind: z.string().min(1).exactOptional(),
  location: z.string().min(1).exactOptional(),
  renewed: z.object({ key1: renewal.exactOptional(), key2: renewal.exactOptional() }).exactOptional(),
});

export function encodeNotes(value: AccountNotes): string {
  return JSON.stringify(value);
}

export function decodeNotes(json: unknown): AccountNotes | undefined {
  if (typeof json !== 'string') return undefined;
  try {
    // The brands of the model exist at compile time only.
    return notes.parse(JSON.parse(json)) as AccountNotes;
  } catch {
    return undefined;
  }
}
