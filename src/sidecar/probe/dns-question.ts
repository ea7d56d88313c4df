/** A question for the address of a name, RFC 1035 §4.1: header (id, flags, one question), the name's labels, type A, class IN. */
export function makeQuestion(name: string): Buffer {
  const header = Buffer.from([0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]);
  const labels = name
    .split(".")
    .flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, "latin1")]);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}

/** The name of a message's first question; empty if it is not one. */
export function readQuestion(message: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; at < message.length;) {
    const length = message[at] ?? 0;
    if (length === 0) return labels.join(".");
    if (length > 63) return "";
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return "";
}
