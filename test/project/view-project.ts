/**
 * Looks at a project and tries to edit it, in a process of its own, and prints what came of it as JSON:
 *
 *     node --import scripts/sql-text.mjs test/project/view-project.ts PROJECT HOME
 */
import { statSync } from 'node:fs'
import { createRouterClient } from '@orpc/server'
import type { Client } from '#contract'
import { compose } from '../../src-main/compose.ts'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { engineEntry } from '../../src-main/paths.ts'
import { createRouter } from '../../src-main/router.ts'

const [, , path = '', home = ''] = process.argv
const app = compose({ home, startEngine: () => startNodeEngine(engineEntry), shell: 'command line' })
const client: Client = createRouterClient(createRouter(app))
const { signal } = new AbortController()

const sentence = (call: () => Promise<unknown>): Promise<string> =>
  call().then(
    () => 'done',
    ({ message }: Error) => message,
  )

const { clips } = await client.project.open({ path })
const { rows } = await client.corpus.clips({})
const clipId = rows[0]?.id ?? 0
const pictures = ['thumbnail', 'filmstrip', 'video'] as const
const sizes = []
for (const kind of pictures) {
  sizes.push(statSync((await app.mediaFile(clipId, kind, signal)).path).size)
}
const { captions } = await client.corpus.clip({ clipId })
const { topics } = await client.topics.list()
const models = await client.training.models()
const review = await client.review.list({ modelId: 1, split: 'test' })
const edit = await sentence(() => client.corpus.addCaption({ clipId, text: 'a new caption' }))
const job = await sentence(() => client.corpus.checkCaptions())
await app.close()
process.stdout.write(
  JSON.stringify({
    clips,
    isShown: sizes.every((size) => size > 100),
    captions: captions.length,
    topics: topics.length,
    models: models.length,
    reviewed: review.total,
    edit,
    job,
  }),
)
