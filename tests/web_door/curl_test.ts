import assert from "assert";
import { noPages } from "../../src/web_door/pages.ts";
import { Scene } from "../service/scene.ts";

/** A call as curl makes it. */
async function post(
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<[status: number, answer: Record<string, unknown>]> {
  const asked = {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  };
  const answer = await fetch(url, asked);
  return [answer.status, await answer.json()];
}

Deno.test("curl calls a method by JSON, errors with their details included", async (t) => {
  await using scene = await Scene.open({}, undefined, { pages: noPages });
  const at = (method: string) => `${scene.server.webUrl}/tinct.v1.${method}`;
  await t.step("an answer", async () => {
    const [status, answer] = await post(at("TrainingJobService/ListTrainingJobs"), "{}");
    assert.deepEqual([status, answer], [200, {}]);
  });
  await t.step("an error", async () => {
    const [status, answer] = await post(
      at("TrainingJobService/GetTrainingJob"),
      '{"jobId":"none"}',
    );
    assert.equal(status, 404);
    assert.equal(answer["code"], "not_found");
    const details = answer["details"] as { type: string; debug: unknown }[];
    const resource = details.find(({ type }) => type === "google.rpc.ResourceInfo");
    assert.deepEqual(resource?.debug, { resourceType: "job", resourceName: "none" });
  });
  await t.step("what is no request is refused with details, too", async () => {
    const [status, answer] = await post(at("TrainingJobService/GetTrainingJob"), '{"jobId":5}');
    assert.equal(status, 400);
    assert.match(String(answer["message"]), /job_id from JSON: expected string, got 5/);
    assert.match(JSON.stringify(answer["details"]), /google\.rpc\.BadRequest/);
  });
  await t.step("a method that a newer server may have is told to be none of this one", async () => {
    const [status, answer] = await post(at("TrainingJobService/GetEverything"), "{}");
    assert.equal(status, 404);
    assert.equal(answer["code"], "unimplemented");
    assert.match(String(answer["message"]), /no method \/tinct\.v1\.TrainingJobService\/GetEv/);
  });
  await t.step("what curl -d calls a form is JSON, but not where a browser sends it", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const path = at("TrainingJobService/GetTrainingJob");
    const [status] = await post(path, '{"jobId":"none"}', form);
    assert.equal(status, 404);
    const body = '{"jobId":"none"}';
    const sent = { method: "POST", body, headers: { ...form, origin: scene.server.webUrl } };
    const answer = await fetch(path, sent);
    await answer.body?.cancel();
    assert.equal(answer.status, 415);
  });
  await t.step("what is a call by no protocol is told what to do", async () => {
    const told: [string, RequestInit, number, RegExp][] = [
      ["TrainingJobService/GetTrainingJob", {}, 405, /GetTrainingJob is a call: POST to it\.\n$/],
      [
        "TrainingJobService/GetTrainingJob",
        { method: "POST", body: "<a/>", headers: { "content-type": "text/xml" } },
        415,
        /takes application\/json or application\/proto, not text\/xml\.\n$/,
      ],
      ...["StreamMetrics", "ColorizeStream"].map((name): [string, RequestInit, number, RegExp] => [
        `ColorizationService/${name}`,
        { method: "POST", body: "{}", headers: { "content-type": "application/json" } },
        415,
        /streams, which curl alone does not speak: call it by gRPC, or by a client of Connect/,
      ]),
    ];
    for (const [method, asked, status, says] of told) {
      const answer = await fetch(at(method), asked);
      assert.deepEqual([answer.status, answer.headers.get("content-type")], [
        status,
        "text/plain; charset=utf-8",
      ]);
      assert.match(await answer.text(), says);
    }
  });
  await t.step("another site's page is refused", async () => {
    for (
      const headers of [
        { origin: "http://evil.example" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
      ]
    ) {
      const [status, answer] = await post(at("ModelService/ListModels"), "{}", headers as never);
      assert.deepEqual(
        [status, answer["code"]],
        [403, "permission_denied"],
        JSON.stringify(headers),
      );
    }
    const own = { origin: scene.server.webUrl, "sec-fetch-site": "same-origin" };
    assert.equal((await post(at("ModelService/ListModels"), "{}", own))[0], 200);
  });
});
