/**
 * The ssh-agent protocol (draft-miller-ssh-agent) as a bottle may use it: list the keys, sign, bind the session to a host key.
 * Adding, removing and locking keys is answered with failure.
 *
 *   uint32 length   byte type   contents
 */

const requestIdentities = 11;
const signRequest = 13;
const extension = 27;
const failure = Buffer.from([0, 0, 0, 1, 5]);
const maxMessageBytes = 256 * 1024;
/** OpenSSH's extension by which ssh tells the agent which host it talks to; destination constraints rest on it */
const sessionBind = "session-bind@openssh.com";

export type FilterAction =
  | { readonly kind: "forward"; readonly message: Buffer }
  | { readonly kind: "answer"; readonly message: Buffer }
  | { readonly kind: "close" };

/** Cuts a byte stream into messages and decides on each. */
export function makeAgentFilter(): (chunk: Buffer) => FilterAction[] {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    const actions: FilterAction[] = [];
    while (pending.length >= 5) {
      const length = pending.readUInt32BE(0);
      if (length === 0 || length > maxMessageBytes) return [...actions, { kind: "close" }];
      if (pending.length < 4 + length) break;
      const message = Buffer.from(pending.subarray(0, 4 + length));
      pending = pending.subarray(4 + length);
      actions.push(isAllowed(message) ? { kind: "forward", message } : { kind: "answer", message: failure });
    }
    return actions;
  };
}

function isAllowed(message: Buffer): boolean {
  const type = message[4];
  if (type === requestIdentities || type === signRequest) return true;
  if (type !== extension || message.length < 9) return false;
  const length = message.readUInt32BE(5);
  return message.toString("latin1", 9, 9 + length) === sessionBind;
}
