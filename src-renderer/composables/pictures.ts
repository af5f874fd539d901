/**
 * Pictures in turn. Small pictures are made when first asked for, and a browser opens six connections to a
 * server at most: a list of new clips would hold them all, and the video that a person looks at would wait
 * for them. So only a few pictures are on their way at once; the newest asked for, which are in sight, go
 * first.
 */
import { onScopeDispose, ref, watch } from 'vue'
import type { Ref } from 'vue'

const AT_ONCE = 3
const loaded = new Set<string>()
const waiting: (() => void)[] = []
let busy = 0

function enqueue(start: () => void): void {
  if (busy < AT_ONCE) {
    busy++
    start()
  } else {
    waiting.push(start)
  }
}
function release(): void {
  const next = waiting.pop()
  if (next === undefined) {
    busy--
  } else {
    next()
  }
}

/** The address to show now: null until it is this picture's turn. Call `done` when it is loaded or broken. */
export function usePicture(url: () => string | null): {
  source: Readonly<Ref<string | null>>
  done: () => void
} {
  const source = ref<string | null>(null)
  let holding = false
  let cancel = (): void => {}

  const done = (): void => {
    if (source.value !== null) {
      loaded.add(source.value)
    }
    if (holding) {
      holding = false
      release()
    }
  }
  watch(
    url,
    (address) => {
      cancel()
      if (holding) {
        holding = false
        release()
      }
      source.value = address !== null && loaded.has(address) ? address : null
      if (address === null || source.value !== null) {
        return
      }
      const start = (): void => {
        holding = true
        source.value = address
      }
      cancel = () => {
        const at = waiting.indexOf(start)
        if (at >= 0) {
          waiting.splice(at, 1)
        }
      }
      enqueue(start)
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    cancel()
    if (holding) {
      holding = false
      release()
    }
  })
  return { source, done }
}
