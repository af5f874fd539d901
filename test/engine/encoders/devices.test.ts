/** Encoders on a GPU, in software where there is none: the same features, and a speed or a reason. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { engineContext } from '../context.ts'
import { keepGpuOpen, whyNoGpu } from '../graph/software-gpu.ts'
import { tinyNetwork } from './tiny-network.ts'

keepGpuOpen()
const context = engineContext()
let descriptor: string
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-encoder-devices-'))
  const path = join(folder, 'tiny.onnx')
  await writeFile(path, tinyNetwork({ shape: ['N', 3, 16, 16] }))
  const choices = { preset: 'imagenet', outputs: ['vector', 'map'] } as const
  const directory = join(folder, 'encoders')
  await encoderHandlers['encoders.add'](
    {
      directory,
      path,
      choices: { ...choices, outputs: [...choices.outputs] },
      id: 'tiny',
      title: null,
      licence: 'MIT',
    },
    context,
  )
  descriptor = (await encoderHandlers['encoders.prepare']({ directory, id: 'tiny' }, context)).descriptor
  return () => rm(folder, { recursive: true })
})

it.skipIf(whyNoGpu !== null)('webgpu gives the features of the cpu, and is measured', async () => {
  const frames = Uint8Array.from({ length: 5 * 18 * 18 * 3 }, (_, i) => (i * 37) % 256)
  const [cpu, webgpu] = await Promise.all(
    ['cpu', 'webgpu'].map(async (device) => {
      const { features } = await encoderHandlers['encoders.encode'](
        { descriptor, frames, count: 5, stacks: null, grid: 2, device },
        context,
      )
      return [...features]
    }),
  )
  expect(webgpu).toHaveLength(5 * (16 + 3 + 12))
  webgpu?.forEach((value, i) => {
    expect(value).toBeCloseTo(cpu?.[i] ?? NaN, 4)
  })
  const measured = await encoderHandlers['encoders.measure']({ descriptor, device: 'webgpu' }, context)
  expect(measured).toMatchObject({ reason: null })
  expect(measured.frameMs).toBeGreaterThan(0)
})

it('a device that is not here is a reason, no error', async () => {
  const device = process.platform === 'darwin' ? 'dml' : 'coreml'
  expect(await encoderHandlers['encoders.measure']({ descriptor, device }, context)).toEqual({
    frameMs: null,
    reason: 'the ONNX Runtime of this platform does not have it',
  })
})
