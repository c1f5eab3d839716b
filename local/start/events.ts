// Reads the service's structured lines out of the host's log. The timeline does not need the other lines.
import { z } from 'zod';

const text = z.string().optional();
const number = z.number().optional();

const serviceEvent = z.object({
  event: z.string(),
  account: text,
  /** Of a request. */
  kind: text,
  step: text,
  outcome: text,
  phase: text,
  rotationId: number,
  to: text,
  slot: text,
  role: text,
  verdict: text,
  finding: text,
  status: number,
  reason: text,
  isBlocked: z.boolean().optional(),
  until: text,
  message: text,
  code: text,
  service: text,
  operation: text,
  version: text,
});

export type ServiceEvent = z.infer<typeof serviceEvent>;

const hostLine = z.object({ level: z.string(), message: z.string() });

export interface LogLine {
  /** Absent when the line is not one of the service's events. */
  readonly event?: ServiceEvent;
  readonly level: string;
  readonly message: string;
}

export function readLogLine(line: string): LogLine {
  const host = hostLine.safeParse(parse(line));
  if (!host.success) return { level: 'information', message: line };
  const event = serviceEvent.safeParse(parse(host.data.message));
  return event.success ? { ...host.data, event: event.data } : host.data;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
