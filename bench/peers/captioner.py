"""
The captioner of src-main/engine/captioner/model.ts in PyTorch, as a peer to time against and to check the losses with.

    python3 captioner.py FOLDER

FOLDER is written by bench/training-step.ts: setup.json (sizes, settings, and name, type and shape of every array) and one
raw little-endian file an array. The same initial weights and the same minibatches, dropout masks included, go through
three forms of the same model:

  per caption  every caption encodes its own video: the usual form of published code
  grouped      a video is encoded once; its frames are repeated for its captions
  arranged     as `grouped`, with Vitrine's own savings: nothing is repeated, the words' and the context's parts of the
               gates are products taken once, and only words that exist meet the vocabulary

Every line of standard input asks for some more steps of one form, {"form": ..., "steps": ...}, so that the caller can take
turns with it on the same processor; the answer is one line with their losses and milliseconds a step.
"""
import ctypes
import json
import os
import re
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

folder = sys.argv[1]
with open(os.path.join(folder, 'setup.json')) as file:
    setup = json.load(file)
S = setup['settings']
torch.set_num_threads(setup['threads'])


def read(name):
    array = setup['arrays'][name]
    return torch.from_numpy(np.memmap(os.path.join(folder, name), array['type'], 'c', shape=tuple(array['shape'])))


def blas():
    """The library that torch's products run in, and the kernel it chose for this processor; None: not OpenBLAS."""
    with open('/proc/self/maps') as maps:
        paths = {match[0] for match in re.finditer(r'/\S*openblas\S*\.so\S*', maps.read())}
    for path in sorted(paths):
        library = ctypes.CDLL(path)
        library.openblas_get_corename.restype = ctypes.c_char_p
        library.openblas_get_config.restype = ctypes.c_char_p
        return {'kernel': library.openblas_get_corename().decode(), 'version': ' '.join(library.openblas_get_config().decode().split()[:2])}
    return None


class Captioner(nn.Module):
    def __init__(self, arranged):
        super().__init__()
        self.arranged = arranged
        sizes = setup['sizes']
        n_in, E, H, A, W = sizes['input'], S['encoderSize'], S['hiddenSize'], S['attentionSize'], S['embeddingSize']
        D = n_in + 2 * E
        self.encoder = nn.LSTM(n_in, E, batch_first=True, bidirectional=True)
        self.topic_hidden, self.topic_output = nn.Linear(D, S['topicHiddenSize']), nn.Linear(S['topicHiddenSize'], sizes['topics'])
        self.frame, self.query, self.score = nn.Linear(D, A), nn.Linear(H, A, bias=False), nn.Linear(A, 1, bias=False)
        self.gate, self.first_hidden, self.first_memory = nn.Linear(H, 1), nn.Linear(D, H), nn.Linear(D, H)
        self.embedding = nn.Embedding(sizes['vocabulary'], W)
        if arranged:
            self.word_gates, self.context_gates, self.hidden_gates = nn.Linear(W, 4 * H), nn.Linear(D, 4 * H, bias=False), nn.Linear(H, 4 * H, bias=False)
        else:
            self.cell = nn.LSTMCell(W + D, H)
        self.out_hidden, self.out_context, self.out_word = nn.Linear(H, W), nn.Linear(D, W, bias=False), nn.Linear(W, sizes['vocabulary'])
        self.load()

    def load(self):
        """Vitrine's weights. PyTorch keeps them transposed, and an LSTM's bias twice: its second stays zero."""
        def weight(name):
            return read(name).t().contiguous()

        def linear(module, name, bias=None):
            module.weight.data = weight(name)
            if bias:
                module.bias.data = read(bias)

        for direction, suffix in (('forward', ''), ('backward', '_reverse')):
            getattr(self.encoder, f'weight_ih_l0{suffix}').data.copy_(weight(f'encoder.{direction}.input'))
            getattr(self.encoder, f'weight_hh_l0{suffix}').data.copy_(weight(f'encoder.{direction}.hidden'))
            getattr(self.encoder, f'bias_ih_l0{suffix}').data.copy_(read(f'encoder.{direction}.bias'))
            getattr(self.encoder, f'bias_hh_l0{suffix}').data.zero_()
            getattr(self.encoder, f'bias_hh_l0{suffix}').requires_grad_(False)
        linear(self.topic_hidden, 'topics.hidden', 'topics.hidden_bias')
        linear(self.topic_output, 'topics.output', 'topics.output_bias')
        linear(self.frame, 'attention.frame', 'attention.bias')
        linear(self.query, 'attention.hidden')
        linear(self.score, 'attention.score')
        linear(self.gate, 'gate.hidden', 'gate.bias')
        linear(self.first_hidden, 'initial.hidden', 'initial.hidden_bias')
        linear(self.first_memory, 'initial.memory', 'initial.memory_bias')
        self.embedding.weight.data = read('embedding')
        if self.arranged:
            linear(self.word_gates, 'decoder.word', 'decoder.bias')
            linear(self.context_gates, 'decoder.context')
            linear(self.hidden_gates, 'decoder.hidden')
        else:
            self.cell.weight_ih.data = torch.cat([weight('decoder.word'), weight('decoder.context')], 1)
            self.cell.weight_hh.data = weight('decoder.hidden')
            self.cell.bias_ih.data = read('decoder.bias')
            self.cell.bias_hh.data.zero_()
            self.cell.bias_hh.requires_grad_(False)
        linear(self.out_hidden, 'output.hidden', 'output.bias')
        linear(self.out_context, 'output.context')
        linear(self.out_word, 'output.word', 'output.word_bias')

    def encode(self, batch):
        """v [B, n, D] and its mean over the frames there are."""
        states, _ = self.encoder(pack_padded_sequence(batch['features'], batch['frames'], batch_first=True, enforce_sorted=False))
        states, _ = pad_packed_sequence(states, batch_first=True, total_length=batch['features'].shape[1])
        v = torch.cat([batch['features'], states], 2)
        return v, v.sum(1) / batch['frames'][:, None]

    def forward(self, batch):
        v, mean = self.encode(batch)
        scores = self.topic_output(F.relu(self.topic_hidden(mean)) * batch['drop_topics'])
        topic_loss = ((scores - batch['topics']).square().sum(1) * batch['clip_weight']).sum()
        hiddens, contexts, attended = (self.decode_arranged if self.arranged else self.decode)(batch, v, mean)

        words = self.embedding(batch['words']).flatten(0, 1)
        chosen = batch['chosen']
        if self.arranged:
            # Padding is left out before anything is multiplied.
            hiddens, contexts, words = hiddens[chosen], contexts[chosen], words[chosen]
            drop_hidden, drop_output, targets, weight = (batch[name] for name in ('drop_hidden_chosen', 'drop_output_chosen', 'targets_chosen', 'word_weight_chosen'))
        else:
            contexts = self.out_context(contexts)
            drop_hidden, drop_output, targets, weight = (batch[name] for name in ('drop_hidden', 'drop_output', 'targets', 'word_weight'))
        mixed = torch.tanh(self.out_hidden(hiddens * drop_hidden) + contexts + words)
        nll = (F.cross_entropy(self.out_word(mixed * drop_output), targets, reduction='none') * weight).sum()
        penalty = (((1 - attended).square() * batch['frame_mask']).sum(1) * batch['caption_weight']).sum()
        return nll + setup['lambda'] * topic_loss + S['attentionPenalty'] * penalty

    def decode(self, batch, v, mean):
        """One row a caption: hidden states and contexts [T*R, ...], attention summed over the words [R, n]."""
        if 'captions_per_clip' in batch:
            v, mean = (x.repeat_interleave(batch['captions_per_clip'], 0) for x in (v, mean))
        keys, bias = self.frame(v), (batch['frame_mask'] - 1) * 1e9
        hidden, memory = torch.tanh(self.first_hidden(mean)), torch.tanh(self.first_memory(mean))
        words = self.embedding(batch['words'])
        hiddens, contexts, attended = [], [], 0
        for t in range(words.shape[0]):
            energy = self.score(torch.tanh(keys + self.query(hidden)[:, None])).squeeze(2)
            attention = F.softmax(energy + bias, 1)
            context = torch.bmm(attention[:, None], v).squeeze(1) * torch.sigmoid(self.gate(hidden))
            hidden, memory = self.cell(torch.cat([words[t], context], 1), (hidden, memory))
            hiddens.append(hidden)
            contexts.append(context)
            attended = attended + attention * batch['word_mask'][t][:, None]
        return torch.cat(hiddens), torch.cat(contexts), attended

    def decode_arranged(self, batch, v, mean):
        """As `decode`, clip by clip: the context is given by its part of the logits' hidden layer."""
        B, n, _ = v.shape
        T, R = batch['words'].shape
        C = R // B
        keys, frame_gates, frame_output = self.frame(v)[:, None], self.context_gates(v), self.out_context(v)
        bias = batch['clip_bias']
        hidden, memory = (torch.tanh(first(mean)).repeat_interleave(C, 0) for first in (self.first_hidden, self.first_memory))
        word_gates = self.word_gates(self.embedding(batch['words'])).unbind(0)
        mask = batch['word_mask'].view(T, B, C, 1).unbind(0)
        recurrent = self.hidden_gates.weight.t()
        hiddens, weights, attended = [], [], 0
        for t in range(T):
            energy = self.score(torch.tanh(keys + self.query(hidden).view(B, C, 1, -1))).squeeze(3)
            attention = F.softmax(energy + bias, 2)
            frame_weights = attention * torch.sigmoid(self.gate(hidden)).view(B, C, 1)
            gates = torch.baddbmm(word_gates[t].view(B, C, -1), frame_weights, frame_gates).view(R, -1)
            i, f, g, o = torch.addmm(gates, hidden, recurrent).chunk(4, 1)
            memory = torch.sigmoid(f) * memory + torch.sigmoid(i) * torch.tanh(g)
            hidden = torch.sigmoid(o) * torch.tanh(memory)
            hiddens.append(hidden)
            weights.append(frame_weights)
            attended = attended + attention * mask[t]
        context = torch.bmm(torch.stack(weights, 1).view(B, T * C, n), frame_output).view(B, T, C, -1).transpose(0, 1).reshape(T * R, -1)
        return torch.cat(hiddens), context, attended.view(R, n)


def minibatch(index, form):
    """The arrays of one step. Masks become factors and lengths beforehand: none of it is timed."""
    raw = {name: read(name)[index].clone() for name in setup['batch']}
    mask, weight = raw['batch.word_mask'], raw['batch.caption_weight']
    R = weight.shape[0]
    B = raw['batch.features'].shape[1]
    C = R // B
    factor = 1 / (1 - S['dropout'])
    frame_mask = raw['batch.frame_mask'].t().contiguous()
    batch = {
        'features': raw['batch.features'].transpose(0, 1).contiguous(), 'frames': frame_mask.sum(1).long(), 'topics': raw['batch.topics'],
        'words': raw['batch.words'], 'targets': raw['batch.targets'].flatten(), 'word_mask': mask, 'word_weight': (mask * weight).flatten(),
        'caption_weight': weight, 'clip_weight': weight.view(B, C).sum(1), 'frame_mask': frame_mask.repeat_interleave(C, 0),
        'drop_topics': raw['dropout.topics'].float() * factor, 'drop_hidden': raw['dropout.hidden'].float() * factor, 'drop_output': raw['dropout.output'].float() * factor,
    }
    batch['chosen'] = chosen = mask.flatten().nonzero().squeeze(1)
    batch['clip_bias'] = (frame_mask[:, None] - 1) * 1e9
    for name in ('drop_hidden', 'drop_output', 'targets', 'word_weight'):
        batch[f'{name}_chosen'] = batch[name][chosen]
    if form == 'grouped':
        batch['captions_per_clip'] = C
    if form == 'per caption':
        for name in ('features', 'frames', 'topics', 'drop_topics'):
            batch[name] = batch[name].repeat_interleave(C, 0)
        batch['clip_weight'] = weight
    return batch


class Training:
    """A form with its optimizer, as many steps on as it was asked to take."""

    def __init__(self, form):
        self.form, self.taken = form, 0
        self.model = Captioner(arranged=form == 'arranged')
        self.parameters = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.adam = torch.optim.Adam(self.parameters, setup['learningRate'])

    def step(self, batch):
        self.adam.zero_grad(set_to_none=True)
        loss = self.model(batch)
        loss.backward()
        with torch.no_grad():
            torch._foreach_add_([parameter.grad for parameter in self.parameters], self.parameters, alpha=2 * S['weightDecay'])
        nn.utils.clip_grad_norm_(self.parameters, S['clipNorm'])
        self.adam.step()
        return loss.item()

    def run(self, steps):
        batches = [minibatch(index, self.form) for index in range(self.taken, self.taken + steps)]
        self.taken += steps
        started = time.perf_counter()
        losses = [self.step(batch) for batch in batches]
        return {'losses': losses, 'milliseconds': 1000 * (time.perf_counter() - started) / steps}


def say(document):
    print(json.dumps(document), flush=True)


torch.mm(torch.ones(8, 8), torch.ones(8, 8))
say({'torch': torch.__version__, 'blas': blas()})
trainings = {}
for line in sys.stdin:
    asked = json.loads(line)
    if asked['form'] not in trainings:
        trainings[asked['form']] = Training(asked['form'])
    say(trainings[asked['form']].run(asked['steps']))
