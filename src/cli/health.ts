import { text } from "./arguments.ts";
import { defineCommand } from "./command.ts";
import { number } from "../config/option.ts";
import type { HealthCheckResponse__Output } from "../protocol/generated/grpc/health/v1/health_check_response.ts";
import { jsonOption, printJson } from "./print_json.ts";
import { serverOptions, ServiceClient } from "./service_client.ts";

export const command = defineCommand({
  description: "For health checks of containers: exit code 0 while the server serves, 1 otherwise.",
  options: {
    ...serverOptions,
    service: text(
      "NAME",
      "a service, such as tinct.v1.ColorizationService; the whole by default",
      "",
    ),
    timeout: number(5, [0.1, 600], "how long to wait for the answer", "seconds"),
    ...jsonOption,
  },
  async run({ options }, { environment }) {
    using client = new ServiceClient(options, environment);
    const deadline = Date.now() + options.timeout * 1000;
    const { status } = await client.ask<HealthCheckResponse__Output>((answer) =>
      client.health.check({ service: options.service }, { deadline }, answer)
    );
    if (options.json) printJson({ status });
    else console.log(status);
    return status === "SERVING" ? 0 : 1;
  },
});
