// Bugs in the adapters of App Service, and in the sites of the Azure that stands in for the real one.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by } from './adapter-mutant.ts';

const SITES = 'local/azure/holders/sites.ts';
const READER = 'local/azure/holders/vault-reader.ts';
const ROUTES = 'local/azure/servers/resource-manager/sites.ts';
const inSites = (test: string) => by('local-azure-sites.test.ts', test);
const inLists = (test: string) => by('holders-app-service.test.ts', test);
const inEffects = (test: string) => by('holders-app-service-effects.test.ts', test);
const inValues = (test: string) => by('holders-app-service-settings.test.ts', test);

const LOCAL: readonly AdapterMutant[] = [
  {
    name: 'App Service: a bare restart fetches the references again',
    file: SITES,
    find: '  restart(site: SiteState): void {\n',
    replace: '  restart(site: SiteState): void {\n    this.#fetch(site);\n',
    killer: inSites('keeps the value through a bare restart: nothing is fetched'),
  },
  {
    name: 'App Service: a refresh always restarts the application',
    file: SITES,
    find: 'if (this.restartsOnRefresh) start(site);',
    replace: 'start(site);',
    killer: inSites('keeps the value through a refresh until it is started, if a refresh does not restart it'),
  },
  {
    name: 'App Service: the daily fetch gets what came after it',
    file: SITES,
    find: 'this.#fetch(site, site.fetchedAt + days * FETCHED_FOR_MS);',
    replace: 'this.#fetch(site);',
    killer: inSites('gets at the hour of its fetch what was there then, not what came later'),
  },
  {
    name: 'App Service: nothing is fetched again by itself',
    file: SITES,
    find: 'if (days < 1) return;',
    replace: 'if (days < 1_000) return;',
    killer: inSites('keeps the value for 24 hours, and has the new one then without a call'),
  },
  {
    name: 'App Service: a pinned reference follows',
    file: READER,
    find: 'version === undefined ? versions.at(-1)',
    replace: 'version?.length !== 0 ? versions.at(-1)',
    killer: inSites('a reference to one version never follows'),
  },
  {
    name: 'App Service: a site without the right to read the vault resolves its references',
    file: READER,
    find: "if (!mayRead(options, identity)) return { status: 'AccessToKeyVaultDenied' };",
    replace: '',
    killer: inSites('says that the identity may not read, that it may by role or by policy'),
  },
  {
    name: 'App Service: the active version is always shown',
    file: ROUTES,
    find: "fetched?.status === 'Resolved' && sites.showsActiveVersion",
    replace: "fetched?.status === 'Resolved'",
    killer: inSites('has no value, no version of a reference without one, and no active version'),
  },
  {
    name: 'App Service: the right for a site is enough for its slots',
    file: 'local/azure/servers/permissions.ts',
    find: 'restartSlot: control(`${SITES}/slots/restart/action`)',
    replace: 'restartSlot: control(`${SITES}/restart/action`)',
    killer: inSites('needs a right of its own for POST /restart, and the slot another one'),
  },
];

const FOUND: readonly AdapterMutant[] = [
  {
    name: 'App Service: looks into no slot',
    file: 'holders/sites.ts',
    find: " or resourceType eq 'Microsoft.Web/sites/slots'",
    replace: '',
    killer: inLists('has the references of sites and slots, and no other setting'),
  },
  {
    name: 'App Service: takes a pinned reference for one that follows',
    file: 'holders/app-service.ts',
    find: '...(found.version === undefined ? {} : { pinnedTo: found.version }),',
    replace: '',
    killer: inLists('has the references of sites and slots, and no other setting'),
  },
  {
    name: 'App Service: says that every reference is resolved',
    file: 'holders/app-service.ts',
    find: "isResolved: status === 'Resolved'",
    replace: 'isResolved: true',
    killer: inLists('has the references of sites and slots, and no other setting'),
  },
  {
    name: 'App Service: says nothing of a slash',
    file: 'holders/app-service.ts',
    find: "if (!endsInSlash || version !== undefined) return '';",
    replace: "return '';",
    killer: inLists('has the references of sites and slots, and no other setting'),
  },
  {
    name: 'App Service: counts a site that refuses as looked into',
    file: 'holders/sites.ts',
    find: 'if (!(await isGone(search.rest, site, error, deadline))) unseen.push',
    replace: 'if (await isGone(search.rest, site, error, deadline)) unseen.push',
    killer: inLists('names the site that refuses, with the right that is missing, and shows the others'),
  },
  {
    name: 'App Service: takes a site without a list for one that is gone',
    file: 'holders/sites.ts',
    find: "if (code !== 'NotFound') return false;",
    replace: "return code === 'NotFound';",
    killer: inLists('names a site for which Azure knows no such list: it is not known to hold nothing'),
  },
  {
    name: 'App Service: says complete when its time was over',
    file: 'holders/sites.ts',
    find: 'isComplete: isComplete && begun === sites.length,',
    replace: 'isComplete,',
    killer: inLists('is not complete if its time is over, and looks into no further site'),
  },
  {
    name: 'App Service: sends as fast as it can',
    file: 'holders/sites.ts',
    find: '    await search.pace();\n',
    replace: '',
    killer: inLists('reads all pages of two hundred sites, each once, and slows down after the first 150'),
  },
  {
    name: 'App Service: takes any 404 of a read for an error',
    file: 'holders/app-service.ts',
    find: "if (error instanceof RotationError && error.code === 'NotFound') return undefined;",
    replace: '',
    killer: inLists('has nothing for a setting, and for a site, that is gone'),
  },
  {
    name: 'App Service: a subscription that asks to wait holds off all others',
    file: 'client/arm-rest.ts',
    find: 'callOf(subscriptionOf(request.url))',
    replace: 'callOf(subscriptionOf(request.url).slice(0, 0))',
    killer: by('arm-rest.test.ts', 'holds off itself, in any spelling, and no other one'),
  },
];

const EFFECTS: readonly AdapterMutant[] = [
  {
    name: 'App Service: restarts instead of a refresh',
    file: 'holders/app-service.ts',
    find: "post('refreshReferences', 'config/configreferences/appsettings/refresh')",
    replace: "post('restartSite', 'restart')",
    killer: inEffects('refresh and restart bring shop to the published version, each with one effect'),
  },
  {
    name: 'App Service: acts on the site in place of its slot',
    file: 'holders/app-service.ts',
    find: 'path: `${resource}/${path}?${WEB_VERSION}`',
    replace: "path: `${resource.split('/slots/')[0] ?? ''}/${path}?${WEB_VERSION}`",
    killer: inEffects('refresh and restart bring shop/staging to the published version, each with one effect'),
  },
  {
    name: 'App Service: starts an application that its owner has stopped',
    file: 'holders/app-service.ts',
    find: "if (properties?.state === 'Stopped') return;",
    replace: '',
    killer: inEffects('restart leaves an application alone that its owner has stopped'),
  },
  {
    name: 'App Service: takes all the time of its caller',
    file: 'holders/sites.ts',
    find: 'deadlineIn(Math.min(withinMs, CALL_DEADLINE_MS))',
    replace: 'deadlineIn(withinMs)',
    killer: inEffects('a call ends with the time of its caller, and after 20 seconds'),
  },
  {
    name: 'App Service: takes a lost answer for a success',
    file: 'holders/app-service.ts',
    find: 'await rest.send(operation, request, z.unknown(), deadline);\n      };',
    replace: 'await rest.send(operation, request, z.unknown(), deadline).catch(() => undefined);\n      };',
    killer: inEffects('refresh whose answer is lost is sent once, and has happened'),
  },
];

const VALUES: readonly AdapterMutant[] = [
  {
    name: 'App Service: keeps a value',
    file: 'holders/app-service.ts',
    find: "return [{ name, content: { has: 'value' as const, fingerprint: fingerprintOf(trimmed) } }];",
    replace: "return [{ name, content: { has: 'value' as const, fingerprint: fingerprintOf(trimmed), value } }];",
    killer: inValues('is in nothing that the adapter returns'),
  },
  {
    name: 'App Service: compares a value with the line break behind it',
    file: 'holders/app-service.ts',
    find: "const trimmed = (value ?? '').trim();",
    replace: "const trimmed = value ?? '';",
    killer: inValues('has a fingerprint for each value that may be a key, also with a line break behind it'),
  },
  {
    name: 'App Service: takes a reference for a value',
    file: 'holders/app-service.ts',
    find: ' || isReference(trimmed)',
    replace: '',
    killer: inValues('leaves out what is too short, too long, or a reference'),
  },
  {
    name: 'App Service: lists settings at the speed of reads',
    file: 'holders/app-service.ts',
    find: 'createPace(POSTS, pause)',
    replace: 'createPace(READS, pause)',
    killer: inValues('goes slower than a search by reads'),
  },
];

export const APP_SERVICE_MUTANTS: readonly AdapterMutant[] = [...LOCAL, ...FOUND, ...EFFECTS, ...VALUES];
