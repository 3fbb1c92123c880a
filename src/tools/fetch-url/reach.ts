import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

/** A page can't be fetched. The message is a sentence for the model. */
export class Refusal extends Error {}

export interface Address {
  address: string;
  family: number;
}

/** Limits of `fetch_url`: allowed addresses, name resolution, and time. Only tests replace the default. */
export interface Reach {
  allowAddress(address: string, port: number): boolean;
  resolve(host: string): Promise<Address[]>;
  /** Time-out for a page, including redirects, in milliseconds. */
  timeoutMs: number;
}

/** The public internet, ports 80 and 443. */
export const PUBLIC: Reach = {
  allowAddress: (address, port) => (port === 80 || port === 443) && isPublic(address),
  resolve: (host) => lookup(host, { all: true }),
  timeoutMs: 30_000,
};

/** Azure's metadata service: the only one of the large clouds with a public address. */
const METADATA = new Set(['168.63.129.16']);
/** Global unicast range of IPv6. Other ranges are unassigned, special, or embed an IPv4 address. */
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3');

/** True if an address is on the public internet: in no special-purpose range, and no IPv4 address embedded in IPv6. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address) || METADATA.has(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_V6);
}
