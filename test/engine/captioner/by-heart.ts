/**
 * From video files to captions: a captioner that may learn a few clips by heart must be able to, or something
 * between the decoder of frames and the decoder of words is broken.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BUILT_IN_ENCODER, decoding } from '#contract'
import type { CaptionerSettings, CaptionMetrics } from '#contract'
import type { CaptionedClip } from '../../../src-main/engine-host/contract/index.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'
import { segmentStarts } from '../../../src-main/media/frames.ts'
import { wholeOf } from '../../../src-main/media/source.ts'
import { listening, tinySettings } from './tiny.ts'
import { openMedia } from '../../media/open.ts'

interface Lesson {
  /** Features and the model are written here; a frame encoder in `encoders` is used. */
  folder: string
  videos: { path: string; captions: string[] }[]
  /** Frames a clip. */
  frames: number
  settings: Partial<CaptionerSettings>
}

/** What a captioner says of the very clips that it has learnt, and how that scores. */
export async function learnByHeart({
  folder,
  videos,
  frames,
  settings,
}: Lesson): Promise<{ metrics: CaptionMetrics; captions: string[] }> {
  const clips = await encodeClips(folder, videos, frames)
  const modelDir = join(folder, 'model')
  await captionerHandlers['captioner.train'](
    {
      kind: 'interpretive',
      settings: tinySettings({
        keepFeatures: true,
        dropout: 0,
        inputDropout: 0,
        batchClips: videos.length,
        ...settings,
      }),
      frames,
      topicCount: 3,
      train: clips,
      validation: clips,
      modelDir,
      runDir: join(folder, 'run'),
      resume: false,
      device: 'cpu',
      seed: 1,
    },
    listening(),
  )
  const generated = await captionerHandlers['captioner.caption'](
    { modelDir, clips, decoding: decoding.parse({}), device: 'cpu' },
    listening(),
  )
  const { metrics } = await metricHandlers['metrics.score'](
    {
      hypotheses: generated.captions.map(({ id, caption }) => ({ id: String(id), caption })),
      references: clips.map((clip) => ({ id: String(clip.id), captions: clip.captions })),
      tokenizer: 'words',
      bootstrap: null,
    },
    listening(),
  )
  return { metrics, captions: generated.captions.map(({ caption }) => caption) }
}

const media = openMedia()

async function encodeClips(
  folder: string,
  videos: Lesson['videos'],
  frameCount: number,
): Promise<CaptionedClip[]> {
  const directory = join(folder, 'encoders')
  const { descriptor, size } = await encoderHandlers['encoders.prepare'](
    { directory, id: BUILT_IN_ENCODER },
    listening(),
  )
  const clips: CaptionedClip[] = []
  for (const [id, { path, captions }] of videos.entries()) {
    const source = wholeOf(path)
    const indices = segmentStarts((await media.inspect(source)).frameCount, frameCount)
    const { frames, times } = await media.decodeFrames({ source, indices, size })
    const { features, dimension } = await encoderHandlers['encoders.encode'](
      { descriptor, frames, count: times.length, grid: 2, device: 'cpu' },
      listening(),
    )
    const npy = join(folder, `${id}.npy`)
    await writeFile(npy, encodeNpy([times.length, dimension], features))
    clips.push({ id, features: npy, topics: [id % 3], captions })
  }
  return clips
}
