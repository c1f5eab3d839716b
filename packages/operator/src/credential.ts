// What a call to the service carries to be let in. Its value cannot be printed, serialised or compared; it goes into one
// header, and nowhere else.

export class Credential {
  readonly #header: string;
  readonly #value: string;
  readonly #secret: string;
  /** Whether another one can be had when the service does not take this one any more. */
  readonly isRenewable: boolean;

  private constructor(header: string, value: string, secret: string, isRenewable: boolean) {
    this.#header = header;
    this.#value = value;
    this.#secret = secret;
    this.isRenewable = isRenewable;
  }

  static ofToken(token: string, isRenewable: boolean): Credential {
    return new Credential('authorization', `Bearer ${token}`, token, isRenewable);
  }

  static ofFunctionKey(key: string): Credential {
    return new Credential('x-functions-key', key, key, false);
  }

  addTo(headers: Headers): void {
    headers.set(this.#header, this.#value);
  }

  /** The text without the secret, for texts that others have written. */
  cleanse(text: string): string {
    return text.replaceAll(this.#secret, '[hidden]');
  }

  toJSON(): string {
    return '[Credential]';
  }
}
