/** `sample`: the demo's rendered scenes with the features of the built-in frame encoder. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { BUILT_IN_ENCODER } from '#contract'
import type { Split } from '#contract'
import { DEMO } from '../../../../src-main/cli/commands/app/demo-settings.ts'
import { encoderHandlers } from '../../../../src-main/engine/encoders/index.ts'
import { encodeNpy } from '../../../../src-main/formats/npy.ts'
import { createMediaTools } from '../../../../src-main/media/create.ts'
import { segmentStarts } from '../../../../src-main/media/frames.ts'
import { mediaStarter } from '../../../../src-main/media/process.ts'
import { renderSample } from '../../../../src-main/media/sample/render.ts'
import { wholeOf } from '../../../../src-main/media/source.ts'
import { mediaEntry } from '../../../../src-main/paths.ts'
import { parseTruth, truthOfFrames } from '../../../../src-main/project/neurons/truth.ts'
import { cached, grouped, readPairs, SEED, withTopics } from './corpus.ts'
import type { Corpus, CorpusOptions, Material } from './corpus.ts'

/** The sample corpus, rendered and encoded below the folder when it is not there yet. */
export async function sampleCorpus(options: CorpusOptions): Promise<Corpus> {
  const { folder, context } = options
  const material = await cached(join(folder, 'material.json'), () => renderMaterial(options))
  const { topics, clips } = await withTopics(material, DEMO.topics, folder, context)
  return {
    name: 'sample',
    frames: material.frames,
    topics,
    clips,
    cells: 1,
    truth: material.truth,
    changes: {},
  }
}

async function renderMaterial({ folder, context, log }: CorpusOptions): Promise<Material> {
  const { signal } = context
  const directory = join(folder, 'rendered')
  log(`rendering ${DEMO.videos} clips`)
  const media = createMediaTools(mediaStarter(mediaEntry))
  const sample = await renderSample(media, { directory, videos: DEMO.videos, seed: SEED, signal })
  const splits = await readPairs(sample.split)
  const captions = grouped(await readPairs(sample.captions))
  log('computing their features')
  const encoder = await encoderHandlers['encoders.prepare'](
    { directory: join(folder, 'encoders'), id: BUILT_IN_ENCODER },
    context,
  )
  await mkdir(join(folder, 'features'), { recursive: true })
  const clips: Material['clips'] = []
  const frameTimes: number[][] = []
  for (const [id, [name, split]] of splits.entries()) {
    const path = join(sample.clips, `${name}.mp4`)
    const source = wholeOf(path)
    const { frameCount } = await media.inspect(source, { signal })
    const indices = segmentStarts(frameCount, DEMO.features.frames)
    const { frames, times } = await media.decodeFrames({ source, indices, size: encoder.size }, { signal })
    const { features, dimension } = await encoderHandlers['encoders.encode'](
      {
        descriptor: encoder.descriptor,
        frames,
        count: times.length,
        grid: DEMO.features.grid,
        device: 'cpu',
      },
      context,
    )
    const to = join(folder, 'features', `${name}.npy`)
    await writeFile(to, encodeNpy([times.length, dimension], features))
    clips.push({ id, features: to, captions: captions.get(name) ?? [], split: split as Split })
    frameTimes.push(times)
  }
  await media.close()
  const intervals = parseTruth(await readFile(sample.truth, 'utf8'), basename(sample.truth))
  const shown = truthOfFrames(
    intervals,
    splits.map(([name], id) => ({ id, name, times: frameTimes[id]! })),
  )
  await rm(directory, { recursive: true })
  return { frames: DEMO.features.frames, clips, truth: { ...shown, concepts: shown.concepts.length } }
}
