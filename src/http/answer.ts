// One call of an HTTP function: who asks, then whether the settings are usable, then the handler. Whatever is thrown on
// the way becomes a problem document. It must not know what a handler does.
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { authorize, type Doorway } from './authorize.ts';
import type { Endpoint, HttpParts } from './call.ts';
import { asProblem, refuseOtherSites, requireSettings } from './guard.ts';

/** Never throws. `partsOf` is asked once the caller is let in. */
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
    if (endpoint.isAnsweredWithoutSettings !== true) requireSettings(parts);
    return await endpoint.handle({ parts, request, context, caller });
  } catch (error) {
    return asProblem(error, context);
  }
}
