import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { topicsRequest } from '#contract'
import { CancelledError } from '../../src-main/common/failures.ts'
import { createEngineClient } from '../../src-main/engine-host/client.ts'
import type { EngineClient, EngineProcess } from '../../src-main/engine-host/client.ts'
import type { EngineParams } from '../../src-main/engine-host/contract/index.ts'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { failures } from '../../src-main/formats/failures.ts'

const ENTRY = join(import.meta.dirname, '../../src-main/engine/main.ts')

/** The client of a real engine process, and the processes that it started. */
function startEngine(): { engine: EngineClient; processes: EngineProcess[] } {
  const processes: EngineProcess[] = []
  const engine = createEngineClient(() => {
    const started = startNodeEngine(ENTRY)
    processes.push(started)
    return started
  })
  onTestFinished(() => engine.close())
  return { engine, processes }
}

const score: EngineParams<'metrics.score'> = {
  hypotheses: [{ id: 'a', caption: 'a bird sings' }],
  references: [{ id: 'a', captions: ['a bird sings'] }],
  tokenizer: 'words',
  bootstrap: null,
}

/** Topics that would take many minutes to fit. */
const longFit: EngineParams<'topics.fit'> = {
  documents: Array.from({ length: 500 }, (_, id) => ({
    id,
    captions: Array.from({ length: 20 }, (_, i) => `w${(id * 7 + i) % 90} x${(id + i * 3) % 80} y${id % 70}`),
  })),
  ...topicsRequest.parse({ k: 20, minDocumentFrequency: 1, maxDocumentShare: 1 }),
  iterations: 1_000_000,
}

/** Resolves at the call's first progress: from then on it is at work. */
function longCall(
  engine: EngineClient,
  signal?: AbortSignal,
): { result: Promise<unknown>; working: Promise<void> } {
  const { promise: working, resolve } = Promise.withResolvers<void>()
  const result = engine.call('topics.fit', longFit, {
    ...(signal && { signal }),
    onProgress: () => resolve(),
  })
  result.catch(() => {})
  return { result, working }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the engine process', () => {
  it('answers calls, several at a time, and says what is wrong with one', async () => {
    const { engine, processes } = startEngine()
    const bad = engine.call('topics.fit', { ...longFit, documents: [] })
    const [good] = await Promise.all([
      engine.call('metrics.score', score),
      expect(bad).rejects.toMatchObject({
        name: 'VitrineError',
        code: 'BAD_INPUT',
        key: 'engine.topics.noVocabulary',
        values: { words: 0, clips: 0 },
        remedy: expect.stringContaining('document frequency'),
      }),
    ])
    expect(good.metrics.BLEU_1).toBeCloseTo(1)
    expect(processes).toHaveLength(1)
  })

  it('that dies fails every pending call, and the next call has a new one', async () => {
    const { engine, processes } = startEngine()
    const calls = [longCall(engine), longCall(engine)]
    await Promise.all(calls.map(({ working }) => working))
    process.kill(processes[0]!.pid!, 'SIGKILL')
    for (const { result } of calls) {
      await expect(result).rejects.toMatchObject({
        code: 'ENGINE_DIED',
        message: expect.stringContaining('SIGKILL'),
      })
    }
    expect((await engine.call('metrics.score', score)).captions).toHaveLength(1)
    expect(processes).toHaveLength(2)
  })

  it('that can not be started fails the call', async () => {
    const engine = createEngineClient(() => startNodeEngine(join(import.meta.dirname, 'no-such-engine.ts')))
    await expect(engine.call('metrics.score', score)).rejects.toMatchObject({ code: 'ENGINE_DIED' })
  })

  it('stops a cancelled call and works on', async () => {
    const { engine, processes } = startEngine()
    const controller = new AbortController()
    const { result, working } = longCall(engine, controller.signal)
    await working
    controller.abort()
    await expect(result).rejects.toBeInstanceOf(CancelledError)
    await engine.call('metrics.score', score)
    expect(processes).toHaveLength(1)
    await expect(engine.call('metrics.score', score, { signal: controller.signal })).rejects.toBeInstanceOf(
      CancelledError,
    )
  })

  it('ends a call whose progress can not be taken in with that failure, and works on', async () => {
    const { engine, processes } = startEngine()
    const full = failures.notSafetensors({ path: 'training.jsonl' })
    let heard = 0
    await expect(
      engine.call('topics.fit', longFit, {
        onProgress() {
          heard++
          throw full
        },
      }),
    ).rejects.toBe(full)
    expect(heard).toBe(1)
    await engine.call('metrics.score', score)
    expect(processes).toHaveLength(1)
  })

  it('gives the way to pause a call for as long as it lasts', async () => {
    const { engine } = startEngine()
    const given: boolean[] = []
    await engine.call('metrics.score', score, { onPausable: (pause) => void given.push(pause !== null) })
    expect(given).toEqual([true, false])
  })

  it.skipIf(process.platform === 'win32')('that is stuck is killed by a cancel', async () => {
    const { engine, processes } = startEngine()
    const controller = new AbortController()
    const { result, working } = longCall(engine, controller.signal)
    await working
    // A stopped process answers nothing, like one in a hung driver.
    process.kill(processes[0]!.pid!, 'SIGSTOP')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    controller.abort()
    // It is given some seconds to answer, and no more.
    vi.advanceTimersToNextTimer()
    vi.useRealTimers()
    await expect(result).rejects.toBeInstanceOf(CancelledError)
    await engine.call('metrics.score', score)
    expect(processes).toHaveLength(2)
  })

  it('is gone after close, and after its parent was killed', async () => {
    const { engine, processes } = startEngine()
    const { result, working } = longCall(engine)
    await working
    await engine.close()
    await expect(result).rejects.toBeInstanceOf(CancelledError)
    expect(isAlive(processes[0]!.pid!)).toBe(false)

    const script = `
      import { startNodeEngine } from ${JSON.stringify(join(import.meta.dirname, '../../src-main/engine-host/process.ts'))}
      const engine = startNodeEngine(${JSON.stringify(ENTRY)})
      engine.onMessage(() => console.log(engine.pid))
      engine.postMessage({ type: 'call', id: 1, method: 'metrics.score', params: ${JSON.stringify(score)} })`
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = Number(String((await once(parent.stdout, 'data'))[0]))
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    // The test's own time limit is the only one: how soon depends on the machine.
    while (isAlive(pid)) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })
})
