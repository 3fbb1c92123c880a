import { createHash, createHmac } from 'node:crypto';
import type { CloudRequest } from './forward.js';

export interface AwsAccount {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Checks a signature as AWS's Signature Version 4 defines it. Returns AWS's error, or undefined for a right one. */
export function findSignatureProblem(request: CloudRequest, account: AwsAccount): string | undefined {
  const { headers, method, path, text } = request;
  const parts = AUTHORIZATION.exec(headers.authorization ?? '');
  if (!parts) return 'IncompleteSignatureException';
  const [, keyId, day = '', region, service, signedHeaders = '', signature] = parts;
  if (keyId !== account.accessKeyId) return 'UnrecognizedClientException';
  if (region !== account.region || service !== 'bedrock') return 'InvalidSignatureException';
  const time = String(headers['x-amz-date']);
  const names = signedHeaders.split(';');
  if (!time.startsWith(day) || !['host', 'x-amz-date'].every((name) => names.includes(name)))
    return 'IncompleteSignatureException';
  // Every segment is encoded once more than it is on the wire.
  const canonicalPath = path.split('/').map(encodeURIComponent).join('/');
  const lines = names.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('');
  const canonical = [method, canonicalPath, '', lines, signedHeaders, hash(text)].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${account.secretAccessKey}`,
  );
  const isRight = hmac(key, toSign).toString('hex') === signature;
  return isRight ? undefined : 'InvalidSignatureException';
}
