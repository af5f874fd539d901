"""Writes reference-cases.json: what the image processors of the Python library transformers make of pictures.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install transformers==4.57.1 pillow numpy
    /tmp/venv/bin/python test/formats/hugging-face/reference-cases.py > test/formats/hugging-face/reference-cases.json

The settings are those of the models named, as their preprocessor_config.json has them; the pictures are made by a formula.
"""

import json
import math

import numpy as np
from PIL import Image
import transformers

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
CLIP = {
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}

# By model; the class is what transformers reads such a file with.
MODELS = {
    "openai/clip-vit-base-patch32": (
        "CLIPImageProcessor",
        {
            "crop_size": 224,
            "do_center_crop": True,
            "do_normalize": True,
            "do_resize": True,
            "feature_extractor_type": "CLIPFeatureExtractor",
            **CLIP,
            "resample": 3,
            "size": 224,
        },
    ),
    "google/siglip-base-patch16-224": (
        "SiglipImageProcessor",
        {
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_processor_type": "SiglipImageProcessor",
            **HALF,
            "resample": 3,
            "rescale_factor": 1 / 255,
            "size": {"height": 224, "width": 224},
        },
    ),
    "facebook/dinov2-small": (
        "BitImageProcessor",
        {
            "crop_size": {"height": 224, "width": 224},
            "do_center_crop": True,
            "do_convert_rgb": True,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_processor_type": "BitImageProcessor",
            **IMAGENET,
            "resample": 3,
            "rescale_factor": 1 / 255,
            "size": {"shortest_edge": 256},
        },
    ),
    "google/vit-base-patch16-224": (
        "ViTImageProcessor",
        {
            "do_normalize": True,
            "do_resize": True,
            "feature_extractor_type": "ViTFeatureExtractor",
            **HALF,
            "resample": 2,
            "size": 224,
        },
    ),
    "facebook/deit-base-distilled-patch16-224": (
        "DeiTImageProcessor",
        {
            "crop_size": 224,
            "do_center_crop": True,
            "do_normalize": True,
            "do_resize": True,
            "feature_extractor_type": "DeiTFeatureExtractor",
            **IMAGENET,
            "resample": 3,
            "size": 256,
        },
    ),
    "facebook/convnext-tiny-224": (
        "ConvNextImageProcessor",
        {
            "crop_pct": 0.875,
            "do_normalize": True,
            "do_resize": True,
            "feature_extractor_type": "ConvNextFeatureExtractor",
            **IMAGENET,
            "resample": 3,
            "size": 224,
        },
    ),
    "google/mobilenet_v2_1.0_224": (
        "MobileNetV2ImageProcessor",
        {
            "crop_size": {"height": 224, "width": 224},
            "do_center_crop": True,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_processor_type": "MobileNetV2ImageProcessor",
            **HALF,
            "resample": 2,
            "rescale_factor": 1 / 255,
            "size": {"shortest_edge": 256},
        },
    ),
    "MCG-NJU/videomae-base": (
        "VideoMAEImageProcessor",
        {
            "crop_size": {"height": 224, "width": 224},
            "do_center_crop": True,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "feature_extractor_type": "VideoMAEFeatureExtractor",
            **IMAGENET,
            "resample": 2,
            "rescale_factor": 1 / 255,
            "size": {"shortest_edge": 224},
        },
    ),
    "google/vivit-b-16x2-kinetics400": (
        "VivitImageProcessor",
        {
            "crop_size": {"height": 224, "width": 224},
            "do_center_crop": True,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_processor_type": "VivitImageProcessor",
            **HALF,
            "offset": True,
            "resample": 2,
            "rescale_factor": 1 / 127.5,
            "size": {"shortest_edge": 256},
        },
    ),
    # Nothing but its class: the defaults.
    "defaults of CLIP": ("CLIPImageProcessor", {"image_processor_type": "CLIPImageProcessor"}),
    "defaults of SigLIP": ("SiglipImageProcessor", {"image_processor_type": "SiglipImageProcessor"}),
    "defaults of Bit": ("BitImageProcessor", {"image_processor_type": "BitImageProcessor"}),
    "defaults of ViT": ("ViTImageProcessor", {"image_processor_type": "ViTImageProcessor"}),
    "defaults of DeiT": ("DeiTImageProcessor", {"image_processor_type": "DeiTImageProcessor"}),
    "defaults of BEiT": ("BeitImageProcessor", {"image_processor_type": "BeitImageProcessor"}),
    "defaults of ConvNext": ("ConvNextImageProcessor", {"image_processor_type": "ConvNextImageProcessor"}),
    "defaults of MobileNetV2": ("MobileNetV2ImageProcessor", {"image_processor_type": "MobileNetV2ImageProcessor"}),
    "defaults of VideoMAE": ("VideoMAEImageProcessor", {"image_processor_type": "VideoMAEImageProcessor"}),
    "defaults of ViViT": ("VivitImageProcessor", {"image_processor_type": "VivitImageProcessor"}),
}

SIZES = [(400, 300), (301, 402)]
# Places in the network's input, as shares of its width and height.
GRID = 4


def picture(width, height):
    """Waves of another length and direction in each channel."""
    x = np.arange(width)[None, :]
    y = np.arange(height)[:, None]
    waves = [np.sin(x / 23 + y / 31), np.cos(x / 41 - y / 17), np.sin(x / 13) * np.cos(y / 19)]
    return np.rint(127.5 + 120 * np.stack(np.broadcast_arrays(*waves), axis=2)).astype(np.uint8)


def pixels(processor, image):
    """[3, height, width]: a clip of one frame, for those that take videos."""
    takes_videos = "VideoMAE" in type(processor).__name__ or "Vivit" in type(processor).__name__
    values = np.asarray(processor([image] if takes_videos else image, return_tensors="np")["pixel_values"])
    return values.reshape(values.shape[-3:])


def samples(values):
    """Pixels at the crossings of a grid, red, green and blue of each."""
    _, height, width = values.shape
    places = [math.floor((i + 0.5) / GRID * side) for side in (height, width) for i in range(GRID)]
    rows, columns = places[:GRID], places[GRID:]
    return [[round(float(v), 5) for v in values[:, row, column]] for row in rows for column in columns]


def main():
    cases = []
    for model, (name, settings) in MODELS.items():
        processor = getattr(transformers, name)(
            **{key: value for key, value in settings.items() if not key.endswith("_type")}
        )
        pictures = []
        for width, height in SIZES:
            values = pixels(processor, Image.fromarray(picture(width, height)))
            pictures.append(
                {
                    "width": width,
                    "height": height,
                    "input": {"width": values.shape[2], "height": values.shape[1]},
                    "pixels": samples(values),
                }
            )
        cases.append({"model": model, "settings": settings, "pictures": pictures})
    print(json.dumps({"grid": GRID, "transformers": transformers.__version__, "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
