/**
 * Do neurons answer when a thing is there, and not only in the clips that have it? As in Network Dissection
 * (Bau et al., CVPR 2017), a neuron is on in the frames where its activation reaches a threshold, and is held
 * against the frames that show a concept by intersection over union. Thresholds, and which neuron is held
 * against which concept, are chosen on training frames; the figures are of frames of held-out clips.
 *
 * What a neuron that is always on would have is the share of frames with the concept: a choice is judged by what
 * it has more than that, else all neurons would go to what is nearly always there.
 */
import { breather } from '../../../common/breather.ts'
import type { EngineContext } from '../../../engine-host/contract/index.ts'
import { bearingOf, rankClips } from './ranking.ts'
import type { Ranking } from './ranking.ts'

/** Frames of clips: activations by neuron, [D][frames], and the concepts that each frame shows. */
export interface Frames {
  neurons: readonly Float32Array[]
  conceptsOf: readonly (readonly number[])[]
}

export interface Overlap {
  neuron: number
  concept: number
  /** Intersection over union on held-out frames, and that of a neuron which is always on. */
  iou: number
  always: number
}

export interface OverTime {
  /** By neuron with the concept that it overlaps best with in training. */
  neurons: Overlap[]
  /** By concept with the neuron that overlaps best with it in training; without those that no training frame shows. */
  concepts: Overlap[]
}

/** A threshold, and what it gains on training frames over being always on. */
interface Choice {
  threshold: number
  gain: number
}

/** Throws CancelledError on abort. */
export async function measureOverTime(
  { train, heldOut, concepts }: { train: Frames; heldOut: Frames; concepts: number },
  { signal, progress }: EngineContext,
): Promise<OverTime> {
  const breathe = breather(signal)
  const { counts } = bearingOf(train.conceptsOf, concepts)
  const places = Uint32Array.from(train.conceptsOf.keys())
  const choices: Choice[][] = []
  for (const [done, values] of train.neurons.entries()) {
    await breathe()
    choices.push(bestThresholds({ values, ranking: rankClips(values, places) }, train.conceptsOf, counts))
    progress({ phase: 'overlap over time', done: done + 1, total: train.neurons.length, unit: 'neurons' })
  }
  const shown = Array.from(counts.keys()).filter((concept) => counts[concept]! > 0)
  const gainOf = (neuron: number, concept: number): number => choices[neuron]![concept]!.gain
  const overlap = (neuron: number, concept: number): Overlap => ({
    neuron,
    concept,
    ...overlapOn(heldOut, { neuron, concept, threshold: choices[neuron]![concept]!.threshold }),
  })
  return {
    neurons: choices.map((_, neuron) =>
      overlap(
        neuron,
        largest(shown, (concept) => gainOf(neuron, concept)),
      ),
    ),
    concepts: shown.map((concept) =>
      overlap(
        largest([...choices.keys()], (neuron) => gainOf(neuron, concept)),
        concept,
      ),
    ),
  }
}

/** The first of the values with the largest figure. */
const largest = (values: readonly number[], figure: (value: number) => number): number =>
  values.reduce((best, value) => (figure(value) > figure(best) ? value : best), values[0] ?? 0)

/** The threshold of a neuron with the largest intersection over union for each concept. */
function bestThresholds(
  { values, ranking: { order, ties } }: { values: Float32Array; ranking: Ranking },
  conceptsOf: Frames['conceptsOf'],
  counts: Uint32Array,
): Choice[] {
  const always = Array.from(counts, (count) => count / order.length)
  const best = Array.from(counts, (): Choice => ({ threshold: -Infinity, gain: 0 }))
  const found = new Uint32Array(counts.length)
  for (let t = 0; t + 1 < ties.length; t++) {
    const [start, end] = [ties[t]!, ties[t + 1]!]
    const inTie = new Set<number>()
    for (let i = start; i < end; i++) {
      for (const concept of conceptsOf[order[i]!]!) {
        found[concept]! += 1
        inTie.add(concept)
      }
    }
    for (const concept of inTie) {
      const gain = found[concept]! / (end + counts[concept]! - found[concept]!) - always[concept]!
      if (gain > best[concept]!.gain) {
        best[concept] = { threshold: values[order[start]!]!, gain }
      }
    }
  }
  return best
}

/** 0 where neither is there. */
function overlapOn(
  { neurons, conceptsOf }: Frames,
  { neuron, concept, threshold }: { neuron: number; concept: number; threshold: number },
): { iou: number; always: number } {
  let [both, either, shows] = [0, 0, 0]
  conceptsOf.forEach((concepts, frame) => {
    const [isOn, isShown] = [neurons[neuron]![frame]! >= threshold, concepts.includes(concept)]
    both += Number(isOn && isShown)
    either += Number(isOn || isShown)
    shows += Number(isShown)
  })
  return { iou: either === 0 ? 0 : both / either, always: shows / Math.max(1, conceptsOf.length) }
}
