"""Asks a server for its health and its contract with what gRPC brings for Python; needs no protos.

    python health_and_reflection.py 127.0.0.1:50051

Prints "watching" once it watches the health, and one JSON object when the server has ended that.
"""

import json
import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)


def status_of(answer):
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


def check(health, said):
    said["statuses"] = {}
    for name in ["", "tinct.v1.ColorizationService", "tinct.v1.ModelService"]:
        answer = health.Check(health_pb2.HealthCheckRequest(service=name), timeout=20)
        said["statuses"][name] = status_of(answer)
    try:
        health.Check(health_pb2.HealthCheckRequest(service="no.such"), timeout=20)
    except grpc.RpcError as error:
        said["unknown"] = error.code().name


def reflect(channel, said):
    """Makes a call with messages that are known from reflection alone."""
    database = ProtoReflectionDescriptorDatabase(channel)
    try:
        said["services"] = sorted(database.get_services())
        service = DescriptorPool(database).FindServiceByName("tinct.v1.TrainingJobService")
        method = service.methods_by_name["GetCapabilities"]
        request, response = map(GetMessageClass, [method.input_type, method.output_type])
        call = channel.unary_unary(
            f"/{service.full_name}/{method.name}",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )
        said["devices"] = [device.name for device in call(request(), timeout=20).devices]
    except grpc.RpcError as error:
        said["reflection"] = error.code().name


def watch(health, said):
    said["watched"] = []
    request = health_pb2.HealthCheckRequest(service="tinct.v1.ColorizationService")
    try:
        for answer in health.Watch(request):
            said["watched"].append(status_of(answer))
            if len(said["watched"]) == 1:
                print("watching", flush=True)
    except grpc.RpcError as error:
        said["ended"] = error.code().name


said = {}
with grpc.insecure_channel(sys.argv[1]) as channel:
    health = health_pb2_grpc.HealthStub(channel)
    check(health, said)
    reflect(channel, said)
    watch(health, said)
print(json.dumps(said), flush=True)
