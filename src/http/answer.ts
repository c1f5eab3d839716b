// One call of an HTTP function: authorises the caller, checks the settings, then runs the handler.
// Every error on the way becomes a problem document. It must not know what a handler does.
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { authorize, type Doorway } from './authorize.ts';
import type { Endpoint, HttpParts } from './call.ts';
import { asProblem, refuseOtherSites, requireNoQuery, requireSettings } from './guard.ts';

/** Never throws. `partsOf` is called only after the caller is authorised. */
export async function answer(
  partsOf: () => HttpParts,
  endpoint: Endpoint,
  doorway: Doorway,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  try {
    refuseOtherSites(request);
    const caller = authorize(doorway, request.headers, endpoint.role);
    const parts = partsOf();
    if (endpoint.readsQuery !== true) requireNoQuery(request);
    if (endpoint.isAnsweredWithoutSettings !== true) requireSettings(parts);
    return await endpoint.handle({ parts, request, context, caller });
  } catch (error) {
    return asProblem(error, context);
  }
}
