/**
 * The one stream of events from main, spread to whoever listens. It is opened again after every reconnection;
 * listeners of `changed` then get every noun, because anything may have changed meanwhile.
 */
import { onScopeDispose } from 'vue'
import { changedNoun } from '#contract'
import type { ChangedNoun, MainEvent } from '#contract'
import { client, onConnectionChange } from '../client.ts'

const listeners = new Set<(event: MainEvent) => void>()
const emit = (event: MainEvent): void => {
  for (const listener of [...listeners]) {
    listener(event)
  }
}

async function follow(): Promise<void> {
  try {
    const events = await client.app.events()
    emit({ type: 'changed', nouns: [...changedNoun.options] })
    for await (const event of events) {
      emit(event)
    }
  } catch {
    // The connection ended. Its state says so to the person, and following starts again when it is back.
  }
}

/** Starts following main; called once, by the frame. */
export function followEvents(): void {
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

/** Calls `listener` when any of `nouns` changed in the project, until the current scope ends. */
export function onChanged(nouns: readonly ChangedNoun[], listener: () => void): void {
  onEvent((event) => {
    if (event.type === 'changed' && event.nouns.some((noun) => nouns.includes(noun))) {
      listener()
    }
  })
}
