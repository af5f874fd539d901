/** Holds work between two of its steps. */
export interface Gate {
  /** Resolves at once while the gate is open; else when it opens or `signal` aborts. */
  passed(): Promise<void>
  close(): void
  open(): void
}

/** A gate that is open. Cancelled work is never held: it has to come to its end. */
export function createGate(signal: AbortSignal): Gate {
  let closed: PromiseWithResolvers<void> | null = null
  const open = () => {
    closed?.resolve()
    closed = null
  }
  signal.addEventListener('abort', open, { once: true })
  return {
    passed: () => closed?.promise ?? Promise.resolve(),
    close() {
      if (!signal.aborted) {
        closed ??= Promise.withResolvers<void>()
      }
    },
    open,
  }
}
