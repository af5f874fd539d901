/** Training from feature files to a model folder, and the way back from the folder to captions. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decoding } from '#contract'
import type { CaptionerSettings } from '#contract'
import { CancelledError } from '../../../src-main/common/failures.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import type {
  CaptionedClip,
  EngineProgress,
  EngineResult,
} from '../../../src-main/engine-host/contract/index.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'
import { FEATURES, listening, sentenceOf, SENTENCES, tinySettings, trainParams, writeCorpus } from './tiny.ts'

const train = captionerHandlers['captioner.train']
const caption = captionerHandlers['captioner.caption']

let folder: string
let clips: CaptionedClip[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-training-'))
  clips = await writeCorpus(join(folder, 'features'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a trained captioner', () => {
  let result: EngineResult<'captioner.train'>
  const context = listening()
  const modelDir = () => join(folder, 'model')
  const points = () => context.heard.flatMap(({ point }) => (point ? [point] : []))
  beforeAll(async () => {
    result = await train(trainParams(clips, modelDir()), context)
  })

  it('learns: the losses fall and validation finds the sentences and topics', () => {
    const [first, last] = [points()[0], points().at(-1)]
    expect(last?.nll).toBeLessThan(0.2 * (first?.nll ?? 0))
    expect(last?.topicLoss).toBeLessThan(0.5 * (first?.topicLoss ?? 0))
    expect(last?.validation?.topicMap).toBeCloseTo(1, 5)
    // Every caption is what people said word for word: CIDEr is at its highest.
    expect(result.best.cider).toBeGreaterThan(9.9)
    expect(result.best.bleu4).toBeCloseTo(1, 5)
    expect(points().map(({ step }) => step)).toContain(result.best.step)
  })

  it('captions the clips rightly from its folder, one at a time as in a crowd', async () => {
    const captionsOf = async (chosen: CaptionedClip[], beam: number) =>
      (
        await caption(
          { modelDir: modelDir(), clips: chosen, decoding: decoding.parse({ beam }), device: 'cpu' },
          listening(),
        )
      ).captions
    const crowd = await captionsOf(clips, 3)
    expect(crowd.map(({ id, caption: text }) => [id, text])).toEqual(
      clips.map((clip) => [clip.id, sentenceOf(clip)]),
    )
    crowd.forEach(({ id, topics, words, logProbability }) => {
      expect(topics.indexOf(Math.max(...topics))).toBe(id % SENTENCES.length)
      expect(Math.exp(logProbability)).toBeGreaterThan(0.5)
      // Attention is over this clip's own frames, which are fewer than the model's for most clips.
      words.forEach(({ attention }) => {
        expect(attention).toHaveLength(6 - (id % 3))
        expect(attention.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4)
      })
    })
    const last = clips.slice(-1)
    const [alone] = await captionsOf(last, 3)
    expect(alone?.caption).toBe(crowd.at(-1)?.caption)
    expect(alone?.logProbability).toBeCloseTo(crowd.at(-1)?.logProbability ?? NaN, 4)
  })

  it('comes out the same to the last bit under the same seed', async () => {
    const again = listening()
    const twin = join(folder, 'twin')
    expect((await train(trainParams(clips, twin), again)).best).toEqual(result.best)
    for (const file of ['model.json', 'parameters.safetensors']) {
      expect(
        Buffer.compare(await readFile(join(twin, file)), await readFile(join(modelDir(), file))),
        file,
      ).toBe(0)
    }
    // Of what is told only the time that the run was planned to take is another.
    const timeless = (heard: EngineProgress[]) => heard.map(({ plan, ...report }) => [report, plan?.epochs])
    expect(timeless(again.heard)).toEqual(timeless(context.heard))
  })

  it('says before its first step what it will take', () => {
    const planned = context.heard.findIndex(({ plan }) => plan !== undefined)
    expect(planned).toBeLessThan(context.heard.findIndex(({ phase }) => phase === 'training'))
    const { plan, total } = context.heard[planned] ?? {}
    expect(plan).toMatchObject({ epochs: tinySettings().epochs })
    expect(plan?.seconds).toBeGreaterThan(0)
    expect(total).toBe((plan?.epochs ?? 0) * (plan?.stepsPerEpoch ?? 0))
    expect(total).toBe(result.steps)
  })

  it('takes as many epochs as fit into a time, one at least, and keeps the number', async () => {
    const epochsIn = async (minutes: number) => {
      const timed = listening()
      const timedModel = join(folder, `in ${minutes} minutes`)
      const { steps } = await train(trainParams(clips, timedModel, { minutes }), timed)
      const plan = timed.heard.find(({ plan: known }) => known !== undefined)?.plan
      expect(steps).toBe((plan?.epochs ?? 0) * (plan?.stepsPerEpoch ?? 0))
      const description = JSON.parse(await readFile(join(timedModel, 'model.json'), 'utf8')) as {
        settings: CaptionerSettings
      }
      expect(description.settings.epochs).toBe(plan?.epochs)
      return plan
    }
    const [short, longer] = [await epochsIn(1e-6), await epochsIn(0.02)]
    expect(short?.epochs).toBe(1)
    expect(longer?.epochs).toBeGreaterThan(1)
    expect(longer?.seconds).toBeLessThanOrEqual(60 * 0.02)
  })

  it('refuses features of another width, naming the file', async () => {
    const wide = join(folder, 'wide.npy')
    await writeFile(wide, encodeNpy([2, FEATURES + 1], new Float32Array(2 * (FEATURES + 1))))
    const wideClips = [{ id: 99, features: wide }]
    await expect(
      caption(
        { modelDir: modelDir(), clips: wideClips, decoding: decoding.parse({ beam: 1 }), device: 'cpu' },
        listening(),
      ),
    ).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining(wide) as string })
    const mixed = [...clips, { id: 99, features: wide, topics: [], captions: ['a dog'] }]
    await expect(train(trainParams(mixed, join(folder, 'mixed')), listening())).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining(wide) as string,
    })
  })

  it('refuses a folder whose parameters are not those of its model', async () => {
    const path = join(modelDir(), 'model.json')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"hiddenSize": 16', '"hiddenSize": 17'))
    await expect(
      caption(
        { modelDir: modelDir(), clips, decoding: decoding.parse({ beam: 1 }), device: 'cpu' },
        listening(),
      ),
    ).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('parameters.safetensors') as string,
    })
    await writeFile(path, text)
  })
})

describe('other runs', () => {
  const short = { epochs: 8 }

  it('learn captions without topics as a baseline, and with projected features and kept ones', async () => {
    const context = listening()
    const modelDir = join(folder, 'baseline')
    await train(
      trainParams(clips, modelDir, {
        kind: 'baseline',
        settings: tinySettings({ ...short, projection: 3, keepFeatures: true }),
      }),
      context,
    )
    const points = context.heard.flatMap(({ point }) => (point ? [point] : []))
    expect(points.at(-1)?.nll).toBeLessThan(points[0]?.nll ?? 0)
    points.forEach(({ validation }) => {
      expect(validation?.topicMap).toBeNull()
    })
    const { captions } = await caption(
      { modelDir, clips, decoding: decoding.parse({ beam: 2 }), device: 'cpu' },
      listening(),
    )
    expect(captions).toHaveLength(clips.length)
  })

  it('learn other topics with random-topics than the clips bear', async () => {
    const topicMap = async (kind: 'interpretive' | 'random-topics') => {
      const context = listening()
      await train(
        trainParams(clips, join(folder, kind), { kind, settings: tinySettings({ epochs: 24 }) }),
        context,
      )
      return context.heard.flatMap(({ point }) => point?.validation?.topicMap ?? []).at(-1) ?? NaN
    }
    expect(await topicMap('random-topics')).toBeLessThan(await topicMap('interpretive'))
  })

  it('train on features that never change', async () => {
    const still = join(folder, 'still.npy')
    await writeFile(still, encodeNpy([3, FEATURES], new Float32Array(3 * FEATURES).fill(0.5)))
    const params = trainParams(
      [{ id: 0, features: still, topics: [0], captions: ['a wall', 'a grey wall'] }],
      join(folder, 'still'),
      { settings: tinySettings({ epochs: 4, projection: 3 }) },
    )
    expect((await train(params, listening())).best.nll).toBeLessThan(20)
  })

  it('say at which step they diverged', async () => {
    const params = trainParams(clips, join(folder, 'diverged'), {
      settings: tinySettings({ ...short, learningRate: 1e30 }),
    })
    await expect(train(params, listening())).rejects.toMatchObject({
      code: 'DIVERGED',
      message: expect.stringMatching(/ at step [1-9]\d*\.$/) as string,
    })
  })

  it('diverge rather than keep a model that their last step broke', async () => {
    // So large that a call is one step, whose own loss is taken before the parameters break.
    const settings = tinySettings({
      epochs: 1,
      learningRate: 1e30,
      hiddenSize: 1024,
      embeddingSize: 1024,
      batchClips: 12,
      captionsPerClip: 12,
    })
    const modelDir = join(folder, 'broken')
    await expect(train(trainParams(clips, modelDir, { settings }), listening())).rejects.toMatchObject({
      code: 'DIVERGED',
      message: expect.stringContaining(' at step 1.') as string,
    })
    await expect(stat(modelDir)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('stop when they are cancelled, and leave the best model so far', async () => {
    const controller = new AbortController()
    const modelDir = join(folder, 'cancelled')
    const context = listening(controller.signal)
    let points = 0
    const running = train(trainParams(clips, modelDir, { settings: tinySettings({ epochs: 10_000 }) }), {
      ...context,
      progress(progress) {
        context.progress(progress)
        if (progress.point && ++points === 2) {
          controller.abort()
        }
      },
    })
    await expect(running).rejects.toBeInstanceOf(CancelledError)
    expect(points).toBe(2)
    expect((await stat(join(modelDir, 'parameters.safetensors'))).size).toBeGreaterThan(0)
  })

  it.each([
    ['adam', 'cosine'],
    ['adadelta', 'plateau'],
  ] as const)(
    'go on from any checkpoint to the last bit as if they had never stopped: %s, %s',
    async (optimizer, schedule) => {
      // Several lengths, so that there are buckets; checks within epochs; plateaus that are reached.
      const varied = clips.map((clip, i) => ({
        ...clip,
        captions: clip.captions.flatMap((caption) => [
          caption,
          ...(i % 2 === 0 ? [`${caption} again and again`] : []),
        ]),
      }))
      const settings = tinySettings({
        optimizer,
        schedule,
        learningRate: optimizer === 'adam' ? 0.02 : 1,
        epochs: 4,
        checkEvery: 0.5,
        plateauPatience: 1,
        patience: 100,
        labelSmoothing: 0.1,
        gateDropout: 0.2,
        selectBy: 'cost',
      })
      const params = (name: string) => trainParams(varied, join(folder, `${optimizer} ${name}`), { settings })
      const whole = listening()
      const result = await train(params('whole'), whole)
      let resume = false
      let stops = 0
      let best: EngineResult<'captioner.train'>['best'] | null = null
      while (best === null) {
        const controller = new AbortController()
        const context = listening(controller.signal)
        let heard = 0
        const cut = (progress: EngineProgress) => {
          context.progress(progress)
          // After some steps or in the middle of a validation, at another place every time.
          if (++heard === 5 + 3 * stops) {
            controller.abort()
          }
        }
        try {
          best = (await train({ ...params('parts'), resume }, { ...context, progress: cut })).best
        } catch (error) {
          if (!(error instanceof CancelledError)) {
            throw error
          }
          resume = true
          stops++
        }
      }
      expect(best).toEqual(result.best)
      expect(stops).toBeGreaterThan(2)
      const steps = async (name: string) =>
        (await readFile(join(`${join(folder, `${optimizer} ${name}`)}.run`, 'log.jsonl'), 'utf8')).split('\n')
      expect(await steps('parts')).toEqual(await steps('whole'))
      for (const file of ['model.json', 'parameters.safetensors']) {
        expect(
          Buffer.compare(
            await readFile(join(params('parts').modelDir, file)),
            await readFile(join(params('whole').modelDir, file)),
          ),
          file,
        ).toBe(0)
      }
      // The checkpoints have gone, the logs stay.
      expect((await readdir(params('whole').runDir)).map((name) => name.split('.')[0]).sort()).toEqual([
        'events',
        'log',
      ])
    },
  )

  it('wait while they are paused', async () => {
    const gate = Promise.withResolvers<void>()
    let waits = 0
    const context = listening()
    const running = train(
      trainParams(clips, join(folder, 'paused'), { settings: tinySettings({ epochs: 2 }) }),
      { ...context, unpaused: () => (++waits === 2 ? gate.promise : Promise.resolve()) },
    )
    while (waits < 2) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const before = context.heard.length
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(context.heard).toHaveLength(before)
    gate.resolve()
    expect((await running).steps).toBeGreaterThan(2)
  })

  it('have nothing to go on from before the first checkpoint', async () => {
    await expect(
      train(trainParams(clips, join(folder, 'nothing'), { resume: true }), listening()),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('go on from the checkpoint before when the last one is damaged', async () => {
    const controller = new AbortController()
    const context = listening(controller.signal)
    const params = trainParams(clips, join(folder, 'damaged'), { settings: tinySettings({ epochs: 4 }) })
    let points = 0
    await expect(
      train(params, {
        ...context,
        progress: (progress) => {
          if (progress.point && ++points === 2) {
            controller.abort()
          }
        },
      }),
    ).rejects.toBeInstanceOf(CancelledError)
    const [newest] = (await readdir(params.runDir))
      .filter((name) => name.startsWith('checkpoint-'))
      .sort()
      .reverse()
    await writeFile(join(params.runDir, newest ?? '', 'slots.safetensors'), 'half a fi')
    expect((await train({ ...params, resume: true }, listening())).steps).toBeGreaterThan(4)
  })

  it('leave nothing when they are cancelled at once', async () => {
    const modelDir = join(folder, 'never')
    await expect(train(trainParams(clips, modelDir), listening(AbortSignal.abort()))).rejects.toBeInstanceOf(
      CancelledError,
    )
    await expect(stat(modelDir)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('need captions', async () => {
    const mute = clips.map((clip) => ({ ...clip, captions: ['...'] }))
    await expect(train(trainParams(mute, join(folder, 'mute')), listening())).rejects.toMatchObject({
      code: 'NOT_READY',
    })
  })
})
