/**
 * The functions of TensorFlow's C API that Tinct calls, each beside its declaration in
 * `tensorflow/c/c_api.h`, `tf_tensor.h`, `tf_status.h`, `tf_buffer.h`, `eager/c_api.h` and
 * `eager/c_api_experimental.h`.
 */

const p = "pointer" as const;
const bytes = "buffer" as const;
/** `struct TF_Output { TF_Operation* oper; int index; }`, passed by value. */
const output = { struct: ["pointer", "i32"] } as const;

export const symbols = {
  // const char* TF_Version(void)
  TF_Version: { parameters: [], result: p },

  // void tsl::enable_tensor_float_32_execution(bool enabled)
  //   (tsl/platform/tensor_float_32_utils.h). It is C++, which the C API has no counterpart for.
  enable_tensor_float_32_execution: {
    name: "_ZN3tsl32enable_tensor_float_32_executionEb",
    parameters: ["u8"],
    result: "void",
    optional: true,
  },
  // bool tsl::tensor_float_32_execution_enabled()
  tensor_float_32_execution_enabled: {
    name: "_ZN3tsl33tensor_float_32_execution_enabledEv",
    parameters: [],
    result: "u8",
    optional: true,
  },

  // void tsl::EnableOpDeterminism(bool enabled) (xla/tsl/util/determinism.h); C++, as above
  EnableOpDeterminism: {
    name: "_ZN3tsl19EnableOpDeterminismEb",
    parameters: ["u8"],
    result: "void",
    optional: true,
  },
  // bool tsl::OpDeterminismRequired()
  OpDeterminismRequired: {
    name: "_ZN3tsl21OpDeterminismRequiredEv",
    parameters: [],
    result: "u8",
    optional: true,
  },

  // bool tensorflow::IsGoogleCudaEnabled() (tensorflow/core/util/port.h); C++, as above
  IsGoogleCudaEnabled: {
    name: "_ZN10tensorflow19IsGoogleCudaEnabledEv",
    parameters: [],
    result: "u8",
    optional: true,
  },

  // TF_Status* TF_NewStatus(void)
  TF_NewStatus: { parameters: [], result: p },
  // void TF_DeleteStatus(TF_Status*)
  TF_DeleteStatus: { parameters: [p], result: "void" },
  // TF_Code TF_GetCode(const TF_Status* s)
  TF_GetCode: { parameters: [p], result: "i32" },
  // const char* TF_Message(const TF_Status* s)
  TF_Message: { parameters: [p], result: p },
  // void TF_SetStatus(TF_Status* s, TF_Code code, const char* msg)
  TF_SetStatus: { parameters: [p, "i32", bytes], result: "void" },

  // TF_Tensor* TF_AllocateTensor(TF_DataType, const int64_t* dims, int num_dims, size_t len)
  TF_AllocateTensor: { parameters: ["i32", bytes, "i32", "usize"], result: p },
  // void TF_DeleteTensor(TF_Tensor*)
  TF_DeleteTensor: { parameters: [p], result: "void" },
  // void* TF_TensorData(const TF_Tensor*)
  TF_TensorData: { parameters: [p], result: p },
  // TF_DataType TF_TensorType(const TF_Tensor*)
  TF_TensorType: { parameters: [p], result: "i32" },
  // int TF_NumDims(const TF_Tensor*)
  TF_NumDims: { parameters: [p], result: "i32" },
  // int64_t TF_Dim(const TF_Tensor* tensor, int dim_index)
  TF_Dim: { parameters: [p, "i32"], result: "i64" },
  // size_t TF_TensorByteSize(const TF_Tensor*)
  TF_TensorByteSize: { parameters: [p], result: "usize" },

  // TFE_ContextOptions* TFE_NewContextOptions(void)
  TFE_NewContextOptions: { parameters: [], result: p },
  // void TFE_ContextOptionsSetConfig(TFE_ContextOptions*, const void* proto, size_t proto_len, TF_Status*)
  TFE_ContextOptionsSetConfig: { parameters: [p, bytes, "usize", p], result: "void" },
  // void TFE_DeleteContextOptions(TFE_ContextOptions*)
  TFE_DeleteContextOptions: { parameters: [p], result: "void" },
  // TFE_Context* TFE_NewContext(const TFE_ContextOptions* opts, TF_Status* status)
  TFE_NewContext: { parameters: [p, p], result: p },
  // void TFE_DeleteContext(TFE_Context* ctx)
  TFE_DeleteContext: { parameters: [p], result: "void" },
  // TF_DeviceList* TFE_ContextListDevices(TFE_Context* ctx, TF_Status* status)
  TFE_ContextListDevices: { parameters: [p, p], result: p },
  // void TF_DeleteDeviceList(TF_DeviceList* list)
  TF_DeleteDeviceList: { parameters: [p], result: "void" },
  // int TF_DeviceListCount(const TF_DeviceList* list)
  TF_DeviceListCount: { parameters: [p], result: "i32" },
  // const char* TF_DeviceListName(const TF_DeviceList* list, int index, TF_Status* status)
  TF_DeviceListName: { parameters: [p, "i32", p], result: p },
  // const char* TF_DeviceListType(const TF_DeviceList* list, int index, TF_Status* status)
  TF_DeviceListType: { parameters: [p, "i32", p], result: p },
  // int64_t TF_DeviceListMemoryBytes(const TF_DeviceList* list, int index, TF_Status* status)
  TF_DeviceListMemoryBytes: { parameters: [p, "i32", p], result: "i64" },
  // void TFE_ContextAddFunction(TFE_Context* ctx, TF_Function* function, TF_Status* status)
  TFE_ContextAddFunction: { parameters: [p, p, p], result: "void" },
  // void TFE_ContextRemoveFunction(TFE_Context* ctx, const char* name, TF_Status* status)
  TFE_ContextRemoveFunction: { parameters: [p, bytes, p], result: "void" },

  // void TFE_EnableCollectiveOps(TFE_Context* ctx, const void* proto, size_t proto_len, TF_Status* status)
  TFE_EnableCollectiveOps: { parameters: [p, bytes, "usize", p], result: "void" },
  // void TFE_AbortCollectiveOps(TFE_Context* ctx, TF_Status* status)
  TFE_AbortCollectiveOps: { parameters: [p, p], result: "void" },

  // TFE_TensorHandle* TFE_NewTensorHandle(const TF_Tensor* t, TF_Status* status)
  TFE_NewTensorHandle: { parameters: [p, p], result: p },
  // void TFE_DeleteTensorHandle(TFE_TensorHandle* h)
  TFE_DeleteTensorHandle: { parameters: [p], result: "void" },
  // TF_DataType TFE_TensorHandleDataType(TFE_TensorHandle* h)
  TFE_TensorHandleDataType: { parameters: [p], result: "i32" },
  // int TFE_TensorHandleNumDims(TFE_TensorHandle* h, TF_Status* status)
  TFE_TensorHandleNumDims: { parameters: [p, p], result: "i32" },
  // int64_t TFE_TensorHandleDim(TFE_TensorHandle* h, int dim_index, TF_Status* status)
  TFE_TensorHandleDim: { parameters: [p, "i32", p], result: "i64" },
  // TFE_TensorHandle* TFE_TensorHandleCopySharingTensor(TFE_TensorHandle* h, TF_Status* status)
  TFE_TensorHandleCopySharingTensor: { parameters: [p, p], result: p },
  // TF_Tensor* TFE_TensorHandleResolve(TFE_TensorHandle* h, TF_Status* status)
  TFE_TensorHandleResolve: { parameters: [p, p], result: p },
  /** The same, on a thread of its own: copies from a GPU do not block the event loop. */
  TFE_TensorHandleResolveAsync: {
    name: "TFE_TensorHandleResolve",
    parameters: [p, p],
    result: p,
    nonblocking: true,
  },

  // TFE_Op* TFE_NewOp(TFE_Context* ctx, const char* op_or_function_name, TF_Status* status)
  TFE_NewOp: { parameters: [p, bytes, p], result: p },
  // void TFE_DeleteOp(TFE_Op* op)
  TFE_DeleteOp: { parameters: [p], result: "void" },
  // void TFE_OpAddInput(TFE_Op* op, TFE_TensorHandle* input, TF_Status* status)
  TFE_OpAddInput: { parameters: [p, p, p], result: "void" },
  // void TFE_OpSetAttrString(TFE_Op* op, const char* attr_name, const void* value, size_t length)
  TFE_OpSetAttrString: { parameters: [p, bytes, bytes, "usize"], result: "void" },
  // void TFE_OpSetAttrInt(TFE_Op* op, const char* attr_name, int64_t value)
  TFE_OpSetAttrInt: { parameters: [p, bytes, "i64"], result: "void" },
  // void TFE_OpSetAttrIntList(TFE_Op* op, const char* attr_name, const int64_t* values, int num_values)
  TFE_OpSetAttrIntList: { parameters: [p, bytes, bytes, "i32"], result: "void" },
  // void TFE_OpSetAttrFloat(TFE_Op* op, const char* attr_name, float value)
  TFE_OpSetAttrFloat: { parameters: [p, bytes, "f32"], result: "void" },
  // void TFE_OpSetAttrBool(TFE_Op* op, const char* attr_name, unsigned char value)
  TFE_OpSetAttrBool: { parameters: [p, bytes, "u8"], result: "void" },
  // void TFE_OpSetAttrType(TFE_Op* op, const char* attr_name, TF_DataType value)
  TFE_OpSetAttrType: { parameters: [p, bytes, "i32"], result: "void" },
  // void TFE_OpSetAttrShape(TFE_Op* op, const char* attr_name, const int64_t* dims, int num_dims, TF_Status* out_status)
  TFE_OpSetAttrShape: { parameters: [p, bytes, bytes, "i32", p], result: "void" },
  // void TFE_Execute(TFE_Op* op, TFE_TensorHandle** retvals, int* num_retvals, TF_Status* status)
  TFE_Execute: { parameters: [p, bytes, bytes, p], result: "void" },
  /** The same, on a thread of its own: the event loop stays free while a step runs. */
  TFE_ExecuteAsync: {
    name: "TFE_Execute",
    parameters: [p, bytes, bytes, p],
    result: "void",
    nonblocking: true,
  },

  // TF_Graph* TF_NewGraph(void)
  TF_NewGraph: { parameters: [], result: p },
  // void TF_DeleteGraph(TF_Graph*)
  TF_DeleteGraph: { parameters: [p], result: "void" },
  // void TF_GraphSetTensorShape(TF_Graph* graph, TF_Output output, const int64_t* dims, const int num_dims, TF_Status* status)
  TF_GraphSetTensorShape: { parameters: [p, output, bytes, "i32", p], result: "void" },
  // int TF_GraphGetTensorNumDims(TF_Graph* graph, TF_Output output, TF_Status* status)
  TF_GraphGetTensorNumDims: { parameters: [p, output, p], result: "i32" },
  // void TF_GraphGetTensorShape(TF_Graph* graph, TF_Output output, int64_t* dims, int num_dims, TF_Status* status)
  TF_GraphGetTensorShape: { parameters: [p, output, bytes, "i32", p], result: "void" },
  // TF_OperationDescription* TF_NewOperation(TF_Graph* graph, const char* op_type, const char* oper_name)
  TF_NewOperation: { parameters: [p, bytes, bytes], result: p },
  // void TF_AddInput(TF_OperationDescription* desc, TF_Output input)
  TF_AddInput: { parameters: [p, output], result: "void" },
  // void TF_AddInputList(TF_OperationDescription* desc, const TF_Output* inputs, int num_inputs)
  TF_AddInputList: { parameters: [p, bytes, "i32"], result: "void" },
  // void TF_AddControlInput(TF_OperationDescription* desc, TF_Operation* input)
  TF_AddControlInput: { parameters: [p, p], result: "void" },
  // void TF_SetAttrString(TF_OperationDescription* desc, const char* attr_name, const void* value, size_t length)
  TF_SetAttrString: { parameters: [p, bytes, bytes, "usize"], result: "void" },
  // void TF_SetAttrInt(TF_OperationDescription* desc, const char* attr_name, int64_t value)
  TF_SetAttrInt: { parameters: [p, bytes, "i64"], result: "void" },
  // void TF_SetAttrIntList(TF_OperationDescription* desc, const char* attr_name, const int64_t* values, int num_values)
  TF_SetAttrIntList: { parameters: [p, bytes, bytes, "i32"], result: "void" },
  // void TF_SetAttrFloat(TF_OperationDescription* desc, const char* attr_name, float value)
  TF_SetAttrFloat: { parameters: [p, bytes, "f32"], result: "void" },
  // void TF_SetAttrBool(TF_OperationDescription* desc, const char* attr_name, unsigned char value)
  TF_SetAttrBool: { parameters: [p, bytes, "u8"], result: "void" },
  // void TF_SetAttrType(TF_OperationDescription* desc, const char* attr_name, TF_DataType value)
  TF_SetAttrType: { parameters: [p, bytes, "i32"], result: "void" },
  // void TF_SetAttrShape(TF_OperationDescription* desc, const char* attr_name, const int64_t* dims, int num_dims)
  TF_SetAttrShape: { parameters: [p, bytes, bytes, "i32"], result: "void" },
  // void TF_SetAttrTensor(TF_OperationDescription* desc, const char* attr_name, TF_Tensor* value, TF_Status* status)
  TF_SetAttrTensor: { parameters: [p, bytes, p, p], result: "void" },
  // TF_Operation* TF_FinishOperation(TF_OperationDescription* desc, TF_Status* status)
  TF_FinishOperation: { parameters: [p, p], result: p },
  // int TF_OperationNumOutputs(TF_Operation* oper)
  TF_OperationNumOutputs: { parameters: [p], result: "i32" },
  // TF_DataType TF_OperationOutputType(TF_Output oper_out)
  TF_OperationOutputType: { parameters: [output], result: "i32" },

  // TF_Operation* TF_GraphOperationByName(TF_Graph* graph, const char* oper_name)
  TF_GraphOperationByName: { parameters: [p, bytes], result: p },

  // TF_Buffer* TF_NewBuffer(void)
  TF_NewBuffer: { parameters: [], result: p },
  // void TF_DeleteBuffer(TF_Buffer*)
  TF_DeleteBuffer: { parameters: [p], result: "void" },

  // TF_SessionOptions* TF_NewSessionOptions(void)
  TF_NewSessionOptions: { parameters: [], result: p },
  // void TF_SetConfig(TF_SessionOptions* options, const void* proto, size_t proto_len, TF_Status* status)
  TF_SetConfig: { parameters: [p, bytes, "usize", p], result: "void" },
  // void TF_DeleteSessionOptions(TF_SessionOptions*)
  TF_DeleteSessionOptions: { parameters: [p], result: "void" },
  // TF_Session* TF_LoadSessionFromSavedModel(const TF_SessionOptions* session_options,
  //   const TF_Buffer* run_options, const char* export_dir, const char* const* tags, int tags_len,
  //   TF_Graph* graph, TF_Buffer* meta_graph_def, TF_Status* status)
  TF_LoadSessionFromSavedModel: {
    parameters: [p, p, bytes, bytes, "i32", p, p, p],
    result: p,
    nonblocking: true,
  },
  // void TF_CloseSession(TF_Session*, TF_Status* status)
  TF_CloseSession: { parameters: [p, p], result: "void" },
  // void TF_DeleteSession(TF_Session*, TF_Status* status)
  TF_DeleteSession: { parameters: [p, p], result: "void" },
  // void TF_SessionRun(TF_Session* session, const TF_Buffer* run_options, const TF_Output* inputs,
  //   TF_Tensor* const* input_values, int ninputs, const TF_Output* outputs, TF_Tensor** output_values,
  //   int noutputs, const TF_Operation* const* target_opers, int ntargets, TF_Buffer* run_metadata,
  //   TF_Status* status)
  TF_SessionRun: {
    parameters: [p, p, bytes, bytes, "i32", bytes, bytes, "i32", p, "i32", p, p],
    result: "void",
    nonblocking: true,
  },

  // TF_Function* TF_GraphToFunctionWithControlOutputs(const TF_Graph* fn_body, const char* fn_name,
  //   unsigned char append_hash_to_fn_name, int num_opers, const TF_Operation* const* opers,
  //   int ninputs, const TF_Output* inputs, int noutputs, const TF_Output* outputs,
  //   const char* const* output_names, int ncontrol_outputs,
  //   const TF_Operation* const* control_outputs, const char* const* control_output_names,
  //   const TF_FunctionOptions* opts, const char* description, TF_Status* status)
  TF_GraphToFunctionWithControlOutputs: {
    parameters: [
      p,
      bytes,
      "u8",
      "i32",
      p,
      "i32",
      bytes,
      "i32",
      bytes,
      p,
      "i32",
      bytes,
      p,
      p,
      bytes,
      p,
    ],
    result: p,
  },
  // void TF_FunctionSetAttrValueProto(TF_Function* func, const char* attr_name, const void* proto, size_t proto_len, TF_Status* status)
  TF_FunctionSetAttrValueProto: { parameters: [p, bytes, bytes, "usize", p], result: "void" },
  // void TF_DeleteFunction(TF_Function* func)
  TF_DeleteFunction: { parameters: [p], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The loaded functions, typed from the table above; an optional one that a library lacks is null. */
export type Symbols = Deno.DynamicLibrary<typeof symbols>["symbols"];
