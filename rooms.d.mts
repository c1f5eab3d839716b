export interface Room {
  readonly purpose: string;
  /** Rooms that it may import; the files of it, without their ending, where not all may. */
  readonly rooms: Readonly<Record<string, true | readonly string[]>>;
  /** Packages and modules of Node.js; one that ends with `:` or `/` stands for all that begin so. */
  readonly packages: readonly string[];
}
export const ROOMS: Readonly<Record<string, Room>>;
export const OUTSIDE: readonly string[];
