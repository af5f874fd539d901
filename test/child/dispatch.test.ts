import { describe, expect, it } from 'vitest'
import { CancelledError } from '../../src-main/common/failures.ts'
import type { EngineHandlers, FromEngine, ToEngine } from '../../src-main/engine-host/contract/index.ts'
import { createDispatch } from '../../src-main/child/dispatch.ts'

/** A dispatch whose `devices.probe` takes a step each turn of the event loop until it is cancelled. */
function stepping() {
  const answers: FromEngine[] = []
  let steps = 0
  const probe: EngineHandlers['devices.probe'] = async (_, { signal, unpaused }) => {
    for (;;) {
      await unpaused()
      if (signal.aborted) {
        throw new CancelledError()
      }
      steps++
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const dispatch = createDispatch(
    { 'devices.probe': probe } as EngineHandlers,
    (message) => void answers.push(message),
  )
  return {
    answers,
    send: (message: ToEngine) => {
      dispatch(message)
    },
    /** How many steps are taken in some turns of the event loop. */
    async countSteps() {
      const before = steps
      for (let turn = 0; turn < 20; turn++) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      return steps - before
    },
  }
}

describe('a paused call', () => {
  it('is held at its next step and goes on when it may', async () => {
    const { send, countSteps, answers } = stepping()
    send({ type: 'call', id: 1, method: 'devices.probe', params: { device: 'cpu' } })
    expect(await countSteps()).toBeGreaterThan(5)
    send({ type: 'pause', id: 1, paused: true })
    send({ type: 'pause', id: 1, paused: true })
    await countSteps()
    expect(await countSteps()).toBe(0)
    send({ type: 'pause', id: 1, paused: false })
    expect(await countSteps()).toBeGreaterThan(5)
    send({ type: 'pause', id: 1, paused: true })
    await countSteps()
    send({ type: 'cancel', id: 1 })
    // A pause that crosses the cancel on its way holds nothing.
    send({ type: 'pause', id: 1, paused: true })
    await countSteps()
    expect(answers).toEqual([{ type: 'error', id: 1, failure: 'cancelled' }])
    send({ type: 'pause', id: 1, paused: false })
  })

  it('does not hold the others', async () => {
    const { send, countSteps, answers } = stepping()
    for (const id of [1, 2]) {
      send({ type: 'call', id, method: 'devices.probe', params: { device: 'cpu' } })
    }
    send({ type: 'pause', id: 1, paused: true })
    await countSteps()
    expect(await countSteps()).toBeGreaterThan(5)
    for (const id of [1, 2]) {
      send({ type: 'cancel', id })
    }
    await countSteps()
    expect(answers).toEqual([1, 2].map((id) => ({ type: 'error', id, failure: 'cancelled' })))
  })
})
