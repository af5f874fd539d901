#!/usr/bin/env python3
"""Captions a feature file with this exported model: python3 caption.py [--greedy] FEATURES.npy

By beam search; --greedy takes the likeliest word at every step, in one call of captioner.onnx. Needs numpy and onnxruntime. FEATURES.npy holds float32 or float16 [frames, features], as the model was trained on.
"""
import json
import os
import pathlib
import sys

import numpy

# Else ONNX Runtime sends its makers a device id and events; it has to be known before the library is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime  # noqa: E402

onnxruntime.disable_telemetry_events()

START, END = 1, 2
NEVER_WRITTEN = [0, 1, 3]  # pad, start, unknown


def main(path, is_greedy):
    folder = pathlib.Path(__file__).resolve().parent
    model = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
    frames, size = model["frames"], model["featureSize"]
    features = numpy.load(path).astype(numpy.float32)
    if features.ndim != 2 or not 1 <= len(features) <= frames or features.shape[1] != size:
        sys.exit(f"{path} holds an array of shape {features.shape}; 1 to {frames} rows of {size} features are needed.")
    mask = numpy.zeros(frames, numpy.float32)
    mask[: len(features)] = 1
    padded = numpy.zeros((frames, size), numpy.float32)
    padded[: len(features)] = features

    if is_greedy:
        said = run(open_network(folder / "captioner.onnx"), {"features": padded, "mask": mask})["words"].tolist()
        # Behind the caption stand end words.
        print(" ".join(model["words"][word] for word in said[: [*said, END].index(END)]))
        return
    decoder = open_network(folder / "decoder.onnx")
    clip = run(open_network(folder / "encoder.onnx"), {"features": padded, "mask": mask})
    caption = best_caption(model, decoder, clip)
    gates = folder / "gates.json"
    if gates.exists():
        caption = second_look(folder, json.loads(gates.read_text(encoding="utf-8")), clip, (features, mask), caption,
                              lambda moved: best_caption(model, decoder, moved))
    print(" ".join(caption))


def open_network(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def run(session, feeds):
    """What a network gives, by name."""
    return dict(zip([output.name for output in session.get_outputs()], session.run(None, feeds)))


def second_look(folder, gates, clip, frames, caption, again):
    """Where a gate (a probe, and the network's own score) is sure of a topic that the caption does not name, its neurons
    are moved and the clip is captioned again; that stands where it names such a topic."""
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
    if not sure or any(numpy.linalg.norm(numpy.array(left["key"]) - mean) <= left["radius"] for left in gates["exempt"]):
        return caption
    moves = {move["neuron"]: move for gate in sure for move in gate["moves"]}
    for neuron, move in moves.items():
        v[0, mask == 1, neuron] += move["strength"] * (move["target"] - v[0, mask == 1, neuron])
    changed = again(run(open_network(folder / "memory.onnx"), {"v": v, "mask": mask}))
    return changed if any(set(gate["words"]) & set(changed) for gate in sure) else caption


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
    paths = [argument for argument in sys.argv[1:] if argument != "--greedy"]
    if len(paths) != 1:
        sys.exit(__doc__)
    main(paths[0], "--greedy" in sys.argv)
