// The command line of every program that people start by hand: its help, its flags with their ranges, and its refusals.
// Each program describes itself once; this file reads the flags and writes the help from that description. The programs
// of this repository use it as well. It must not print or end anything.

interface Switch {
  readonly kind: 'switch';
  readonly means: string;
}

interface WholeNumber {
  readonly kind: 'number';
  readonly means: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Absent: the flag has no value when it is not given; `means` says what happens then. */
  readonly default?: number;
}

interface Text {
  readonly kind: 'text';
  /** The name of the value in the help, for example `FILE`. */
  readonly value: string;
  readonly means: string;
  readonly default?: string;
  /** The values that are allowed; absent: any. */
  readonly oneOf?: readonly string[];
  /** Whether the command refuses to run without the flag. */
  readonly isRequired?: true;
}

export type Flag = Switch | WholeNumber | Text;
export type Flags = Readonly<Record<string, Flag>>;

export interface Command<F extends Flags = Flags> {
  /** As it is typed, for example `npm start`. */
  readonly name: string;
  /** What the command does: one sentence or two. */
  readonly does: string;
  readonly flags: F;
  /** Arguments that are no flags, with their name in the help. Absent: none is allowed. */
  readonly rest?: {
    readonly value: string;
    readonly means: string;
    /** How many are needed, and allowed. Absent: any number. */
    readonly atLeast?: number;
    readonly atMost?: number;
  };
  /** Environment variables that the command reads, each with its meaning. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The codes that the command ends with, each with its meaning. */
  readonly exitCodes?: Readonly<Record<string, string>>;
  /** Complete command lines. */
  readonly examples: readonly [string, ...string[]];
}

type Value<F extends Flag> = F extends Switch
  ? boolean
  : F extends WholeNumber
    ? F extends { readonly default: number }
      ? number
      : number | undefined
    : F extends { readonly default: string } | { readonly isRequired: true }
      ? string
      : string | undefined;

export type Values<F extends Flags> = { readonly [K in keyof F]: Value<F[K]> };

export type Reading<F extends Flags> =
  | { readonly kind: 'values'; readonly values: Values<F>; readonly rest: readonly string[] }
  | { readonly kind: 'help'; readonly text: string }
  /** One sentence that names the flag and what is allowed. */
  | { readonly kind: 'refusal'; readonly sentence: string };

const WIDTH = 100;
const HELP: Switch = { kind: 'switch', means: 'shows this text' };

/** Reads `args`. */
export function parseCommand<const F extends Flags>(command: Command<F>, args: readonly string[]): Reading<F> {
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help', text: helpOf(command) };
  const refuse = (sentence: string): Reading<F> => ({ kind: 'refusal', sentence });
  const given = new Map<string, string | undefined>();
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    const [, name = '', inline] = /^--([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const flag = Object.hasOwn(command.flags, name) ? command.flags[name] : undefined;
    if (flag !== undefined) {
      if (given.has(name)) return refuse(`--${name} is given twice.`);
      // A value may begin with a dash: its range refuses it. The next flag is no value.
      const next = args[index + 1];
      const isNext = inline === undefined && flag.kind !== 'switch' && next !== undefined && !isFlag(command, next);
      if (isNext) index++;
      given.set(name, isNext ? next : inline);
    } else if (arg.startsWith('-')) {
      return refuse(`${arg} is no flag of ${command.name}. ${known(command)}`);
    } else if (command.rest === undefined) {
      return refuse(`${command.name} takes no argument "${arg}". ${known(command)}`);
    } else rest.push(arg);
  }
  const objection = objectionTo(command, rest);
  if (objection !== undefined) return refuse(objection);
  const values: Record<string, boolean | number | string | undefined> = {};
  for (const [name, flag] of Object.entries<Flag>(command.flags)) {
    const read = valueOf(`--${name}`, flag, given.has(name), given.get(name));
    if (typeof read === 'object') return refuse(read.sentence);
    values[name] = read;
  }
  return { kind: 'values', values: values as Values<F>, rest };
}

/** Why the arguments are too few or too many. */
function objectionTo({ name, rest }: Command, given: readonly string[]): string | undefined {
  if (rest === undefined) return undefined;
  const { value, means, atLeast = 0, atMost = given.length } = rest;
  if (given.length >= atLeast && given.length <= atMost) return undefined;
  const fault = given.length < atLeast ? 'is missing' : `is given ${given.length} times`;
  return `${name}: ${value} ${fault}: ${means}. See ${dashed(name)} --help.`;
}

const isFlag = ({ flags }: Command, arg: string): boolean => arg.startsWith('--') && Object.hasOwn(flags, arg.slice(2));

function valueOf(
  name: string,
  flag: Flag,
  isGiven: boolean,
  text: string | undefined,
): boolean | number | string | undefined | { readonly sentence: string } {
  if (flag.kind === 'switch') {
    return text === undefined ? isGiven : { sentence: `${name} takes no value, not "${text}".` };
  }
  if (!isGiven && flag.kind === 'text' && flag.isRequired === true) {
    return { sentence: `${name} is missing: ${flag.value}, ${flag.means}.` };
  }
  if (!isGiven) return flag.default;
  if (flag.kind === 'number') {
    const allowed = `${name} takes a whole number from ${flag.minimum} to ${flag.maximum}`;
    const value = Number(text);
    if (text === undefined || text === '') return { sentence: `${allowed}.` };
    if (!/^\d+$/.test(text) || value < flag.minimum || value > flag.maximum) {
      return { sentence: `${allowed}, not "${text}".` };
    }
    return value;
  }
  if (flag.oneOf !== undefined && !flag.oneOf.includes(text ?? '')) {
    return { sentence: `${name} takes one of ${flag.oneOf.join(', ')}, not "${text ?? ''}".` };
  }
  return text === undefined || text === ''
    ? { sentence: `${name} takes a value: ${flag.value}, ${flag.means}.` }
    : text;
}

function known({ name, flags }: Command): string {
  const names = [...Object.keys(flags), 'help'].map((flag) => `--${flag}`);
  return `Allowed: ${names.join(', ')}. See ${dashed(name)} --help.`;
}

/** npm passes on what stands after two dashes. */
const dashed = (name: string): string => (name.startsWith('npm ') ? `${name} --` : name);

function helpOf({ name, does, flags, rest, variables, exitCodes, examples }: Command): string {
  const usage = [dashed(name), '[flags]', ...(rest === undefined ? [] : [rest.value])].join(' ');
  const rows = Object.entries({ ...flags, help: HELP }).map(([flag, of]) => [headOf(flag, of), meaningOf(of)] as const);
  const restRows = rest === undefined ? [] : [[rest.value, rest.means] as const];
  const parts = [
    wrapped(`${name}: ${does}`, 0),
    `Usage: ${usage}\n`,
    tableOf([...rows, ...restRows]),
    ...(variables === undefined ? [] : [`Environment variables:\n${tableOf(Object.entries(variables))}`]),
    ...(exitCodes === undefined ? [] : [`Exit codes:\n${tableOf(Object.entries(exitCodes))}`]),
    examples.map((example) => `Example: ${example}\n`).join(''),
  ];
  return parts.join('\n');
}

function headOf(name: string, flag: Flag): string {
  if (flag.kind === 'switch') return `--${name}`;
  return `--${name} ${flag.kind === 'number' ? 'N' : flag.value}`;
}

function meaningOf(flag: Flag): string {
  const { means } = flag;
  if (flag.kind === 'switch') return means;
  const preset = flag.default === undefined ? '' : `; default ${flag.default}`;
  if (flag.kind === 'number') return `${means}; from ${flag.minimum} to ${flag.maximum}${preset}`;
  const needed = flag.isRequired === true ? '; required' : '';
  return `${means}${flag.oneOf === undefined ? '' : `; one of ${flag.oneOf.join(', ')}`}${preset}${needed}`;
}

function tableOf(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([head]) => head.length)) + 4;
  return rows.map(([head, meaning]) => `  ${head.padEnd(width - 2)}${wrapped(meaning, width)}`).join('');
}

/** Breaks `text` at spaces; further lines are indented. Ends with a line break. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > WIDTH - indent) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return `${lines.join(`\n${' '.repeat(indent)}`)}\n`;
}
