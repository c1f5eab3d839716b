// Bugs in the adapters of the services that hold keys: Azure Resource Manager, Key Vault, App Configuration.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by, inAdapters, inFaults, inSettings, inWireFormat } from './adapter-mutant.ts';

const KEYS: readonly AdapterMutant[] = [
  {
    name: 'sends a regenerate again when its answer is lost',
    file: 'client/authorized-call.ts',
    find: 'createPipelineFromOptions({ retryOptions,',
    replace: 'createPipelineFromOptions({ retryOptions: { ...retryOptions, maxRetries: 3, retryDelayInMs: 1 },',
    killer: inFaults('regenerate: thrown as Unavailable, regenerated once, the other slot untouched'),
  },
  {
    name: 'regenerates the other slot',
    file: 'arm/account-keys.ts',
    find: 'row.regenerate[slot], deadline',
    replace: "row.regenerate[slot === 'key1' ? 'key2' : 'key1'], deadline",
    killer: inAdapters('regenerates key1 only and answers both'),
  },
  {
    name: 'answers the keys in each other’s place',
    file: 'arm/account-keys.ts',
    find: 'return { key1: new SecretValue(key1), key2: new SecretValue(key2) };',
    replace: 'return { key1: new SecretValue(key2), key2: new SecretValue(key1) };',
    killer: inAdapters('lists both keys of the account'),
  },
  {
    name: 'keeps details of an account that were read by a clock which was set back',
    file: 'arm/account-details.ts',
    find: 'now >= present.at && ',
    replace: '',
    killer: inWireFormat('are asked for once a day, and when the clock was set back'),
  },
  {
    name: 'waits beyond the deadline of a call',
    file: 'client/client-options.ts',
    find: 'AbortSignal.timeout(ms)',
    replace: 'AbortSignal.timeout(ms * 1000)',
    killer: inFaults('arm regenerate > an answer after the deadline is Unavailable'),
  },
  {
    name: 'sends an effect again after a cut connection as it does a read',
    file: 'client/client-options.ts',
    find: 'if (!isRead(request) || !isCut(error)',
    replace: 'if (!isCut(error)',
    killer: inFaults('keyVault publish > a connection that is cut each time is Unavailable after 1 requests'),
  },
];

const SEARCH: readonly AdapterMutant[] = [
  {
    name: 'takes an account that it may not read for one that is gone',
    file: 'arm/account-search.ts',
    find: "if (code === 'Forbidden') return 'refused';",
    replace: "if (code === 'Forbidden') return 'gone';",
    killer: by('rights.test.ts', 'asks for the account by itself, is refused, and keeps it in mid-rotation'),
  },
];

const SECRETS: readonly AdapterMutant[] = [
  {
    name: 'publishes again when its answer is lost',
    file: 'key-vault/secrets.ts',
    find: '...clientOptions(),',
    replace: '...clientOptions(), retryOptions: { maxRetries: 3, retryDelayInMs: 1 },',
    killer: inFaults('publish: thrown as Unavailable, one version'),
  },
  {
    name: 'publishes without tags',
    file: 'key-vault/secrets.ts',
    find: '    tags: tagsOf(account, content, installation),\n',
    replace: '',
    killer: inWireFormat('says whose it is, which slot, for how long, and in which rotation'),
  },
  {
    name: 'takes every version for one of its own installation',
    file: 'key-vault/secret-tags.ts',
    find: 'publisher !== undefined && !own.includes(publisher.toLowerCase())',
    replace: 'publisher !== undefined && own.length === 0',
    killer: inAdapters('a version that another installation published names it'),
  },
  {
    name: 'lets a version expire beyond 2038, where the SDK writes nonsense',
    file: 'key-vault/secret-tags.ts',
    find: 'new Date(Math.min(expiresAt, LATEST_EXPIRY))',
    replace: 'new Date(expiresAt)',
    killer: inWireFormat('never expires later than the SDK can write'),
  },
  {
    name: 'disables without the mark of the rejection',
    file: 'key-vault/secrets.ts',
    find: '    contentType: rejectedContentType(rejectedAt),\n',
    replace: '',
    killer: inAdapters('disable marks the rejection and keeps the other tags, in one write'),
  },
  {
    name: 'marks the rejection without disabling',
    file: 'key-vault/secrets.ts',
    find: '    enabled: false,\n',
    replace: '',
    killer: inAdapters('disable marks the rejection and keeps the other tags, in one write'),
  },
  {
    name: 'drops the tags of a version that it disables',
    file: 'key-vault/secrets.ts',
    find: '    enabled: false,\n',
    replace: '    enabled: false,\n    tags: {},\n',
    killer: inAdapters('disable marks the rejection and keeps the other tags, in one write'),
  },
  {
    name: 'takes a disabled secret for a missing one',
    file: 'key-vault/secrets.ts',
    find: "=== 'SecretDisabled') return 'disabled'",
    replace: "=== 'SecretDisabled') return 'missing'",
    killer: inAdapters('a disabled newest version is told from a missing one'),
  },
  {
    name: 'gives up the search for a disabled version after one page',
    file: 'key-vault/secrets.ts',
    find: 'const PAGES_MAXIMUM = 100;',
    replace: 'const PAGES_MAXIMUM = 1;',
    killer: inAdapters('a disabled version is found among many'),
  },
  {
    name: 'takes the refusal of a deleted name for one that passes',
    file: 'client/causes.ts',
    find: "code: 'Misconfigured',\n    codes: { keyVault: ['ObjectIsDeletedButRecoverable'] }",
    replace: "code: 'Unavailable',\n    codes: { keyVault: ['ObjectIsDeletedButRecoverable'] }",
    killer: inAdapters('a deleted secret is missing, and its name cannot be published to before it is recovered'),
  },
  {
    name: 'takes a version that names another account for ours',
    file: 'key-vault/secret-tags.ts',
    find: 'named === accountTagOf(account) ? account.id : named',
    replace: 'account.id',
    killer: inAdapters('a tag that names another account is read as it is'),
  },
];

const ANNOUNCEMENTS: readonly AdapterMutant[] = [
  {
    name: 'announces again when its answer is lost',
    file: 'app-configuration/announcements.ts',
    find: '{ ...clientOptions(), audience }',
    replace: '{ ...clientOptions(), retryOptions: { maxRetries: 3 }, audience }',
    killer: inFaults('announce: thrown as Unavailable, not as a race that we lost against ourselves'),
  },
  {
    name: 'writes an announcement without the ETag',
    file: 'app-configuration/announcements.ts',
    find: '{ onlyIfUnchanged: true, ',
    replace: '{ onlyIfUnchanged: false, ',
    killer: inAdapters('announcements, over the wire > a stale ETag is a lost race, and nothing changes'),
  },
  {
    name: 'writes over an announcement that it thought absent',
    file: 'app-configuration/announcements.ts',
    find: 'await client.addConfigurationSetting(setting,',
    replace: 'await client.setConfigurationSetting(setting,',
    killer: inAdapters('what must not exist but does is a lost race, and nothing changes'),
  },
  {
    name: 'stamps the flag with the former version',
    file: 'app-configuration/announcements.ts',
    find: '[VERSION_TAG]: version }',
    replace: '[VERSION_TAG]: former?.version ?? version }',
    killer: inAdapters('a write with the ETag that was read replaces; each write has a new ETag'),
  },
  {
    name: 'reads the flag the wrong way round',
    file: 'app-configuration/announcement-values.ts',
    find: "return enabled ? 'key2' : 'key1';",
    replace: "return enabled ? 'key1' : 'key2';",
    killer: inAdapters('reference and flag are created and read back with their ETags'),
  },
  {
    name: 'drops what others have put into the flag',
    file: 'app-configuration/announcement-values.ts',
    find: '{ id: account.flagName, ...kept, enabled',
    replace: '{ id: account.flagName, conditions: kept["conditions"], enabled',
    killer: inWireFormat('keeps what others have put into the flag'),
  },
  {
    name: 'takes a reference to another secret for ours',
    file: 'app-configuration/announcement-values.ts',
    find: 'if (uri.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase() || !VERSION.test(version)) return undefined;\n  return version as SecretVersion;',
    replace: 'return uri.split("/").at(-1) as SecretVersion;',
    killer: inAdapters('a reference toAnotherSecret names no version, and can be replaced by its ETag'),
  },
  {
    name: 'reads key-values under any label',
    file: 'app-configuration/announcements.ts',
    find: "account.label === undefined ? '\\0' : escapeFilter(account.label)",
    replace: "'*'",
    killer: inAdapters('key-values under another label are not read'),
  },
];

const SETTINGS: readonly AdapterMutant[] = [
  {
    name: 'does not read a long list of settings again when its signals have changed',
    file: 'app-configuration/configuration-source.ts',
    find: 'signals !== undefined && signals === former &&',
    replace: 'signals !== undefined &&',
    killer: inSettings('shows a freeze at once, although nobody touches the sentinel'),
  },
  {
    name: 'hears of a freeze from the sentinel only',
    file: 'app-configuration/configuration-source.ts',
    find: '`${FREEZE_KEY},${SENTINEL_KEY}`',
    replace: 'SENTINEL_KEY',
    killer: inSettings('shows a freeze at once, although nobody touches the sentinel'),
  },
  {
    name: 'asks for the signals only, however short the list',
    file: 'app-configuration/configuration-source.ts',
    find: 'former?.pages.length === 1 ?',
    replace: 'former?.pages.length === 0 ?',
    killer: inSettings('a list of one page > shows every edit at once'),
  },
  {
    name: 'keeps a list of settings for ever',
    file: 'app-configuration/configuration-source.ts',
    find: ' && age < LIST_KEPT_MS',
    replace: '',
    killer: inSettings('shows an edit without the sentinel when it is four minutes old'),
  },
  {
    name: 'keeps a list of settings whose clock was set back',
    file: 'app-configuration/configuration-source.ts',
    find: 'age >= 0 && ',
    replace: '',
    killer: inSettings('is too old when its clock was set back'),
  },
  {
    name: 'reads every page of the settings in full each time',
    file: 'app-configuration/configuration-source.ts',
    find: 'former.map(({ etag }) => etag)',
    replace: "former.map(() => '')",
    killer: inSettings('costs one conditional request a read'),
  },
  {
    name: 'hands out another list of settings although nothing has changed',
    file: 'app-configuration/configuration-source.ts',
    find: 'former !== undefined && isSame(former, pages) ? former.keyValues : ',
    replace: '',
    killer: inSettings('costs one conditional request a read'),
  },
  {
    name: 'has one deadline for all pages of the settings',
    file: 'app-configuration/configuration-source.ts',
    find: 'get abortSignal() {\n      return deadlineIn(deadlineMs).abortSignal;\n    },',
    replace: '...deadlineIn(deadlineMs),',
    killer: inSettings('has a deadline for each request'),
  },
];

export const SERVICE_MUTANTS: readonly AdapterMutant[] = [
  ...KEYS,
  ...SEARCH,
  ...SECRETS,
  ...ANNOUNCEMENTS,
  ...SETTINGS,
];
