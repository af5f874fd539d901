/** What the device `auto` means. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { fastestDevice, keepFastest, knownDevice } from '../../src-main/project/devices.ts'
import type { TriedDevice } from '../../src-main/project/devices.ts'

let home: string
beforeEach(async () => {
  vi.stubEnv('VITRINE_DEVICE', '')
  home = await mkdtemp(join(tmpdir(), 'vitrine-devices-'))
  return async () => {
    vi.unstubAllEnvs()
    await rm(home, { recursive: true })
  }
})

const works = (name: string, stepMs: number): TriedDevice => ({ name, ok: true, reason: null, stepMs })
const fails = (name: string): TriedDevice => ({ name, ok: false, reason: 'no driver', stepMs: null })

it.each([
  ['the fastest', [works('cpu', 10), works('webgpu', 6), works('cuda', 2)], 'cuda'],
  ['the cpu where nothing is clearly faster', [works('cpu', 10), works('webgpu', 9.5)], 'cpu'],
  ['the cpu where nothing else works', [fails('cuda'), fails('webgpu')], 'cpu'],
  ['none that only checks the others', [works('cpu', 10), works('tfjs-wasm', 1)], 'cpu'],
])('is %s', async (_, tried, device) => {
  expect(await keepFastest(home, tried)).toBe(device)
  expect(knownDevice(home)).toBe(device)
})

it('is the cpu again on another machine, and what the environment says on any', async () => {
  await keepFastest(home, [works('cpu', 10), works('webgpu', 6)])
  const file = join(home, 'devices.json')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/"machine": ".*"/, '"machine": "another"'))
  expect(knownDevice(home)).toBe('cpu')
  vi.stubEnv('VITRINE_DEVICE', 'cuda')
  expect(knownDevice(home)).toBe('cuda')
})

it('is measured once, whatever drivers do', async () => {
  const entry = join(home, 'engine.mjs')
  // Answers for one device, and crashes for every other.
  const answer = { ok: true, reason: null, stepMs: 3 }
  await writeFile(
    entry,
    `process.on('message', ({ id, params }) => {
      if (params?.device !== 'webgpu') process.kill(process.pid, 'SIGSEGV')
      process.send({ type: 'result', id, result: ${JSON.stringify(answer)} })
    })`,
  )
  const phases: string[] = []
  const context = {
    signal: new AbortController().signal,
    progress: ({ phase }: { phase: string }) => phases.push(phase),
  }
  const machine = { home, startEngine: () => startNodeEngine(entry, { quiet: true }) }
  expect(await fastestDevice(machine, context)).toBe('webgpu')
  const measured = phases.length
  expect(measured).toBeGreaterThan(0)
  expect(await fastestDevice(machine, context)).toBe('webgpu')
  expect(phases).toHaveLength(measured)
})
