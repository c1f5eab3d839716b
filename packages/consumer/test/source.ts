// A source of keys for the tests of the consumer library: the test sets the version, and may hold up a read.
import { type KeySource, SecretValue } from '../src/index.ts';

/** The only event that is about the key of a `Source`. */
export const EVENT = { type: 'Microsoft.KeyVault.SecretNewVersionCreated' };

/** Version `v1` holds `key of v1`, unless `value` says otherwise. */
export class Source implements KeySource {
  version = 'v1';
  value: string | undefined;
  reads = 0;
  fails = false;
  hold: Promise<void> | undefined;

  async read() {
    this.reads++;
    const { version, value = `key of ${version}` } = this;
    await this.hold;
    if (this.fails) throw new Error('The vault does not answer.');
    return { key: new SecretValue(value), version };
  }

  isMeant(event: unknown): boolean {
    return event === EVENT;
  }
}
