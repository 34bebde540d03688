import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { checkSplitBrain } from "../split_brain.ts";
import { checkDatabase } from "./check_database.ts";

Deno.test("SQLite: a server that was stopped past its lease changes nothing any more", async () => {
  await using folder = await TemporaryFolder.create();
  const path = folder.join("tinct.db");
  await checkSplitBrain("sqlite", path);
  checkDatabase(path);
});
