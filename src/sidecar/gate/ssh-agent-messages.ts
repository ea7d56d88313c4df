/**
 * The ssh-agent protocol (draft-miller-ssh-agent) as a bottle may use it: list the keys, sign, bind the session to a host key.
 * Adding, removing and locking keys is answered with failure.
 *
 *   uint32 length   byte type   contents
 */

const requestIdentities = 11;
const signRequest = 13;
const extension = 27;
/** OpenSSH's own limit */
const maxMessageBytes = 256 * 1024;
/** The extension by which ssh tells the agent which host it talks to; destination constraints rest on it */
const sessionBind = "session-bind@openssh.com";

/** SSH_AGENT_FAILURE */
export const agentFailure: Buffer = Buffer.from([0, 0, 0, 1, 5]);

/** Cuts a byte stream into whole messages, each with its length in front. Throws at a length that no honest message has. */
export async function* readAgentMessages(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4) {
      const end = 4 + pending.readUInt32BE(0);
      if (end === 4 || end > maxMessageBytes) throw new Error("a message is empty or too long");
      if (pending.length < end) break;
      yield Buffer.from(pending.subarray(0, end));
      pending = pending.subarray(end);
    }
  }
}

/** True for a message that a bottle may send to the agent. */
export function isAllowedAgentMessage(message: Buffer): boolean {
  const type = message[4];
  if (type === requestIdentities) return message.length === 5;
  if (type === signRequest) return true;
  if (type !== extension || message.length < 9) return false;
  return message.toString("latin1", 9, 9 + message.readUInt32BE(5)) === sessionBind;
}
