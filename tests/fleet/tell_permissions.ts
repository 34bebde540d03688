/** Says what a worker's process may do; its prompts are off, so what is not granted is denied. */
const state = (descriptor: Deno.PermissionDescriptor) =>
  Deno.permissions.querySync(descriptor).state === "granted" ? "granted" : "denied";

console.log(JSON.stringify({
  "net": state({ name: "net" }),
  "net of loopback": state({ name: "net", host: "127.0.0.1:1" }),
  "write its socket": state({ name: "write", path: "/run/own/workers.sock" }),
  "write the replicas' socket": state({ name: "write", path: "/run/own/1.sock" }),
  "write another socket": state({ name: "write", path: "/run/own/2.sock" }),
  "run": state({ name: "run" }),
  "read the photos": state({ name: "read", path: "/data/photos/a.jpg" }),
  "read other files": state({ name: "read", path: "/etc/hostname" }),
  "write the run": state({ name: "write", path: "/data/run/checkpoints" }),
  "write the photos": state({ name: "write", path: "/data/photos/a.jpg" }),
  "write other files": state({ name: "write", path: "/etc/hostname" }),
}));
