/**
 * The ssh-agent protocol (draft-miller-ssh-agent) as a bottle may use it: list the keys, sign, bind the session to a host key.
 * Adding, removing and locking keys is answered with failure.
 *
 *   uint32 length   byte type   contents
 */

const requestIdentities = 11;
const identitiesAnswer = 12;
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

/**
 * The list of keys without their comments, which by ssh-keygen's habit are the user's name and machine. Anything else stays as it is.
 *
 *   byte 12   uint32 count   (string key   string comment) for each
 */
export function removeComments(answer: Buffer): Buffer {
  if (answer[4] !== identitiesAnswer) return answer;
  const parts = [answer.subarray(4, 9)];
  for (let at = 9; at < answer.length;) {
    const commentAt = at + 4 + answer.readUInt32BE(at);
    parts.push(answer.subarray(at, commentAt), Buffer.alloc(4));
    at = commentAt + 4 + answer.readUInt32BE(commentAt);
  }
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** True for a message that a bottle may send to the agent. */
export function isAllowedAgentMessage(message: Buffer): boolean {
  const type = message[4];
  if (type === requestIdentities) return message.length === 5;
  if (type === signRequest) return true;
  if (type !== extension || message.length < 9) return false;
  return message.toString("latin1", 9, 9 + message.readUInt32BE(5)) === sessionBind;
}
