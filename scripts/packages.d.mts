export interface LockEntry {
  readonly version?: string;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>;
}
export type Lock = Readonly<Record<string, LockEntry>>;
export interface Level {
  readonly what: string;
  readonly kinds: readonly ('dependencies' | 'devDependencies')[];
  readonly folders: readonly string[];
  readonly flags: readonly string[];
  readonly megabytes: number;
}
export type LevelName = 'run' | 'test' | 'mutate';
export const LEVELS: Readonly<Record<LevelName, Level>>;
export const PINNED: { readonly folder: string; readonly package: string; readonly megabytes: number };
export function levelOf(script: string): LevelName;
export function placesOf(lock: Lock, level: Pick<Level, 'kinds' | 'folders'>): Map<string, boolean>;
export function lockOf(root: string): Lock;
export function isInstalled(root: string, lock: Lock, places: ReadonlyMap<string, boolean>): boolean;
export function levelWith(root: string, lock: Lock, wanted: LevelName): LevelName;
