/** Topics from the command line: every action, with the JSON keys that scripts rely on. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { story } from '../story.ts'
import { createProgram } from './program.ts'
import type { Program } from './program.ts'

const CAPTIONS = [
  ['a dog barks loud', 'a puppy barks outside', 'dog and puppy fetch', 'a loud puppy'],
  ['a guitar plays a tune', 'a violin plays', 'guitar and violin concert', 'a concert tune'],
  ['soup boils in a pan', 'an onion fries in a pan', 'soup with onion in the kitchen', 'a kitchen pan'],
]

let program: Program
const PROJECT = 'p.vitrine'
const vitrine: Program['vitrine'] = (...args) => program.vitrine(...args)
const json: Program['json'] = (...args) => program.json(...args)
type Topic = { id: number; label: string; state: string; words: { word: string }[]; videos: number }
const topics = async () => (await json('topics', PROJECT, '--list'))['topics'] as Topic[]
const curate = (...args: string[]) => json('curate', PROJECT, ...args)
const topicOf = async (word: string) =>
  String((await topics()).find(({ words }) => words.slice(0, 4).some((top) => top.word === word))?.id)

beforeAll(async () => {
  program = await createProgram()
  const lines = Array.from({ length: 30 }, (_, i) =>
    CAPTIONS[i % 3]!.map((caption) => `clip${String(i).padStart(2, '0')}\t${caption}\n`).join(''),
  )
  await writeFile(join(program.folder, 'captions.tsv'), lines.join(''))
  await json('new', PROJECT)
  await json('import', PROJECT, '--captions', 'captions.tsv')
  return () => program.remove()
})

describe('a wrong command line', () => {
  test.each([
    [['topics', 'x', '--seeds', 'music:'], '--seeds takes words parted by commas'],
    [['topics', 'x', '--document-prior', 'big'], '--document-prior is one of fixed, optimised, not "big"'],
    [['topics-sweep', 'x'], '--ks is missing'],
    [['topics-sweep', 'x', '--ks', '10,many'], '--ks takes whole numbers'],
    [['curate', 'x'], 'ACTION is missing'],
    [['curate', 'x', 'paint'], 'there is no action "paint"; there are rename, '],
    [['curate', PROJECT, 'rename', '1'], 'rename takes TOPIC LABEL'],
    [['curate', PROJECT, 'hide', '1', '--words', 'a'], '--words does not go with hide'],
    [['curate', PROJECT, 'new', 'pets'], 'new takes either --words or --clips'],
    [['snapshots', 'x', 'take'], 'take takes the NAME of a snapshot'],
    [['history', 'x', '--limit', '0'], '--limit is 1 to 500, not 0'],
    [['check-captions', 'x', '--fix', '3'], '--fix takes ID=TEXT, not "3"'],
    [['import-topics', 'x'], 'FILE is missing'],
  ])('%j is told in one line', async (args, message) => {
    const { code, err } = await vitrine(...args)
    expect([code, err]).toEqual([2, expect.stringContaining(message)])
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})

describe('topics from the command line', () => {
  const step = story('from found to curated, exported and back')

  step('are found with every option, kept, and swept', async () => {
    await writeFile(join(program.folder, 'stop.txt'), 'outside, loud\nfetch\n')
    const found = await json(
      'topics',
      PROJECT,
      '-k',
      '3',
      '--iterations',
      '50',
      '--burn-in',
      '30',
      '--sample-every',
      '2',
      '--document-prior',
      'optimised',
      '--word-prior',
      'optimised',
      '--stop-words',
      'stop.txt',
      '--phrases',
      '50',
      '--lemmas',
      '--max-share',
      '1',
      '--min-share',
      '0.2',
      '--seeds',
      'music: guitar, violin',
      '--seeds',
      'dog',
    )
    expect(found).toMatchObject({
      k: 3,
      documents: 18,
      origin: 'found',
      from: 'train',
      stale: [],
      rule: { topicsPerClip: 3, minShare: 0.2 },
      wordsEdited: false,
    })
    const [music, second] = found['topics'] as Topic[]
    expect(Object.keys(music ?? {})).toEqual([
      'id',
      'label',
      'labelled',
      'state',
      'words',
      'npmi',
      'size',
      'videos',
      'movedVideos',
    ])
    expect([music?.label, music?.videos]).toEqual(['music', 10])
    expect((found['topics'] as Topic[]).flatMap(({ words }) => words.map(({ word }) => word))).not.toContain(
      'outside',
    )
    const again = await json(
      'topics',
      PROJECT,
      '-k',
      '3',
      '--iterations',
      '200',
      '--max-share',
      '1',
      '--min-share',
      '0.2',
      '--keep',
      'music',
      '--keep',
      `${second?.id}:start`,
    )
    expect((again['topics'] as Topic[]).slice(0, 2).map(({ id }) => id)).toEqual([music?.id, second?.id])
    const sweep = await json('topics-sweep', PROJECT, '--ks', '2,3', '--iterations', '20', '--max-share', '1')
    expect((sweep['points'] as object[]).map((point) => Object.keys(point))).toEqual(
      [0, 1].map(() => ['k', 'npmi', 'cv', 'heldOut', 'seconds']),
    )
  })

  step('are curated by id and by name, undone and redone', async () => {
    expect(await curate('rename', await topicOf('puppy'), 'pets')).toEqual({
      edit: expect.stringMatching(/^rename ".*" to "pets"$/),
    })
    await curate('describe', 'pets', 'Dogs, mostly.')
    await curate('colour', 'pets', '120')
    await curate('accept-label', await topicOf('pan'))
    await curate('reject-label', await topicOf('pan'))
    await curate('move-words', 'pets', 'music', 'loud')
    await curate('pin', 'music', 'tune')
    await curate('forbid', 'pets', 'outside')
    await curate('unmark', 'pets', 'outside')
    await json('topics', PROJECT, '--reassign')
    await curate('clear', 'pets', 'clip00')
    await curate('set', 'music', 'clip00', 'clip03')
    expect((await topics()).find(({ label }) => label === 'pets')?.videos).toBe(9)
    await curate('unset', 'pets', 'clip00')
    await curate('rule', '--per-clip', '2')
    const made = await curate('new', 'cooking words', '--words', 'soup, onion')
    expect(made).toEqual({ edit: 'create "cooking words"', topicId: expect.any(Number) })
    await curate('new', 'three', '--clips', 'clip02,clip05')
    await curate('junk', 'three')
    await curate('restore', 'three')
    await curate('delete', 'three')
    await curate('hide', 'cooking words')
    expect((await topics()).find(({ label }) => label === 'cooking words')?.state).toBe('hidden')
    expect(await curate('hide', 'cooking words')).toEqual({ edit: null })
    const proposal = await curate('split', 'music', '--propose')
    expect(proposal).toMatchObject({ edit: null, parts: [{ label: expect.any(String) }, {}] })
    const split = await curate(
      'split',
      'music',
      '--words',
      'guitar',
      '--words',
      'violin',
      '--label',
      'guitars',
      '--label',
      'violins',
    )
    expect(split).toMatchObject({
      edit: 'split "music" into "guitars" and "violins"',
      topicIds: [expect.any(Number), expect.any(Number)],
    })
    expect(await curate('merge', 'guitars', 'violins')).toEqual({ edit: 'merge "violins" into "guitars"' })
    expect(await json('undo', PROJECT)).toMatchObject({
      undone: 'merge "violins" into "guitars"',
      redo: 'merge "violins" into "guitars"',
    })
    expect(await json('redo', PROJECT)).toMatchObject({
      redone: 'merge "violins" into "guitars"',
      redo: null,
    })
    expect(await vitrine('redo', PROJECT)).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is nothing to redo.'),
    })
    expect(await vitrine('curate', PROJECT, 'rename', 'nothing', 'x')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no topic called "nothing"'),
    })
  })

  step('have snapshots and a history', async () => {
    await json('history', PROJECT, '--who', 'Ada')
    expect(await json('snapshots', PROJECT, 'take', 'before')).toMatchObject({
      snapshots: [{ name: 'before', who: 'Ada' }],
    })
    await curate('rename', 'pets', 'animals')
    expect(await json('snapshots', PROJECT, 'compare', 'before')).toMatchObject({
      differences: [{ label: 'animals', what: 'was named "pets"' }],
    })
    await json('snapshots', PROJECT, 'restore', 'before')
    const { edits, total } = (await json('history', PROJECT, '--limit', '2')) as {
      edits: { id: number; who: string; label: string; undone: boolean }[]
      total: number
    }
    expect(edits.map(({ who, label, undone }) => [who, label, undone])).toEqual([
      ['Ada', 'return to the snapshot "before"', false],
      ['Ada', 'rename "pets" to "animals"', false],
    ])
    expect(total).toBeGreaterThan(20)
    await json('history', PROJECT, '--go-to', String(edits[1]?.id))
    expect((await topics()).map(({ label }) => label)).toContain('animals')
    expect((await vitrine('history', PROJECT)).out).toMatch(/return to the snapshot "before"\s+undone/)
  })

  step('go out and come back', async () => {
    await json('export', PROJECT, '--what', 'topics', '--to', 'out')
    const before = await topics()
    const imported = await json(
      'import-topics',
      PROJECT,
      'out/vectors.npy',
      '--ids',
      'out/vectors-ids.txt',
      '--labels',
      'out/vectors-labels.txt',
    )
    expect(imported).toMatchObject({ origin: 'imported' })
    const counts = (all: Topic[]) => all.map(({ label, videos }) => [label, videos])
    expect(counts(imported['topics'] as Topic[])).toEqual(counts(before))
    expect(await readFile(join(program.folder, 'out', 'report.html'), 'utf8')).toContain('animals')
    expect(await vitrine('import-topics', PROJECT, 'captions.tsv')).toMatchObject({
      code: 1,
      err: expect.stringContaining('captions.tsv'),
    })
  })

  step('captions are checked, and decided of', async () => {
    await writeFile(join(program.folder, 'foreign.tsv'), 'clip00\tun homme joue de la guitare\n')
    await json('import', PROJECT, '--captions', 'foreign.tsv')
    const checked = await json('check-captions', PROJECT)
    expect(Object.keys(checked)).toEqual(['checkedAt', 'total', 'open', 'findings'])
    const [first] = checked['findings'] as { id: number }[]
    expect((await json('check-captions', PROJECT, '--accept', String(first?.id)))['total']).toBe(
      (checked['total'] as number) - 1,
    )
    expect(await vitrine('check-captions', PROJECT, '--accept', '9999')).toMatchObject({ code: 1 })
  })
})
