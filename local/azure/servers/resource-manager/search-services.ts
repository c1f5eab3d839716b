// Azure AI Search in Azure Resource Manager: the services and their endpoints, without keys.
import type { Holders } from '../../holders/holders.ts';
import type { SearchService } from '../../holders/search-services.ts';
import type { AccessControl } from '../../identity/access.ts';
import type { Answer, Params, Route, WireCall } from '../http.ts';
import { permissionFor } from '../permissions.ts';
import { armError, type Handler, type Operation, success } from './answers.ts';
import { isInScope, pageOf } from './pages.ts';

export interface SearchServiceOptions {
  readonly holders: Holders;
  readonly access: AccessControl;
  readonly origin: () => string;
  readonly searchEndpoint: (service: SearchService) => string;
}

const VERSIONS = ['2023-11-01', '2025-05-01'];
const PROVIDER = 'providers/Microsoft.Search/searchServices';
const GROUP = 'subscriptions/:sub/resourceGroups/:rg';

function idOf({ sub = '', rg = '', search = '' }: Params): string {
  return `/subscriptions/${sub}/resourceGroups/${rg}/${PROVIDER}/${search}`;
}

export function searchServiceRoutes(options: SearchServiceOptions): Route<Operation>[] {
  const { holders, access, origin, searchEndpoint } = options;
  const bodyOf = (service: SearchService): object => ({
    id: service.id,
    name: service.name,
    type: 'Microsoft.Search/searchServices',
    properties: {
      endpoint: service.listedEndpoint ?? searchEndpoint(service),
      status: 'running',
      provisioningState: 'succeeded',
      disableLocalAuth: false,
      authOptions: service.isKeyOnly ? { apiKeyOnly: {} } : { aadOrApiKey: { aadAuthFailureMode: 'http403' } },
    },
  });
  const list = (call: WireCall, params: Params): Answer => {
    const isReadable = ({ id }: SearchService): boolean =>
      access.denial(call.headers.authorization, permissionFor('listSearchServices'), id) === undefined;
    const services = [...holders.search.services.values()].filter(
      (one) => isInScope(one.id, params) && isReadable(one),
    );
    return pageOf(call, services, { origin, pageSize: holders.pageSize }, bodyOf);
  };
  const get: Handler = (call, params) => {
    const found = holders.search.services.get((params['search'] ?? '').toLowerCase());
    if (found !== undefined && found.id.toLowerCase() === idOf(params).toLowerCase())
      return success(call, bodyOf(found));
    return armError(404, 'ResourceNotFound', `The Resource '${params['search'] ?? ''}' was not found.`);
  };
  const listed = (pattern: string): Route<Operation> => ({
    method: 'GET',
    pattern,
    handler: { name: 'listSearchServices', versions: VERSIONS, isFiltered: true, handle: list },
  });
  return [
    listed(`subscriptions/:sub/${PROVIDER}`),
    listed(`${GROUP}/${PROVIDER}`),
    {
      method: 'GET',
      pattern: `${GROUP}/${PROVIDER}/:search`,
      handler: { name: 'getSearchService', versions: VERSIONS, scope: idOf, handle: get },
    },
  ];
}
