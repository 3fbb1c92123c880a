import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

/** A page can't be had; the message is a sentence for the model. */
export class Refusal extends Error {}

export interface Address {
  address: string;
  family: number;
}

/** The limits of `fetch_url`: allowed addresses, the look-up of names, and the time. Only tests replace the default. */
export interface Reach {
  allowAddress(address: string, port: number): boolean;
  resolve(host: string): Promise<Address[]>;
  /** Time-out for a page, with all redirects, in milliseconds. */
  timeoutMs: number;
}

/** The public internet, on the web's own ports. */
export const PUBLIC: Reach = {
  allowAddress: (address, port) => (port === 80 || port === 443) && isPublic(address),
  resolve: (host) => lookup(host, { all: true }),
  timeoutMs: 30_000,
};

/** Azure's metadata service, the one among those of the big clouds that has an address of the public range. */
const METADATA = new Set(['168.63.129.16']);
/** The IPv6 range that IANA has given out so far; the rest is nobody's, or another form of an IPv4 address. */
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3');

/** Tells whether an address belongs to the public internet: no range with a purpose, and no IPv4 address inside of an IPv6 one. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address) || METADATA.has(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_V6);
}
