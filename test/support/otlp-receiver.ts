// A collector that keeps what it is sent over OTLP/HTTP in JSON, or answers as badly as a test wants.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Value = string | number | boolean | undefined;

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, Value>>;
  readonly isError: boolean;
  readonly resource: Readonly<Record<string, Value>>;
}

export interface ReceivedPoint {
  readonly metric: string;
  readonly kind: 'sum' | 'gauge' | 'histogram';
  readonly attributes: Readonly<Record<string, Value>>;
  /** For a histogram the sum of what was recorded. */
  readonly value: number;
  readonly isDelta: boolean;
}

export interface OtlpReceiver {
  readonly url: string;
  /** Everything that was sent, as text: paths, headers and bodies. */
  readonly raw: string[];
  readonly spans: ReceivedSpan[];
  readonly points: ReceivedPoint[];
  mode: 'take' | 'refuse' | 'refuseMetrics' | 'hang';
  close(): Promise<void>;
}

interface Attribute {
  readonly key: string;
  readonly value: { stringValue?: string; intValue?: number; doubleValue?: number; boolValue?: boolean };
}
interface Point {
  readonly attributes?: Attribute[];
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly sum?: number;
}
interface Body {
  readonly resourceSpans?: {
    readonly resource: { attributes: Attribute[] };
    readonly scopeSpans: {
      readonly spans: (Omit<ReceivedSpan, 'attributes' | 'links'> & {
        readonly attributes: Attribute[];
        readonly links?: ReceivedSpan['links'];
        readonly status: { readonly code: number };
      })[];
    }[];
  }[];
  readonly resourceMetrics?: {
    readonly scopeMetrics: {
      readonly metrics: ({ readonly name: string } & Partial<
        Record<ReceivedPoint['kind'], { readonly dataPoints: Point[]; readonly aggregationTemporality?: number }>
      >)[];
    }[];
  }[];
}

function attributesOf(list: readonly Attribute[] = []): Record<string, Value> {
  return Object.fromEntries(
    list.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue]),
  );
}

function spansOf({ resourceSpans = [] }: Body): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId, links = [], attributes, status }) => ({
        name,
        traceId,
        spanId,
        parentSpanId,
        links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
        attributes: attributesOf(attributes),
        isError: status.code === 2,
        resource: attributesOf(resource.attributes),
      })),
    ),
  );
}

function pointsOf({ resourceMetrics = [] }: Body): ReceivedPoint[] {
  const kinds = ['sum', 'gauge', 'histogram'] as const;
  return resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap((metric) =>
        kinds.flatMap((kind) =>
          (metric[kind]?.dataPoints ?? []).map((point) => ({
            metric: metric.name,
            kind,
            attributes: attributesOf(point.attributes),
            value: point.asDouble ?? point.asInt ?? point.sum ?? 0,
            isDelta: metric[kind]?.aggregationTemporality === 1,
          })),
        ),
      ),
    ),
  );
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (receiver.mode === 'hang') return;
      const text = Buffer.concat(chunks).toString('utf8');
      receiver.raw.push(`${request.url ?? ''} ${JSON.stringify(request.headers)} ${text}`);
      const isRefused =
        receiver.mode === 'refuse' || (receiver.mode === 'refuseMetrics' && request.url === '/v1/metrics');
      if (!isRefused) {
        const body = JSON.parse(text) as Body;
        receiver.spans.push(...spansOf(body));
        receiver.points.push(...pointsOf(body));
      }
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    raw: [],
    spans: [],
    points: [],
    mode: 'take',
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return receiver;
}
