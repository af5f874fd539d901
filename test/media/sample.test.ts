import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { truthOf } from '../../src-main/media/sample/truth.ts'
import { createRandom } from '../../src-main/common/random.ts'
import { hashFile } from '../../src-main/formats/hash.ts'
import { describeScene } from '../../src-main/media/sample/captions.ts'
import { renderSample } from '../../src-main/media/sample/render.ts'
import { designActions, designScenes, REVERSALS } from '../../src-main/media/sample/scene.ts'
import type { Actor, Scene } from '../../src-main/media/sample/scene.ts'
import { stageTake } from '../../src-main/media/sample/take.ts'
import {
  ACTION_PAINTS,
  ACTIONS,
  BACKGROUNDS,
  COLOURS,
  SHAPES,
  SIZES,
} from '../../src-main/media/sample/vocabulary.ts'
import { wholeOf } from '../../src-main/media/source.ts'
import { openMedia } from './open.ts'

const counts = (values: string[]): Record<string, number> => {
  const result: Record<string, number> = {}
  for (const value of values) {
    result[value] = (result[value] ?? 0) + 1
  }
  return result
}

it('is told of what each clip shows, and when', () => {
  const scenes = designScenes(240, createRandom(7))
  for (const [seed, scene] of scenes.entries()) {
    const truth = truthOf(scene, seed)
    const end = Math.max(...truth.map(({ to }) => to))
    const shown = (concept: string): number =>
      truth.reduce((sum, { concept: other, from, to }) => sum + (other === concept ? to - from : 0), 0)
    expect(shown(`action ${scene.action}`), scene.action).toBeCloseTo(end, 6)
    expect(shown(`background ${scene.background}`), scene.action).toBeCloseTo(end, 6)
    const share = shown(`shape ${scene.actor.shape}`) / end
    // What blinks is there half of the time; nothing else that acts leaves the picture.
    expect(share, scene.action).toBeGreaterThan(0.35)
    expect(share < 0.8, scene.action).toBe(scene.action === 'blink')
  }
})

describe('the design of scenes', () => {
  const scenes = designScenes(240, createRandom(7))

  it('shows every look in every action, and splits every action 60, 10, 30', () => {
    const looks = counts(scenes.map(({ action, actor }) => `${action} ${actor.shape} ${actor.colour}`))
    expect(Object.keys(looks)).toHaveLength(12 * 4 * 4)
    const splits = counts(scenes.map(({ action, split }) => `${action} ${split}`))
    for (const action of Object.keys(ACTIONS)) {
      expect([splits[`${action} train`], splits[`${action} val`], splits[`${action} test`]]).toEqual([
        12, 2, 6,
      ])
    }
    expect(Math.min(...Object.values(counts(scenes.map(({ background }) => background))))).toBeGreaterThan(50)
  })

  it('names a second actor by its own shape and colour', () => {
    const pairs = scenes.flatMap(({ actor, other }) => (other ? [{ actor, other }] : []))
    expect(pairs.length).toBeGreaterThan(10)
    for (const { actor, other } of pairs) {
      expect([actor.shape === other.shape, actor.colour === other.colour]).toEqual([false, false])
    }
  })

  it('gives action clips other colours than the corpus', () => {
    const corpus = Object.values(COLOURS).map(({ colour }) => String(colour))
    expect(ACTION_PAINTS.some(({ colour }) => corpus.includes(String(colour)))).toBe(false)
    expect(counts(designActions(10, createRandom(1)).map((action) => action.class))).toEqual({
      left: 10,
      right: 10,
      up: 10,
      down: 10,
      grow: 10,
      shrink: 10,
      bounce: 10,
      spin: 10,
      blink: 10,
    })
  })

  it('shows the same look in all classes of a group', () => {
    const groups = Map.groupBy(designActions(4, createRandom(1)), ({ group }) => group)
    expect(groups.size).toBe(4)
    for (const clips of groups.values()) {
      expect(clips).toHaveLength(9)
      expect(new Set(clips.map(({ take }) => JSON.stringify([take.actors, take.background]))).size).toBe(1)
    }
  })

  it('plays the classes of a reversal backwards, from and to an empty picture', () => {
    for (const [motion] of REVERSALS) {
      const take = designActions(1, createRandom(2)).find((clip) => clip.class === motion)!.take
      const posesOf = (played: 'forwards' | 'backwards') => {
        const { count, posesAt } = stageTake({ ...take, played }, createRandom(5))
        return Array.from({ length: count }, (_, frame) => posesAt(frame))
      }
      const forwards = posesOf('forwards')
      expect(posesOf('backwards')).toEqual(forwards.toReversed())
      expect([forwards[0], forwards.at(-1)]).toEqual([[], []])
      expect(forwards[4]).not.toEqual(forwards.at(-5))
    }
  })
})

describe('captions', () => {
  const scenes = designScenes(480, createRandom(3))
  const random = createRandom(4)
  const described = scenes.map((scene) => ({ scene, captions: describeScene(scene, random) }))

  /** What a careful caption may say of a scene, as a pattern. */
  const truth = ({ action, actor, other, background }: Scene): RegExp => {
    const any = (choices: readonly string[]): string => `(?:${choices.join('|')})`
    const nounPhrase = ({ size, colour, shape }: Actor): string =>
      `a (?:${size ? any(SIZES[size]) : '(?!)'} )?${colour} ${any(SHAPES[shape])}`
    const verbs = ACTIONS[action].flatMap(([verb, participle]) => [verb, `is ${participle}`])
    return new RegExp(
      `^${nounPhrase(actor)} ${any(verbs)}${other ? ` ${nounPhrase(other)}` : ''}(?: ${any(BACKGROUNDS[background])})?$`,
    )
  }

  it('are 8 to 12 different ones a clip, and true but for the few that are meant not to be', () => {
    for (const { scene, captions } of described) {
      expect(captions.length).toBeGreaterThanOrEqual(8)
      expect(captions.length).toBeLessThanOrEqual(12)
      expect(new Set(captions.map(({ text }) => text)).size).toBe(captions.length)
      const pattern = truth(scene)
      for (const { text, flaw } of captions) {
        expect(pattern.test(text), `${text} (${flaw ?? 'careful'})`).toBe(flaw === null)
      }
    }
  })

  it('are careless in 3 to 5 of 100', () => {
    const all = described.flatMap(({ captions }) => captions)
    const share = all.filter(({ flaw }) => flaw !== null).length / all.length
    expect(share).toBeGreaterThan(0.025)
    expect(share).toBeLessThan(0.055)
  })
})

describe('renderSample', () => {
  const media = openMedia()
  let folder: string
  let sample: Awaited<ReturnType<typeof renderSample>>
  const steps: number[] = []
  const whole = () => join(folder, 'whole')
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-sample-'))
    sample = await renderSample(media, {
      directory: whole(),
      videos: 8,
      seed: 1,
      progress: (done) => steps.push(done),
    })
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function contents(directory: string): Promise<Record<string, string>> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
    return Object.fromEntries(
      await Promise.all(
        files.map(async (file) => [file.slice(directory.length), await hashFile(file)] as const),
      ),
    )
  }

  /** Renders until that many clips are done, while others are under way; the clips that are there then. */
  async function cancelled(
    directory: string,
    seed: number,
    clips: number,
  ): Promise<[name: string, hash: string][]> {
    const controller = new AbortController()
    const run = renderSample(media, {
      directory,
      videos: 8,
      seed,
      signal: controller.signal,
      progress: (done) => {
        if (done === clips) {
          controller.abort()
        }
      },
    })
    await expect(run).rejects.toMatchObject({ name: 'CancelledError' })
    return Object.entries(await contents(directory)).filter(([name]) => name.endsWith('.mp4'))
  }

  it('writes clips, captions and a split, and counts the clips as they are done', async () => {
    expect(Object.keys(await contents(whole()))).toHaveLength(8 + 18 + 5)
    expect(steps).toEqual(Array.from({ length: 27 }, (_, i) => i))
    const clip = await media.inspect(wholeOf(join(sample.clips, 'clip0001.mp4')))
    expect(clip).toMatchObject({ width: 320, height: 240, fps: 25, codec: 'h264', contentType: 'video/mp4' })
    expect(clip.duration).toBeGreaterThanOrEqual(2)
    expect(clip.duration).toBeLessThanOrEqual(4)
    const lines = (await readFile(sample.captions, 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(sample.captionCount)
    expect(lines.every((line) => /^clip\d{4}\t[a-z ]+$/.test(line))).toBe(true)
  })

  it('writes other clips for another seed', async () => {
    const clips = await contents(whole())
    const others = await cancelled(join(folder, 'other'), 2, 1)
    expect(others.length).toBeGreaterThan(0)
    for (const [name, hash] of others) {
      expect(clips[name]).toBeTypeOf('string')
      expect(hash).not.toBe(clips[name])
    }
  })

  it('replaces a sample, but never a folder that holds anything else', async () => {
    const foreign = await mkdtemp(join(folder, 'foreign-'))
    await writeFile(join(foreign, 'captions.tsv'), 'my own work')
    await expect(renderSample(media, { directory: foreign, videos: 8, seed: 1 })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    expect(await readdir(foreign)).toEqual(['captions.tsv'])

    const noted = join(folder, 'noted')
    await cp(whole(), noted, { recursive: true })
    await writeFile(join(noted, 'notes.txt'), 'mine')
    await expect(renderSample(media, { directory: noted, videos: 8, seed: 1 })).rejects.toThrow(/notes\.txt/)
  })

  it('leaves only whole clips when cancelled, in a folder that can be rendered into again, to the same bytes', async () => {
    const directory = join(folder, 'cancelled')
    const expected = await contents(whole())
    const clips = await cancelled(directory, 1, 3)
    expect(clips.length).toBeGreaterThanOrEqual(3)
    expect(clips).toEqual(clips.map(([name]) => [name, expected[name]]))
    await renderSample(media, { directory, videos: 8, seed: 1, concurrency: 1 })
    expect(await contents(directory)).toEqual(expected)
  })
})
