"""Drives the Open Inference Protocol by KServe's own client, and prints what came of it as JSON."""

import asyncio
import json
import sys

import numpy as np
from kserve import InferInput, InferRequest
from kserve.inference_client import InferenceGRPCClient


def request(photo, binary, **parameters):
    tensor = InferInput("image", list(photo.shape), "UINT8")
    tensor.set_data_from_numpy(photo, binary_data=binary)
    return InferRequest("roses", [tensor], request_id="one", parameters=parameters)


async def main(address):
    client = InferenceGRPCClient(address)
    said = {
        "live": await client.is_server_live(),
        "ready": await client.is_server_ready(),
        "models": [await client.is_model_ready("roses"), await client.is_model_ready("tulips")],
        "colorized": [],
    }
    photo = np.array([[[[1, 2, 3], [4, 5, 6]]], [[[7, 8, 9], [9, 8, 7]]]], np.uint8)
    for binary in (True, False):
        answer = await client.infer(request(photo, binary, max_side=64))
        [output] = answer.outputs
        said["colorized"].append(
            [answer.id, answer.model_version, output.name, output.as_numpy().tolist()]
        )
    try:
        await client.infer(request(photo, True, speed=9))
    except Exception as error:  # the client's own, which has gRPC's words
        said["refused"] = str(error)
    await client.close()
    print(json.dumps(said))


asyncio.run(main(sys.argv[1]))
