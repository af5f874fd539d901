/**
 * Neurons from the command line: the map, one neuron, words and captions without some, runs of a series, and
 * what people say of them.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { CLIPS, FRAMES, TOPICS } from '../prepared.ts'
import { createProgram } from './program.ts'
import type { Program } from './program.ts'

interface Row {
  neuron: number
  topic: number
  delta: number
  shuffled: number
}

let program: Program
let project: string
const json: Program['json'] = (...args) => program.json(...args)
const neurons = (...args: string[]) => json('neurons', project, ...args)
const map = async (...args: string[]) => (await neurons('--stored', ...args))['neurons'] as Row[]

beforeAll(async () => {
  program = await createProgram()
  project = await program.prepareProject('series')
  return () => program.remove()
})

describe('a wrong command line', () => {
  test.each([
    [['neurons', 'x', '--words'], '--topic or --neuron is missing'],
    [['neurons', 'x', '--words', '--silence', '--neuron', '1'], '--words and --silence exclude each other'],
    [['neurons', 'x', '--neuron', 'one'], '--neuron takes the number of a neuron, not "one"'],
    [['neurons', 'x', '--neuron', '1', '--neuron', '2'], 'one --neuron is shown at a time'],
    [['neurons', 'x', '--neuron', '1', '--csv', 'f'], '--csv goes with the whole map'],
    [['neurons', 'x', '--split', 'train'], '--split takes val or test'],
    [['judge-neuron', 'x', '--neuron', '1'], '--verdict, --label or --note is missing'],
    [['judge-neuron', 'x', '--verdict', 'agree'], '--neuron is missing'],
    [
      ['judge-neuron', 'x', '--neuron', '1', '--verdict', 'right'],
      '--verdict is one of agree, disagree, none, not "right"',
    ],
  ])('%j is told in one line', async (args, message) => {
    const { code, err } = await program.vitrine(...args)
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})

describe('neurons from the command line', () => {
  test('runs of a series are compared once both have a map', async () => {
    expect(await program.vitrine('neurons', project, '--model', '1', '--stability')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no other run of its series with a neuron map'),
    })
    expect(await program.vitrine('neurons', project, '--model', '2', '--neuron', '0')).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        'The neurons of model 2 have not been interpreted. Run "vitrine neurons" with --model 2 alone first.',
      ),
    })
    await neurons('--model', '2')
    const stability = await neurons('--model', '1', '--stability')
    const rows = stability['neurons'] as { neuron: number; correlation: number; sameTopic: number }[]
    expect([stability['model'], stability['models'], Object.keys(rows[0]!)]).toEqual([
      1,
      [2],
      ['neuron', 'topic', 'correlation', 'sameTopic'],
    ])
    expect(rows.map(({ neuron }) => neuron)).toEqual((await map('--model', '1')).map(({ neuron }) => neuron))
    for (const { correlation, sameTopic } of rows) {
      expect(correlation).toBeGreaterThanOrEqual(0)
      expect(correlation).toBeLessThanOrEqual(1)
      expect([0, 1]).toContain(sameTopic)
    }
  })

  test('a map has the figures on held-out clips, of the split that is asked for', async () => {
    const heldOut = await neurons('--model', '1', '--split', 'test')
    expect(heldOut).toMatchObject({ model: 1, alignment: { split: 'test', draws: 10_000 } })
    const { clips, tests, topics } = heldOut['alignment'] as {
      clips: number
      tests: number
      topics: { bearing: number; probes: { neurons: number[] }[] }[]
    }
    expect([topics.length, tests > 0]).toEqual([TOPICS, true])
    for (const { bearing, probes } of topics.filter((topic) => topic.probes.length > 0)) {
      expect([bearing > 0 && bearing < clips, probes.map((probe) => probe.neurons.length)]).toEqual([
        true,
        [1, 4, 16],
      ])
    }
    const { out } = await program.vitrine('neurons', project, '--model', '1', '--stored')
    expect(out).toContain(`On ${clips} held-out clips (test) `)
  })

  test('one neuron has its topics, its histogram and the clips that excite it', async () => {
    const [best] = await map('--model', '1')
    const page = await neurons('--model', '1', '--neuron', String(best!.neuron))
    expect(Object.keys(page)).toEqual([
      'model',
      'neuron',
      'topic',
      'delta',
      'runnerUp',
      'margin',
      'shuffled',
      'dead',
      'polysemantic',
      'alignment',
      'judged',
      'deltas',
      'histogram',
      'clips',
    ])
    expect(page['deltas']).toHaveLength(TOPICS)
    expect((page['deltas'] as object[])[0]).toMatchObject({ topic: best!.topic, delta: best!.delta })
    const clips = page['clips'] as { mean: number; peakSecond: number; activation: number[] }[]
    expect(clips.map(({ mean }) => mean)).toEqual(clips.map(({ mean }) => mean).sort((a, b) => b - a))
    for (const { peakSecond, activation } of clips) {
      expect([activation.length, peakSecond >= 0]).toEqual([FRAMES, true])
    }
    expect(await program.vitrine('neurons', project, '--neuron', '9999')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no neuron 9999'),
    })
  })

  test("a topic's neurons are silenced beside as many random ones, the same under a seed", async () => {
    const rows = await map('--model', '1')
    // Features of the frame come first, then the LSTM's two times 12 units: only these are moved.
    const movable = rows.filter(
      ({ neuron, delta, shuffled }) => neuron >= rows.length - 24 && delta > shuffled,
    )
    const { topic } = movable[0]!
    const expected = movable.filter((row) => row.topic === topic).map(({ neuron }) => neuron)
    const silence = ['--model', '1', '--topic', String(topic), '--silence', '--split', 'train', '--seed', '7']
    const silenced = await neurons(...silence)
    expect(Object.keys(silenced)).toEqual([
      'model',
      'neurons',
      'clips',
      'naming',
      'controlNeurons',
      'controlChanged',
      'changed',
    ])
    expect(await neurons(...silence)).toEqual(silenced)
    const learnt = silenced['neurons'] as number[]
    expect(expected).toEqual(expect.arrayContaining(learnt))
    const changed = silenced['changed'] as { before: string; after: string }[]
    for (const { before, after } of changed) {
      expect(before).not.toBe(after)
    }
    expect(Object.keys(silenced['naming'] as object)).toEqual(['before', 'after', 'control'])
    const words = await neurons('--model', '1', '--topic', String(topic), '--words')
    expect([words['neurons'], words['clips']]).toEqual([expect.arrayContaining(learnt), CLIPS])
    const { out } = await program.vitrine('neurons', project, ...silence)
    expect(out).toContain(
      `${learnt.length} neurons at zero change ${changed.length} of ${String(silenced['clips'])} captions`,
    )
  })

  test('keeps what people say of a neuron, part by part, and writes the map with it', async () => {
    const judge = (...args: string[]) =>
      json('judge-neuron', project, '--model', '1', '--neuron', '3', ...args)
    expect(await judge('--verdict', 'disagree')).toEqual({
      model: 1,
      neuron: 3,
      judged: { verdict: 'disagree', label: '', note: '' },
    })
    expect(await judge('--label', 'things, "quoted"')).toMatchObject({
      judged: { verdict: 'disagree', label: 'things, "quoted"' },
    })
    expect(
      (
        await program.vitrine(
          'judge-neuron',
          project,
          '--model',
          '1',
          '--neuron',
          '3',
          '--verdict',
          'disagree',
        )
      ).out,
    ).toBe('Nothing changed.\n')
    expect(
      (await program.vitrine('judge-neuron', project, '--model', '1', '--neuron', '3', '--verdict', 'none'))
        .out,
    ).toBe('take back the verdict on neuron 3 of model 1\n')
    await json('neurons', project, '--stored', '--model', '1', '--csv', 'map.csv')
    const lines = (await readFile(join(program.folder, 'map.csv'), 'utf8')).trim().split('\n')
    expect(lines[0]).toMatch(/^layer,unit,description,similarity,held_out_precision,/)
    expect(lines).toHaveLength(1 + (await map('--model', '1')).length)
    expect(lines[4]).toMatch(/^encoder\.\w+,3,"things, ""quoted""",/)
    expect(await judge('--label', '')).toEqual({ model: 1, neuron: 3, judged: null })
    await json('undo', project)
    await json('undo', project)
    expect((await neurons('--model', '1', '--neuron', '3'))['judged']).toEqual({
      verdict: 'disagree',
      label: 'things, "quoted"',
      note: '',
    })
    expect(await program.vitrine('judge-neuron', project, '--neuron', '9999', '--note', 'x')).toMatchObject({
      code: 1,
      err: expect.stringContaining('has no neuron 9999'),
    })
    expect(
      await program.vitrine('judge-neuron', project, '--neuron', '3', '--label', 'y'.repeat(81)),
    ).toMatchObject({ code: 2, err: expect.stringContaining('label') })
  })
})
