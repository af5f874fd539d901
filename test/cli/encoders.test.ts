/** Frame encoders as people add them: a folder, and a model of a hub on this machine. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { tinyClipModel, tinyModel, writeModel } from '../hub/model.ts'
import { serveHub } from '../hub/server.ts'
import type { TestHub } from '../hub/server.ts'
import { createProgram } from './program.ts'
import type { Program } from './program.ts'

let program: Program
let server: TestHub
beforeAll(async () => {
  server = await serveHub({ 'openai/tiny-clip': {}, 'Xenova/tiny-clip': tinyModel() })
  vi.stubEnv('HF_ENDPOINT', server.endpoint)
  program = await createProgram()
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await program.remove()
  await server.close()
})

it('a model of the hub is described first, and fetched with --yes', async () => {
  const described = await program.vitrine('encoders', 'add', 'openai/tiny-clip')
  expect(described).toMatchObject({ code: 0, err: '' })
  expect(described.out).toContain(
    'Xenova/tiny-clip (it has no ONNX files itself; this is a conversion of it)',
  )
  expect(described.out).toContain('licence: mit')
  expect(described.out).toContain('--yes fetches it')
  expect(existsSync(join(program.folder, 'home', 'encoders'))).toBe(false)

  expect(await program.json('encoders', 'add', 'openai/tiny-clip', '--yes', '--name', 'clip')).toMatchObject({
    encoder: { name: 'clip', title: 'Xenova/tiny-clip', licence: 'mit' },
  })
  const other = await program.vitrine('encoders', 'add', 'openai/tiny-clip', '--fit', 'crop')
  expect(other).toMatchObject({
    code: 2,
    err: expect.stringContaining('--fit does not go with a model of the hub') as string,
  })
})

it("a folder's licence is asked for where it does not say it", async () => {
  writeModel(join(program.folder, 'mae'), tinyClipModel(6))
  const refused = await program.vitrine('encoders', 'add', 'mae')
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('--licence is missing') as string })
  const added = await program.vitrine('encoders', 'add', 'mae', '--licence', 'MIT')
  expect(added.out).toContain('NTCHW, 8x8, stacks of 6 frames, 4 apart')
})

it('the path of an ONNX file that is not there is no model of the hub', async () => {
  const before = server.requests.length
  const { code, err } = await program.vitrine('encoders', 'add', 'exports/net.onnx', '--licence', 'MIT')
  expect([code, server.requests.length]).toEqual([1, before])
  expect(err).toContain('net.onnx')
})
