/** Asks one question, and says what came of it. */
import { confirmed } from "../../src/terminal/confirm.ts";
import { Interrupt } from "../../src/terminal/interrupt.ts";
import { TinctError } from "../../src/errors.ts";

using interrupt = new Interrupt();
try {
  const yes = await confirmed("Delete the model ro\nses", interrupt.signal);
  console.log(`outcome: ${yes ? "deleted" : "kept"}`);
} catch (error) {
  console.log(`outcome: ${error instanceof TinctError ? error.code : error}`);
}
