import assert from "assert";
import type { DescField, DescMessage, DescService } from "@bufbuild/protobuf";
import { readContractImage } from "../../src/protocol/contract.ts";
import { descriptorsOf } from "../../src/web_door/descriptors.ts";
import { noPages } from "../../src/web_door/pages.ts";
import { Scene } from "../service/scene.ts";

const isOwn = (typeName: string) => /^(?:tinct\.v1|inference)\./.test(typeName);
const services: readonly DescService[] = [...descriptorsOf(readContractImage())]
  .filter((each) => each.kind === "service" && isOwn(each.typeName))
  .map((each) => each as DescService);

/** What is wrong in a request, with what the answer is to say of it. */
interface Wrong {
  readonly request: object;
  readonly says: RegExp;
}

/** A key that no message has in each message of a request, and a name that no enum has in each enum. */
function wrongIn(message: DescMessage, wrap: (inner: unknown) => object): Wrong[] {
  return [
    { request: wrap({ notThere: 1 }), says: /key \\?"notThere\\?" is unknown/ },
    ...message.fields.flatMap((field) => {
      const put = (value: unknown) => wrap({ [field.jsonName]: placed(field, value) });
      if (field.enum) {
        return [{ request: put("NOT_THERE"), says: /cannot decode enum .*NOT_THERE/ }];
      }
      return field.message && isOwn(field.message.typeName) ? wrongIn(field.message, put) : [];
    }),
  ];
}

function placed({ fieldKind }: DescField, value: unknown): unknown {
  return fieldKind === "list" ? [value] : fieldKind === "map" ? { key: value } : value;
}

Deno.test("JSON with a key or an enum's name that is unknown is refused, wherever it stands", async () => {
  await using scene = await Scene.open({ maxCallsPerSecond: 10_000 }, undefined, {
    pages: noPages,
  });
  let asked = 0;
  for (const service of services) {
    for (const { name, input, methodKind } of service.methods) {
      if (methodKind !== "unary") continue; // streams wrap their messages, in the same reader
      for (const { request, says } of wrongIn(input, (inner) => inner as object)) {
        const answer = await fetch(`${scene.server.webUrl}/${service.typeName}/${name}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(request),
        });
        const text = await answer.text();
        assert.equal(answer.status, 400, `${name} took ${JSON.stringify(request)}: ${text}`);
        assert.match(text, says);
        assert.match(text, /google\.rpc\.BadRequest/);
        asked++;
      }
    }
  }
  assert.ok(asked > 100, `${asked} requests were made`);
});
