"""Prints as JSON what TensorBoard reads in a run's folder."""

import io
import json
import sys

from PIL import Image
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import metadata

events = event_accumulator.EventAccumulator(
    sys.argv[1], size_guidance={"scalars": 0, "images": 0, "tensors": 0}
)
events.Reload()
tags = events.Tags()


def opened(png):
    picture = Image.open(io.BytesIO(png))
    picture.load()
    return picture.format, picture.size


def hyperparameters():
    tag = metadata.SESSION_START_INFO_TAG
    content = events.SummaryMetadata(tag).plugin_data.content
    start = metadata.parse_session_start_info_plugin_data(content)
    return {
        name: getattr(value, value.WhichOneof("kind"))
        for name, value in start.hparams.items()
    }


def texts(tag):
    return [
        [each.step, each.tensor_proto.string_val[0].decode()]
        for each in events.Tensors(tag)
    ]


json.dump(
    {
        "scalars": {
            tag: [[each.step, each.value] for each in events.Scalars(tag)]
            for tag in tags["scalars"]
        },
        "images": {
            tag: [
                [each.step, each.width, each.height, *opened(each.encoded_image_string)]
                for each in events.Images(tag)
            ]
            for tag in tags["images"]
        },
        "texts": {
            tag: texts(tag)
            for tag in tags["tensors"]
            if events.SummaryMetadata(tag).plugin_data.plugin_name == "text"
        },
        "hyperparameters": hyperparameters(),
    },
    sys.stdout,
)
