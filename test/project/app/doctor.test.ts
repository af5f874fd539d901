/** Devices that crash, hang or are not there leave the doctor, and this process, unharmed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { StartEngine } from '../../../src-main/engine-host/client.ts'
import { startNodeEngine } from '../../../src-main/engine-host/process.ts'
import { engineEntry } from '../../../src-main/paths.ts'
import { tryDevice } from '../../../src-main/project/devices.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-doctor-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** An engine that does `what` when it is asked for anything. */
async function engineThat(name: string, what: string): Promise<StartEngine> {
  const entry = join(folder, `${name}.mjs`)
  await writeFile(entry, `process.on('message', () => { ${what} })`)
  return (settings) => startNodeEngine(entry, settings)
}

const realEngine: StartEngine = (settings) => startNodeEngine(engineEntry, settings)

describe('the doctor', () => {
  it('says how long a step takes on a device that works', async () => {
    const tried = await tryDevice('cpu', realEngine)
    expect(tried).toMatchObject({ name: 'cpu', ok: true, reason: null })
    expect(tried.stepMs).toBeGreaterThan(0)
  })

  it('says why a device does not work', async () => {
    const name = process.platform === 'darwin' ? 'dml' : 'coreml'
    expect(await tryDevice(name, realEngine)).toEqual({
      name,
      ok: false,
      stepMs: null,
      reason: 'the ONNX Runtime of this platform does not have it',
    })
  })

  it('survives a driver that crashes', async () => {
    const { ok, reason } = await tryDevice(
      'webgpu',
      await engineThat('crash', "process.kill(process.pid, 'SIGSEGV')"),
    )
    expect(ok).toBe(false)
    expect(reason).toMatch(/ended by signal SIGSEGV|exit code/)
  })

  it('gives up on a driver that hangs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const tried = tryDevice('webgpu', await engineThat('hang', 'for (;;);'), undefined, 1000)
    // Once its second is over it is given some more to answer, and then it is killed.
    while (vi.getTimerCount() === 0) {
      await setImmediate()
    }
    vi.advanceTimersToNextTimer()
    expect(await tried).toEqual({
      name: 'webgpu',
      ok: false,
      stepMs: null,
      reason: 'it took no training steps within 1 seconds',
    })
  })
})
