/** Run by lock_data_folder_test.ts: takes a data folder and says so, until it is killed. */
import process from "node:process";
import { lockDataFolder } from "../../../src/stores/sqlite/lock_data_folder.ts";

const [folder = ""] = process.argv.slice(2);
using _lock = lockDataFolder(folder);
console.log("locked");
for await (const _chunk of process.stdin);
