// Sends the few requests that no SDK client makes. It adds nothing that the clients add, but takes the same way out:
// the proxy that the environment names, if there is one. Each request has its own connection: a gateway's node answers
// only for itself, and a connection stays on its node, so only a new connection may meet another node.
// It must not retry, judge, or follow a redirect: that would send credentials to any host that an answer names.
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
 * The pipeline's `disableKeepAlive` does not do this: it uses Node's global agent, which keeps connections since Node
 * 19. Sessions are not resumed either, because a load balancer may choose the node by them.
 */
function createOwnConnection(): PipelinePolicy {
  const plain = new PlainAgent({ keepAlive: false });
  const secure = new Agent({ keepAlive: false, maxCachedSessions: 0 });
  return {
    name: 'ownConnectionPolicy',
    sendRequest(request, next) {
      // A proxy's agent is kept: it opens a tunnel for each request, and closes it.
      request.agent ??= request.url.startsWith('https:') ? secure : plain;
      return next(request);
    },
  };
}

function createSend(): Send {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  // After the proxy policy: it skips a request that already has an agent, and the request would bypass the proxy.
  pipeline.addPolicy(createOwnConnection(), { afterPolicies: [proxyPolicyName] });
  const client = createDefaultHttpClient();
  return (request) => pipeline.sendRequest(client, request);
}

/** Rejects when there is no answer. */
export function send(request: PipelineRequest): Promise<PipelineResponse> {
  made ??= createSend();
  return made(request);
}
