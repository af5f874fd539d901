/** One call in an engine process of its own: whatever a driver does there, it takes nothing along. */
import { toFailure } from '../common/to-failure.ts'
import { createEngineClient } from './client.ts'
import type { StartEngine } from './client.ts'
import type { EngineMethod, EngineParams, EngineResult } from './contract/index.ts'

/** What was answered, or why nothing was; `reason` null: it took too long. */
export type LoneAnswer<Result> = { result: Result } | { reason: string | null }

interface LoneCall {
  startEngine: StartEngine
  signal?: AbortSignal | undefined
  /** Milliseconds after which it is given up. */
  patience: number
}

/** Calls a method in a process that lives no longer. Throws CancelledError when `signal` aborts. */
export async function askAlone<M extends EngineMethod>(
  method: M,
  params: EngineParams<M>,
  { startEngine, signal, patience }: LoneCall,
): Promise<LoneAnswer<EngineResult<M>>> {
  const engine = createEngineClient(() => startEngine({ quiet: true }))
  const timeout = AbortSignal.timeout(patience)
  try {
    const either = signal ? AbortSignal.any([signal, timeout]) : timeout
    return { result: await engine.call(method, params, { signal: either }) }
  } catch (error) {
    if (signal?.aborted) {
      throw error
    }
    return { reason: timeout.aborted ? null : toFailure(error).message }
  } finally {
    await engine.close()
  }
}
