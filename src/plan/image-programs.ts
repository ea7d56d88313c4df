/** Programs that the default image is known to have, and what packages add to them. A test looks for each of them in the image. */
import { findForeignImage } from "./describe-devcontainer.ts";
import type { BottlePlan } from "./plan.ts";

export const imagePrograms =
  "sh bash node npm npx claude git ssh ssh-add ssh-keygen scp sftp rg nc socat jq curl openssl rsync less perl ps pgrep pkill top " +
  "awk sed grep egrep fgrep find xargs tar gzip gunzip zcat diff cmp cat ls cp mv rm mkdir rmdir ln touch chmod chown stat date sleep " +
  "head tail sort uniq wc cut tr tee seq env id whoami uname basename dirname realpath readlink mktemp md5sum sha1sum sha256sum base64 " +
  "od dd df du sync timeout nohup nice yes expr paste join comm fold fmt split which getent printenv tty stty clear tput " +
  "python3 make gcc g++ cc unzip nano";

const known: ReadonlySet<string> = new Set(imagePrograms.split(" "));

/** Packages of Debian by what they bring, where that has another name */
const byPackage: Readonly<Record<string, readonly string[]>> = {
  "python3-pip": ["pip3", "pip"],
  "golang-go": ["go", "gofmt"],
  cargo: ["cargo"],
  rustc: ["rustc"],
  "default-jdk-headless": ["java", "javac"],
  maven: ["mvn"],
  ripgrep: ["rg"],
  "fd-find": ["fdfind"],
  "postgresql-client": ["psql", "pg_dump"],
  "g++": ["g++", "c++"],
  gcc: ["gcc", "cc"],
};

/** False only where it is known that the image does not have it, as far as names tell; an image of the manifest's may have anything. */
export function mayHaveProgram(image: BottlePlan["image"], program: string): boolean {
  const { state, dockerfile, packages } = image;
  if (findForeignImage(image) !== undefined || state === "given" || dockerfile !== undefined) return true;
  if (known.has(program)) return true;
  const apt = (packages?.apt ?? []).map((one) => one.replace(/=.*/, ""));
  const npm = (packages?.npm ?? []).map((one) => one.replace(/(?<=.)@.*/, "").replace(/^@[^/]*\//, ""));
  return [...apt, ...npm, ...apt.flatMap((one) => byPackage[one] ?? [])].includes(program);
}
