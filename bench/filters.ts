/**
 * What the Corpus view asks of a project with 100,000 clips that two models captioned, of which people judged and tagged many:
 * lists by every filter and order, counts of the choices, and edits of many clips at once. Median and 95th percentile through
 * the contract, as the window calls it.
 *
 *   npm run bench -- filters                 (with CLIPS=10000 in the environment: that many)
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fillCaptioned, TOPICS } from './lib/captioned.ts'
import { printMachine } from './lib/machine.ts'
import { clientOf, startApplication } from './lib/project.ts'
import { figure, megabytes, printTable } from './lib/table.ts'
import { timed } from './lib/timing.ts'
import type { Client, ClipFilter } from '#contract'
import { createProject } from '../src-main/store/index.ts'
import type { OpenProject } from '../src-main/store/index.ts'

const CLIPS = Number(process.env['CLIPS'] ?? 100_000)
const CAPTIONS = 5
const ROUNDS = 3
const SPLITS = ['train', 'train', 'train', 'val', 'test'] as const
const VERDICTS = ['right', 'nearly', 'wrong', 'skip'] as const

/** A fifth of the captions of a model is judged by one person, and a tenth of the clips has a tag. */
function judgeAndTag({ store }: OpenProject, modelId: number): void {
  const by = { who: 'Ann', at: '2026-01-01T00:00:00.000Z' }
  const captions = store.generated.all(modelId)
  store.transaction(() => {
    for (const [i, { clipId, caption }] of captions.entries()) {
      const verdict = VERDICTS[i % 20]
      if (verdict !== undefined) {
        store.verdicts.set({ modelId, clipId, who: by.who }, { caption, verdict, at: by.at })
      }
    }
    store.tags.set(
      'odd',
      captions.filter((_, i) => i % 10 === 0).map(({ clipId }) => ({ clipId, value: by })),
    )
  })
}

async function measure(
  client: Client,
  [modelId = 0, otherModel = 0]: readonly number[],
): Promise<string[][]> {
  const all = await client.corpus.clipIds({})
  const some = all.slice(0, Math.min(1000, all.length))
  const topicId = (await client.topics.list()).topics[0]?.id ?? 0
  const page =
    (filter: ClipFilter, offset = 0) =>
    () =>
      client.corpus.clips({ modelId, otherModel, ...filter, offset, limit: 200 })
  const lists: Record<string, () => Promise<unknown>> = {
    'list by name': page({}),
    'its last page': page({}, Math.max(0, all.length - 200)),
    'by captions': page({ order: 'captions', descending: true }),
    'by CIDEr': page({ order: 'score', descending: true }),
    searched: page({ search: 't7w1' }),
    'of a tag': page({ where: { tag: 'odd' } }),
    'of a topic, people': page({ where: { topic: { topicId, by: 'people' } } }),
    'of a topic, model': page({ where: { topic: { topicId, by: 'model' } } }),
    'of a topic, caption': page({ where: { topic: { topicId, by: 'caption' } } }),
    'of a score': page({ where: { score: { least: 1, most: 2 } } }),
    'where models differ': page({ where: { differ: true } }),
    'judged wrong': page({ verdict: 'wrong' }),
    'not judged': page({ verdict: 'none' }),
    'all of it': page({
      split: 'train',
      verdict: 'wrong',
      where: { tag: 'odd', topic: { topicId, by: 'people' }, score: { least: 0.5 } },
    }),
    'counts of all choices': () => client.corpus.clipCounts({ modelId, otherModel }),
    'ids of all': () => client.corpus.clipIds({ modelId }),
  }
  const rows: string[][] = []
  for (const [name, ask] of Object.entries(lists)) {
    rows.push(await timed(name, ROUNDS, ask))
  }
  return [
    ...rows,
    await timed(`tag ${figure(some.length)} clips`, ROUNDS, (round) =>
      client.corpus.tagClips({ clipIds: some, tag: `tag ${round}`, tagged: true }),
    ),
    await timed(`judge ${figure(some.length)} captions`, ROUNDS, (round) =>
      client.review.judge({ modelId, clipIds: some, verdict: VERDICTS[round % 4]! }),
    ),
    await timed('undo', ROUNDS, () => client.project.undo()),
  ]
}

const folder = await mkdtemp(join(tmpdir(), 'vitrine-filters-'))
const application = startApplication(folder)
try {
  printMachine()
  const path = join(folder, 'p.vitrine')
  const project = await createProject(path)
  const models = fillCaptioned(project, {
    clips: CLIPS,
    captions: CAPTIONS,
    frames: 0,
    splitOf: (clip) => SPLITS[clip % SPLITS.length]!,
  })
  judgeAndTag(project, models[0] ?? 0)
  project.close()
  const client = clientOf(application)
  await client.project.open({ path })
  console.log(
    `\n${figure(CLIPS)} clips with ${CAPTIONS} captions each and captions of two models, ${TOPICS} topics; a fifth judged, a tenth tagged\n`,
  )
  printTable(['', 'calls', 'median ms', 'p95 ms'], await measure(client, models))
  console.log(`\nmost memory of this process: ${megabytes(process.resourceUsage().maxRSS * 1024)}`)
} finally {
  await application.close()
  await rm(folder, { recursive: true })
}
