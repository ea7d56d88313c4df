import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ensureImage, observeImage } from "../../src/bottle/image/image.ts";
import type { ImageSettings } from "../../src/bottle/image/image.ts";
import { buildImage } from "../../src/engine/build-image.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { removeImage } from "../../src/engine/images.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { readBuildContext } from "../../src/host/build-context.ts";
import { makeCertificates } from "../support/certificates.ts";
import { imagesOn } from "../support/docker-platform.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { runInImage } from "../support/run-in-image.ts";
import { patient } from "../support/patience.ts";

// Needs: openssl
setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

/** Package managers that write down what they are asked for: a test fetches nothing */
const stub = '#!/bin/sh\necho "$(basename "$0") $*" >>/packages\n';
const dockerfile = "ARG BASE\nFROM ${BASE}\nCOPY apt-get npm /usr/local/sbin/\n";
const steps: string[] = [];
const quiet = {
  step: (text: string) => void steps.push(text),
  detail: () => undefined,
  done: () => undefined,
};

let run: TestRun;
let folder: string;
let base: string;
let settings: ImageSettings;
const made: string[] = [];

async function ensure(request: Parameters<typeof ensureImage>[1], force = false): Promise<string> {
  const options = { force, progress: quiet, signal: AbortSignal.timeout(patient(100_000)) };
  const reference = await ensureImage(imagesOn(engine), request, settings, options);
  if (reference !== base) made.push(reference);
  return reference;
}

describe.skipIf(typeof found === "string")("the images of a bottle", () => {
  beforeAll(async () => {
    run = beginTestRun(engine);
    folder = await mkdtemp(join(tmpdir(), "recipes-"));
    const certificates = await makeCertificates(folder);
    const certificatesPath = join(folder, "both.pem");
    await Bun.write(certificatesPath, `A comment\n${certificates.server.ca}${certificates.server.cert}`);
    base = `${run.name("base")}:1`;
    const context = await makeTar([
      { path: "Dockerfile", mode: 0o644, content: dockerfile },
      { path: "apt-get", mode: 0o755, content: stub },
      { path: "npm", mode: 0o755, content: stub },
    ]);
    const buildArgs = { BASE: await imageForTests(engine) };
    await buildImage(
      engine,
      { tag: base, labels: run.labels, buildArgs, context, noCache: true },
      () => undefined,
    );
    settings = {
      image: undefined,
      baseImage: "not-used:1",
      claudeVersion: "2.1.330",
      certificatesPath,
      readFile: (path) => readFile(path, "utf8"),
      readContext: (request) => readBuildContext(request, { home: homedir(), state: "/nowhere" }),
    };
  });
  afterAll(async () => {
    // From the top to the bottom, and before the base goes
    for (const reference of made.toReversed()) await removeImage(engine, reference);
    await run.end();
    await rm(folder, { recursive: true, force: true });
  });

  test("hold the packages, on an image of others, and trust the certificates", async () => {
    const request = {
      dockerfile: undefined,
      name: base,
      packages: { apt: ["g++", "jq=1.6"], npm: ["@scope/tool@1"] },
    };
    expect((await observeImage(imagesOn(engine), request, settings)).state).toBe("build");
    const reference = await ensure(request);
    const plan = await observeImage(imagesOn(engine), request, settings);
    expect(plan).toMatchObject({
      state: "exists",
      reference,
      baseImage: base,
      extraCertificates: { count: 2 },
    });
    const [packages, certificates] = (
      await runInImage(
        run,
        reference,
        'cat /packages; echo ---; for one in /usr/local/share/ca-certificates/extra-*.crt; do openssl x509 -noout -subject -in "$one"; done; openssl verify -CAfile "$NODE_EXTRA_CA_CERTS" /usr/local/share/ca-certificates/extra-2.crt',
      )
    ).split("---\n");
    expect(packages).toContain("apt-get install -y --no-install-recommends -- g++ jq=1.6\n");
    expect(packages).toContain("npm install -g -- @scope/tool@1\n");
    expect(certificates).toContain("CN = test authority");
    expect(certificates).toContain("extra-2.crt: OK");
  });

  test("are not built again until their inputs change", async () => {
    const request = { dockerfile: undefined, name: base, packages: { apt: ["jq"], npm: [] } };
    const reference = await ensure(request);
    expect(await ensure(request)).toBe(reference);
    expect(
      (await observeImage(imagesOn(engine), { ...request, packages: { apt: ["less"], npm: [] } }, settings))
        .state,
    ).toBe("build");
  });

  test("are built from the first that changed, and what lies below it is left as it is", async () => {
    const below = { dockerfile: undefined, name: base, packages: { apt: ["less"], npm: [] } };
    const reference = await ensure(below);
    const onTop = join(folder, "top.Dockerfile");
    await Bun.write(onTop, "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nLABEL top=yes\n");
    steps.length = 0;
    const top = await ensure({ ...below, dockerfile: onTop });
    expect(steps).toEqual([
      expect.stringContaining(` on ${reference} (once`),
      expect.stringContaining(`Building ${top} on claude-bottle:`),
    ]);
  });

  test("have no programs that give rights, and a home folder that is the group's too, whatever is put into them", async () => {
    const check =
      "find / -xdev -type f -perm /6000 | head -3; find /home/node -user 1000 ! -type l -perm -u=w ! -perm -g=w";
    // The control: both are in what they are made from
    expect(await runInImage(run, base, check)).toMatch(/^\/usr\/bin\/[^]*\/home\/node\/\.profile$/m);
    const onTop = join(folder, "rights.Dockerfile");
    await Bun.write(
      onTop,
      `ARG BASE_IMAGE
FROM \${BASE_IMAGE}
USER root
RUN cp /bin/true /mine && chmod 6755 /mine && mkdir -m 700 /home/node/private && chown node:node /home/node/private
USER node
RUN umask 077 && echo secret >/home/node/private/file && ln -s /nowhere /home/node/dangling
`,
    );
    for (const dockerfile of [undefined, onTop]) {
      const reference = await ensure({ dockerfile, name: base, packages: { apt: ["jq"], npm: [] } });
      expect(await runInImage(run, reference, check)).toBe("");
    }
  });

  test("are used as they are if nothing is to be put on them", async () => {
    settings = { ...settings, certificatesPath: undefined };
    const request = { dockerfile: undefined, name: base };
    expect(await ensure(request)).toBe(base);
    expect(await observeImage(imagesOn(engine), request, settings)).toMatchObject({
      state: "given",
      reference: base,
      name: base,
    });
  });
});
