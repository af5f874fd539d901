/**
 * Passes the first value on at once and then at most one every `interval` milliseconds: the latest. `flush`
 * passes a value that is still held back, so that the last one always arrives.
 */
export function throttled<Value>(
  interval: number,
  pass: (value: Value) => void,
): { push(value: Value): void; flush(): void } {
  let held: { value: Value } | null = null
  let timer: NodeJS.Timeout | null = null
  const release = () => {
    const waiting = held
    held = null
    timer = waiting ? setTimeout(release, interval) : null
    if (waiting) {
      pass(waiting.value)
    }
  }
  return {
    push(value) {
      held = { value }
      if (timer === null) {
        release()
      }
    },
    flush() {
      if (timer !== null) {
        clearTimeout(timer)
      }
      timer = null
      const waiting = held
      held = null
      if (waiting) {
        pass(waiting.value)
      }
    },
  }
}
