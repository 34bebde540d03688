import assert from "assert";
import { createHash } from "node:crypto";
import { AccessControl } from "../../src/access/access_control.ts";
import { parseAccessFile } from "../../src/access/access_file.ts";
import { localProcesses } from "../../src/fleet/local_process.ts";
import { Metrics } from "../../src/operating/metrics.ts";
import { noPages } from "../../src/web_door/pages.ts";
import { Scene } from "../service/scene.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";

Deno.test("the door tells metrics where it is to, to who may read", async () => {
  const tokens = Object.entries({ ada: "read", eve: "colorize" }).map(([name, scope]) => ({
    name,
    scopes: [scope],
    sha256: createHash("sha256").update(name).digest("hex"),
  }));
  const control = new AccessControl(parseAccessFile(JSON.stringify({ tokens }), "access.json"));
  const made: Metrics[] = [];
  await using scene = await Scene.open({}, (store) => {
    const workforce = new StoreWorkforce(store);
    made.push(new Metrics(store, workforce.supervisor, localProcesses()));
    return Promise.resolve(workforce);
  }, {
    pages: noPages,
    webMetrics: true,
    metrics: () => made[0]!,
    access: { control, tls: undefined, [Symbol.dispose]: () => {} },
  });
  const ask = async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await fetch(`${scene.server.webUrl}/metrics`, { headers });
    return [answer.status, await answer.text()] as const;
  };
  assert.equal((await ask())[0], 401);
  assert.equal((await ask("Bearer eve"))[0], 403);
  // A call by each protocol, and one that is refused before its handler.
  const method = "tinct.v1.TrainingJobService/ListTrainingJobs";
  const call = async (type: string, body: BodyInit, authorization = "Bearer ada") => {
    const headers = { "content-type": type, authorization };
    const asked = { method: "POST", headers, body };
    await (await fetch(`${scene.server.webUrl}/${method}`, asked)).body?.cancel();
  };
  await call("application/json", "{}");
  await call("application/grpc-web+proto", new Uint8Array(5));
  await call("application/json", "{}", "Bearer eve");
  const [status, text] = await ask("Bearer ada");
  assert.equal(status, 200);
  assert.match(text, /^tinct_up 1$/m);
  const counted = [...text.matchAll(/^tinct_calls_total\{(.+)\} (\d+)$/gm)].map((
    [, labels, count],
  ) => `${labels} ${count}`);
  assert.deepEqual(counted.toSorted(), [
    `method="${method}",code="OK",protocol="connect" 1`,
    `method="${method}",code="OK",protocol="grpc_web" 1`,
    `method="${method}",code="PERMISSION_DENIED",protocol="connect" 1`,
  ]);
  assert.match(
    text,
    new RegExp(
      `^tinct_call_duration_seconds_count\\{method="${method}",protocol="grpc_web"\\} 1$`,
      "m",
    ),
  );
});
