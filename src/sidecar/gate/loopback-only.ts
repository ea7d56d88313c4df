/** pipelock has pages and ports that no agent may reach: it must listen on the loopback that it shares with the gate, and nowhere else. */
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { GateFailure } from "./failure.ts";

/** The namespace is our own, so an answer comes at once; silence can only mean that nothing listens */
const patienceMs = 250;

/** Throws if the port is open on any of the namespace's other addresses. */
export async function requireLoopbackOnly(port: number): Promise<void> {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => !one.internal && !one.scopeid)
    .map((one) => one.address);
  const open = await Promise.all(addresses.map((address) => isOpen(address, port)));
  const address = addresses.find((_, index) => open[index]);
  if (address !== undefined)
    throw new GateFailure(`pipelock's port ${port} is open to others, at ${address}`);
}

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patienceMs });
    const end = (isConnected: boolean) => {
      socket.destroy();
      resolve(isConnected);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}
