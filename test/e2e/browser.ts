// A browser for the tests of the page: the one of the system where there is one, else the one that comes as a package,
// unpacked into a folder of its own. It must not reuse what lies in a shared temporary folder.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:/Program Files/Google/Chrome/Application/chrome.exe',
  'C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe',
];
const LAUNCH_TIMEOUT_MS = 60_000;
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none'];

export interface TestBrowser {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Answers a sentence where no browser can run. */
export async function startBrowser(): Promise<TestBrowser | string> {
  const folder = await mkdtemp(join(tmpdir(), 'page-browser-'));
  const leave = () => rm(folder, { recursive: true, force: true });
  try {
    const system = [process.env['CHROMIUM_PATH'] ?? '', ...USUAL_PLACES].find(
      (path) => path !== '' && existsSync(path),
    );
    const executablePath = system ?? (await unpackInto(folder));
    const env = { ...process.env, ...(system === undefined ? { FONTCONFIG_FILE: await nameFonts(folder) } : {}) };
    const browser = await chromium.launch({
      executablePath,
      args: system === undefined ? [...ARGUMENTS, '--no-zygote', '--headless=shell'] : ARGUMENTS,
      env: environmentOf(env),
      headless: true,
      timeout: LAUNCH_TIMEOUT_MS,
    });
    const close = async () => {
      await browser.close();
      await leave();
    };
    return { browser, close };
  } catch (error) {
    await leave();
    return `No browser can run here: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`;
  }
}

/** The package unpacks to the temporary folder of the process: that is the given one for so long. */
async function unpackInto(folder: string): Promise<string> {
  const former = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    return await sparticuz.executablePath();
  } finally {
    if (former === undefined) Reflect.deleteProperty(process.env, 'TMPDIR');
    else process.env['TMPDIR'] = former;
  }
}

/**
 * The package's own list of fonts names folders that are not here, and a browser that finds no font at all ends. This one
 * names those that were unpacked, and the system's where it has any.
 */
async function nameFonts(folder: string): Promise<string> {
  const file = join(folder, 'fonts.conf');
  const lines = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    `<dir>${join(folder, 'fonts')}</dir>`,
    '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>',
    `<cachedir>${join(folder, 'fonts-cache')}</cachedir>`,
    '</fontconfig>',
  ];
  await writeFile(file, lines.join('\n'));
  return file;
}

function environmentOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

export interface View {
  readonly width: number;
  readonly height?: number;
  readonly isDark?: boolean;
  /** `en-GB` when absent. */
  readonly locale?: string;
}

/** Opens a page of its own and looks at it; throws when the browser had something to complain of, or asked another host. */
export async function visit<T>(
  browser: Browser,
  url: string,
  { width, height = 800, isDark, locale = 'en-GB' }: View,
  look: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: isDark === true ? 'dark' : 'light',
    locale,
    timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A status that is no success is told there, too, and is judged by the page.
    const isStatus = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isStatus) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && asked.host !== new URL(url).host) complaints.push(`asked ${asked.host}`);
  });
  try {
    await page.goto(url);
    const seen = await look(page);
    if (complaints.length > 0) throw new Error(`The browser complains: ${complaints.join('; ')}`);
    return seen;
  } finally {
    await context.close();
  }
}
