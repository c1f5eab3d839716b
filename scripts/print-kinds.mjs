// Prints docs/kinds.md from the table of kinds: `node scripts/print-kinds.mjs > docs/kinds.md`.
// It must not know a kind, a call or a host itself.
import { fileURLToPath } from 'node:url';
import { OTHER_SUFFIXES } from '../src/azure/arm/own-hosts.ts';
import { KINDS } from '../src/azure/data-plane/kinds.ts';
import { RESOURCE_TYPES } from '../src/base/resource-types.ts';
import { CLOUDS } from '../src/config/cloud.ts';
import { PROBE_VERSIONS } from '../src/config/probe-versions.ts';

const HOSTS = {
  subdomain: 'own subdomain',
  region: 'region',
  translator: "Translator's, or own subdomain",
  name: 'own name',
};

const row = (...cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(...head), row(...head.map(() => '---')), ...rows];
const withProof = KINDS.filter(({ proof }) => proof.state === 'call');
const withoutProof = KINDS.filter(({ proof }) => proof.state === 'none');

function callRow({ kind, proof, tokenExchange }) {
  const { method, path, keyHeader, does, cost } = proof.call;
  const exchange = tokenExchange === undefined ? 'not documented' : 'yes';
  return row(`\`${kind}\``, `\`${method} ${path}\`: ${does}`, `\`${keyHeader}\``, cost, exchange);
}

const ambiguousRow = ({ kind, proof: { call } }) => row(`\`${kind}\``, call.ambiguousStatuses.join(', '));

const code = (text) => `\`${text}\``;

function typeRow({ type, label, kind, apiVersion, list, regenerate, activation }) {
  const kinds = kind === undefined ? 'every other kind' : code(kind);
  const paths = [regenerate.key1, regenerate.key2].map(({ path }) => code(path));
  return row(
    `${label}: ${code(type)}`,
    kinds,
    code(apiVersion),
    code(list.path),
    [...new Set(paths)].join(', '),
    activation,
  );
}

function hostRow({ kind, hosts, endpointPath }) {
  const path = endpointPath === undefined ? '–' : `\`${endpointPath}\``;
  return row(`\`${kind}\``, hosts.map((host) => HOSTS[host]).join(', '), path);
}

const otherSuffixes = OTHER_SUFFIXES.filter((suffix) => suffix !== CLOUDS.public.subdomainSuffix);

const sourceRow = ({ kind, proof: { call } }) => row(`\`${kind}\``, call.source.certainty, call.source.where);

const cloudRow = ({ name, subdomainSuffix, regionSuffix, searchSuffix }) =>
  row(
    code(name),
    code(`<subdomain>.${subdomainSuffix}`),
    code(`<region>.${regionSuffix}`),
    code(regionSuffix),
    code(`<name>.${searchSuffix}`),
  );

const versionRow = ([api, versions]) => row(`\`${api}\``, versions.map((version) => `\`${version}\``).join(', '));

function printAmbiguous() {
  return [
    'Some services answer a dead key and a closed network with the same status. For these kinds the status counts as a',
    'rejection only while another key of the account is accepted in the same pass. Otherwise nothing is known of the key,',
    'and the pass asks the other key first.',
    '',
    ...table(['kind', 'status'], withProof.filter(({ proof }) => proof.call.ambiguousStatuses).map(ambiguousRow)),
    '',
  ];
}

function printTypes() {
  return [
    '## Types of resources',
    '',
    'An account is a resource of one of these types. Each has two keys, which Azure Resource Manager lists and renews.',
    'They are printed from `src/base/resource-types.ts`. Every secret holds the bare key.',
    '',
    ...table(
      ['type', 'kinds', 'api-version', 'lists the keys', 'renews a key', 'time until a new key is taken'],
      RESOURCE_TYPES.map(typeRow),
    ),
    '',
    'Query keys of Azure AI Search are not rotated: a service can have many, and they are no pair. Delete a leaked query',
    'key and create another one by hand.',
    '',
  ];
}

function printSources() {
  return [
    '## Sources',
    '',
    '`read`: the source names the call, and was read. `partly`: the source names the call, but not for this kind, or it',
    'was only found quoted. Paths are below `specification/` of Azure/azure-rest-api-specs.',
    '',
    ...table(['kind', 'how sure', 'source'], withProof.map(sourceRow)),
    '',
    '## Notes',
    '',
    ...KINDS.filter(({ note }) => note !== undefined).map(({ kind, note }) => `- \`${kind}\`: ${note}`),
  ];
}

export function printKinds() {
  const lines = [
    '# Kinds of accounts',
    '',
    'Look up here which call proves a key of an account, where the call goes, what it costs, and which kinds cannot be',
    'rotated. `node scripts/print-kinds.mjs` prints this page from `src/azure/data-plane/kinds.ts`, and a test holds it',
    'equal. The table has the kinds that `az cognitiveservices account list-kinds` returned in 2025, and the kind `Search`,',
    'which stands for every Azure AI Search service: Azure lists no kind for these.',
    '',
    'The service compares kinds without regard to case. No call was tried against Azure: the sources below say how sure',
    'each one is.',
    '',
    '## Kinds that can be rotated',
    '',
    'Each call changes nothing. A probe sends one call with one key. `free` means that the source names no price for the',
    'call; no bill was looked at.',
    '',
    ...table(['kind', 'call', 'header of the key', 'cost', 'exchanges a key for a token'], withProof.map(callRow)),
    '',
    ...printAmbiguous(),
    ...printTypes(),
    '## Kinds that cannot be rotated',
    '',
    'No call proves a key of these kinds, so the service sends none. A check is not healthy, `rotate` is refused, and a',
    'pass looks again after `backOffMaximum`. A kind that is not on this page is treated the same. A policy can take the',
    '[word of Azure Resource Manager](configuration.md#kinds-without-proof) for these kinds; then no death is proven.',
    '',
    ...withoutProof.map(({ kind, proof }) => `- \`${kind}\`: ${proof.because}.`),
    '',
    '## Hosts',
    '',
    'A probe goes to the origin of the endpoint that Azure Resource Manager lists. A path in the endpoint is left out.',
    'Which hosts a kind can have was put together from examples, and does not limit the service. A probe of a search',
    'service goes to the host of its name, not to the listed endpoint.',
    '',
    ...table(['kind', 'hosts', 'path that may be listed'], KINDS.map(hostRow)),
    '',
    "Translator's own host (`api.cognitive.microsofttranslator.com`, `.us`, `api.translator.azure.cn`) issues no tokens.",
    'So a probe of Translator goes to the custom subdomain, if there is one, else to the region, else to the shared host.',
    'Only the custom subdomain serves an account with network rules or a private endpoint.',
    '',
    ...table(
      ['cloud', 'own subdomain', 'region', 'global account', 'search service'],
      Object.values(CLOUDS).map(cloudRow),
    ),
    '',
    'In the public cloud, the own subdomain of Azure OpenAI and Foundry may also be one of these:',
    `${otherSuffixes.map((suffix) => `\`<subdomain>.${suffix}\``).join(', ')}.`,
    '',
    'Not every kind exists in every cloud. The service does not know which do: it uses the endpoint that is listed. No',
    'source names the shared host for global accounts in US Government and China.',
    '',
    '## Versions',
    '',
    'A probe tries the versions in this order, and the next one only after a 400, 404 or 410. The app setting',
    '`PROBE_API_VERSIONS` puts another version first: see [configuration](configuration.md#app-settings).',
    '',
    ...table(['API', 'versions'], Object.entries(PROBE_VERSIONS).map(versionRow)),
    '',
    ...printSources(),
  ];
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(printKinds());
