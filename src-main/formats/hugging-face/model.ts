/** A vision model in the layout of the Hugging Face hub: config.json, preprocessor_config.json, onnx/model.onnx. */
import { basename, join } from 'node:path'
import * as z from 'zod'
import type { Precision } from '#contract'
import { readFolder, readWhole } from '../files.ts'
import { failures } from './failures.ts'
import { CONFIG, filesOf } from './files.ts'
import type { ModelFiles } from './files.ts'
import { parseAs, readJson } from './json.ts'
import { readPreparation } from './preprocessor.ts'
import type { FramePreparation } from './preprocessor.ts'

export interface VisionModel {
  /** What the folder, or the hub, calls it. */
  title: string
  /** As its page has it (`apache-2.0`); null where that doesn't say. */
  licence: string | null
  /** Paths of its files. */
  network: string
  external: string[]
  preparation: FramePreparation
  /** What a network of videos takes at once: frames, so many frames of the video apart; null: it sees single pictures. */
  stack: { length: number; stride: number } | null
  /** What of a picture's tokens is its feature. */
  tokens: 'class' | 'mean'
}

const config = z.object({
  model_type: z.string(),
  num_frames: z.number().int().min(2).max(128).optional(),
  use_mean_pooling: z.boolean().optional(),
})

/** Models whose first token stands for the whole picture. */
const WITH_CLASS_TOKEN = new Set([
  'clip',
  'clip_vision_model',
  'vit',
  'deit',
  'dinov2',
  'dinov2_with_registers',
  'dinov3_vit',
  'beit',
  'vivit',
  'timesformer',
])

/** How far apart frames were in training on Kinetics, which no file says. */
const STRIDES: Readonly<Record<string, number>> = { videomae: 4, vivit: 2, timesformer: 32 }

/**
 * Reads a folder, or a folder of the hub's cache (`models--OWNER--NAME`). Throws BAD_INPUT where it is no vision model
 * that can be run here, and the VitrineError of a file that can't be read.
 */
export async function readModelFolder(path: string, precision: Precision): Promise<VisionModel> {
  const folder = await snapshotOf(path)
  const files = await modelFiles(folder, precision)
  const preprocessor = join(folder, files.preprocessor)
  const { model_type, num_frames, use_mean_pooling } = parseAs(
    config,
    await readJson(join(folder, files.config)),
    join(folder, files.config),
  )
  return {
    title: titleOf(path),
    licence: files.card === null ? null : licenceOf((await readWhole(join(folder, files.card))).toString()),
    network: join(folder, files.network),
    external: files.external.map((file) => join(folder, file)),
    preparation: readPreparation(await readJson(preprocessor), preprocessor),
    stack: num_frames === undefined ? null : { length: num_frames, stride: STRIDES[model_type] ?? 1 },
    tokens: WITH_CLASS_TOKEN.has(model_type) && use_mean_pooling !== true ? 'class' : 'mean',
  }
}

/** The files of the newest revision in a folder of the hub's cache; any other folder itself. */
async function snapshotOf(folder: string): Promise<string> {
  if (!CACHED.test(basename(folder))) {
    return folder
  }
  const revision = (await readWhole(join(folder, 'refs', 'main'))).toString().trim()
  return join(folder, 'snapshots', basename(revision))
}

/** `models--OWNER--NAME` */
const CACHED = /^models--(.+)$/

const titleOf = (folder: string): string => basename(folder).replace(CACHED, '$1').replace('--', '/')

async function modelFiles(folder: string, precision: Precision): Promise<ModelFiles> {
  const names = await namesIn(folder)
  const inner = names.includes('onnx')
    ? (await namesIn(join(folder, 'onnx'))).map((name) => `onnx/${name}`)
    : []
  const files = filesOf([...names, ...inner], precision)
  if (!('missing' in files)) {
    return files
  }
  switch (files.missing) {
    case 'config':
      throw failures.noConfig({ folder, file: CONFIG })
    case 'preprocessor':
      throw failures.noConfig({ folder, file: 'preprocessor_config.json' })
    case 'network':
      throw failures.noNetwork({ folder, precision })
  }
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await readFolder(folder)).map(({ name }) => name)

/** The licence in the head of a model's page: YAML between two lines of dashes. */
export function licenceOf(card: string): string | null {
  const [, head] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card) ?? []
  const field = (name: string) =>
    new RegExp(`^${name}:[ \\t]*["']?([^"'\\r\\n#]+)`, 'm').exec(head ?? '')?.[1]?.trim()
  const licence = field('license')
  return (licence === 'other' ? field('license_name') : undefined) ?? licence ?? null
}
