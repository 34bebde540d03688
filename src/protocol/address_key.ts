/**
 * What an address is counted by: itself, but for IPv6 its first 64 bits, since the holder of one
 * address there has 2^64 of them.
 *
 * @param address as a socket tells it; undefined for a Unix-domain socket.
 */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return "unix";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":") || address === "::1") return address;
  const [head = "", tail = ""] = address.split("%")[0]!.toLowerCase().split("::");
  const left = head.split(":").filter(Boolean);
  const right = tail.split(":").filter(Boolean);
  const groups = [
    ...left,
    ...Array(Math.max(0, 8 - left.length - right.length)).fill("0"),
    ...right,
  ];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
