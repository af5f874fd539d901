/** Half precision on the disk loses nothing that a captioner could see: the same captions, with the same clips. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { decoding } from '#contract'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { encodeNpy, readNpy } from '../../../src-main/formats/npy.ts'
import { decodeFrames, segmentStarts } from '../../../src-main/media/frames.ts'
import { absolutePath } from '../../../src-main/store/index.ts'
import { storedForm } from '../../../src-main/project/corpus/feature-settings.ts'
import { engineContext } from '../../engine/context.ts'
import { FRAMES } from '../../prepared.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
beforeAll(async () => {
  bench = await createWorkbench()
  return bench.close
})

it('float16 features give the captions of float32 ones', { timeout: 300_000 }, async () => {
  const { project } = await bench.openPrepared('trained')
  const { store } = bench.app.project()
  const encoder = await encoderHandlers['encoders.prepare'](
    { directory: join(bench.folder, 'home', 'encoders') },
    engineContext(),
  )
  const exact = join(bench.folder, 'exact')
  await mkdir(exact)
  const clips = await Promise.all(
    store.clips.all().map(async ({ id }) => {
      const { path, frameCount } = store.clips.get(id)
      const { frames, times } = await decodeFrames({
        path: absolutePath(project, path ?? ''),
        indices: segmentStarts(frameCount ?? 0, FRAMES),
        size: encoder.size,
        signal: new AbortController().signal,
      })
      const { features, dimension } = await encoderHandlers['encoders.encode'](
        { descriptor: encoder.descriptor, frames, count: times.length, grid: 1 },
        engineContext(),
      )
      const file = join(exact, `${id}.npy`)
      await writeFile(file, encodeNpy([times.length, dimension], features))
      return {
        id,
        exact: file,
        stored: absolutePath(
          project,
          store.features.paths(keyOf()).find((row) => row.clipId === id)?.path ?? '',
        ),
      }
    }),
  )
  const captionsOf = async (form: 'exact' | 'stored') => {
    const { captions } = await captionerHandlers['captioner.caption'](
      {
        modelDir: join(project, 'models', '1'),
        clips: clips.map((clip) => ({ id: clip.id, features: clip[form] })),
        decoding: decoding.parse({}),
        device: 'cpu',
      },
      engineContext(),
    )
    return captions
  }
  const [fromExact, fromStored] = [await captionsOf('exact'), await captionsOf('stored')]
  expect(fromStored.map(({ caption }) => caption)).toEqual(fromExact.map(({ caption }) => caption))
  fromStored.forEach(({ logProbability }, i) => {
    expect(logProbability).toBeCloseTo(fromExact[i]?.logProbability ?? NaN, 1)
  })
  // They are two forms of the same.
  const [first] = clips
  const [whole, half] = [await readNpy(first?.exact ?? ''), await readNpy(first?.stored ?? '')]
  expect(half.data).toEqual(new Float32Array(storedForm(whole.data)))
  expect(half.data).not.toEqual(whole.data)
})

const keyOf = (): string => bench.app.project().store.settings.get('features')?.key ?? ''

it('features that float16 can’t hold stay as they are', () => {
  expect(storedForm(Float32Array.of(1, 65504))).toBeInstanceOf(Float16Array)
  expect(storedForm(Float32Array.of(1, 70000))).toBeInstanceOf(Float32Array)
})
