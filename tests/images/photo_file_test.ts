import assert from "assert";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFile, link, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { readPhotoFile } from "../../src/images/photo_file.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";

const photo = fileURLToPath(new URL("../testdata/photos/cat.jpg", import.meta.url));

Deno.test("what is no file is refused before it is opened: pipes, devices, sockets, folders, links to them", async () => {
  await using folder = await TemporaryFolder.create();
  execFileSync("mkfifo", [folder.join("pipe.jpg")]);
  const server = createServer().listen(folder.join("socket.jpg"));
  await once(server, "listening");
  await symlink("pipe.jpg", folder.join("to-pipe.jpg"));
  await symlink("to-pipe.jpg", folder.join("to-link.jpg"));
  await symlink("socket.jpg", folder.join("to-socket.jpg"));
  await symlink("/dev/zero", folder.join("to-zero.jpg"));
  await symlink("/dev/tty", folder.join("to-terminal.jpg"));
  await symlink(".", folder.join("to-folder.jpg"));
  try {
    for (
      const [name, reason] of [
        ["pipe.jpg", "is a pipe, or a link to one; give a photo"],
        ["to-pipe.jpg", "is a pipe, or a link to one; give a photo"],
        ["to-link.jpg", "is a pipe, or a link to one; give a photo"],
        ["socket.jpg", "is a socket, or a link to one; give a photo"],
        ["to-socket.jpg", "is a socket, or a link to one; give a photo"],
        ["to-zero.jpg", "is a device, or a link to one; give a photo"],
        ["to-terminal.jpg", "is a device, or a link to one; give a photo"],
        ["to-folder.jpg", "is a folder; give a photo"],
      ] as const
    ) {
      const expected = { code: "invalid_argument", reason };
      await assert.rejects(readPhotoFile(folder.join(name), name), expected, name);
    }
  } finally {
    server.close();
    await once(server, "close");
  }
});

Deno.test("links to photos are read, soft and hard", async () => {
  await using folder = await TemporaryFolder.create();
  await copyFile(photo, folder.join("photo.jpg"));
  await symlink("photo.jpg", folder.join("soft.jpg"));
  await link(folder.join("photo.jpg"), folder.join("hard.jpg"));
  const { bytes } = await readPhotoFile(folder.join("soft.jpg"));
  assert.deepEqual((await readPhotoFile(folder.join("hard.jpg"))).bytes, bytes);
  await rm(folder.join("photo.jpg"));
  await assert.rejects(readPhotoFile(folder.join("soft.jpg")), { code: "not_found" });
});
