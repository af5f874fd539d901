/** From an ONNX file and what a person chooses, to the description of an encoder. */
import type { EncoderChoices, EncoderPreset } from '#contract'
import { dimensionOfParts } from './descriptor.ts'
import type { EncoderDescriptor, FrameInput, OutputPart } from './descriptor.ts'
import { failures } from './failures.ts'
import type { Network, SeenOutput } from './network.ts'

type Triple = [number, number, number]

interface PresetSettings {
  /** The network sees (byte * scale - mean) / deviation. */
  scale: number
  mean: Triple
  deviation: Triple
  fit: FrameInput['fit']
  /** Share of the network's side that frames are scaled to beyond it. */
  margin: number
  pooling: 'mean' | 'first'
}

const IMAGENET = {
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
} satisfies Partial<PresetSettings>

/**
 * How the networks of a family were fed when they were trained: torchvision's classification presets (imagenet),
 * OpenAI's CLIP, SigLIP's image processor (which also fits networks that take -1 to 1), DINO and DINOv2, and bytes as they
 * are.
 */
const PRESETS: Record<EncoderPreset, PresetSettings> = {
  imagenet: { ...IMAGENET, fit: 'crop', margin: 1 / 7, pooling: 'mean' },
  clip: {
    scale: 1 / 255,
    mean: [0.48145466, 0.4578275, 0.40821073],
    deviation: [0.26862954, 0.26130258, 0.27577711],
    fit: 'crop',
    margin: 0,
    pooling: 'first',
  },
  siglip: {
    scale: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    deviation: [0.5, 0.5, 0.5],
    fit: 'squash',
    margin: 0,
    pooling: 'mean',
  },
  dino: { ...IMAGENET, fit: 'crop', margin: 1 / 7, pooling: 'first' },
  raw: { scale: 1, mean: [0, 0, 0], deviation: [1, 1, 1], fit: 'squash', margin: 0, pooling: 'mean' },
}

export interface Draft {
  preset: EncoderPreset
  input: FrameInput
  outputs: EncoderDescriptor['outputs']
  /** Names of the outputs that features are made of. */
  chosen: string[]
}

/** Throws BAD_INPUT for choices that the network leaves no room for. */
export function draftEncoder(network: Network, choices: EncoderChoices): Draft {
  const preset = choices.preset ?? (network.input.type === 'uint8' ? 'raw' : 'imagenet')
  const settings = PRESETS[preset]
  const input = inputOf(network, settings, choices)
  const chosen = chooseOutputs(network, choices.outputs)
  const whole = chosen.map((output) => wholeOf(output, choices.pooling ?? settings.pooling))
  // What comes of a stack is no map of one picture.
  const quarters = input.stack ? [] : chosen.flatMap((output) => quartersOf(output, choices.pooling))
  const outputs: EncoderDescriptor['outputs'] = [vectorOf(1, whole)]
  if (quarters.length > 0) {
    outputs.push(vectorOf(2, [...whole, ...quarters]))
  }
  return { preset, input, outputs, chosen: chosen.map(({ name }) => name) }
}

function inputOf({ path, input }: Network, settings: PresetSettings, choices: EncoderChoices): FrameInput {
  const scale = choices.scale ?? settings.scale
  const mean = choices.mean ?? settings.mean
  const deviation = choices.deviation ?? settings.deviation
  if (deviation.includes(0)) {
    throw failures.deviationZero({ path })
  }
  const inBytes = (values: Triple): Triple => [values[0] / scale, values[1] / scale, values[2] / scale]
  const normalised = { mean: inBytes(mean), deviation: inBytes(deviation) }
  const isAsItIs =
    normalised.mean.every((value) => value === 0) && normalised.deviation.every((value) => value === 1)
  if (input.type === 'uint8' && !isAsItIs) {
    throw failures.bytesAsTheyAre({ path })
  }
  return {
    ...input,
    ...normalised,
    channels: choices.channels ?? 'RGB',
    fit: choices.fit ?? settings.fit,
    margin: choices.margin ?? Math.round(settings.margin * Math.min(input.width, input.height)),
    ...(choices.filter !== undefined && { filter: choices.filter }),
  }
}

/** Outputs that networks of these families call by what they mean, the best first. */
const TELLING = ['image_embeds', 'image_features', 'pooler_output', 'embedding', 'embeddings', 'features']
/** A vector that is shorter says a class or a score, not what is to be seen. */
const SHORTEST = 16

/** The named ones; else a telling one, else all vectors, else the last sequence or map. */
function chooseOutputs({ path, outputs }: Network, names: readonly string[] | undefined): UsableOutput[] {
  const usable = outputs.filter(isUsable)
  if (names !== undefined) {
    return [...new Set(names)].map((name) => {
      const output = usable.find((candidate) => candidate.name === name)
      if (output === undefined) {
        throw outputs.some((candidate) => candidate.name === name)
          ? failures.outputUnusable({ path, output: name })
          : failures.outputUnknown({
              path,
              output: name,
              outputs: outputs.map((known) => known.name).join(', '),
            })
      }
      return output
    })
  }
  const vectors = usable.filter(({ form, shape }) => form === 'vector' && (shape[1] ?? 0) >= SHORTEST)
  const telling = TELLING.map((name) => vectors.find((output) => output.name === name)).find(
    (output) => output !== undefined,
  )
  const last = usable.filter(({ form }) => form !== 'vector').at(-1)
  const chosen = telling === undefined ? vectors : [telling]
  if (chosen.length > 0) {
    return chosen
  }
  if (last === undefined) {
    throw failures.noFeatureOutput({ path })
  }
  return [last]
}

type UsableOutput = SeenOutput & { form: OutputPart['form'] }
const isUsable = (output: SeenOutput): output is UsableOutput => output.form !== null

/** What one output says of the whole image. */
function wholeOf(output: UsableOutput, pooling: OutputPart['pooling']): OutputPart {
  const { form } = output
  if (form === 'vector') {
    return { output: output.name, form, pooling: 'none', grid: 1, extra: 0, channels: channelsOf(output) }
  }
  const isToken = form === 'tokens'
  return {
    output: output.name,
    form,
    pooling: pooling === 'first' && !isToken ? 'mean' : pooling,
    grid: 1,
    extra: isToken ? extraTokens(output) : 0,
    channels: channelsOf(output),
  }
}

/** The same of each quarter, where the output is a map. */
function quartersOf(output: UsableOutput, pooling: EncoderChoices['pooling']): OutputPart[] {
  const side = sideOfMap(output)
  if (side < 2) {
    return []
  }
  return [{ ...wholeOf(output, pooling === 'max' ? 'max' : 'mean'), grid: 2 }]
}

/** The shorter side of an output's map; 0: it has none. */
function sideOfMap(output: UsableOutput): number {
  const [, second = 0, third = 0, fourth = 0] = output.shape
  switch (output.form) {
    case 'vector':
      return 0
    case 'NCHW':
      return Math.min(third, fourth)
    case 'NHWC':
      return Math.min(second, third)
    case 'tokens':
      return isSquare(second - extraTokens(output)) ? Math.floor(Math.sqrt(second)) : 0
  }
}

function channelsOf({ form, shape: [, second = 0, third = 0, fourth = 0] }: UsableOutput): number {
  switch (form) {
    case 'vector':
    case 'NCHW':
      return second
    case 'NHWC':
      return fourth
    case 'tokens':
      return third
  }
}

/** The most that stand before the tokens of the map: one that says all, and a few registers. */
const MOST_EXTRA = 8

const isSquare = (tokens: number): boolean => Number.isInteger(Math.sqrt(tokens))

/** Tokens before those of a square map; 0 where that is not to be seen. */
function extraTokens({ shape: [, tokens = 0] }: UsableOutput): number {
  const extra = tokens - Math.floor(Math.sqrt(tokens)) ** 2
  return extra <= MOST_EXTRA ? extra : 0
}

const vectorOf = (grid: 1 | 2, parts: OutputPart[]): EncoderDescriptor['outputs'][number] => ({
  grid,
  dimension: dimensionOfParts(parts),
  parts,
  layers: [],
})
