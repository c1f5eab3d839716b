// What a call to the service carries to be let in. Its value cannot be printed, serialised or compared; it goes into one
// header, and nowhere else.

export class Credential {
  readonly #header: string;
  readonly #value: string;
  readonly #secret: RegExp;
  /** Whether another one can be had when the service does not take this one any more. */
  readonly isRenewable: boolean;

  private constructor(header: string, value: string, secret: string, isRenewable: boolean) {
    this.#header = header;
    this.#value = value;
    this.#secret = patternOf(secret);
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

  /** The text without the secret, for texts that others have written. It may be in JSON, or in JSON within JSON. */
  cleanse(text: string): string {
    return text.replaceAll(this.#secret, '[hidden]');
  }

  toJSON(): string {
    return '[Credential]';
  }
}

/** JSON puts backslashes before quotation marks and backslashes, as often as the text was written as JSON. */
function patternOf(secret: string): RegExp {
  const units = secret.split(/(\\+|")/).map((part) => {
    if (part === '"') return '\\\\*"';
    return part.startsWith('\\') ? '\\\\+' : part.replaceAll(/[^\w]/g, '\\$&');
  });
  return new RegExp(units.join(''), 'g');
}
