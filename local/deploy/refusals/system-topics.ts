// Event Grid keeps one system topic for each source. A second one fails, under any name and in any resource group.
// Source: learn.microsoft.com, "System topics in Azure Event Grid": "you can create only one system topic per source".
import { z } from 'zod';
import type { PlannedResource } from '../expand.ts';
import type { Planned } from './planned.ts';

const TYPE = 'Microsoft.EventGrid/systemTopics';
const systemTopic = z.object({ source: z.string() });

function sourceOf({ properties }: PlannedResource): string {
  return systemTopic.parse(properties).source.toLowerCase();
}

export function refuseSystemTopics({ resources, present }: Planned): string | undefined {
  for (const topic of resources.filter(({ type }) => type === TYPE)) {
    const all = [...present.values(), ...resources].filter(({ type }) => type === TYPE);
    const other = all.find(
      (one) => one.id.toLowerCase() !== topic.id.toLowerCase() && sourceOf(one) === sourceOf(topic),
    );
    if (other !== undefined) {
      return `Only one system topic is allowed per source: ${topic.name} has the source of ${other.id}, which exists.`;
    }
  }
  return undefined;
}
