/**
 * What the Review view asks of a project, on a generated one whose test split has 10,000 captioned clips with
 * 20 human captions each and 100 topics: median and 95th percentile through the contract, as the window calls
 * it.
 *
 *   npm run bench -- review                 (with CLIPS=1000 in the environment: that many)
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printMachine } from './lib/machine.ts'
import { fillCaptioned, TOPICS } from './lib/captioned.ts'
import { clientOf, startApplication } from './lib/project.ts'
import { figure, megabytes, printTable } from './lib/table.ts'
import { timed } from './lib/timing.ts'
import type { Client } from '#contract'
import { createProject } from '../src-main/store/index.ts'

const CLIPS = Number(process.env['CLIPS'] ?? 10_000)
const CAPTIONS = 20
const ROUNDS = 20

async function measure(client: Client, models: readonly number[]): Promise<string[][]> {
  const [modelId = 0, otherModel = 0] = models
  const { rows } = await client.review.list({ modelId, limit: CLIPS })
  const clipIds = rows.map(({ clipId }) => clipId)
  const clipOf = (round: number): number => clipIds[(round * 997) % clipIds.length]!
  const judge = (round: number) =>
    client.review.judge({ modelId, clipIds: [clipOf(round)], verdict: 'wrong' })
  await client.project.close()
  const [recent] = await client.project.recent()
  await client.project.open({ path: recent!.path })
  return [
    await timed('list, first', 1, () => client.review.list({ modelId })),
    await timed('list', ROUNDS, () => client.review.list({ modelId })),
    await timed('list by another part, searched', ROUNDS, (round) =>
      client.review.list({ modelId, order: 'topics', search: `w${round} ` }),
    ),
    await timed('list beside another model, first', 1, () => client.review.list({ modelId, otherModel })),
    await timed('list beside another model', ROUNDS, () =>
      client.review.list({ modelId, otherModel, onlyDifferent: true }),
    ),
    await timed('a verdict', ROUNDS, judge),
    await timed('list after a verdict', ROUNDS, async (round) => {
      await judge(ROUNDS + round)
      await client.review.list({ modelId })
    }),
    await timed('a note', ROUNDS, (round) =>
      client.review.note({ clipId: clipOf(round), note: `note ${round}` }),
    ),
    await timed('a caption added', ROUNDS, (round) =>
      client.corpus.addCaption({ clipId: clipOf(round), text: `caption ${round}` }),
    ),
    await timed('list after it', 1, () => client.review.list({ modelId })),
    await timed('undo', ROUNDS, () => client.project.undo()),
    await timed('a clip, first', 1, () => client.review.clip({ modelId, clipId: clipOf(0) })),
    await timed('a clip', ROUNDS, (round) => client.review.clip({ modelId, clipId: clipOf(round) })),
    await timed('a clip after a verdict', ROUNDS, async (round) => {
      await judge(round)
      await client.review.clip({ modelId, clipId: clipOf(round) })
    }),
  ]
}

const folder = await mkdtemp(join(tmpdir(), 'vitrine-review-'))
const application = startApplication(folder)
try {
  printMachine()
  const path = join(folder, 'p.vitrine')
  const project = await createProject(path)
  const models = fillCaptioned(project, {
    clips: CLIPS,
    captions: CAPTIONS,
    frames: 28,
    splitOf: () => 'test',
  })
  project.close()
  const client = clientOf(application)
  await client.project.open({ path })
  console.log(`\n${figure(CLIPS)} captions of a split, ${CAPTIONS} human captions each, ${TOPICS} topics\n`)
  printTable(['', 'calls', 'median ms', 'p95 ms'], await measure(client, models))
  console.log(`\nmost memory of this process: ${megabytes(process.resourceUsage().maxRSS * 1024)}`)
} finally {
  await application.close()
  await rm(folder, { recursive: true })
}
