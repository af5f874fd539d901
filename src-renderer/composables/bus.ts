/**
 * The one stream of events from main, spread to whoever listens. It is opened again after every reconnection;
 * listeners then hear that every query changed, because anything may have changed meanwhile.
 */
import { onScopeDispose, watch } from 'vue'
import type { MainEvent } from '#contract'
import { client, onConnectionChange } from '../client.ts'
import { person } from '../person.ts'

const listeners = new Set<(event: MainEvent) => void>()
const emit = (event: MainEvent): void => {
  for (const listener of [...listeners]) {
    listener(event)
  }
}

async function follow(): Promise<void> {
  try {
    const events = await client.app.events()
    emit({ type: 'changed', queries: null })
    for await (const event of events) {
      emit(event)
    }
  } catch {
    // The connection ended. Its state says so to the person, and following starts again when it is back.
  }
}

/** Starts following main; called once, by the frame. */
export function followEvents(): void {
  // Answers may be about the person who asks.
  watch(person, () => {
    emit({ type: 'changed', queries: null })
  })
  onConnectionChange((state) => {
    if (state === 'open') {
      void follow()
    }
  })
}

/** Calls `listener` with every event until the current scope ends. */
export function onEvent(listener: (event: MainEvent) => void): void {
  listeners.add(listener)
  onScopeDispose(() => listeners.delete(listener))
}

/**
 * Calls `listener` when a query of which `isOurs` says so may have another answer now, until the current
 * scope ends. Main tells which: it knows what a commit has written and what each query reads.
 */
export function onChanged(isOurs: (query: string) => boolean, listener: () => void): void {
  onEvent((event) => {
    if (event.type === 'changed' && (event.queries === null || event.queries.some(isOurs))) {
      listener()
    }
  })
}
