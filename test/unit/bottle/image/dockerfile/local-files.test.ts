import { describe, expect, test } from "bun:test";
import { parseDockerfile } from "../../../../../src/bottle/image/dockerfile/instructions.ts";
import { requireNoLocalFiles } from "../../../../../src/bottle/image/dockerfile/local-files.ts";
import { failureFrom } from "../../../../support/failure-from.ts";

const check = (...lines: readonly string[]) => requireNoLocalFiles("/p/D", parseDockerfile(lines.join("\n")));

describe("without a build context", () => {
  test.each([
    "COPY setup.sh /opt/",
    "copy setup.sh /opt/",
    "COPY . /opt/",
    "COPY Dockerfile /opt/",
    'COPY ["a b", "/opt/"]',
    "COPY --chown=node:node --link a /opt/",
    "COPY $FILE /opt/",
    "COPY <<EOF a /opt/\nEOF",
    "ADD a.tar /opt/",
    "ADD ${DIRECTORY}/a.tar /opt/",
    "ADD https://host.example/a b /opt/",
    "RUN --mount=type=bind,target=/src make",
    "RUN --mount=target=/src make",
    "RUN --mount=type=cache,target=/c --mount=type=bind,source=a,target=/a make",
  ])("a Dockerfile with %j is refused before the build, with the line", (line) => {
    const error = failureFrom(() => check("FROM x", "ARG FILE", "ARG DIRECTORY=files", line, "COPY z /z"));
    expect(error.message).toBe(
      'Cannot build "/p/D": line 4 needs files beside the Dockerfile, and without a build context none are sent',
    );
    const last = line.includes("\n") ? 6 : 5;
    expect(error.details).toEqual([`line 4: ${line.split("\n")[0]}`, `line ${last}: COPY z /z`]);
    expect(error.hint).toContain('"context": "."');
  });

  test.each([
    "COPY --from=build /a /b",
    "COPY --from=0 a b",
    "COPY --from=$STAGE a b",
    "COPY <<EOF /etc/x\nCOPY a b\nEOF",
    "COPY <<-'A' <<B /etc/\nA\nB",
    "ADD https://host.example/a.tar /opt/",
    "ADD HTTP://host.example/a /opt/",
    "ADD --checksum=sha256:1 https://host.example/a /opt/",
    "ADD https://host.example/x.git#v1 /opt/",
    "ADD git@host.example:x/y.git /opt/",
    "ADD ssh://git@host.example/x /opt/",
    "ADD $URL /opt/",
    "ADD ${GIVEN}/a.tar /opt/",
    'ADD "${GIVEN}/a.tar" /opt/',
    "ADD ${SITE}/a.tar /opt/",
    "RUN --mount=type=bind,from=build,target=/src make",
    "RUN --mount=type=cache,target=/c make",
    "RUN --mount=type=secret,id=x make",
    "RUN --mount=type=tmpfs,target=/t make",
    "RUN echo COPY a b",
    "ENV A=COPY",
    "# COPY a b",
    "ONBUILD COPY a b",
    "VOLUME /a",
  ])("%j is left to the builder", (line) => {
    expect(() =>
      check("FROM x", "ARG URL", "ARG GIVEN", "ENV SITE=https://host.example", line, "USER node"),
    ).not.toThrow();
  });
});
