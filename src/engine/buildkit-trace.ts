/**
 * BuildKit's progress inside the build stream: a protobuf `moby.buildkit.v1.StatusResponse`, of which only what people read is
 * decoded (api/services/control/control.proto).
 *
 *   StatusResponse   1 vertexes (Vertex)   3 logs (VertexLog)
 *   Vertex           1 digest   3 name   4 cached   5 started   6 completed
 *   VertexLog        1 vertex   4 msg
 */

type Field = { readonly number: number; readonly bytes?: Uint8Array; readonly varint?: number };

/** Lines of one trace message: a step as it begins or is found in the cache, and what steps print. */
export function decodeBuildTrace(message: Uint8Array): string[] {
  const lines: string[] = [];
  const text = new TextDecoder();
  for (const field of readFields(message)) {
    if (!field.bytes) continue;
    const parts = [...readFields(field.bytes)];
    const find = (number: number) => parts.find((part) => part.number === number);
    if (field.number === 1) {
      const name = text.decode(find(3)?.bytes);
      const isCached = find(4)?.varint === 1;
      const hasEnded = find(6) !== undefined;
      if (name && (isCached || (find(5) && !hasEnded))) lines.push(isCached ? `CACHED ${name}` : name);
    } else if (field.number === 3) {
      lines.push(text.decode(find(4)?.bytes));
    }
  }
  return lines;
}

/** Walks the fields of one protobuf message; a message that is cut off ends the walk. */
function* readFields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const readVarint = () => {
    let value = 0;
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++] ?? 0;
      // Multiplication, because lengths and times pass 32 bits
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) yield { number, varint: readVarint() };
    else if (wire === 2) {
      const length = readVarint();
      yield { number, bytes: bytes.subarray(at, at + length) };
      at += length;
    } else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else return;
  }
}
