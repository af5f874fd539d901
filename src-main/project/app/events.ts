/**
 * What main tells the window unasked, to whoever listens. A slow listener must not pile events up: of those
 * that wait, a job's newer state takes the place of its older one, and queries that changed are told once.
 */
import type { MainEvent } from '#contract'

export interface Events {
  emit(event: MainEvent): void
  /** Calls `listener` with everything that happens from now on; returns the way to stop. */
  subscribe(listener: (event: MainEvent) => void): () => void
}

export function createEvents(): Events {
  const listeners = new Set<(event: MainEvent) => void>()
  return {
    emit(event) {
      for (const listener of [...listeners]) {
        listener(event)
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

/** Everything that happens, as long as `signal` is not aborted. */
export async function* eventStream(
  events: Events,
  signal: AbortSignal,
): AsyncGenerator<MainEvent, void, void> {
  const waiting = new Map<string, MainEvent>()
  let wake = (): void => undefined
  const unsubscribe = events.subscribe((event) => {
    const key = keyOf(event)
    waiting.set(key, joined(waiting.get(key), event))
    wake()
  })
  const onAbort = (): void => {
    wake()
  }
  signal.addEventListener('abort', onAbort)
  try {
    while (!signal.aborted) {
      for (const [key, event] of waiting) {
        waiting.delete(key)
        yield event
      }
      if (waiting.size > 0) {
        continue
      }
      await new Promise<void>((resolve) => {
        wake = resolve
        if (signal.aborted) {
          resolve()
        }
      })
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Events of one key say the same of different moments. */
function keyOf(event: MainEvent): string {
  switch (event.type) {
    case 'job':
      return `job ${event.job.id}`
    case 'copying':
      return `copying ${event.clipId}`
    case 'changed':
      return 'changed'
  }
}

/** One event that says what both say. */
function joined(earlier: MainEvent | undefined, later: MainEvent): MainEvent {
  if (earlier?.type !== 'changed' || later.type !== 'changed') {
    return later
  }
  const queries =
    earlier.queries === null || later.queries === null
      ? null
      : [...new Set([...earlier.queries, ...later.queries])]
  return { type: 'changed', queries }
}
