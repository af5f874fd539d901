/** What people said of clips, exported from one project and taken in by another. */
import { writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import type { AnnotationReport, Client, Verdict } from '#contract'
import { PERSON_HEADER } from '#contract'
import { createRouter } from '../../../src-main/router.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
/** A project without annotations, and copies of it that are worked in. */
let bare: string
let modelId: number
let clipIds: number[]
let copies = 0

beforeAll(async () => {
  bench = await createWorkbench()
  ;({ project: bare } = await bench.openPrepared('trained'))
  modelId = (await bench.client.project.summary())?.currentModel ?? 0
  const { rows } = await bench.client.review.list({ modelId, split: 'test', order: 'clip' })
  clipIds = rows.map(({ clipId }) => clipId)
  await bench.client.project.close()
  return bench.close
})

const as = (name: string): Client =>
  createRouterClient(createRouter(bench.app), {
    context: { reqHeaders: new Headers({ [PERSON_HEADER]: name }) },
  })
async function openCopy(): Promise<string> {
  const folder = join(bench.folder, `copy-${++copies}.vitrine`)
  await cp(bare, folder, { recursive: true })
  await bench.client.project.open({ path: folder })
  return folder
}
async function exported(): Promise<string> {
  const to = join(bench.folder, `annotations-${copies}`)
  await bench.finished(await bench.client.exports.run({ what: 'annotations', to }))
  return to
}
async function archived(): Promise<string> {
  const to = join(bench.folder, `archive-${copies}.zip`)
  await bench.finished(await bench.client.storage.archive({ to, media: false, overwrite: true }))
  return to
}
type DoneJob = Awaited<ReturnType<Workbench['finished']>>
type Request = Parameters<Client['corpus']['importAnnotations']>[0]
async function takeIn(client: Client, request: Request): Promise<AnnotationReport> {
  return reportOf(await bench.finished(await client.corpus.importAnnotations(request)))
}
async function lookAt(client: Client, request: Request): Promise<AnnotationReport> {
  return reportOf(await bench.finished(await client.corpus.previewAnnotations(request)))
}
function reportOf({ result }: DoneJob): AnnotationReport {
  switch (result?.kind) {
    case 'annotations':
    case 'annotationPreview':
      return result.report
    default:
      throw new Error('The job took no annotations in.')
  }
}
/** All that people said, without the ids that rows happen to have. */
function work(): unknown {
  const { store } = bench.app.project()
  return {
    verdicts: store.verdicts.all(),
    notes: store.verdicts.allNotes(),
    tags: store.tags.all(),
    captions: store.captions.writtenByPeople(),
    topics: store.topics.verdicts(store.topics.current().map(({ id }) => id)),
    corrections: store.corrections
      .list()
      .map(({ id: _, ...correction }) => correction)
      .sort((a, b) => a.clipId - b.clipId),
    neurons: [...store.neurons.judgements(modelId)].sort(([a], [b]) => a - b),
    texts: clipIds.map((clipId) => store.captions.ofClip(clipId).map(({ text }) => text)),
  }
}

type Act = (client: Client) => Promise<unknown>
const clip = fc.nat(3).map((place) => () => clipIds[place]!)
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(clip, fc.constantFrom<Verdict | null>('right', 'nearly', 'wrong', 'skip', null)).map(
    ([clipOf, verdict]): Act =>
      (client) =>
        client.review.judge({ modelId, clipIds: [clipOf()], verdict }),
  ),
  fc.tuple(clip, fc.constantFrom('', 'look', 'two\nlines, "quoted"', '=1+1')).map(
    ([clipOf, note]): Act =>
      (client) =>
        client.review.note({ clipId: clipOf(), note }),
  ),
  fc.tuple(clip, fc.constantFrom('odd', 'Odd', "'quoted'"), fc.boolean()).map(
    ([clipOf, tag, tagged]): Act =>
      (client) =>
        client.corpus.tagClips({ clipIds: [clipOf()], tag, tagged }),
  ),
  fc.tuple(clip, fc.nat(99)).map(
    ([clipOf, n]): Act =>
      (client) =>
        client.corpus
          .addCaption({ clipId: clipOf(), text: `typed number ${n}` })
          .catch((error: unknown) => error),
  ),
  fc.tuple(clip, fc.nat(99)).map(([clipOf, n]): Act => async (client) => {
    const { captions } = await client.corpus.clip({ clipId: clipOf() })
    const caption = captions.find(({ author }) => author === null)
    await (caption &&
      client.corpus
        .editCaption({ captionId: caption.id, text: `edited number ${n}` })
        .catch((error: unknown) => error))
  }),
  fc.tuple(clip, fc.nat(2), fc.boolean()).map(([clipOf, place, verdict]): Act => async (client) => {
    const { topics } = await client.topics.list()
    await client.topics.edit({
      edit: 'setClips',
      topicIds: [topics[place]!.id],
      clipIds: [clipOf()],
      verdict,
    })
  }),
  fc
    .tuple(
      fc.nat(3),
      fc.constantFrom('agree' as const, 'disagree' as const, null),
      fc.constantFrom('', 'red', '=1+1'),
    )
    .map(
      ([neuron, verdict, label]): Act =>
        (client) =>
          client.neurons.judge({ modelId, neuron, judgement: { verdict, label, note: '' } }),
    ),
  // What would change nothing, or waits already, is refused.
  fc.tuple(clip, fc.nat(2), fc.boolean()).map(([clipOf, place, isTyped]): Act => async (client) => {
    const clipId = clipOf()
    const [{ id: topicId } = { id: 0 }] = (await client.topics.list()).topics.slice(place)
    const typed = isTyped ? bench.app.project().store.generated.all(modelId, 'val')[place]!.caption : null
    const topics = isTyped ? [] : [{ topicId, strength: 1 }]
    await client.corrections
      .enqueue({ clipId, typed, topics, note: isTyped ? '' : 'by a topic' })
      .catch((error: unknown) => error)
  }),
)

it(
  'come into a bare project as they were, once, and are taken back by one undo',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('Ann', 'Bob'), act), { minLength: 1, maxLength: 12 }),
        fc.constantFrom('annotations.csv', 'annotations.jsonl', 'archive'),
        async (acts, file) => {
          await openCopy()
          await bench.client.corpus.tagClips({ clipIds: [clipIds[0]!], tag: 'first', tagged: true })
          for (const [who, perform] of acts) {
            await perform(as(who))
          }
          const before = work()
          const path = file === 'archive' ? await archived() : join(await exported(), file)
          await openCopy()
          const bareState = work()
          const report = await takeIn(bench.client, { path })
          expect(report).toMatchObject({ conflictCount: 0, unplacedCount: 0, known: 0 })
          expect(work()).toEqual(before)
          expect(await takeIn(bench.client, { path })).toMatchObject({
            known: report.lines,
            conflictCount: 0,
          })
          await bench.client.project.undo()
          expect(work()).toEqual(bareState)
        },
      ),
      { numRuns: 8 },
    )
  },
)

it('overwrite nothing: what somebody says otherwise stands beside, and one person keeps one word', async () => {
  await openCopy()
  const [a = 0, b = 0] = clipIds
  const ann = as('Ann')
  const bob = as('Bob')
  await ann.review.judge({ modelId, clipIds: [a, b], verdict: 'right' })
  await ann.review.note({ clipId: a, note: 'of home' })
  const [caption] = (await ann.corpus.clip({ clipId: a })).captions
  await ann.corpus.editCaption({ captionId: caption!.id, text: 'as Ann has it' })
  const path = join(await exported(), 'annotations.jsonl')
  await openCopy()
  await bob.review.judge({ modelId, clipIds: [a], verdict: 'wrong' })
  await ann.review.judge({ modelId, clipIds: [b], verdict: 'nearly' })
  await ann.review.note({ clipId: a, note: 'of here' })
  await bob.corpus.editCaption({ captionId: caption!.id, text: 'as Bob has it' })
  const preview = await lookAt(ann, { path })
  expect(preview).toMatchObject({
    lines: 4,
    added: { verdict: 1, note: 0, tag: 0, caption: 1, topic: 0 },
    known: 0,
    conflicts: [
      {
        kind: 'verdict',
        clipId: a,
        here: 'wrong',
        whoHere: 'Bob',
        there: 'right',
        who: 'Ann',
        outcome: 'beside',
      },
      { kind: 'verdict', clipId: b, here: 'nearly', whoHere: 'Ann', there: 'right', outcome: 'kept' },
      { kind: 'note', here: 'of here', there: 'of home', outcome: 'kept' },
      { kind: 'caption', here: 'as Bob has it', whoHere: 'Bob', there: 'as Ann has it', outcome: 'beside' },
    ],
  })
  const before = work()
  expect(await takeIn(ann, { path })).toEqual(preview)
  expect(await ann.review.clip({ modelId, clipId: a })).toMatchObject({
    verdict: 'right',
    others: [{ who: 'Bob', verdict: 'wrong' }],
    note: 'of here',
  })
  const texts = (await ann.corpus.clip({ clipId: a })).captions.map(({ text }) => text)
  expect(texts).toEqual(expect.arrayContaining(['as Bob has it', 'as Ann has it']))
  // Where it is asked for, the file's word takes the place of the same person's here: undone by one step.
  expect(await takeIn(ann, { path, prefer: 'file' })).toMatchObject({
    conflicts: [{ outcome: 'replaced' }, { outcome: 'replaced' }],
  })
  expect((await ann.review.clip({ modelId, clipId: a })).note).toBe('of home')
  await ann.project.undo()
  await ann.project.undo()
  expect(work()).toEqual(before)
})

it('of two annotators are merged from an archive: agreement, and one word of each topic of a clip', async () => {
  await openCopy()
  const [ann, bob] = [as('Ann'), as('Bob')]
  const [topic] = (await ann.topics.list()).topics
  expect(await lookAt(ann, { path: await archived() })).toMatchObject({ lines: 0 })
  const [a = 0, b = 0, c = 0, d = 0] = clipIds
  const judge = (client: Client, clips: number[], verdict: Verdict) =>
    client.review.judge({ modelId, clipIds: clips, verdict })
  await judge(ann, [a, b], 'right')
  await judge(ann, [c, d], 'wrong')
  await ann.topics.edit({ edit: 'setClips', topicIds: [topic!.id], clipIds: [a, b], verdict: true })
  const path = await archived()
  await openCopy()
  await judge(bob, [a, b, c], 'right')
  await judge(bob, [d], 'wrong')
  await bob.topics.edit({ edit: 'setClips', topicIds: [topic!.id], clipIds: [a], verdict: false })
  const before = work()
  const report = await takeIn(bob, { path })
  // Observed 3/4; by chance 1/2 x 3/4 + 1/2 x 1/4 = 1/2: kappa (3/4 - 1/2) / (1 - 1/2).
  expect(report.agreement).toMatchObject([
    { between: ['Ann', 'Bob'], captions: 4, observed: 0.75, kappa: { value: 0.5 } },
  ])
  expect(report.conflicts).toMatchObject([
    {
      kind: 'verdict',
      clipId: c,
      here: 'right',
      whoHere: 'Bob',
      there: 'wrong',
      who: 'Ann',
      outcome: 'beside',
    },
    {
      kind: 'topic',
      clipId: a,
      here: `lacks ${topic!.label}`,
      whoHere: 'Bob',
      there: `bears ${topic!.label}`,
      who: 'Ann',
      outcome: 'kept',
    },
  ])
  expect(report.added).toMatchObject({ verdict: 4, topic: 1 })
  await bob.project.undo()
  expect(work()).toEqual(before)
})

it('say which lines have no place', async () => {
  await openCopy()
  const edits = await bench.client.project.edits()
  const path = join(bench.folder, 'strange.csv')
  writeFileSync(
    path,
    'kind,video,text,verdict,before,model,who,at\nnote,nowhere,x,,,,Ann,\nverdict,nowhere,x,right,,,Ann,\n',
  )
  const [name] = bench.app
    .project()
    .store.clips.all()
    .filter(({ id }) => id === clipIds[0])
  const unsaid = join(bench.folder, 'unsaid.csv')
  writeFileSync(unsaid, `kind,video,text,verdict,who\nverdict,${name!.name},what nobody says,right,Ann\n`)
  expect((await takeIn(bench.client, { path })).unplaced).toMatchObject([
    { line: 2, reason: expect.stringContaining('no clip nowhere') },
    { line: 3 },
  ])
  expect((await takeIn(bench.client, { path: unsaid })).unplaced).toEqual([
    { line: 2, reason: 'no model here says "what nobody says" of it' },
  ])
  expect(await bench.client.project.edits()).toEqual(edits)
})

it('topics that two copies name or merge otherwise stand side by side, and names can be taken over', async () => {
  const labels = async () =>
    new Map((await bench.client.topics.list()).topics.map(({ id, label }) => [id, label]))
  await openCopy()
  const [first, second, third] = [...(await labels()).keys()] as [number, number, number]
  await bench.client.topics.edit({ edit: 'rename', topicId: first, label: 'named by Bob' })
  await bench.client.topics.edit({ edit: 'merge', into: second, topicIds: [third] })
  const path = await archived()
  await openCopy()
  await bench.client.topics.edit({ edit: 'rename', topicId: first, label: 'named by Ann' })
  const before = await labels()
  const { topics } = await lookAt(bench.client, { path })
  expect(topics.map(({ topicId, outcome }) => [topicId, outcome])).toEqual(
    expect.arrayContaining([[first, 'kept']]),
  )
  expect(topics.find(({ topicId }) => topicId === first)).toMatchObject({
    here: 'named by Ann',
    there: 'named by Bob',
  })
  expect(topics.some(({ there }) => there.includes(', merged into '))).toBe(true)
  await takeIn(bench.client, { path })
  expect(await labels()).toEqual(before)
  await takeIn(bench.client, { path, prefer: 'file' })
  expect((await labels()).get(first)).toBe('named by Bob')
  expect((await labels()).size).toBe(before.size)
  await bench.client.project.undo()
  expect(await labels()).toEqual(before)
})

it('corrections and words on neurons that have no place here are listed with their lines', async () => {
  await openCopy()
  const name = bench.app.project().store.clips.get(clipIds[0]!).name
  const path = join(bench.folder, 'without-a-place.jsonl')
  const lines = [
    { kind: 'correction', video: name, who: 'Bob', text: 'a xylophone', before: '' },
    { kind: 'correction', video: name, who: 'Bob', text: 'x', before: '', topics: [['no such topic', 1]] },
    { kind: 'correction', video: 'nowhere', who: 'Bob', text: 'x', before: '' },
    { kind: 'neuron', who: 'Bob', parameters: '0f'.repeat(32), neuron: 3, verdict: 'agree', text: '' },
  ]
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const { added, unplaced } = await lookAt(bench.client, { path })
  expect(Object.values(added).every((count) => count === 0)).toBe(true)
  expect(unplaced.map(({ line }) => line)).toEqual([1, 2, 3, 4])
  expect(unplaced.map(({ reason }) => reason).join('\n')).toMatch(
    /can't say xylophone\n.*called "no such topic"\n.*no clip nowhere\n.*parameters of that of neuron 3$/,
  )
})

it('are taken in whole or not at all, and rest on what is there when they are', async () => {
  await openCopy()
  const [name] = bench.app
    .project()
    .store.clips.all()
    .filter(({ id }) => id === clipIds[0])
  const path = join(bench.folder, 'many.csv')
  const lines = Array.from({ length: 30_000 }, (_, i) => `note,${name!.name},note ${i},person ${i}`)
  writeFileSync(path, `kind,video,text,who\n${lines.join('\n')}\n`)
  const before = work()
  const { jobId } = await bench.client.corpus.importAnnotations({ path })
  bench.app.jobs.cancel(jobId)
  expect((await bench.app.jobs.finished(jobId)).state).toBe('cancelled')
  expect(work()).toEqual(before)
  // Somebody notes the same while the file is compared with what is there.
  const started = await bench.client.corpus.importAnnotations({ path })
  let noted: Promise<void> | null = null
  const stop = bench.app.jobs.onChange((job) => {
    if (job.state === 'running' && job.progress?.phase === 'comparing annotations') {
      noted ??= as('person 29999').review.note({ clipId: clipIds[0]!, note: 'of here' })
    }
  })
  const { result } = await bench.finished(started)
  stop()
  await noted
  expect(result).toMatchObject({
    report: { added: { note: 29_999 }, conflicts: [{ here: 'of here', outcome: 'kept' }] },
  })
  await bench.client.project.undo()
  await as('person 29999').project.undo()
  expect(work()).toEqual(before)
})
