/** The encoders that are compared: the built-in ones, and the ONNX files that lie beside the pictures. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { EncoderChoices } from '#contract'
import type { EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { readDescriptor } from '../../../src-main/engine/encoders/descriptor.ts'
import type { EncoderDescriptor } from '../../../src-main/engine/encoders/descriptor.ts'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { bytesOfFrame, toTensor } from '../../../src-main/engine/encoders/input.ts'
import { ort } from '../../../src-main/engine/onnx-runtime.ts'
import type { MediaTools } from '../../../src-main/media/tools.ts'
import { bestOf } from '../timing.ts'
import { decodePictures } from './pictures.ts'
import type { Picture } from './pictures.ts'
import type { Features } from './word-probe.ts'

export interface Candidate {
  name: string
  /** The path of its description. */
  path: string
  descriptor: EncoderDescriptor
  /** Values of the vector that is looked at: the whole image's, without a grid. */
  dimension: number
}

const BUILT_IN = ['objectron-mobilenetv2', 'centernet-mobilenetv3']
/** Files that are compared where they are there, and how they want to be fed. */
const FILES: readonly { file: string; licence: string; choices: EncoderChoices }[] = [
  { file: 'mobilenetv2.onnx', licence: 'Apache-2.0', choices: { preset: 'siglip' } },
  { file: 'center.onnx', licence: 'MIT', choices: { preset: 'raw', width: 224, height: 224 } },
]
/** Pictures that are decoded and encoded at a time: memory does not grow with their number. */
const AT_ONCE = 256
const [TIMED_FRAMES, ROUNDS] = [4, 50]

/** Has them ready in `directory`. */
export async function encodersToCompare(
  files: string,
  directory: string,
  context: EngineContext,
): Promise<Candidate[]> {
  const present = FILES.filter(({ file }) => existsSync(join(files, file)))
  for (const { file, licence, choices } of present) {
    const path = join(files, file)
    await encoderHandlers['encoders.add'](
      { directory, path, choices, id: idOf(file), title: null, licence },
      context,
    )
  }
  return Promise.all(
    [...BUILT_IN, ...present.map(({ file }) => idOf(file))].map(async (id) => {
      const { descriptor: path } = await encoderHandlers['encoders.prepare']({ directory, id }, context)
      const descriptor = await readDescriptor(path)
      return { name: id, path, descriptor, dimension: descriptor.outputs[0]?.dimension ?? 0 }
    }),
  )
}

const idOf = (file: string): string => file.replace('.onnx', '-file')

/** The features of pictures, in their order. */
export async function encodePictures(
  { path, descriptor: { input }, dimension }: Candidate,
  pictures: readonly Picture[],
  { media, context }: { media: MediaTools; context: EngineContext },
): Promise<Features> {
  const values = new Float32Array(pictures.length * dimension)
  for (let start = 0; start < pictures.length; start += AT_ONCE) {
    const some = pictures.slice(start, start + AT_ONCE)
    const frames = await decodePictures(media, some, input)
    const { features } = await encoderHandlers['encoders.encode'](
      { descriptor: path, frames, count: some.length, grid: 1, device: 'cpu' },
      context,
    )
    values.set(features, start * dimension)
  }
  return { values, size: dimension }
}

/** Milliseconds that one core needs for a frame, the best of some rounds. */
export async function millisecondsPerFrame({ path, descriptor }: Candidate): Promise<number> {
  const { file, input, outputs } = descriptor
  const session = await ort.InferenceSession.create(join(dirname(path), file), { intraOpNumThreads: 1 })
  const grey = new Uint8Array(TIMED_FRAMES * bytesOfFrame(input)).fill(128)
  const feeds = { [input.name]: toTensor(grey, TIMED_FRAMES, input) }
  const names = outputs[0]?.parts.map(({ output }) => output) ?? []
  const milliseconds = await bestOf(ROUNDS, () => session.run(feeds, names))
  await session.release()
  return milliseconds / TIMED_FRAMES
}
