// API Management in Azure Resource Manager: its services, and their named values.
// A list shows no secret value, `listValue` refuses a reference to a vault, and a change needs the ETag.

import type { Holders } from '../../holders/holders.ts';
import type { ApiService, NamedValue } from '../../holders/named-values.ts';
import type { AccessControl } from '../../identity/access.ts';
import { type Answer, type Params, type Route, readJsonObject, type WireCall } from '../http.ts';
import { permissionFor } from '../permissions.ts';
import { armError, type Handler, type Operation, success } from './answers.ts';
import { isInScope, pageOf } from './pages.ts';

export interface ApiManagementOptions {
  readonly holders: Holders;
  readonly access: AccessControl;
  readonly origin: () => string;
}

const VERSIONS = ['2022-08-01', '2024-05-01'];
const PROVIDER = 'providers/Microsoft.ApiManagement/service';
const GROUP = 'subscriptions/:sub/resourceGroups/:rg';
const NAMED_VALUES = `${GROUP}/${PROVIDER}/:service/namedValues`;

function serviceIdOf({ sub = '', rg = '', service = '' }: Params): string {
  return `/subscriptions/${sub}/resourceGroups/${rg}/${PROVIDER}/${service}`;
}

function notFound(what: string): Answer {
  return armError(404, 'ResourceNotFound', `${what} was not found.`);
}

function bodyOf(serviceId: string, namedValue: NamedValue): object {
  const { name, isSecret, value, secretIdentifier, fetchedAt, status } = namedValue;
  const lastStatus = { code: status, timeStampUtc: new Date(fetchedAt).toISOString().replace('Z', '1234Z') };
  return {
    id: `${serviceId}/namedValues/${name}`,
    type: 'Microsoft.ApiManagement/service/namedValues',
    name,
    properties: {
      displayName: name,
      secret: isSecret,
      ...(isSecret ? {} : { value }),
      ...(secretIdentifier === undefined ? {} : { keyVault: { secretIdentifier, lastStatus } }),
    },
  };
}

function listServices({ holders, access, origin }: ApiManagementOptions, call: WireCall, params: Params): Answer {
  const isReadable = ({ id }: ApiService): boolean =>
    access.denial(call.headers.authorization, permissionFor('listApiServices'), id) === undefined;
  const services = [...holders.apiManagement.services.values()].filter(
    (service) => isInScope(service.id, params) && isReadable(service),
  );
  return pageOf(call, services, { origin, pageSize: holders.pageSize }, ({ id }) => ({
    id,
    name: id.slice(id.lastIndexOf('/') + 1),
    type: 'Microsoft.ApiManagement/service',
    properties: { provisioningState: 'Succeeded' },
  }));
}

function update({ holders }: ApiManagementOptions, call: WireCall, namedValue: NamedValue, body: () => object): Answer {
  const expected = call.headers['if-match'];
  if (expected !== '*' && expected !== namedValue.etag) {
    return armError(412, 'PreconditionFailed', 'The resource has been changed since it was read.');
  }
  const { properties } = readJsonObject(call.body) ?? {};
  const value = (properties as { readonly value?: unknown } | undefined)?.value;
  if (typeof value !== 'string' || namedValue.secretIdentifier !== undefined) {
    return armError(400, 'ValidationError', 'One or more fields contain incorrect values.');
  }
  holders.apiManagement.setValue(namedValue, value);
  return success(call, body());
}

export function apiManagementRoutes(options: ApiManagementOptions): Route<Operation>[] {
  const { holders, origin } = options;
  const { apiManagement } = holders;
  const within =
    (act: (call: WireCall, found: NamedValue, body: () => object) => Answer): Handler =>
    (call, params) => {
      const serviceId = serviceIdOf(params);
      const found = apiManagement.find(serviceId, params['namedValue'] ?? '');
      if (found === undefined) return notFound(`The named value '${params['namedValue'] ?? ''}'`);
      return act(call, found, () => bodyOf(serviceId, found));
    };
  const tagged = (answer: Answer, etag: string): Answer => ({ ...answer, headers: { ...answer.headers, etag } });
  const listNamedValues: Handler = (call, params) => {
    const service = apiManagement.services.get(serviceIdOf(params).toLowerCase());
    if (service === undefined) return notFound(`The service '${params['service'] ?? ''}'`);
    const { id } = service;
    return pageOf(call, apiManagement.all(service), { origin, pageSize: holders.pageSize }, (one) => bodyOf(id, one));
  };
  const get = within((call, { etag }, body) => tagged(success(call, body()), etag));
  const listValue = within((call, { name, secretIdentifier, value, etag }) =>
    secretIdentifier === undefined
      ? tagged(success(call, { value }), etag)
      : armError(400, 'InvalidOperation', `Operation not allowed for keyVault derived NamedValue with id '${name}'.`),
  );
  const refresh = within((call, found, body) => {
    if (found.secretIdentifier === undefined) return armError(400, 'ValidationError', 'It has no secret to refresh.');
    apiManagement.refresh(found);
    if (found.refreshAt === undefined) return success(call, body());
    const headers = { location: `${origin()}${call.path}?api-version=2024-05-01&asyncId=1&asyncCode=201` };
    return { status: 202, headers };
  });
  const operation = (name: string, handle: Handler): Operation => ({
    name,
    versions: VERSIONS,
    scope: serviceIdOf,
    handle,
  });
  const listed = (pattern: string): Route<Operation> => ({
    method: 'GET',
    pattern,
    handler: {
      ...operation('listApiServices', (call, params) => listServices(options, call, params)),
      isFiltered: true,
    },
  });
  const one = `${NAMED_VALUES}/:namedValue`;
  return [
    listed(`subscriptions/:sub/${PROVIDER}`),
    listed(`${GROUP}/${PROVIDER}`),
    { method: 'GET', pattern: NAMED_VALUES, handler: operation('listNamedValues', listNamedValues) },
    { method: 'GET', pattern: one, handler: operation('getNamedValue', get) },
    {
      method: 'PATCH',
      pattern: one,
      handler: operation(
        'updateNamedValue',
        within((call, found, body) => update(options, call, found, body)),
      ),
    },
    { method: 'POST', pattern: `${one}/listValue`, handler: operation('listNamedValue', listValue) },
    { method: 'POST', pattern: `${one}/refreshSecret`, handler: operation('refreshNamedValue', refresh) },
  ];
}
