#!/usr/bin/env python3
"""Captions a video, or a file of features, with this exported model: python3 caption.py [--greedy | --classes] VIDEO or FEATURES.npy

By beam search; --greedy takes the likeliest word at every step, in one call of captioner.onnx. --classes tells its class
instead, where the export has classes.onnx: a probability and a class a line, the likeliest first. --features FILE.npy writes the
features of a video there, too. Needs numpy and onnxruntime; for videos ffmpeg 5.1 or later (on PATH, or named by FFMPEG) and an
export with frames.onnx. FEATURES.npy holds float32 or float16 [frames, features], as the model was trained on.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

import numpy

# Else ONNX Runtime sends its makers a device id and events; it has to be known before the library is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime  # noqa: E402

onnxruntime.disable_telemetry_events()

START, END = 1, 2
NEVER_WRITTEN = [0, 1, 3]  # pad, start, unknown
FOLDER = pathlib.Path(__file__).resolve().parent


def main(path, is_greedy, is_classes, features_to):
    model = read_json("vocabulary.json")
    features = read_features(path) if path.endswith(".npy") else see(path)
    if features_to:
        numpy.save(features_to, features)
    frames, size = model["frames"], model["featureSize"]
    if features.ndim != 2 or not 1 <= len(features) <= frames or features.shape[1] != size:
        sys.exit(f"{path} holds an array of shape {features.shape}; 1 to {frames} rows of {size} features are needed.")
    mask = numpy.zeros(frames, numpy.float32)
    mask[: len(features)] = 1
    padded = numpy.zeros((frames, size), numpy.float32)
    padded[: len(features)] = features

    if is_classes:
        if not (FOLDER / "classes.onnx").exists():
            sys.exit("This export has no classifier of actions.")
        names = read_json("classes.json")["classes"]
        told = run(open_network("classes.onnx"), {"features": padded, "mask": mask})["probabilities"]
        for place in numpy.argsort(-told, kind="stable"):
            print(f"{told[place]:.6f}\t{names[place]}")
        return
    if is_greedy:
        said = run(open_network("captioner.onnx"), {"features": padded, "mask": mask})["words"].tolist()
        # Behind the caption stand end words.
        print(" ".join(model["words"][word] for word in said[: [*said, END].index(END)]))
        return
    decoder = open_network("decoder.onnx")
    clip = run(open_network("encoder.onnx"), {"features": padded, "mask": mask})
    caption = best_caption(model, decoder, clip)
    if (FOLDER / "gates.json").exists():
        caption = second_look(clip, (features, mask), caption, lambda moved: best_caption(model, decoder, moved))
    print(" ".join(caption))


def read_json(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def open_network(name):
    return onnxruntime.InferenceSession(str(FOLDER / name), providers=["CPUExecutionProvider"])


def run(session, feeds):
    """What a network gives, by name."""
    return dict(zip([output.name for output in session.get_outputs()], session.run(None, feeds)))


def read_features(path):
    return numpy.load(path).astype(numpy.float32)


def see(path):
    """The features of a video: of the first frame of each of so many equal parts."""
    if not (FOLDER / "frames.onnx").exists():
        sys.exit("This export has no frame encoder: it captions files of features (.npy), not videos.")
    how = read_json("preprocessing.json")["video"]
    count = count_frames(path)
    parts = min(count, how["frames"])
    chosen = "+".join(f"eq(n\\,{part * count // parts})" for part in range(parts))
    pixels = ffmpeg(path, "-vf", f"select={chosen},{how['filters']}", "-fps_mode", "passthrough", "-f", "rawvideo", "-")
    frames = numpy.frombuffer(pixels, numpy.uint8).reshape(-1, how["height"], how["width"], 3)
    return run(open_network("frames.onnx"), {"frames": frames})["seen_features"]


def count_frames(path):
    reports = ffmpeg(path, "-fps_mode", "passthrough", "-progress", "-", "-f", "null", "-").decode()
    counts = [int(line[len("frame=") :]) for line in reports.splitlines() if line.startswith("frame=")]
    if not counts or counts[-1] == 0:
        sys.exit(f"{path} has no frames.")
    return counts[-1]


def ffmpeg(path, *arguments):
    program = os.environ.get("FFMPEG", "ffmpeg")
    command = [program, "-v", "error", "-nostdin", "-i", str(path), "-map", "0:v:0", *arguments]
    try:
        return subprocess.run(command, check=True, capture_output=True).stdout
    except FileNotFoundError:
        sys.exit(f"{program} is not installed: it is what reads videos (FFMPEG names another one).")
    except subprocess.CalledProcessError as failure:
        sys.exit(f"{path} can't be read: {failure.stderr.decode(errors='replace').strip()}")


def second_look(clip, frames, caption, again):
    """Where a gate (a probe, and the network's own score) is sure of a topic that the caption does not name, its neurons
    are moved and the clip is captioned again; that stands where it names such a topic."""
    gates = read_json("gates.json")
    features, mask = frames
    values = features.astype(numpy.float64)
    changes = numpy.abs(values[4:] - values[:-4]).mean(0) if len(values) > 4 else numpy.zeros(values.shape[1])
    summary = numpy.concatenate([values.mean(0), changes, values.std(0)])
    unnamed = [gate for gate in gates["gates"] if not set(gate["words"]) & set(caption)]
    topics = clip["topics"].reshape(-1).clip(0, 1)
    probed = [summary @ numpy.array(gate["weights"]) + gate["bias"] for gate in unnamed]
    scores = [score + gate["topicShare"] * topics[gate["topic"]] for gate, score in zip(unnamed, probed)]
    sure = [gate for gate, score in zip(unnamed, scores) if score > gate["threshold"]]
    v = clip["v"].copy()
    mean = v[0, mask == 1].mean(0)
    if not sure or is_exempt(gates["exempt"], mean):
        return caption
    moves = {move["neuron"]: move for gate in sure for move in gate["moves"]}
    for neuron, move in moves.items():
        v[0, mask == 1, neuron] += move["strength"] * (move["target"] - v[0, mask == 1, neuron])
    changed = again(run(open_network("memory.onnx"), {"v": v, "mask": mask}))
    return changed if any(set(gate["words"]) & set(changed) for gate in sure) else caption


def is_exempt(exempt, mean):
    """Whether gates leave a clip alone, by the mean of v: it is that with the nearest key, if that reaches so far."""
    distances = [numpy.linalg.norm(numpy.array(known["key"]) - mean) for known in exempt]
    nearest = int(numpy.argmin(distances)) if distances else None
    return nearest is not None and distances[nearest] <= exempt[nearest]["radius"]


def best_caption(model, decoder, clip):
    """The words of the best caption of what the encoder gave of a clip."""
    words, beam, max_words, normalisation = (model[name] for name in ("words", "beam", "maxWords", "lengthNormalisation"))
    hidden, memory = (numpy.repeat(clip[name], beam, axis=0) for name in ("hidden", "memory"))
    frame_inputs = {name: clip[name] for name in ("frame_keys", "frame_gates", "frame_output", "frame_bias")}

    # Beam search: a caption that ends keeps its place of the beam, and the best by
    # log-probability / words ** normalisation (the end word counted) wins.
    hypotheses, ended = [([], 0.0)], []
    while hypotheses:
        places = beam - len(ended)
        last_words = numpy.zeros(beam, numpy.int64)
        last_words[: len(hypotheses)] = [sentence[-1] if sentence else START for sentence, _ in hypotheses]
        log_probabilities, next_hidden, next_memory = decoder.run(
            ["log_probabilities", "next_hidden", "next_memory"],
            {**frame_inputs, "words": last_words, "hidden": hidden, "memory": memory},
        )
        log_probabilities[:, NEVER_WRITTEN] = -numpy.inf
        candidates = [
            (total + float(log_probabilities[row, word]), row, int(word))
            for row, (_, total) in enumerate(hypotheses)
            for word in numpy.argsort(-log_probabilities[row], kind="stable")[:places]
        ]
        candidates.sort(key=lambda candidate: (-candidate[0], candidate[1], candidate[2]))
        continued, parents = [], []
        for total, row, word in candidates[:places]:
            sentence = hypotheses[row][0]
            if word == END:
                ended.append((sentence, total / (len(sentence) + 1) ** normalisation))
            elif len(sentence) + 1 >= max_words:
                ended.append((sentence + [word], total / (len(sentence) + 1) ** normalisation))
            else:
                continued.append((sentence + [word], total))
                parents.append(row)
        hypotheses = continued
        order = parents + [0] * (beam - len(parents))
        hidden, memory = next_hidden[order], next_memory[order]

    best = max(ended, key=lambda caption: caption[1])[0]
    return [words[word] for word in best]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", metavar="VIDEO or FEATURES.npy")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--greedy", action="store_true")
    how.add_argument("--classes", action="store_true")
    parser.add_argument("--features", metavar="FILE.npy")
    given = parser.parse_args()
    main(given.path, given.greedy, given.classes, given.features)
