// Fields that answers about accounts share.
import * as z from 'zod';
import { SLOTS } from '../../rotation/model.ts';

export const slot = z.enum(SLOTS);
export const fingerprint = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .describe('First 16 hex digits of the SHA-256 of a key.');
