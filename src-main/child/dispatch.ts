import { CancelledError } from '../common/failures.ts'
import { toFailure } from '../common/to-failure.ts'
import { createGate } from './gate.ts'
import type { Gate } from './gate.ts'
import type { ChildContext, ChildHandlers, ChildMethods, FromChild, ToChild } from './messages.ts'

/** A call at work. */
interface Call {
  controller: AbortController
  gate: Gate
}

/**
 * Answers calls: each runs with its own AbortController and answers exactly once, with a result, a failure or
 * `cancelled`. A paused call is held where its method awaits `unpaused`. `post` sends to main. Bugs keep
 * their stack in this process's error output.
 */
export function createDispatch<Methods extends ChildMethods<Methods>, Progress>(
  handlers: ChildHandlers<Methods, Progress>,
  post: (message: FromChild<Progress>) => void,
): (message: ToChild<keyof Methods>) => void {
  const calls = new Map<number, Call>()

  const answer = async (
    id: number,
    method: keyof Methods,
    params: unknown,
    { controller: { signal }, gate }: Call,
  ): Promise<FromChild<Progress>> => {
    try {
      const context: ChildContext<Progress> = {
        signal,
        progress: (progress) => post({ type: 'progress', id, progress }),
        unpaused: gate.passed,
      }
      // The pair of method and params is typed where the call is made; it does not survive the channel.
      const handler = handlers[method] as (
        params: unknown,
        context: ChildContext<Progress>,
      ) => Promise<unknown>
      return { type: 'result', id, result: await handler(params, context) }
    } catch (error) {
      const failure = toFailure(error)
      if (error instanceof CancelledError || (signal.aborted && failure.code === 'BUG')) {
        return { type: 'error', id, failure: 'cancelled' }
      }
      if (failure.code === 'BUG') {
        console.error(error)
      }
      return { type: 'error', id, failure }
    }
  }

  return (message) => {
    switch (message.type) {
      case 'call': {
        const controller = new AbortController()
        const call: Call = { controller, gate: createGate(controller.signal) }
        calls.set(message.id, call)
        void answer(message.id, message.method, message.params, call).then((reply) => {
          calls.delete(message.id)
          post(reply)
        })
        break
      }
      case 'cancel':
        calls.get(message.id)?.controller.abort(new CancelledError())
        break
      case 'pause': {
        const gate = calls.get(message.id)?.gate
        if (message.paused) {
          gate?.close()
        } else {
          gate?.open()
        }
        break
      }
    }
  }
}
