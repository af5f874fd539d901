/** Models that stay loaded: never a stale one, and never one that is freed while it is used. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { decoding } from '#contract'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { listening, sentenceOf, tinySettings, trainParams, writeCorpus } from './tiny.ts'

it('answers many at once as one after the other, and forgets a model that is trained again in its place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-loaded-models-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const clips = await writeCorpus(join(folder, 'features'))
  const modelDir = join(folder, 'model')
  const train = (epochs: number) =>
    captionerHandlers['captioner.train'](
      trainParams(clips, modelDir, { settings: tinySettings({ epochs }) }),
      listening(),
    )
  const captionsWith = async (beam: number) =>
    (
      await captionerHandlers['captioner.caption'](
        { modelDir, clips, decoding: decoding.parse({ beam }), device: 'cpu' },
        listening(),
      )
    ).captions
  // A model and beam is one that is kept: these are more than are.
  const beams = [1, 2, 3, 4, 5, 6, 1, 2]

  await train(4)
  const together = await Promise.all(beams.map(captionsWith))
  for (const [i, beam] of beams.entries()) {
    expect(await captionsWith(beam)).toEqual(together[i])
  }
  expect(together[0]?.map(({ caption }) => caption)).not.toEqual(clips.map(sentenceOf))

  await train(48)
  expect((await captionsWith(1)).map(({ caption }) => caption)).toEqual(clips.map(sentenceOf))

  await rm(modelDir, { recursive: true })
  await expect(captionsWith(1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
