import { createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/**
 * The contract's messages and services as Connect's library takes them, without generated code.
 *
 * @param image a serialized google.protobuf.FileDescriptorSet, see `readContractImage`.
 */
export function descriptorsOf(image: Uint8Array): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
}
