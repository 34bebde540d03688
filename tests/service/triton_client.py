"""Drives the Open Inference Protocol by NVIDIA's own client, and prints what came of it as JSON."""

import json
import pathlib
import queue
import sys

import numpy as np
import tritonclient.grpc as triton
from google.protobuf import descriptor_pb2
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

address, folder, contract = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
client = triton.InferenceServerClient(address)
said = {
    "live": client.is_server_live(),
    "ready": client.is_server_ready(),
    "server": client.get_server_metadata(as_json=True),
    "models": [client.is_model_ready("roses"), client.is_model_ready("tulips")],
    "metadata": client.get_model_metadata("roses", as_json=True),
}


def parts(messages, within=""):
    """What messages are on the wire, those within others included."""
    for message in messages:
        name = f"{within}{message.name}"
        for field in message.field:
            yield [name, field.name, field.number, field.type, field.label, field.type_name]
        yield from parts(message.nested_type, f"{name}.")


def methods(file):
    for method in file.service[0].method:
        streams = [method.client_streaming, method.server_streaming]
        yield [method.name, method.input_type, method.output_type, *streams]


[own] = [
    file
    for file in descriptor_pb2.FileDescriptorSet.FromString(contract.read_bytes()).file
    if file.package == "inference"
]
theirs = descriptor_pb2.FileDescriptorProto()
service_pb2.DESCRIPTOR.CopyToProto(theirs)
known = {json.dumps(each) for each in [*parts(theirs.message_type), *methods(theirs)]}
ours = [*parts(own.message_type), *methods(own)]
said["contract"] = [len(ours), [each for each in ours if json.dumps(each) not in known]]


def pixels(shape):
    """A gray ramp, [N, height, width, 3]."""
    ramp = np.arange(np.prod(shape[:3]), dtype=np.uint32).reshape(shape[:3]) % 251
    return np.repeat(ramp.astype(np.uint8)[..., None], 3, axis=3)


def image(array):
    tensor = triton.InferInput("image", list(array.shape), "UINT8")
    tensor.set_data_from_numpy(array)
    return [tensor]


batch = pixels([2, 40, 60, 3])
result = client.infer("roses", image(batch), parameters={"saturation": 1.5}, request_id="one")
colorized = result.as_numpy("colorized")
(folder / "pixels").write_bytes(batch.tobytes())
(folder / "colorized").write_bytes(colorized.tobytes())
response = result.get_response()
said["pixels"] = [list(colorized.shape), str(colorized.dtype), response.id, response.model_version]

photos = [(folder / name).read_bytes() for name in ("a.jpg", "b.png")]
files = triton.InferInput("encoded_image", [2], "BYTES")
files.set_data_from_numpy(np.array(photos, dtype=object))
for index, file in enumerate(client.infer("roses", [files]).as_numpy("encoded_colorized")):
    (folder / f"file-{index}").write_bytes(file)

output = [triton.InferRequestedOutput("encoded_colorized")]
as_file = client.infer("roses", image(batch[:1]), outputs=output, model_version="1")
(folder / "as-file").write_bytes(as_file.as_numpy("encoded_colorized")[0])
one = triton.InferInput("encoded_image", [1], "BYTES")
one.set_data_from_numpy(np.array(photos[1:], dtype=object))
as_pixels = client.infer("roses", [one], outputs=[triton.InferRequestedOutput("colorized")])
said["asPixels"] = list(as_pixels.as_numpy("colorized").shape)


def refused(call):
    try:
        call()
    except InferenceServerException as error:
        return [error.status(), error.message()]
    return None


said["refused"] = {
    "model": refused(lambda: client.infer("tulips", image(batch))),
    "parameter": refused(lambda: client.infer("roses", image(batch), parameters={"speed": 9})),
    "shape": refused(lambda: client.infer("roses", image(batch[0][None, ..., :1]))),
    "sequence": refused(lambda: client.infer("roses", image(batch), sequence_id=7)),
}

first = client.infer("roses", image(batch[:1])).as_numpy("colorized")
answers = queue.Queue()
client.start_stream(lambda result, error: answers.put((result, error)))
for index in range(4):
    odd = {"speed": 9} if index == 2 else {}
    client.async_stream_infer(
        "roses", image(batch[:1]), request_id=str(index), parameters=odd
    )
streamed = []
for _ in range(4):
    result, error = answers.get(timeout=120)
    if error is not None:
        streamed.append(error.message())
        continue
    same = bool((result.as_numpy("colorized") == first).all())
    streamed.append([result.get_response().id, same])
client.stop_stream()
said["streamed"] = streamed

index = [client.get_model_repository_index(as_json=True)]
client.unload_model("roses")
index.append(client.get_model_repository_index(as_json=True))
said["readyUnloaded"] = client.is_model_ready("roses")
client.load_model("roses")
index.append(client.get_model_repository_index(as_json=True))
said["index"] = index
print(json.dumps(said))
