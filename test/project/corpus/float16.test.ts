/** Half precision on the disk loses nothing that a captioner could see: the same captions, with the same clips. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { BUILT_IN_ENCODER, decoding } from '#contract'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { encodeNpy, readNpy } from '../../../src-main/formats/npy.ts'
import { segmentStarts } from '../../../src-main/media/frames.ts'
import { wholeOf } from '../../../src-main/media/source.ts'
import { absolutePath } from '../../../src-main/store/index.ts'
import { storedForm } from '../../../src-main/project/corpus/feature-settings.ts'
import { engineContext } from '../../engine/context.ts'
import { FRAMES } from '../../prepared.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'
import { openMedia } from '../../media/open.ts'

/** Clips of a corpus that is large enough. */
const MANY = 1000

const media = openMedia()
let bench: Workbench
beforeAll(async () => {
  bench = await createWorkbench()
  return bench.close
})

it('float16 features give the captions of float32 ones', { timeout: 300_000 }, async () => {
  const { project } = await bench.openPrepared('trained')
  const { store } = bench.app.project()
  const encoder = await encoderHandlers['encoders.prepare'](
    { directory: join(bench.folder, 'home', 'encoders'), id: BUILT_IN_ENCODER },
    engineContext(),
  )
  const folder = join(bench.folder, 'both')
  await mkdir(folder)
  const clips = await Promise.all(
    store.clips.all().map(async ({ id }) => {
      const { path, frameCount } = store.clips.get(id)
      const { frames, times } = await media.decodeFrames({
        source: wholeOf(absolutePath(project, path ?? '')),
        indices: segmentStarts(frameCount ?? 0, FRAMES),
        size: encoder.size,
      })
      const { features, dimension } = await encoderHandlers['encoders.encode'](
        { descriptor: encoder.descriptor, frames, count: times.length, grid: 1, device: 'cpu' },
        engineContext(),
      )
      const [exact, half] = [join(folder, `${id}.npy`), join(folder, `${id}-half.npy`)]
      await writeFile(exact, encodeNpy([times.length, dimension], features))
      await writeFile(half, encodeNpy([times.length, dimension], storedForm(features, MANY)))
      return { id, exact, half }
    }),
  )
  const captionsOf = async (form: 'exact' | 'half') => {
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
  const [fromExact, fromHalf] = [await captionsOf('exact'), await captionsOf('half')]
  expect(fromHalf.map(({ caption }) => caption)).toEqual(fromExact.map(({ caption }) => caption))
  fromHalf.forEach(({ logProbability }, i) => {
    expect(logProbability).toBeCloseTo(fromExact[i]?.logProbability ?? NaN, 1)
  })
  const [first] = clips
  expect((await readNpy(first?.half ?? '')).data).not.toEqual((await readNpy(first?.exact ?? '')).data)
})

it('small corpora, and features that half precision can’t hold, stay as they are', () => {
  expect(storedForm(Float32Array.of(1, 65504), MANY)).toBeInstanceOf(Float16Array)
  expect(storedForm(Float32Array.of(1, 70000), MANY)).toBeInstanceOf(Float32Array)
  expect(storedForm(Float32Array.of(1), MANY - 1)).toBeInstanceOf(Float32Array)
})
