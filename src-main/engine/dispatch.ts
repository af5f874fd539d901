import { CancelledError, toFailure } from '../contract/index.ts'
import type { EngineContext, EngineHandlers, EngineMethod, FromEngine, ToEngine } from './contract.ts'

/**
 * Answers calls: each runs with its own AbortController and answers exactly once, with a result, a failure or `cancelled`.
 * `post` sends to main. Bugs keep their stack in this process's error output.
 */
export function createDispatch(handlers: EngineHandlers, post: (message: FromEngine) => void): (message: ToEngine) => void {
  const calls = new Map<number, AbortController>()

  const answer = async (id: number, method: EngineMethod, params: unknown, signal: AbortSignal): Promise<FromEngine> => {
    try {
      const context: EngineContext = { signal, progress: (progress) => post({ type: 'progress', id, progress }) }
      // The pair of method and params is typed where the call is made; it does not survive the channel.
      const handler = handlers[method] as (params: unknown, context: EngineContext) => Promise<unknown>
      return { type: 'result', id, result: await handler(params, context) }
    } catch (error) {
      const failure = toFailure(error)
      if (error instanceof CancelledError || (signal.aborted && failure.code === 'BUG')) return { type: 'error', id, failure: 'cancelled' }
      if (failure.code === 'BUG') console.error(error)
      return { type: 'error', id, failure }
    }
  }

  return (message) => {
    if (message.type === 'cancel') {
      calls.get(message.id)?.abort(new CancelledError())
      return
    }
    const controller = new AbortController()
    calls.set(message.id, controller)
    void answer(message.id, message.method, message.params, controller.signal).then((reply) => {
      calls.delete(message.id)
      post(reply)
    })
  }
}
