import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

/** The messages of OTLP for traces. Source: opentelemetry-proto 1.x, trace.proto, common.proto, resource.proto. */
const PROTO = `
syntax = "proto3";
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
  repeated Event events = 11; uint32 dropped_events_count = 12; repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15; fixed32 flags = 16;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5; fixed32 flags = 6; }
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
`;
const Request = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('ExportTraceServiceRequest');

/** A span as the collector got it, with its ids in hex. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentId: string;
  name: string;
  /** 1 internal, 2 server, 3 client. */
  kind: number;
  ms: number;
  attributes: Record<string, unknown>;
  /** 2 for an error. */
  status: number;
  resource: Record<string, unknown>;
}

type Value = Record<string, unknown> & { array_value?: { values: Value[] } };
type Attribute = { key: string; value: Value };

/** Starts a collector that takes traces over OTLP by HTTP with protobuf, and refuses what breaks the protocol. */
export async function startCollector() {
  const spans: ReceivedSpan[] = [];
  const problems: unknown[] = [];
  const bodies: Buffer[] = [];
  const headers: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.on('end', () => {
      const raw = Buffer.concat(parts);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      headers.push(request.headers);
      try {
        assert.equal(`${request.method} ${request.url}`, 'POST /v1/traces');
        assert.equal(request.headers['content-type'], 'application/x-protobuf');
        bodies.push(body);
        spans.push(...decode(body));
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      } catch (error) {
        problems.push(error);
        response.writeHead(400).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    headers,
    /** Everything that was received, as text. */
    text: () => Buffer.concat(bodies).toString('latin1'),
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      assert.deepEqual(problems, [], 'all that was sent keeps to OTLP');
    },
  };
}

function decode(body: Buffer): ReceivedSpan[] {
  const message = Request.decode(body);
  checkFields(Request, body);
  const { resource_spans } = Request.toObject(message, { longs: BigInt as never, arrays: true }) as never as {
    resource_spans: {
      resource: { attributes: Attribute[] };
      scope_spans: { scope: { name: string }; spans: Record<string, never>[] }[];
    }[];
  };
  return resource_spans.flatMap(({ resource, scope_spans }) =>
    scope_spans.flatMap(({ spans }) =>
      spans.map((span) => spanOf(span as never, attributesOf(resource.attributes))),
    ),
  );
}

/** Fails for a field that the protocol doesn't have: a decoder skips it in silence. */
function checkFields(type: protobuf.Type, body: Uint8Array): void {
  const reader = protobuf.Reader.create(body);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    assert.ok(field, `${type.name} has a field ${tag >>> 3}`);
    const { resolvedType } = field.resolve();
    if (resolvedType instanceof protobuf.Type) checkFields(resolvedType, reader.bytes());
    else reader.skipType(tag & 7);
  }
}

function spanOf(
  span: {
    trace_id: Buffer;
    span_id: Buffer;
    parent_span_id?: Buffer;
    name: string;
    kind: number;
    start_time_unix_nano: { toString(): string };
    end_time_unix_nano: { toString(): string };
    attributes: Attribute[];
    status?: { code?: number };
  },
  resource: Record<string, unknown>,
): ReceivedSpan {
  const hex = (id: Buffer | undefined) => Buffer.from(id ?? []).toString('hex');
  const [from, to] = [span.start_time_unix_nano, span.end_time_unix_nano].map((at) => BigInt(at.toString()));
  assert.match(hex(span.trace_id), /^(?!0{32})[0-9a-f]{32}$/);
  assert.match(hex(span.span_id), /^(?!0{16})[0-9a-f]{16}$/);
  assert.match(hex(span.parent_span_id), /^([0-9a-f]{16})?$/);
  assert.ok(span.name, 'a span has a name');
  assert.ok([1, 2, 3, 4, 5].includes(span.kind), 'a span has a kind');
  assert.ok(from && to && from > 0n && to >= from, 'a span ends after it begins');
  return {
    traceId: hex(span.trace_id),
    spanId: hex(span.span_id),
    parentId: hex(span.parent_span_id),
    name: span.name,
    kind: span.kind,
    ms: Number(to - from) / 1e6,
    attributes: attributesOf(span.attributes),
    status: span.status?.code ?? 0,
    resource,
  };
}

function attributesOf(attributes: Attribute[]): Record<string, unknown> {
  const keys = attributes.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length, 'each attribute is there once');
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainOf(value)]));
}

function plainOf(value: Value): unknown {
  const [kind, ...others] = Object.keys(value);
  assert.ok(kind && others.length === 0, 'a value has one kind');
  if (value.array_value) return value.array_value.values.map(plainOf);
  return kind === 'int_value' ? Number(String(value[kind])) : value[kind];
}
