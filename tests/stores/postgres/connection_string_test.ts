import assert from "assert";
import { readConnectionString } from "../../../src/stores/postgres/connection_string.ts";
import { failsWith } from "../../checkpoints/small_run.ts";

Deno.test("readConnectionString() reads place, user and password; its name has neither of these", () => {
  const place = readConnectionString("postgres://ann:p%40ss@localhost:5433/tinct");
  assert.deepEqual(place, {
    host: "localhost",
    port: 5433,
    database: "tinct",
    user: "ann",
    password: "p@ss",
    ssl: false,
    name: "localhost:5433/tinct",
  });
});

Deno.test("readConnectionString() takes a socket's folder, and PostgreSQL's own port by default", () => {
  const place = readConnectionString("postgresql:///tinct?host=/var/run/postgresql");
  assert.deepEqual([place.host, place.port, place.ssl, place.user, place.name], [
    "/var/run/postgresql",
    5432,
    false,
    undefined,
    "/var/run/postgresql/tinct",
  ]);
});

Deno.test("readConnectionString() wants a trusted certificate of other machines, unless told otherwise", () => {
  const sslOf = (text: string) => readConnectionString(text).ssl;
  assert.deepEqual(sslOf("postgres://db.example/t"), {
    rejectUnauthorized: true,
    servername: "db.example",
  });
  assert.deepEqual(sslOf("postgres://db.example/t?sslmode=require"), { rejectUnauthorized: false });
  assert.equal(sslOf("postgres://db.example/t?sslmode=disable"), false);
  assert.deepEqual(sslOf("postgres://127.0.0.1/t?sslmode=verify-full"), {
    rejectUnauthorized: true,
  });
});

Deno.test("readConnectionString() takes addresses of IPv6, which are no names for TLS", () => {
  const near = readConnectionString("postgres://ann@[::1]:5433/t");
  assert.deepEqual([near.host, near.ssl, near.name], ["::1", false, "[::1]:5433/t"]);
  const far = readConnectionString("postgres://ann@[2001:db8::7]/t");
  assert.deepEqual([far.host, far.ssl], ["2001:db8::7", { rejectUnauthorized: true }]);
});

const wrong = [
  ["postgres:secret", /it has the form postgres:/],
  ["mysql://ann:secret@host/t", /it has the form/],
  ["postgres://ann:secret@/t", /it has the form|needs a host/],
  ["postgres://ann:secret@host", /needs the name of one database/],
  ["postgres://ann:secret@host/a/b", /needs the name of one database/],
  ["postgres://ann:secret@host/t?sslmode=prefer", /sslmode is one of .*, not "prefer"/],
  ["postgres://ann:secret@host/t?sslmode=require&sslrootcert=x", /needs sslmode=verify-full/],
  ["postgres://ann:secret%@host/t", /a % in its password is written as %25/],
  ["postgres://ann:secret@host/100%", /a % in its database is written as %25/],
  ["postgres://ann:secret@host/t?pool=9", /may have the options .*, not "pool"/],
  ["postgres://ann:secret@host/t?sslrootcert=/missing.crt", /cannot be read from \/missing.crt/],
] as const;

for (const [text, sentence] of wrong) {
  Deno.test(`readConnectionString() refuses ${text} without its password`, () => {
    assert.throws(() => readConnectionString(text), (error: Error) => {
      failsWith("invalid_argument", sentence)(error);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}
