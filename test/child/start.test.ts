import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startNodeProcess } from '../../src-main/child/start.ts'

it.each([
  ['held to limits', { limits: { memoryBytes: 2 ** 32, seconds: 60 } }],
  ['free', {}],
])('a process that is %s is one of Node, in Electron too', async (_, options) => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-child-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const entry = join(folder, 'entry.mjs')
  await writeFile(entry, 'process.send(process.env.ELECTRON_RUN_AS_NODE)')
  const child = startNodeProcess<never, string>(entry, options)
  onTestFinished(() => void child.kill())
  const { promise, resolve } = Promise.withResolvers<string>()
  child.onMessage(resolve)
  expect(await promise).toBe('1')
})
