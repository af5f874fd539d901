/**
 * What corrections have taught a captioner beside its weights.
 *
 * Clips that people corrected are known by their v-bar: a codebook of keys with a radius each, as GRACE has it
 * (Hartvigsen et al., NeurIPS 2023). Within the radius neurons are shifted, and the decoder says by itself what
 * was wanted of the clip. No other clip's caption changes.
 *
 * A gate carries a correction to other clips. It stands for a topic: where its probe and f together are sure that
 * a clip bears the topic, and the caption does not name it, the topic's neurons are moved and the clip is captioned
 * again (decoding/as-corrected.ts). The probe reads the frames' features and not the neurons: where neurons fail, f
 * fails with them. Clips of the codebook are exempt, and so are those that people left out: they have a key, and no
 * shift.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { FrameFeatures } from './feature-files.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { readWhole } from '../../formats/files.ts'
import { failures } from './failures.ts'

export const GATES_FILE = 'gates.json'

const gate = z.object({
  /** The topic's column. */
  topic: z.number().int(),
  /** A caption with one of them names the topic. */
  words: z.array(z.string()).min(1),
  /** The probe, of a clip's summary, [3F]. */
  weights: z.array(z.number()),
  bias: z.number(),
  /** What f's score of the topic, held between 0 and 1, counts beside the probe; nothing in gates of older versions. */
  topicShare: z.number().default(0),
  /** Above it the sum is sure. */
  threshold: z.number(),
  /** Toward `target`, `strength` of the way. */
  moves: z.array(z.object({ neuron: z.number().int(), target: z.number(), strength: z.number() })),
})
export type Gate = z.infer<typeof gate>

/** Floats, in the file as the base64 of their bytes: a shift of every frame has tens of thousands. Older files have numbers. */
const floats = z
  .union([z.base64(), z.array(z.number())])
  .transform((value) =>
    typeof value === 'string' ? fromBytes(Buffer.from(value, 'base64')) : Float32Array.from(value),
  )

const knownClip = z.object({
  /** Its v-bar, [D]. */
  key: z.array(z.number()),
  radius: z.number(),
  /**
   * What is added to every neuron: in all frames alike, [D], or in each of the first m of them, [m, D]. Null: nothing, gates
   * just leave the clip alone.
   */
  shift: floats.nullable().default(null),
})
export type KnownClip = z.infer<typeof knownClip>

const gates = z.object({
  gates: z.array(gate),
  exempt: z.array(knownClip),
})
export type Gates = z.infer<typeof gates>

/** Frames between the two whose difference a summary takes. */
export const REACH = 4

/**
 * What probes read of a clip: of each raw feature its mean over the frames, the mean of how much it changes
 * over four frames, and its deviation, [3F].
 */
export function clipSummary({ rows, size, data }: FrameFeatures): Float64Array {
  const summary = new Float64Array(3 * size)
  for (let j = 0; j < size; j++) {
    let [sum, change, squares] = [0, 0, 0]
    for (let t = 0; t < rows; t++) {
      sum += data[t * size + j]!
    }
    const mean = sum / rows
    for (let t = 0; t < rows; t++) {
      const value = data[t * size + j]!
      squares += (value - mean) ** 2
      change += t < REACH ? 0 : Math.abs(value - data[(t - REACH) * size + j]!)
    }
    summary[j] = mean
    summary[size + j] = change / Math.max(1, rows - REACH)
    summary[2 * size + j] = Math.sqrt(squares / rows)
  }
  return summary
}

/** What a gate's probe says of a clip, by its summary: about 1 where it bears the topic, 0 where not. */
export const probeScore = (
  { weights, bias }: Pick<Gate, 'weights' | 'bias'>,
  summary: Float64Array,
): number => weights.reduce((score, weight, j) => score + weight * summary[j]!, bias)

/** What gates read of a clip: its summary, and f of it, [K]. */
export interface GateInputs {
  summary: Float64Array
  topics: readonly number[]
}

/** How sure a gate is of a clip. */
export const gateScore = (gate: Gate, { summary, topics }: GateInputs): number =>
  probeScore(gate, summary) + gate.topicShare * Math.min(1, Math.max(0, topics[gate.topic]!))

export const isSure = (gate: Gate, inputs: GateInputs): boolean => gateScore(gate, inputs) > gate.threshold

/** The gates that a caption does not satisfy and that are sure. */
export const openGates = (all: readonly Gate[], words: ReadonlySet<string>, inputs: GateInputs): Gate[] =>
  all.filter((candidate) => !namesTopic(candidate, words) && isSure(candidate, inputs))

export const namesTopic = (topic: Gate, words: ReadonlySet<string>): boolean =>
  topic.words.some((word) => words.has(word))

/** The clip of the codebook that a v-bar is of: that with the nearest key, if it reaches so far. */
export function knownAs({ exempt }: Gates, mean: Float32Array): KnownClip | undefined {
  const distances = exempt.map(({ key }) => distanceBetween(key, mean))
  const nearest = distances.indexOf(Math.min(...distances))
  return exempt[nearest] && distances[nearest]! <= exempt[nearest].radius ? exempt[nearest] : undefined
}

/** Whether a clip is one that gates leave alone, by its v-bar. */
export const isExempt = (gates: Gates, mean: Float32Array): boolean => knownAs(gates, mean) !== undefined

/** Whether neurons are shifted near some clips. */
export const hasShifts = (learnt: Gates | null): learnt is Gates =>
  learnt !== null && learnt.exempt.some(({ shift }) => shift !== null)

export const distanceBetween = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let squares = 0
  for (let i = 0; i < a.length; i++) {
    squares += (a[i]! - b[i]!) ** 2
  }
  return Math.sqrt(squares)
}

/**
 * The gates of a model whose topics are other columns now: `columnOf` gives the new one, -1 where there is
 * none, and the gate goes.
 */
export const withColumns = (learnt: Gates | null, columnOf: (column: number) => number): Gates | null =>
  learnt && {
    ...learnt,
    gates: learnt.gates
      .map((old) => ({ ...old, topic: columnOf(old.topic) }))
      .filter(({ topic }) => topic >= 0),
  }

export async function writeGates(folder: string, learnt: Gates): Promise<void> {
  const json = JSON.stringify(learnt, (_, value: unknown) =>
    value instanceof Float32Array ? bytesOf(value).toString('base64') : value,
  )
  await writeFileAtomic(join(folder, GATES_FILE), json)
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** The floats of whole bytes; a copy, as bytes may lie anywhere. */
function fromBytes(bytes: Buffer): Float32Array {
  const values = new Float32Array(Math.floor(bytes.length / Float32Array.BYTES_PER_ELEMENT))
  bytesOf(values).set(bytes.subarray(0, values.byteLength))
  return values
}

/** The gates of a model; null where it has none. Throws BAD_INPUT for a file that is damaged. */
export async function readGates(directory: string): Promise<Gates | null> {
  const path = join(directory, GATES_FILE)
  const exists = await stat(path).then(
    () => true,
    () => false,
  )
  if (!exists) {
    return null
  }
  try {
    return gates.parse(JSON.parse(String(await readWhole(path))))
  } catch (cause) {
    throw failures.modelDamaged({ path }, { cause })
  }
}
