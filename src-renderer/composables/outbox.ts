/**
 * What a window has yet to hand over to main. It lies on this machine, in a place of the window's own, so that no other
 * writes over it; what windows left that are gone, closed or reloaded, the next one that looks takes over. Whether a window
 * is gone is told by a lock that it holds as long as it lives.
 */
import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import * as z from 'zod'

export interface Outbox<Entry> {
  /** In the order in which they were put there. */
  readonly entries: Readonly<ShallowRef<readonly Entry[]>>
  put(entry: Entry): void
  /** Takes out an entry that was handed over, or never can be. */
  drop(entry: Entry): void
  /** Takes over what windows left that are gone: it goes before one's own. */
  takeOver(): Promise<void>
}

export function createOutbox<Entry>(name: string, schema: z.ZodType<Entry>): Outbox<Entry> {
  const places = `vitrine/outbox/${name}/`
  const ownPlace = `${places}${crypto.randomUUID()}`
  const entries = shallowRef<readonly Entry[]>([])
  holdForever(ownPlace)

  function set(next: readonly Entry[]): void {
    entries.value = next
    if (next.length === 0) {
      localStorage.removeItem(ownPlace)
    } else {
      localStorage.setItem(ownPlace, JSON.stringify(next))
    }
  }
  function takeFrom(place: string): void {
    const left = z.array(schema).safeParse(JSON.parse(localStorage.getItem(place) ?? '[]'))
    if (left.success) {
      set([...left.data, ...entries.value])
      localStorage.removeItem(place)
    }
  }
  return {
    entries,
    put(entry) {
      set([...entries.value, entry])
    },
    drop(entry) {
      set(entries.value.filter((other) => other !== entry))
    },
    async takeOver() {
      const others = Object.keys(localStorage).filter((key) => key.startsWith(places) && key !== ownPlace)
      await Promise.all(others.map((place) => ifGone(place, takeFrom)))
    },
  }
}

/** Pages of an unsafe origin have no locks: Electron's window, of which there is one. */
const hasLocks = (): boolean => 'locks' in navigator

function holdForever(place: string): void {
  if (hasLocks()) {
    void navigator.locks.request(place, () => new Promise(() => undefined))
  }
}

async function ifGone(place: string, act: (place: string) => void): Promise<void> {
  if (!hasLocks()) {
    act(place)
    return
  }
  await navigator.locks.request(place, { ifAvailable: true }, (lock) => {
    if (lock !== null) {
      act(place)
    }
  })
}
