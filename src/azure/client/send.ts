// Sends the few requests that no SDK client makes. Nothing of what the clients add, but the same way out: through the proxy
// that the environment names, where there is one. Each request has a connection of its own: a gateway's node answers for
// itself alone, and a connection stays on its node, so only a new connection may meet another one. It must not retry, judge,
// or follow a redirect: credentials would go to whatever host an answer names.
import { Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
  proxyPolicy,
  proxyPolicyName,
} from '@azure/core-rest-pipeline';

type Send = (request: PipelineRequest) => Promise<PipelineResponse>;

let made: Send | undefined;

/**
 * `disableKeepAlive` of the pipeline does not do this: it means Node's global agent, which keeps connections since Node 19.
 * Sessions are not resumed either, because a load balancer may choose the node by them.
 */
function createOwnConnection(): PipelinePolicy {
  const plain = new PlainAgent({ keepAlive: false });
  const secure = new Agent({ keepAlive: false, maxCachedSessions: 0 });
  return {
    name: 'ownConnectionPolicy',
    sendRequest(request, next) {
      // The agent of a proxy is kept: it opens a tunnel for each request, and closes it.
      request.agent ??= request.url.startsWith('https:') ? secure : plain;
      return next(request);
    },
  };
}

function createSend(): Send {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  // Before it, the proxy would be passed by: a request that has an agent gets no other.
  pipeline.addPolicy(createOwnConnection(), { afterPolicies: [proxyPolicyName] });
  const client = createDefaultHttpClient();
  return (request) => pipeline.sendRequest(client, request);
}

/** Rejects when there is no answer. */
export function send(request: PipelineRequest): Promise<PipelineResponse> {
  made ??= createSend();
  return made(request);
}
