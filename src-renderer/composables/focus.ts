import { nextTick } from 'vue'

/**
 * Remembers what has the focus now. What is returned gives it back, once what took it has gone, unless a person has put
 * it elsewhere meanwhile: it never falls to the page, where no key means anything.
 */
export function rememberFocus(): () => void {
  const before = document.activeElement
  return () => {
    void nextTick(() => {
      if (document.activeElement !== null && document.activeElement !== document.body) {
        return
      }
      const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body
      const place = isThere ? before : document.querySelector<HTMLElement>('main')
      place?.focus()
    })
  }
}
