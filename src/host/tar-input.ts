/** stdin as the bytes of a tar: what it begins with is kept in mind, and it is read to its end. */

export interface TarInput {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** It begins as what a well-known program packed */
  isCompressed(): boolean;
  /** What stands after an archive, such as padding: whoever writes it must not find the pipe closed. So much of it and no more */
  passOver(maxBytes: number): Promise<void>;
}

/** gzip, xz, zstd, bzip2 */
const magics = ["1f8b", "fd377a585a", "28b52ffd", "425a68"];

export function openTarInput(stream: ReadableStream<Uint8Array>): TarInput {
  const reader = stream.getReader();
  let head = "";
  const read = async () => {
    const { value, done } = await reader.read();
    if (value && head.length < 12) head += Buffer.from(value.subarray(0, 6)).toString("hex");
    return done ? undefined : value;
  };
  return {
    // Leaving it early does not close the stream
    pieces: (async function* () {
      for (let piece = await read(); piece; piece = await read()) yield piece;
    })(),
    isCompressed: () => magics.some((magic) => head.startsWith(magic)),
    async passOver(maxBytes) {
      for (let left = maxBytes; left > 0;) {
        const piece = await read();
        if (!piece) return;
        left -= piece.length;
      }
    },
  };
}
