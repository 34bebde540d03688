import assert from "assert";
import { type ErrorCode, TinctError } from "../../src/errors.ts";
import type { Attribute } from "../../src/tensorflow/attributes.ts";
import { cString } from "../../src/tensorflow/c_string.ts";
import { DataType } from "../../src/tensorflow/data_type.ts";
import { EagerOperation } from "../../src/tensorflow/operation.ts";
import { Status } from "../../src/tensorflow/status.ts";
import type { TensorHandle } from "../../src/tensorflow/tensor_handle.ts";
import { floats, ints, libraryTest, testContext } from "./test_context.ts";
import { libraryPath, testLibrary } from "./test_library.ts";

const float: Attribute = { kind: "type", value: DataType.FLOAT };

/** A call that must fail. */
interface WrongCall {
  readonly operation: string;
  readonly inputs?: () => TensorHandle[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: number;
  readonly code: ErrorCode;
  /** The number of `TF_Code`, and words of TensorFlow's reason. */
  readonly says: RegExp;
}

const wrongCalls: Record<string, WrongCall> = {
  "an unknown operation": {
    operation: "NoSuchOperation",
    code: "internal",
    says: /the operation NoSuchOperation \(code 5\): 'NoSuchOperation' is neither/,
  },
  "an input too few": {
    operation: "AddV2",
    inputs: () => [floats([1], [1])],
    attributes: { T: float },
    code: "internal",
    says: /at AddV2 \(code 3\): .*do not match 1 inputs/,
  },
  "an input too many": {
    operation: "Neg",
    inputs: () => [floats([1], [1]), floats([1], [1])],
    attributes: { T: float },
    code: "internal",
    says: /at Neg \(code 3\): .*do not match 2 inputs/,
  },
  "inputs of different types": {
    operation: "AddV2",
    inputs: () => [floats([1], [1]), ints([1], [1])],
    attributes: { T: float },
    code: "internal",
    says: /at AddV2 \(code 3\): /,
  },
  "shapes that do not fit": {
    operation: "MatMul",
    inputs: () => [floats([2, 3], [1, 2, 3, 4, 5, 6]), floats([2, 1], [1, 2])],
    attributes: { T: float },
    code: "internal",
    says: /at MatMul \(code 3\): .*\[2,3\].*\[2,1\]/,
  },
  "an attribute value that is not allowed": {
    operation: "MirrorPad",
    inputs: () => [floats([2], [1, 2]), ints([1, 2], [1, 1])],
    attributes: { T: float, mode: { kind: "string", value: "SIDEWAYS" } },
    code: "internal",
    says: /at MirrorPad \(code 3\): .*SIDEWAYS/,
  },
  "a shape of too many dimensions": {
    operation: "VarHandleOp",
    attributes: { shape: { kind: "shape", value: new Array(300).fill(1) } },
    code: "internal",
    says: /at the attribute shape \(code 3\): .*300/,
  },
  "fewer outputs asked for than there are": {
    operation: "Unpack",
    inputs: () => [floats([3], [1, 2, 3])],
    attributes: { T: float, num: { kind: "int", value: 3 }, axis: { kind: "int", value: 0 } },
    outputs: 2,
    code: "internal",
    says: /at Unpack \(code 3\): Expecting 3 outputs, but \*num_retvals is 2/,
  },
  "a value that the operation forbids": {
    operation: "CheckNumerics",
    inputs: () => [floats([1], [NaN])],
    attributes: { T: float, message: { kind: "string", value: "the loss" } },
    code: "internal",
    says: /at CheckNumerics \(code 3\): the loss : Tensor had NaN values/,
  },
  "a cast that TensorFlow does not have": {
    operation: "Cast",
    inputs: () => [floats([1], [1])],
    attributes: { SrcT: float, DstT: { kind: "type", value: DataType.STRING } },
    code: "unimplemented",
    says: /at Cast \(code 12\): /,
  },
};

for (const [name, call] of Object.entries(wrongCalls)) {
  libraryTest(`TensorFlow's refusal of ${name} becomes an error that names the call`, () => {
    using context = testContext();
    const failure = { name: "TinctError", code: call.code, message: call.says };
    assert.throws(() => {
      const inputs = call.inputs?.() ?? [];
      try {
        using operation = new EagerOperation(context, call.operation);
        for (const input of inputs) operation.addInput(input);
        for (const [key, attribute] of Object.entries(call.attributes ?? {})) {
          operation.setAttribute(key, attribute);
        }
        for (const output of operation.execute(call.outputs ?? 1)) output[Symbol.dispose]();
      } finally {
        for (const input of inputs) input[Symbol.dispose]();
      }
    }, failure);
  });
}

libraryTest("every code of TF_Code becomes the error code that says as much", () => {
  const expected: [code: number, ErrorCode][] = [
    [1, "cancelled"],
    [2, "internal"], // unknown
    [3, "internal"], // invalid argument: Tinct's own mistake, not the caller's
    [4, "deadline_exceeded"],
    [5, "internal"], // not found, as above
    [8, "resource_exhausted"],
    [9, "internal"], // failed precondition, as above
    [12, "unimplemented"],
    [13, "internal"],
    [14, "unavailable"],
    [15, "data_loss"],
  ];
  // void TF_SetStatus(TF_Status* s, TF_Code code, const char* msg)
  const library = Deno.dlopen(libraryPath(), {
    TF_SetStatus: { parameters: ["pointer", "i32", "buffer"], result: "void" },
  });
  try {
    using status = new Status(testLibrary().symbols);
    for (const [code, errorCode] of expected) {
      library.symbols.TF_SetStatus(status.pointer, code, cString("the reason"));
      assert.throws(
        () => status.check("a call"),
        new TinctError(errorCode, `TensorFlow failed at a call (code ${code}): the reason`),
      );
    }
    library.symbols.TF_SetStatus(status.pointer, 0, cString(""));
    status.check("a call that went well");
  } finally {
    library.close();
  }
});
