import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { type ConnectionReason, connectionReasonOf } from '#src/domain/connection-reason.ts';
import type { Span } from '#src/domain/span.ts';

/** Traces of operations. Import this module only if traces are enabled: it loads OpenTelemetry. */
export interface Tracing {
  /** Starts the span of an operation, in the caller's trace if `traceparent` is valid. */
  readonly operation: (traceparent: string | undefined) => Span;
  /** Sends the remaining spans, for at most 2 seconds. */
  readonly close: () => Promise<void>;
}

/** Why spans were not delivered. `http-status`: the collector refused them. */
export type DeliveryReason = ConnectionReason | 'http-status';

export interface TracingOptions {
  /** The version of this server. */
  readonly version: string;
  /** Called when the delivery of spans begins to fail, and when it works again (null). */
  readonly onDelivery: (reason: DeliveryReason | null) => void;
}

/** A collector that does not answer must not delay the end of the process. */
const closeTimeoutMs = 2000;

/**
 * Creates tracing with the endpoint, sampler and service name of OpenTelemetry's variables
 * (OTEL_*).
 */
export function createTracing({ version, onDelivery }: TracingOptions): Tracing {
  const named = resourceFromAttributes({
    'service.name': 'enviaai-graphql',
    'service.version': version,
  });
  const detected = detectResources({ detectors: [envDetector, serviceInstanceIdDetector] });
  const exporter = withDeliveryEvents(new OTLPTraceExporter(), onDelivery);
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(named).merge(detected),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('enviaai-graphql', version);

  return {
    operation(traceparent) {
      const parent = parentOf(traceparent);
      return spanOf(tracer, tracer.startSpan('operation', { kind: SpanKind.SERVER }, parent));
    },
    async close() {
      const { promise: timeout, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, closeTimeoutMs);
      // `onDelivery` has reported a failed delivery.
      await Promise.race([provider.shutdown().catch(() => {}), timeout]);
      clearTimeout(timer);
    },
  };
}

const kinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT };

/**
 * A span that passes itself to its children. An asynchronous context would not do: one batch reads
 * for several parents.
 */
function spanOf(tracer: Tracer, span: OtelSpan): Span {
  const context = trace.setSpan(ROOT_CONTEXT, span);
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    begin: (name, kind) => spanOf(tracer, tracer.startSpan(name, { kind: kinds[kind] }, context)),
    end({ name, attributes = {}, failed = false }) {
      if (name !== undefined) span.updateName(name);
      for (const [attribute, value] of Object.entries(attributes)) {
        if (value !== null) span.setAttribute(attribute, value);
      }
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/**
 * The caller's span, from the W3C header of version 00; later versions begin with the same fields.
 * `tracestate` and `baggage` are ignored: they may contain anything, and would be sent to EnviaAI.
 */
function parentOf(traceparent = ''): Context {
  const pattern = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
  const [, version, traceId = '', spanId = '', flags = '', rest] = pattern.exec(traceparent) ?? [];
  const traceFlags = Number.parseInt(flags, 16) & 1;
  const caller = { traceId, spanId, traceFlags, isRemote: true };
  const isValid = isSpanContextValid(caller) && (version !== '00' || rest === undefined);
  return isValid ? trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT;
}

/** Wraps an exporter, and reports changes of its delivery: not each failure. */
function withDeliveryEvents(
  exporter: SpanExporter,
  onDelivery: TracingOptions['onDelivery'],
): SpanExporter {
  let wasDelivered = true;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const { error } = result;
        const isDelivered = error === undefined;
        if (isDelivered !== wasDelivered) onDelivery(error ? deliveryReasonOf(error) : null);
        wasDelivered = isDelivered;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

/** OpenTelemetry's errors have the HTTP status as their code. */
const deliveryReasonOf = (error: Error): DeliveryReason =>
  'code' in error && typeof error.code === 'number' ? 'http-status' : connectionReasonOf(error);
