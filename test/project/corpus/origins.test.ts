/** What is known of how a caption came about: kept from file to file, and the language that a project works in. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HumanCaption } from '#contract'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
beforeEach(async () => {
  bench = await createWorkbench()
  await bench.client.project.create({ path: join(bench.folder, 'first.vitrine') })
  await bench.client.project.setWho({ name: 'Ann' })
})
afterEach(() => bench.close())

/** MSVD's own table, of two clips. */
const TABLE = `VideoID,Start,End,WorkerID,Source,AnnotationTime,Language,Description
a,1,2,11,clean,5,English,A bird is bathing.
a,1,2,12,unverified,5,English,A hen.
a,1,2,13,clean,5,Slovene,Ptica se umiva.
b,3,4,11,clean,5,English,A man pours water.
`

async function importText(name: string, text: string, more = {}) {
  const captions = join(bench.folder, name)
  await writeFile(captions, text)
  return bench.finished(await bench.client.corpus.import({ captions, ...more }))
}

async function clipOf(name: string) {
  const { clipId } = await bench.client.corpus.find({ clip: name })
  return bench.client.corpus.clip({ clipId })
}

const line = ({ text, language, author, source }: HumanCaption) => [text, language, author, source].join('|')

const BIRD = 'A bird is bathing.|en|11|clean'
const HEN = 'A hen.|en|12|unverified'
const PTICA = 'Ptica se umiva.|sl|13|clean'

test('language, author and source come with a caption; who types or edits one is its author', async () => {
  await importText('msvd.csv', TABLE)
  const { captions, otherCaptions } = await clipOf('a_1_2')
  expect([captions.map(line), otherCaptions.map(line)]).toEqual([[BIRD, HEN], [PTICA]])

  await bench.client.corpus.editCaption({ captionId: captions[1]!.id, text: 'A hen swims.' })
  await bench.client.corpus.editCaption({ captionId: otherCaptions[0]!.id, text: 'Ptica plava.' })
  const { id: clipId } = await clipOf('a_1_2')
  await bench.client.corpus.addCaption({ clipId, text: 'A cock.' })
  const edited = await clipOf('a_1_2')
  expect(edited.captions.map(line)).toEqual([BIRD, 'A hen swims.|en|Ann|unverified', 'A cock.|en|Ann|'])
  expect(edited.otherCaptions.map(line)).toEqual(['Ptica plava.|sl|Ann|clean'])

  await bench.client.project.undo()
  await bench.client.project.undo()
  await bench.client.project.undo()
  expect((await clipOf('a_1_2')).captions.map(line)).toEqual([BIRD, HEN])
  expect((await clipOf('a_1_2')).otherCaptions.map(line)).toEqual([PTICA])
})

test('a project works in one language, and the captions in others are there again when it is chosen', async () => {
  const { client } = bench
  const { notices, result } = await importText('msvd.csv', TABLE)
  expect(notices).toEqual([
    'msvd.csv: the project works in English; captions in other languages (1 in Slovenian) are kept and take part in nothing. Another language is chosen in Corpus (vitrine languages).',
  ])
  expect(result).toMatchObject({
    report: {
      details: expect.arrayContaining([
        {
          title: 'Languages of the captions that are new',
          total: 2,
          lines: ['3 in English', '1 in Slovenian'],
        },
      ]) as unknown,
    },
  })
  const captionsNow = async () => [
    (await client.project.summary())?.captions,
    bench.app.project().store.captions.textsByClip().size,
    (await clipOf('a_1_2')).captions.map(({ text }) => text),
  ]
  expect(await captionsNow()).toEqual([3, 2, ['A bird is bathing.', 'A hen.']])
  // Found in whichever language.
  expect((await client.corpus.clips({ search: 'umiva' })).total).toBe(1)

  await client.corpus.useLanguage({ language: 'Slovenian' })
  expect(await captionsNow()).toEqual([1, 1, ['Ptica se umiva.']])
  await client.corpus.useLanguage({ language: null })
  expect(await captionsNow()).toEqual([4, 2, ['A bird is bathing.', 'A hen.', 'Ptica se umiva.']])
  await expect(client.corpus.useLanguage({ language: 'fr' })).rejects.toThrow(
    'No caption is in French; captions are in English (3 captions), Slovenian (1 caption).',
  )
  // What a person chose stays, whatever comes.
  await importText('more.csv', TABLE.replace('A hen.', 'A cock.'))
  expect((await client.corpus.languages()).working).toBeNull()

  for (const working of [null, 'sl', 'en', null]) {
    await client.project.undo()
    expect((await client.corpus.languages()).working).toBe(working)
  }
})

test('what comes back with its language has the project work in that again', async () => {
  const { client } = bench
  await importText('msvd.csv', TABLE)
  await client.project.undo()
  expect(await client.corpus.languages()).toEqual({ working: null, languages: [] })
  const { notices } = await importText('msvd.csv', TABLE)
  expect(notices).toEqual([expect.stringContaining('the project works in English')])
  expect((await client.corpus.languages()).working).toBe('en')
  await client.project.undo()
  expect((await client.corpus.languages()).working).toBeNull()
})

test('another language can be chosen where the last caption of one was removed', async () => {
  const { client } = bench
  await importText('msvd.csv', TABLE)
  await client.corpus.useLanguage({ language: 'sl' })
  const { captions } = await clipOf('a_1_2')
  await client.corpus.removeCaptions({ captionIds: captions.map(({ id }) => id) })
  expect(await client.corpus.languages()).toEqual({
    working: 'sl',
    languages: [
      { language: 'en', name: 'English', captions: 3 },
      { language: 'sl', name: 'Slovenian', captions: 0 },
    ],
  })
})

test('human captions that are exported are imported as they were', async () => {
  await importText('msvd.csv', TABLE, { split: [0, 0, 1] })
  const to = join(bench.folder, 'exported')
  await bench.finished(await bench.client.exports.run({ what: 'human-captions', to }))
  const written = await readFile(join(to, 'human-captions.jsonl'), 'utf8')
  await bench.client.project.create({ path: join(bench.folder, 'second.vitrine') })
  await importText('again.jsonl', written)
  const clip = await clipOf('a_1_2')
  expect([clip.split, clip.captions.map(line), clip.otherCaptions.map(line)]).toEqual([
    'test',
    [BIRD, HEN],
    [PTICA],
  ])
})
