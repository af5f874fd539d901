/**
 * Review from the command line: the queue, verdicts, notes and captions of people, with the JSON keys that
 * scripts rely on.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from './program.ts'
import type { Program } from './program.ts'

interface Row {
  video: string
  caption: string
  risk: number
  parts: Record<string, number | null>
  missing: number[]
  verdict: string | null
  noted: boolean
  other: string | null
}

let program: Program
let project: string
const json: Program['json'] = (...args) => program.json(...args)
const rows = async (...args: string[]) => (await json('review', project, ...args))['captions'] as Row[]

beforeAll(async () => {
  program = await createProgram()
  project = await program.prepareProject('series')
  return () => program.remove()
})

describe('a wrong command line', () => {
  test.each([
    [
      ['review', 'x', '--order', 'luck'],
      '--order is one of risk, likelihood, topics, people, models, clip, not "luck"',
    ],
    [['review', 'x', '--limit', '0'], '--limit is at least 1, not 0'],
    [['review', 'x', '--different'], '--different goes with --other-model'],
    [['judge', 'x', '--video', 'a'], '--verdict is missing'],
    [['judge', 'x', '--verdict', 'right'], '--video is missing'],
    [['note', 'x', '--video', 'a'], 'TEXT is missing'],
    [['agreement', 'x', '--between', 'Ann'], '--between is given twice: once for each of two people'],
    [['tags', 'x', '--add', 'odd'], '--video is missing'],
    [['tags', 'x', '--add', 'odd', '--rename', 'odd'], '--add, --drop and --rename exclude each other'],
    [['tags', 'x', '--rename', 'odd', '--to', ' '], '--to: A tag needs a name'],
    [['note', 'x', 'y'.repeat(2001), '--video', 'a'], 'TEXT: A note has at most 2,000 characters'],
    [['add-caption', 'x', '  ', '--video', 'a'], 'TEXT: A caption needs words'],
    [['edit-caption', 'x', 'a dog', '--video', 'a'], '--caption is missing'],
    [['remove-clip', 'x'], '--video is missing'],
    [['move-clip', 'x', '--video', 'a'], '--split is missing'],
    [['trash', 'x', '--empty', 'all'], "--empty can't be undone: add --yes if that is meant"],
    [['trash', 'x', '--put', 'best'], '--put takes the id of a model, not "best"'],
  ])('%j is told in one line', async (args, message) => {
    const { code, err } = await program.vitrine(...args)
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})

describe('review from the command line', () => {
  test('lists captions by risk, filtered, beside another model', async () => {
    const whole = await json('review', project, '--split', 'train')
    const captions = whole['captions'] as Row[]
    expect(Object.keys(captions[0]!)).toEqual([
      'video',
      'split',
      'caption',
      'logProbability',
      'score',
      'cider',
      'risk',
      'parts',
      'missing',
      'unsupported',
      'other',
      'verdict',
      'former',
      'others',
      'noted',
    ])
    expect([whole['model'], whole['total']]).toEqual([1, captions.length])
    expect(captions.map(({ risk }) => risk)).toEqual(captions.map(({ risk }) => risk).sort((a, b) => b - a))
    expect(await rows('--split', 'train', '--limit', '2')).toEqual(captions.slice(0, 2))
    const beside = await rows('--split', 'train', '--other-model', '2', '--order', 'models')
    expect(beside.every(({ other, parts }) => other !== null && parts['models'] !== null)).toBe(true)
    expect(await rows('--split', 'train', '--other-model', '2', '--order', 'models', '--different')).toEqual(
      beside.filter(({ caption, other }) => caption !== other),
    )
    const topic = captions.flatMap(({ missing }) => missing)[0]!
    expect(
      (await rows('--split', 'train', '--topic', String(topic))).filter(({ missing }) =>
        missing.includes(topic),
      ),
    ).not.toEqual([])
    const { out } = await program.vitrine('review', project, '--split', 'train', '--other-model', '2')
    expect(out).toMatch(/^clip +risk +likelihood +topics +people +models +verdict +caption +model 2\n/)
    expect(out).toContain(`${captions.length} of ${captions.length} captions.`)
  })

  test('keeps verdicts, notes and captions, and takes them back', async () => {
    const [first, second] = await rows('--split', 'train')
    const videos = [first!.video, second!.video]
    expect(
      await json('judge', project, '--video', videos[0]!, '--video', videos[1]!, '--verdict', 'wrong'),
    ).toEqual({ model: 1, videos, verdict: 'wrong' })
    expect((await rows('--split', 'train', '--verdict', 'wrong')).map(({ video }) => video)).toEqual(videos)
    expect((await program.vitrine('judge', project, '--video', videos[0]!, '--verdict', 'none')).out).toBe(
      `take back the verdict on the caption of ${videos[0]}\n`,
    )
    expect((await rows('--split', 'train', '--verdict', 'wrong')).map(({ video }) => video)).toEqual([
      videos[1],
    ])
    await json('undo', project)
    expect(await rows('--split', 'train', '--verdict', 'wrong')).toHaveLength(2)
    expect(await json('note', project, 'look again', '--video', videos[0]!)).toEqual({
      video: videos[0],
      note: 'look again',
    })
    expect((await rows('--split', 'train')).filter(({ noted }) => noted).map(({ video }) => video)).toEqual([
      videos[0],
    ])
    const { captions } = await json('add-caption', project, 'a  green\nthing ', '--video', videos[0]!)
    expect((captions as string[]).at(-1)).toBe('a green thing')
    expect(
      await program.vitrine('add-caption', project, 'a green thing', '--video', videos[0]!),
    ).toMatchObject({ code: 1, err: expect.stringContaining('has this caption already') })
    expect(
      await program.vitrine('judge', project, '--video', videos[0]!, '--model', '9', '--verdict', 'right'),
    ).toMatchObject({ code: 1, err: expect.stringContaining('This project has no model 9.') })
  })

  test('tags clips, exports annotations, and takes in what somebody else says', async () => {
    const [first, second] = await rows('--split', 'train')
    const videos = ['--video', first!.video, '--video', second!.video]
    expect(await json('tags', project, '--add', 'odd', ...videos)).toEqual({
      tags: [{ tag: 'odd', clips: 2 }],
      edit: 'tag 2 clips "odd"',
    })
    expect((await rows('--split', 'train', '--tag', 'ODD')).map(({ video }) => video)).toEqual([
      first!.video,
      second!.video,
    ])
    await json('judge', project, ...videos, '--verdict', 'wrong')
    const to = join(program.folder, 'annotations')
    await json('export', project, '--what', 'annotations', '--to', to)
    const csv = await readFile(join(to, 'annotations.csv'), 'utf8')
    const [header, ...lines] = csv.trim().split('\n')
    expect(header).toBe('kind,video,text,verdict,before,model,who,at,topics,note,neuron,parameters')
    const verdict = lines.find((line) => line.startsWith(`verdict,${first!.video},`))!
    const cells = verdict.split(',')
    cells[3] = 'nearly'
    cells[6] = 'Bob'
    const path = join(program.folder, 'bob.csv')
    await writeFile(path, [header, ...lines, cells.join(',')].join('\n'))
    const report = await json('import-annotations', project, path, '--dry-run')
    expect(report).toMatchObject({
      added: { verdict: 1, note: 0, tag: 0, caption: 0 },
      known: lines.length,
      conflicts: [{ video: first!.video, here: 'wrong', there: 'nearly', who: 'Bob', outcome: 'beside' }],
      dryRun: true,
    })
    const { out } = await program.vitrine('import-annotations', project, path)
    expect(out).toMatch(/^1 verdict new; \d+ lines known\.\n1 line that/)
    expect(
      (await rows('--split', 'train', '--person', 'Bob', '--verdict', 'nearly')).map(({ video }) => video),
    ).toEqual([first!.video])
    const compared = await program.vitrine('agreement', project, '--split', 'train')
    expect(compared.out).toContain('1 caption judged by both: 0.000 the same')
    await json('history', project, '--go-to', '1')
  })

  test('removes, restores and moves clips, and edits and removes captions', async () => {
    const [first, second] = (await rows('--split', 'train')).map(({ video }) => video)
    const videos = ['--video', first!, '--video', second!]
    expect(await json('remove-clip', project, ...videos)).toEqual({
      videos: [first, second],
      edit: 'remove 2 clips',
    })
    expect((await rows('--split', 'train')).map(({ video }) => video)).not.toContain(first)
    expect(await json('restore-clip', project, '--video', first!)).toMatchObject({ edit: `restore ${first}` })
    expect((await program.vitrine('restore-clip', project, '--video', first!)).out).toBe('Nothing changed.\n')
    expect(await json('move-clip', project, ...videos, '--split', 'test')).toMatchObject({
      split: 'test',
      edit: 'move 2 clips to test',
    })
    const { models } = (await json('models', project)) as { models: { stale: string[]; tainted: number }[] }
    expect([models[0]!.stale[0], models[0]!.tainted]).toEqual([
      '1 clip moved from train to test since it was trained.',
      1,
    ])
    // Back to what the import brought.
    await json('history', project, '--go-to', '1')

    const clip = ['--video', first!]
    const { captions } = await json('add-caption', project, 'a first text', ...clip)
    const edited = await json('edit-caption', project, 'a second text', ...clip, '--caption', 'a first text')
    expect(edited).toMatchObject({ video: first, edit: `edit a caption of ${first}` })
    const texts = (edited['captions'] as { text: string }[]).map(({ text }) => text)
    expect(texts).toEqual([...(captions as string[]).slice(0, -1), 'a second text'])
    const id = (edited['captions'] as { id: number }[]).at(-1)!.id
    expect(await json('remove-caption', project, ...clip, '--caption', String(id))).toMatchObject({
      captions: (edited['captions'] as unknown[]).slice(0, -1),
    })
    expect(await program.vitrine('remove-caption', project, ...clip, '--caption', 'nothing')).toMatchObject({
      code: 1,
      err: expect.stringContaining(`${first} has no caption "nothing".`),
    })
  })

  test('deletes a model into the trash, restores it, and empties the trash', async () => {
    const trash = async (...args: string[]) => {
      const { trash, freed } = (await json('trash', project, ...args)) as {
        trash: { id: number; bytes: number }[]
        freed: number
      }
      return { ids: trash.map((model) => model.id), freed }
    }
    expect(await trash('--put', 'v2')).toEqual({ ids: [2], freed: 0 })
    expect(await trash('--restore', '2')).toEqual({ ids: [], freed: 0 })
    await json('undo', project)
    expect(await trash()).toEqual({ ids: [2], freed: 0 })
    const { ids, freed } = await trash('--empty', 'v2', '--yes')
    expect([ids, freed > 1000]).toEqual([[], true])
    expect(await program.vitrine('trash', project, '--restore', '2')).toMatchObject({
      code: 1,
      err: expect.stringContaining('its files are gone'),
    })
  })
})
