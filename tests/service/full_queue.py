"""Submits jobs until the queue is full, and says what a client is told then.

Arguments: the server's address, the name of a dataset. The modules made of the protos are on the path.
"""

import json
import sys

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from tinct.v1 import colorization_service_pb2, colorization_service_pb2_grpc, training_config_pb2

address, dataset = sys.argv[1:]
with grpc.insecure_channel(address) as channel:
    stub = colorization_service_pb2_grpc.ColorizationServiceStub(channel)
    submitted = 0
    # The dataset has one photo.
    request = colorization_service_pb2.TrainRequest(
        dataset=dataset, config=training_config_pb2.TrainingConfig(batch_size=1)
    )
    while True:
        try:
            stub.Train(request, timeout=30)
            submitted += 1
        except grpc.RpcError as error:
            status = rpc_status.from_call(error)
            retry = error_details_pb2.RetryInfo()
            found = any(detail.Unpack(retry) for detail in status.details)
            print(
                json.dumps(
                    {
                        "submitted": submitted,
                        "code": error.code().name,
                        "message": error.details(),
                        "retrySeconds": retry.retry_delay.ToMilliseconds() / 1000 if found else None,
                    }
                )
            )
            break
