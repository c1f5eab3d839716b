// Sends the few requests that no SDK client makes. Nothing of what the clients add, but the same way out: through the proxy
// that the environment names, where there is one. It must not retry, judge, or follow a redirect: credentials would go to
// whatever host an answer names.
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  type PipelineRequest,
  type PipelineResponse,
  proxyPolicy,
} from '@azure/core-rest-pipeline';

type Send = (request: PipelineRequest) => Promise<PipelineResponse>;

let made: Send | undefined;

function createSend(): Send {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  const client = createDefaultHttpClient();
  return (request) => pipeline.sendRequest(client, request);
}

/** Rejects when there is no answer. */
export function send(request: PipelineRequest): Promise<PipelineResponse> {
  made ??= createSend();
  return made(request);
}
