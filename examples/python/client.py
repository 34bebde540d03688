"""A small client of Tinct: uploads photos, trains, watches, colorizes.

Made from the protos alone; docs/clients.md says how to make the modules it imports.

    python client.py --server 127.0.0.1:50051 --photos FOLDER --photo GRAY.jpg --out COLOUR.jpg

With --ca FILE it speaks TLS, with --token-file FILE it proves itself by a token of scope admin, which
promoting wants; the rest needs train, read and colorize.
"""

import argparse
import ipaddress
import pathlib
import sys
import time
import uuid

import grpc

from tinct.v1 import colorization_service_pb2 as colorization
from tinct.v1 import colorization_service_pb2_grpc as colorization_grpc
from tinct.v1 import dataset_service_pb2 as datasets
from tinct.v1 import dataset_service_pb2_grpc as datasets_grpc
from tinct.v1 import model_service_pb2 as models
from tinct.v1 import model_service_pb2_grpc as models_grpc
from tinct.v1 import stream_metrics_pb2 as metrics
from tinct.v1 import training_job_pb2 as jobs

PIECE_BYTES = 1024 * 1024
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".avif"}
OVER = {jobs.JOB_STATE_SUCCEEDED, jobs.JOB_STATE_FAILED, jobs.JOB_STATE_CANCELLED}


# What ends a call on its way, beside UNAVAILABLE: a proxy that cuts it at its idle limit is INTERNAL,
# UNKNOWN or CANCELLED, by the way it does so. The server's own INTERNAL comes again each time.
CUT = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED}
MOST_CUTS = 5  # in a row, without an event in between


def is_here(server):
    """Whether a server is one of this machine, which no proxy leads to."""
    host = server.rpartition(":")[0].strip("[]")
    try:
        return server.startswith("unix:") or host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def connect(server, ca, token):
    """Opens a channel: over TLS where the authorities to trust are given, with a token if there is one."""
    # gRPC goes by the environment's http_proxy even on loopback.
    options = [("grpc.enable_http_proxy", 0)] if is_here(server) else []
    if ca is None:
        if token:
            sys.exit("A token is sent over TLS alone: give --ca.")
        return grpc.insecure_channel(server, options)
    proof = grpc.ssl_channel_credentials(ca)
    if token:  # as metadata "authorization: Bearer TOKEN" of every call
        call_proof = grpc.access_token_call_credentials(token)
        proof = grpc.composite_channel_credentials(proof, call_proof)
    return grpc.secure_channel(server, proof, options)


def upload(channel, name, folder):
    """Uploads what the server does not have yet, and completes the dataset."""
    service = datasets_grpc.DatasetServiceStub(channel)
    known = set()
    try:
        token = ""
        while True:
            page = service.ListDatasetFiles(
                datasets.ListDatasetFilesRequest(dataset=name, page_token=token)
            )
            known.update(file.file_name for file in page.files)
            token = page.next_page_token
            if not token:
                break
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.NOT_FOUND:
            raise

    def requests():
        yield datasets.UploadDatasetRequest(start=datasets.UploadStart(dataset=name))
        for path in sorted(folder.rglob("*")):
            file_name = path.relative_to(folder).as_posix()
            if path.suffix.lower() not in ENDINGS or file_name in known:
                continue
            data = path.read_bytes()
            for start in range(0, max(1, len(data)), PIECE_BYTES):
                yield datasets.UploadDatasetRequest(
                    piece=datasets.UploadPiece(
                        file_name=file_name if start == 0 else "",
                        size_bytes=len(data) if start == 0 else 0,
                        data=data[start : start + PIECE_BYTES],
                        last=start + PIECE_BYTES >= len(data),
                    )
                )
        yield datasets.UploadDatasetRequest(finish=datasets.UploadFinish())

    try:
        answer = service.UploadDataset(requests())
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.ALREADY_EXISTS:
            return print(f"dataset {name} is complete already")
        raise
    for refused in answer.refused:
        print(f"refused {refused.file_name}: {refused.fault.message}", file=sys.stderr)
    print(f"uploaded {answer.files_received} photos, {answer.report.usable_photos} usable")


def train(channel, dataset, options):
    """Queues a job. Repeating the call after a lost answer gives the same job."""
    service = colorization_grpc.ColorizationServiceStub(channel)
    request = colorization.TrainRequest(dataset=dataset, request_id=str(uuid.uuid4()))
    for option in options:
        name, value = option.split("=", 1)
        kind = type(getattr(request.config, name))
        setattr(request.config, name, kind(float(value)) if kind is not bool else value == "true")
    job = service.Train(request).job
    print(f"job {job.job_id}")
    return job.job_id


def watch(channel, job_id):
    """Shows a job to its end; goes on where it was after a lost connection."""
    service = colorization_grpc.ColorizationServiceStub(channel)
    next_sequence, state, pause, cuts = 1, jobs.JOB_STATE_UNSPECIFIED, 0.25, 0
    while state not in OVER:
        request = metrics.StreamMetricsRequest(job_id=job_id, from_sequence=next_sequence)
        try:
            for event in service.StreamMetrics(request, wait_for_ready=True):
                next_sequence, pause, cuts = event.sequence + 1, 0.25, 0
                kind = event.WhichOneof("event")
                if kind == "losses" and event.losses.HasField("loss_g_l1"):
                    print(f"step {event.losses.step}: loss_G_L1 {event.losses.loss_g_l1:.3f}")
                elif kind == "state":
                    state = event.state.to
                    print(f"{jobs.JobState.Name(state)} {event.state.message}".rstrip())
        except grpc.RpcError as error:
            cuts += error.code() in CUT
            if error.code() != grpc.StatusCode.UNAVAILABLE and (
                error.code() not in CUT or cuts > MOST_CUTS
            ):
                raise
            print(f"connection lost, going on from event {next_sequence}", file=sys.stderr)
            time.sleep(pause)
            pause = min(5, pause * 2)
    return state


def promote(channel, job_id, name):
    """Makes the job's newest checkpoint a named model."""
    service = models_grpc.ModelServiceStub(channel)
    request = models.PromoteCheckpointRequest(name=name)
    request.checkpoint.job_id = job_id
    model = service.PromoteCheckpoint(request).model
    print(f"model {model.name} version {model.version}, step {model.step}")


def colorize(channel, model, source, target):
    """Colorizes a photo of any size, in pieces both ways."""
    service = colorization_grpc.ColorizationServiceStub(channel)
    data = source.read_bytes()

    def requests():
        for start in range(0, max(1, len(data)), PIECE_BYTES):
            request = colorization.ColorizeStreamRequest(
                photo_id=source.name,
                data=data[start : start + PIECE_BYTES],
                last=start + PIECE_BYTES >= len(data),
            )
            if start == 0:
                request.settings.model.name = model
            yield request

    with target.open("wb") as out:
        for response in service.ColorizeStream(requests()):
            if response.fault.code:
                sys.exit(f"{response.photo_id}: {response.fault.message}")
            if response.photo.width:
                print(f"{target}: {response.photo.width}x{response.photo.height}")
            out.write(response.data)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="127.0.0.1:50051")
    parser.add_argument("--ca", type=pathlib.Path, help="PEM file of the authorities to trust")
    parser.add_argument("--token-file", type=pathlib.Path, help="file with the token to send")
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    parser.add_argument("--dataset", default="example")
    parser.add_argument("--model", default="example")
    parser.add_argument("--photo", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("colour.jpg"))
    parser.add_argument("--set", action="append", default=[], metavar="OPTION=NUMBER")
    arguments = parser.parse_args()
    ca = arguments.ca and arguments.ca.read_bytes()
    token = arguments.token_file and arguments.token_file.read_text().strip()
    with connect(arguments.server, ca, token) as channel:
        upload(channel, arguments.dataset, arguments.photos)
        job_id = train(channel, arguments.dataset, arguments.set)
        if watch(channel, job_id) != jobs.JOB_STATE_SUCCEEDED:
            sys.exit(1)
        promote(channel, job_id, arguments.model)
        if arguments.photo:
            colorize(channel, arguments.model, arguments.photo, arguments.out)


if __name__ == "__main__":
    main()
