/** What people name when they add an encoder: an ONNX file, or a folder in the layout of the Hugging Face hub. */
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { EncoderChoices } from '#contract'
import { throwFileError } from '../../common/files/file-errors.ts'
import { readModelFolder } from '../../formats/hugging-face/model.ts'
import type { VisionModel } from '../../formats/hugging-face/model.ts'

export interface EncoderSource {
  /** The path of the ONNX file. */
  network: string
  /** A person's, and what the folder says where these leave it open. */
  choices: EncoderChoices
  /** The folder says how frames are put into the network. */
  isModel: boolean
  title: string
  /** Null: nothing says it. */
  licence: string | null
}

/** Throws NOT_FOUND, and BAD_INPUT for a folder that is no model. */
export async function readSource(path: string, choices: EncoderChoices): Promise<EncoderSource> {
  const stats = await stat(path).catch(throwFileError(path))
  if (!stats.isDirectory()) {
    return { network: path, choices, isModel: false, title: basename(path, extname(path)), licence: null }
  }
  const model = await readModelFolder(path, choices.precision ?? 'fp32')
  const { network, title, licence } = model
  // A person who names a preset means another way than the model's own.
  const isModel = choices.preset === undefined
  return {
    network,
    choices: isModel ? withDefaults(choices, choicesOf(model)) : choices,
    isModel,
    title,
    licence,
  }
}

function choicesOf({ preparation, stack, tokens }: VisionModel): EncoderChoices {
  const { fit, filter, resized, size, mean, deviation } = preparation
  return {
    scale: 1,
    mean,
    deviation,
    fit,
    filter,
    margin: resized.width - size.width,
    width: size.width,
    height: size.height,
    pooling: tokens === 'class' ? 'first' : 'mean',
    ...(stack !== null && { layout: 'NTCHW', stack: stack.length, stride: stack.stride }),
  }
}

/** What is not chosen, or chosen as undefined, is as in `defaults`. */
function withDefaults(choices: EncoderChoices, defaults: EncoderChoices): EncoderChoices {
  const made = Object.entries(choices).filter(([, choice]) => choice !== undefined)
  return { ...defaults, ...Object.fromEntries(made) }
}
