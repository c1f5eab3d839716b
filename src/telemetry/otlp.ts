// Starts the OpenTelemetry SDK with exporters over OTLP/HTTP. Endpoint, headers, certificates and time-outs are read by
// the exporters themselves from the standard OTEL_* settings.
// Imported only if an exporter is configured. It must not register anything globally: other spans do not belong here.
import { AggregationTemporalityPreference, OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Exporting, Signals } from './exporting.ts';
import { createFleetMetrics } from './fleet-metrics.ts';
import { createPassMetrics } from './pass-metrics.ts';
import { recordPass } from './pass-spans.ts';

const SERVICE = 'ai-services-key-rotation';
/** A tick may pass over thousands of accounts in a row. The spans of some hundred passes may wait to be sent. */
const SPANS_WAITING_MAXIMUM = 16_384;

export function startExporting(signals: Signals): Exporting {
  const resource = describeService();
  const traces = signals.traces ? startTraces(resource) : undefined;
  const metrics = signals.metrics ? startMetrics(resource) : undefined;
  const tracer = traces?.getTracer(SERVICE);
  const meter = metrics?.provider.getMeter(SERVICE);
  const passMetrics = meter === undefined ? undefined : createPassMetrics(meter);
  const fleetMetrics = meter === undefined ? undefined : createFleetMetrics(meter);
  return {
    notePass: (trace) => {
      if (tracer !== undefined) recordPass(tracer, trace);
      passMetrics?.(trace);
    },
    noteFleet: (fleet, now) => fleetMetrics?.(fleet, now),
    flush: async () => {
      const sent = await Promise.allSettled([traces?.forceFlush(), metrics?.flush()]);
      if (sent.some(({ status }) => status === 'rejected')) throw new Error('Telemetry was not taken.');
    },
  };
}

/** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over the values set here. */
function describeService(): Resource {
  const detectors = [serviceInstanceIdDetector, resourceAttributesEnvDetector, serviceNameEnvDetector];
  const detected = detectResources({ detectors });
  return resourceFromAttributes({ 'service.name': SERVICE }).merge(detected);
}

function startTraces(resource: Resource): TracerProvider {
  const processor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), maxQueueSize: SPANS_WAITING_MAXIMUM });
  return new TracerProvider({ resource, spanProcessors: [processor] });
}

/** Sends only the change since the last export, unless chosen otherwise: processes come and go with the load. */
function startMetrics(resource: Resource) {
  const isChosen = process.env['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'] !== undefined;
  const exporter = new WatchedMetricExporter(
    isChosen ? {} : { temporalityPreference: AggregationTemporalityPreference.DELTA },
  );
  const reader = new PeriodicExportingMetricReader({ exporter });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return {
    provider,
    /** Rejects if anything was refused since the last flush. */
    flush: async () => {
      await provider.forceFlush();
      if (exporter.takeFailure()) throw new Error('Metrics were not taken.');
    },
  };
}

/** The reader hides that an export failed. This exporter notes it, so that `flush` can reject. */
class WatchedMetricExporter extends OTLPMetricExporter {
  #hasFailed = false;

  override export(...[metrics, done]: Parameters<OTLPMetricExporter['export']>): void {
    super.export(metrics, (result) => {
      if (result.error !== undefined) this.#hasFailed = true;
      done(result);
    });
  }

  takeFailure(): boolean {
    const hasFailed = this.#hasFailed;
    this.#hasFailed = false;
    return hasFailed;
  }
}
