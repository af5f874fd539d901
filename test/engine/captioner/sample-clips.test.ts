/** The rendered sample's clips, from video file to caption. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { prepareHome, prepareProject } from '../../prepared.ts'
import { learnByHeart } from './by-heart.ts'

/** Clips, and captions of each, that are learnt. */
const CLIPS = 4
const CAPTIONS = 4

it('learns four rendered clips by heart', { timeout: 240_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-sample-clips-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await prepareHome(folder)
  const { sample } = await prepareProject('imported', folder)
  const lines = (await readFile(join(sample, 'captions.tsv'), 'utf8')).trim().split('\n')
  const names = [...new Set(lines.map((line) => line.split('\t')[0] ?? ''))].slice(0, CLIPS)
  const videos = names.map((name) => ({
    path: join(sample, 'clips', `${name}.mp4`),
    captions: lines
      .filter((line) => line.startsWith(`${name}\t`))
      .slice(0, CAPTIONS)
      .map((line) => line.split('\t')[1] ?? ''),
  }))

  const { metrics, captions } = await learnByHeart({
    folder,
    videos,
    frames: 6,
    settings: { projection: 32, hiddenSize: 48, learningRate: 0.01, epochs: 60 },
  })
  captions.forEach((caption, i) => {
    expect(videos[i]?.captions).toContain(caption)
  })
  expect(metrics.CIDEr).toBeGreaterThan(1)
})
