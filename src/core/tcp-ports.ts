/** Which hosts a program in a bottle reaches by their own name and port, without asking a proxy. */

interface Pair {
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
}

/**
 * Those under `egress.tcp` whose port no other of them has and the gate does not need itself: there the gate listens on that port and
 * stands in the bottle's list of hosts under that name. The others are reached by CONNECT alone.
 */
export function findTcpPorts<T extends Pair>(destinations: readonly T[], taken: readonly number[]): T[] {
  const pairs = destinations.filter((one) => one.protocol === "tcp");
  return pairs.filter(
    ({ port }) => !taken.includes(port) && pairs.filter((one) => one.port === port).length === 1,
  );
}
