/** PostgreSQL and Redis as services have them, and an image whose agent can talk to them: from Debian's packages, built once and kept. */
import type { Engine } from "../../src/engine/engine.ts";
import { ensureBuilt } from "./built-image.ts";
import { imageForTests } from "./engine-gate.ts";

const install = (packages: string) =>
  `RUN apt-get update && apt-get install -y --no-install-recommends ${packages} && rm -rf /var/lib/apt/lists/*`;

/** What the official image's entry program does: as root it makes the data folder its user's, and goes on as that user. */
const postgresEntry = `#!/bin/sh
set -eu
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 0700 "$PGDATA"
  exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf '%s' "\${POSTGRES_PASSWORD:?is not set}" >/tmp/password
  initdb --username=postgres --pwfile=/tmp/password --auth=scram-sha-256 >/tmp/initdb.log
  rm /tmp/password
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
fi
exec "$@"
`;

/** Listens for whoever is in its network; data is in the one folder that it declares. */
export async function ensurePostgres(engine: Engine): Promise<string> {
  return ensureBuilt(engine, {
    repository: "claude-bottle-test-postgres",
    base: await imageForTests(engine),
    dockerfile: `ARG BASE
FROM \${BASE}
USER root
${install("postgresql gosu")}
ENV PGDATA=/var/lib/postgresql/data PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY entry /usr/local/bin/entry
VOLUME /var/lib/postgresql/data
ENTRYPOINT ["entry"]
CMD ["postgres", "-c", "listen_addresses=*"]
`,
    programs: { entry: postgresEntry },
  });
}

const redisEntry = `#!/bin/sh
set -eu
if [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis {} +
  exec gosu redis "$0" "$@"
fi
exec "$@"
`;

/** Its image says itself when it is ready. */
export async function ensureRedis(engine: Engine): Promise<string> {
  return ensureBuilt(engine, {
    repository: "claude-bottle-test-redis",
    base: await imageForTests(engine),
    dockerfile: `ARG BASE
FROM \${BASE}
USER root
${install("redis-server gosu")}
COPY entry /usr/local/bin/entry
RUN mkdir /data && chown redis:redis /data
VOLUME /data
WORKDIR /data
ENTRYPOINT ["entry"]
HEALTHCHECK CMD redis-cli ping | grep -q PONG
CMD ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no"]
`,
    programs: { entry: redisEntry },
  });
}

/** On an agent's image: clients and drivers of both. */
export async function ensureDatabaseClients(engine: Engine, base: string): Promise<string> {
  return ensureBuilt(engine, {
    repository: "claude-bottle-test-database-clients",
    base,
    dockerfile: `ARG BASE
FROM \${BASE}
USER root
${install("postgresql-client redis-tools python3-psycopg2 python3-redis")}
USER 1000:1000
`,
    programs: {},
  });
}
