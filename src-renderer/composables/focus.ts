import { useEventListener } from '@vueuse/core'
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

/**
 * A select of a view that was chosen from with the pointer gives the focus back, so that the next key is a command again and
 * no search among its choices. Who chooses by keyboard stays there.
 */
export function useSelectsGiveBack(): void {
  let giveBack: (() => void) | null = null
  useEventListener(
    window,
    'pointerdown',
    ({ target }) => {
      const isOfView =
        target instanceof HTMLSelectElement &&
        document.activeElement !== target &&
        target.closest('[role=dialog]') === null
      giveBack = isOfView ? rememberFocus() : null
    },
    { capture: true },
  )
  useEventListener(
    window,
    'keydown',
    () => {
      giveBack = null
    },
    { capture: true },
  )
  useEventListener(window, 'change', ({ target }) => {
    if (giveBack !== null && target instanceof HTMLSelectElement) {
      target.blur()
      giveBack()
      giveBack = null
    }
  })
}
