import { TinctError } from "../errors.ts";
import type { Platform, Variant } from "./install_record.ts";
import { TENSORFLOW_VERSION } from "./library.ts";

/** One wheel that Tinct takes libraries from, pinned to the byte. */
export interface PinnedWheel {
  /** Its name in the index: `NAME-VERSION-PYTHON-ABI-PLATFORM[.PLATFORM…].whl`. */
  readonly file: string;
  readonly sizeBytes: number;
  /** Of the whole file, 64 hexadecimal digits. */
  readonly sha256: string;
  /** What its wanted members take on the disk. */
  readonly unpackedBytes: number;
}

const CPU_WHEELS: Record<Platform, PinnedWheel> = {
  "linux-x64": {
    file: "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    sizeBytes: 273_829_956,
    sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
    unpackedBytes: 853_308_936,
  },
  "linux-arm64": {
    file: "tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl",
    sizeBytes: 281_828_020,
    sha256: "4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c",
    unpackedBytes: 883_062_208,
  },
  "macos-arm64": {
    file: "tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl",
    sizeBytes: 223_405_849,
    sha256: "51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88",
    unpackedBytes: 740_805_624,
  },
};

/**
 * The CUDA build and what its extra `and-cuda` names: the libraries of CUDA 12.9.1 with cuDNN 9.10
 * and NCCL 2.27, for drivers from 525 on. cuRAND is left out: nothing in the build refers to it.
 */
const CUDA_WHEELS: readonly PinnedWheel[] = [
  {
    file: "tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    sizeBytes: 572_440_367,
    sha256: "9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124",
    unpackedBytes: 1_259_021_080,
  },
  {
    file: "nvidia_cublas_cu12-12.9.1.4-py3-none-manylinux_2_27_x86_64.whl",
    sizeBytes: 581_242_350,
    sha256: "453611eb21a7c1f2c2156ed9f3a45b691deda0440ec550860290dc901af5b4c2",
    unpackedBytes: 855_100_704,
  },
  {
    file: "nvidia_cuda_cupti_cu12-12.9.79-py3-none-manylinux_2_25_x86_64.whl",
    sizeBytes: 10_814_997,
    sha256: "096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f",
    unpackedBytes: 43_365_768,
  },
  {
    file: "nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    sizeBytes: 40_546_229,
    sha256: "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0",
    unpackedBytes: 97_998_760,
  },
  {
    file: "nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    sizeBytes: 89_568_129,
    sha256: "210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4",
    unpackedBytes: 227_340_992,
  },
  {
    file:
      "nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sizeBytes: 3_493_179,
    sha256: "25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3",
    unpackedBytes: 741_088,
  },
  {
    file: "nvidia_cudnn_cu12-9.10.2.21-py3-none-manylinux_2_27_x86_64.whl",
    sizeBytes: 706_758_467,
    sha256: "949452be657fa16687d0930933f032835951ef0892b37d2d53824d1a84dc97a8",
    unpackedBytes: 1_053_232_960,
  },
  {
    file: "nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sizeBytes: 200_877_592,
    sha256: "c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28",
    unpackedBytes: 293_609_416,
  },
  {
    file: "nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl",
    sizeBytes: 338_117_415,
    sha256: "15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88",
    unpackedBytes: 494_975_064,
  },
  {
    file: "nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sizeBytes: 366_465_088,
    sha256: "73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78",
    unpackedBytes: 486_556_368,
  },
  {
    file: "nvidia_nccl_cu12-2.27.7-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    sizeBytes: 322_546_339,
    sha256: "de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa",
    unpackedBytes: 430_126_192,
  },
  {
    file: "nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    sizeBytes: 39_748_338,
    sha256: "e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9",
    unpackedBytes: 95_935_344,
  },
];

/**
 * The wheels that a variant is unpacked from, TensorFlow's own first.
 *
 * @throws {TinctError} `unimplemented` for the CUDA build where there is none.
 */
export function wheelsFor(platform: Platform, variant: Variant): readonly PinnedWheel[] {
  if (variant === "cpu") return [CPU_WHEELS[platform]];
  if (platform === "linux-x64") return CUDA_WHEELS;
  throw new TinctError(
    "unimplemented",
    `TensorFlow ${TENSORFLOW_VERSION} has a CUDA build for linux-x64 only, not for ${platform}; ` +
      "leave out --gpu.",
  );
}

/** The arguments with which `pip download` picks exactly this wheel, for any Python of its own. */
export function pipArguments(wheel: PinnedWheel): string[] {
  const [name = "", version = "", python = "", , platforms = ""] = wheel.file
    .replace(/\.whl$/, "").split("-");
  const pythonVersion = /^cp3(\d+)$/.exec(python)?.[1] ?? "11";
  return [
    "--no-deps",
    "--only-binary=:all:",
    "--implementation=cp",
    `--python-version=3.${pythonVersion}`,
    ...platforms.split(".").map((platform) => `--platform=${platform}`),
    `${name.replaceAll("_", "-")}==${version}`,
  ];
}

const WANTED = [
  /^tensorflow\/libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib)$/,
  // dlopen finds these by the run paths of TensorFlow's libraries and of each other.
  /^nvidia\/\w+\/lib\/[\w.-]+\.so(?:\.[\d.]+)?$/,
  // What XLA compiles kernels with; it looks in ../nvidia/cuda_nvcc.
  /^nvidia\/cuda_nvcc\/(?:bin\/ptxas|nvvm\/libdevice\/libdevice\.10\.bc|nvvm\/lib64\/libnvvm\.so)$/,
];

/** Whether a member of a wheel belongs to an installation. */
export function isWanted(member: string): boolean {
  return WANTED.some((pattern) => pattern.test(member));
}
