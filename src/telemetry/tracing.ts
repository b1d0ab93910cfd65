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
import type { Span } from '#src/domain/span.ts';

/** Traces of operations. This module loads OpenTelemetry: import it only where traces are wanted. */
export interface Tracing {
  /** Begins an operation's span, as part of the caller's trace if its `traceparent` is one. */
  readonly operation: (traceparent: string | undefined) => Span;
  /** Sends what has not been sent, within moments. */
  readonly close: () => Promise<void>;
}

export interface TracingOptions {
  /** Told when spans cannot be delivered any more, and when they can be again. */
  readonly delivers: (isDelivered: boolean) => void;
}

/** A collector that hangs must not hold up the end of the process. */
const closeMs = 2000;

/** Where to, how much of it and under which name: as OpenTelemetry's own variables (OTEL_*) say. */
export function createTracing({ delivers }: TracingOptions): Tracing {
  const named = resourceFromAttributes({ 'service.name': 'enviaai-graphql' });
  const detected = detectResources({ detectors: [envDetector, serviceInstanceIdDetector] });
  const exporter = telling(new OTLPTraceExporter(), delivers);
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(named).merge(detected),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('enviaai-graphql');

  return {
    operation(traceparent) {
      const parent = parentOf(traceparent);
      return spanOf(tracer, tracer.startSpan('operation', { kind: SpanKind.SERVER }, parent));
    },
    async close() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, closeMs);
      // What cannot be delivered was told already.
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

const kinds = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT };

/** Parents are passed on by hand: what is read in one batch for many is nobody's asynchronous context. */
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
 * The caller's span, by the W3C's header of version 00 or what later ones begin with. Its
 * `tracestate` and `baggage` are not read: they may hold anything, and would go on to the vendor.
 */
function parentOf(traceparent = ''): Context {
  const form = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
  const [, version, traceId = '', spanId = '', flags = '', more] = form.exec(traceparent) ?? [];
  const traceFlags = Number.parseInt(flags, 16) & 1;
  const caller = { traceId, spanId, traceFlags, isRemote: true };
  const isOne = isSpanContextValid(caller) && (version !== '00' || more === undefined);
  return isOne ? trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT;
}

/** The exporter, telling when it begins to fail and when it works again, not each time. */
function telling(exporter: SpanExporter, delivers: (isDelivered: boolean) => void): SpanExporter {
  let wasDelivered = true;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const isDelivered = result.error === undefined;
        if (isDelivered !== wasDelivered) delivers(isDelivered);
        wasDelivered = isDelivered;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
