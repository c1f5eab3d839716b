// The API versions of the calls that prove keys: the only place that names them. An app setting puts another first.
// It must not know paths, kinds or hosts: src/azure/data-plane does.

/** Tried in this order. A version that the service no longer knows is followed by the next one. */
export const PROBE_VERSIONS = {
  anomalyDetector: ['v1.1'],
  contentModerator: ['v1.0'],
  contentSafety: ['2024-09-01', '2023-10-01'],
  customVisionTraining: ['v3.3', 'v3.2'],
  documentIntelligence: ['2024-11-30'],
  face: ['v1.0', 'v1.2'],
  language: ['2023-04-01', '2022-05-01'],
  languageAuthoring: ['2023-04-01'],
  luisAuthoring: ['v3.0-preview'],
  openAi: ['2024-10-21', '2024-06-01'],
  personalizer: ['v1.0'],
  qnaMaker: ['v5.0-preview.1'],
  search: ['2024-07-01', '2023-11-01'],
  tokenExchange: ['v1.0'],
  vision: ['v3.2', 'v3.1'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** An API whose version a probe names. */
export type ProbeApi = keyof typeof PROBE_VERSIONS;

export const PROBE_APIS = Object.keys(PROBE_VERSIONS) as readonly ProbeApi[];

/** The versions to try, in order, at least one for each API. */
export type ProbeVersions = Readonly<Record<ProbeApi, readonly string[]>>;

/** `openAi=2025-04-01-preview`. The version becomes a part of a path or of a query, so it has no other characters. */
const PAIR = /^\s*([A-Za-z]+)\s*=\s*([A-Za-z0-9][A-Za-z0-9.-]{0,31})\s*$/;

/**
 * Reads pairs with commas between them. They are no JSON, because a parameter file of the template would need its
 * quotation marks escaped. Undefined for any other text, an unknown API, or an API named twice.
 */
export function parseProbeVersions(text: string): ProbeVersions | undefined {
  const first = new Map<ProbeApi, string>();
  for (const pair of text.split(',')) {
    const [, name, version] = PAIR.exec(pair) ?? [];
    const api = PROBE_APIS.find((known) => known === name);
    if (api === undefined || version === undefined || first.has(api)) return undefined;
    first.set(api, version);
  }
  return withFirst(first);
}

function withFirst(first: ReadonlyMap<ProbeApi, string>): ProbeVersions {
  const entries = PROBE_APIS.map((api) => {
    const chosen = first.get(api);
    const others = PROBE_VERSIONS[api].filter((version) => version !== chosen);
    return [api, chosen === undefined ? others : [chosen, ...others]] as const;
  });
  return Object.fromEntries(entries) as unknown as ProbeVersions;
}
