/** Small address ranges for a bottle's networks: the engine's own pools end after fifteen bottles. */
import { BottleError } from "../core/error.ts";

/** One /29: network, gateway .1, the sidecar's .2, the agent's .3 */
export interface SubnetPlan {
  readonly subnet: string;
  readonly gateway: string;
  readonly sidecar: string;
  readonly agent: string;
}

/** Ours to cut up, in order of preference; each is apart from the engine's default pools and Podman's */
export const ranges = ["10.213.0.0/16", "172.29.0.0/16", "192.168.213.0/24"];
const sliceSize = 8;
const servicesSliceSize = 16;
/** The widest range that is somebody's network, 10.0.0.0/8 */
const shortestPrefix = 8;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Two free /29 ranges that overlap none of the `used` CIDRs. `seed` decides where the search begins. */
export function pickSubnets(
  used: readonly string[],
  seed: number,
): { readonly internal: SubnetPlan; readonly egress: SubnetPlan } {
  const taken = used.flatMap((cidr) => parseCidr(cidr) ?? []);
  for (const range of ranges) {
    const found: Span[] = [];
    for (const slice of slices(range, seed, sliceSize)) {
      if (isFree(slice, taken)) found.push(slice);
      const [internal, egress] = found;
      if (internal && egress) return { internal: makeSubnet(internal), egress: makeSubnet(egress) };
    }
  }
  throw allTaken();
}

/** One /28: network, gateway .1, the agent's .2, and those of services */
export interface ServicesSubnet {
  readonly subnet: string;
  readonly gateway: string;
  readonly agent: string;
  readonly services: readonly string[];
}

/** A free /28 that overlaps none of the `used` CIDRs. */
export function pickServicesSubnet(used: readonly string[], seed: number): ServicesSubnet {
  const taken = used.flatMap((cidr) => parseCidr(cidr) ?? []);
  for (const range of ranges) {
    for (const slice of slices(range, seed, servicesSliceSize)) {
      if (!isFree(slice, taken)) continue;
      const [subnet = "", gateway = "", agent = "", ...services] = listAddresses(slice);
      return { subnet: `${subnet}/28`, gateway, agent, services: services.slice(0, -1) };
    }
  }
  throw allTaken();
}

function isFree(slice: Span, taken: readonly Span[]): boolean {
  return !taken.some((span) => slice.start < span.end && span.start < slice.end);
}

function allTaken(): BottleError {
  return new BottleError({
    code: "engine-refused",
    message: `Cannot find an address range for the bottle: ${ranges.join(", ")} are all in use`,
    hint: 'Run "claude-bottle cleanup", remove networks that nobody uses, or leave a VPN that routes them all.',
  });
}

/** The range's slices of that many addresses, beginning at a place that the seed picks. */
function* slices(range: string, seed: number, size: number): Generator<Span> {
  const whole = parseCidr(range);
  if (!whole) return;
  const count = (whole.end - whole.start) / size;
  const first = Math.abs(Math.trunc(seed)) % count;
  for (let index = 0; index < count; index += 1) {
    const start = whole.start + ((first + index) % count) * size;
    yield { start, end: start + size };
  }
}

/** IPv4 only; anything else overlaps nothing of ours. */
function parseCidr(cidr: string): Span | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 32] = match.slice(1).map(Number);
  // A default route covers everything and is in nobody's way; VPNs write it as two halves (0.0.0.0/1 and 128.0.0.0/1)
  if (bits < shortestPrefix) return undefined;
  const size = 2 ** (32 - bits);
  const start = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  return { start, end: start + size };
}

function makeSubnet(span: Span): SubnetPlan {
  const [subnet = "", gateway = "", sidecar = "", agent = ""] = listAddresses(span);
  return { subnet: `${subnet}/29`, gateway, sidecar, agent };
}

function listAddresses({ start, end }: Span): string[] {
  return Array.from({ length: end - start }, (_, offset) => {
    const value = start + offset;
    return [2 ** 24, 2 ** 16, 256, 1].map((unit) => Math.floor(value / unit) % 256).join(".");
  });
}
