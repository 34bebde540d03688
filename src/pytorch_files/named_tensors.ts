import { damaged, refused, shortened } from "./faults.ts";
import { PickleDict, type PickleValue } from "./pickle_values.ts";
import { TorchTensor } from "./torch_objects.ts";

/** State dicts lie so deep at most in dictionaries around them, such as `{"net_G": {"state_dict": …}}`. */
const MAX_WRAPPERS = 4;

/** So long their names are at most. */
const MAX_NAME_LENGTH = 1000;

/** So many tensors are named; a network of a hundred layers has a thousand. */
const MAX_TENSORS = 100_000;

/**
 * The tensors of a dictionary and of the dictionaries in it, by their keys joined by full stops. What
 * is no tensor is passed over, and so are lists, in which optimizers have theirs.
 *
 * @throws {TinctError} failed_precondition where it is no dictionary or has no tensors; data_loss where
 *   two tensors would have one name.
 */
export function namedTensors(value: PickleValue, path: string): Map<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  const seen = new Set<PickleDict>();
  const visit = ({ entries }: PickleDict, before: string, level: number) => {
    for (const [key, inner] of entries) {
      if (typeof key !== "string" && typeof key !== "number") continue;
      const name = `${before}${key}`;
      if (name.length > MAX_NAME_LENGTH) {
        throw refused(path, `it has a key of ${name.length} letters: ${shortened(name)}`);
      }
      if (inner instanceof TorchTensor) {
        if (tensors.has(name)) {
          throw damaged(path, `two of its tensors are called ${shortened(name)}`);
        }
        if (tensors.size === MAX_TENSORS) {
          throw refused(path, `it has more than ${MAX_TENSORS} tensors`);
        }
        tensors.set(name, inner);
      } else if (inner instanceof PickleDict && level < MAX_WRAPPERS && !seen.has(inner)) {
        seen.add(inner);
        visit(inner, `${name}.`, level + 1);
      }
    }
  };
  if (value instanceof PickleDict) visit(value, "", 0);
  if (tensors.size > 0) return tensors;
  throw refused(path, "it holds no dictionary of tensors, as a state dict is");
}
