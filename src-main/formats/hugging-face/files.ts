/** Which files of a model in the layout of the Hugging Face hub are needed to see with it. */

import { precision as precisions } from '#contract'
import type { Precision } from '#contract'

/** What the names of networks end with, as the conversions for transformers.js have it. */
const SUFFIXES: Readonly<Record<Precision, string>> = { fp32: '', fp16: '_fp16', q8: '_quantized' }
/** The part that sees, where text has a network of its own; else the only one. */
const NETWORKS = ['vision_model', 'model']
const FOLDERS = ['onnx/', '']
export const CONFIG = 'config.json'
/** Under which names the preprocessor's settings lie, the newest last. */
const PREPROCESSORS = ['preprocessor_config.json', 'video_preprocessor_config.json', 'processor_config.json']
/** The model's page; its head names the licence. */
const CARD = 'README.md'

/** Paths inside the model's folder. */
export interface ModelFiles {
  config: string
  preprocessor: string
  network: string
  /** Weights that the network keeps in files beside it. */
  external: readonly string[]
  card: string | null
}

/** The files among `paths` that a precision needs; or what is missing. */
export function filesOf(
  paths: readonly string[],
  precision: Precision,
): ModelFiles | { missing: 'config' | 'preprocessor' | 'network' } {
  const there = new Set(paths)
  const preprocessor = PREPROCESSORS.find((path) => there.has(path))
  const network = networkOf(there, precision)
  if (!there.has(CONFIG)) {
    return { missing: 'config' }
  }
  if (preprocessor === undefined) {
    return { missing: 'preprocessor' }
  }
  if (network === undefined) {
    return { missing: 'network' }
  }
  return {
    config: CONFIG,
    preprocessor,
    network,
    external: paths.filter((path) => isExternal(path, network)),
    card: there.has(CARD) ? CARD : null,
  }
}

/** The precisions that there is a network of. */
export function precisionsOf(paths: readonly string[]): Precision[] {
  const there = new Set(paths)
  return precisions.options.filter((precision) => networkOf(there, precision) !== undefined)
}

/** Every file of a precision, for a download. */
export const listed = ({ config, preprocessor, network, external, card }: ModelFiles): string[] => [
  config,
  preprocessor,
  ...(card === null ? [] : [card]),
  network,
  ...external,
]

function networkOf(there: ReadonlySet<string>, precision: Precision): string | undefined {
  return FOLDERS.flatMap((folder) =>
    NETWORKS.map((name) => `${folder}${name}${SUFFIXES[precision]}.onnx`),
  ).find((path) => there.has(path))
}

/** `model.onnx_data`, `model.onnx_data_1`, `model.onnx.data`. */
const isExternal = (path: string, network: string): boolean =>
  path.startsWith(network) && /^[._]data(_\d+)?$/.test(path.slice(network.length))
