import assert from "assert";
import {
  type GpuCard,
  readCardTable,
  readMemoryInUse,
  readPartsList,
  visibleGpus,
} from "../../src/gpu/cards.ts";

const card = (index: number, uuid: string, more: Partial<GpuCard> = {}): GpuCard => ({
  index,
  uuid,
  description: "NVIDIA H200",
  memoryBytes: 143771 * 2 ** 20,
  parts: [],
  ...more,
});

Deno.test("readCardTable() reads nvidia-smi's table, and nothing from what is none", () => {
  const cases = [
    {
      text: "0, GPU-aa-1, NVIDIA H200, 143771\n1, GPU-bb-2, NVIDIA H200, 143771\n",
      cards: [card(0, "GPU-aa-1"), card(1, "GPU-bb-2")],
    },
    {
      text: "0, GPU-aa-1, NVIDIA GB10, [N/A]\n",
      cards: [card(0, "GPU-aa-1", { description: "NVIDIA GB10", memoryBytes: 0 })],
    },
    { text: "No devices were found\n", cards: [] },
    { text: "", cards: [] },
  ];
  for (const { text, cards } of cases) assert.deepEqual(readCardTable(text), cards);
});

Deno.test("readMemoryInUse() reads nvidia-smi's table, and nothing of what it does not know", () => {
  assert.deepEqual(
    [...readMemoryInUse("GPU-aa-1, 5233\nGPU-bb-2, [N/A]\nGPU-cc-3, 0\n")],
    [["GPU-aa-1", 5233 * 2 ** 20], ["GPU-cc-3", 0]],
  );
  assert.deepEqual([...readMemoryInUse("No devices were found\n")], []);
});

Deno.test("readPartsList() reads which parts a card is divided into", () => {
  const text = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aa)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef)
  MIG 1c.3g.20gb  Device  1: (UUID: MIG-cba663e8)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bb)
`;
  const part = (uuid: string, profile: string) => ({
    uuid,
    description: `NVIDIA A100-SXM4-40GB MIG ${profile}`,
    memoryBytes: 20 * 2 ** 30,
  });
  assert.deepEqual([...readPartsList(text)], [
    [0, [part("MIG-c6d4f1ef", "3g.20gb"), part("MIG-cba663e8", "1c.3g.20gb")]],
  ]);
});

const part = (uuid: string) => ({ uuid, description: "MIG 3g.20gb", memoryBytes: 20 * 2 ** 30 });
const cards = [
  card(0, "GPU-aa-1"),
  card(1, "GPU-ab-2"),
  card(2, "GPU-cc-3", { parts: [part("MIG-d0"), part("MIG-d1")] }),
];

const cases: readonly [value: string | undefined, names: string[]][] = [
  [undefined, ["gpu:0", "gpu:1", "gpu:2.0", "gpu:2.1"]],
  ["", []],
  ["-1", []],
  ["NoDevFiles", []],
  ["1", ["gpu:1"]],
  [" 1 , 0 ", ["gpu:1", "gpu:0"]],
  ["0,7,1", ["gpu:0"]], // CUDA stops at the first that fits nothing
  ["0,0", ["gpu:0"]], // one card is one device, however often it is named
  ["GPU-ab-2,GPU-aa", ["gpu:1", "gpu:0"]],
  ["GPU-a", []], // of two cards: no card's name
  ["GPU-", []],
  ["MIG-d1", ["gpu:2.1"]],
  ["MIG-d1,0", ["gpu:2.1", "gpu:0"]],
  ["2", ["gpu:2.0", "gpu:2.1"]],
  ["GPU-cc-3", ["gpu:2.0", "gpu:2.1"]],
];
for (const [value, names] of cases) {
  Deno.test(`visibleGpus() under CUDA_VISIBLE_DEVICES=${value ?? " unset"}`, () => {
    assert.deepEqual(visibleGpus(cards, value).map(({ name }) => name), names);
  });
}
