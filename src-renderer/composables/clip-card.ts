/**
 * The card that plays a clip beside wherever it is named. There is one, so that nothing plays twice; whatever names a
 * clip has `v-clip-card`. It opens after a rest of the pointer, or with the focus of the keyboard; on links Space opens it
 * at once, plays it, and closes it.
 */
import { shallowRef } from 'vue'
import type { Directive, ShallowRef } from 'vue'

export interface NamedClip {
  clipId: number
  /** The second that matters; null: the beginning. */
  at?: number | null
}
export interface ShownClip extends NamedClip {
  anchor: HTMLElement
  /** Whether it was asked for by key: it plays even where a person wants less motion. */
  asked: boolean
}

/** How long the pointer or the focus rests before the card comes, and how long it stays after, in milliseconds. */
const REST = 350
const STAY = 150

const shown = shallowRef<ShownClip | null>(null)
let waiting: ReturnType<typeof setTimeout> | undefined

/** What the card shows; null: it is closed. */
export const shownClip: Readonly<ShallowRef<ShownClip | null>> = shown

function open(clip: ShownClip): void {
  clearTimeout(waiting)
  shown.value = clip
}
export function closeClipCard(): void {
  clearTimeout(waiting)
  shown.value = null
}
/** The pointer has come to the card itself: it stays. */
export function keepClipCard(): void {
  clearTimeout(waiting)
}
/** The pointer has left the card, or what named the clip. */
export function leaveClipCard(): void {
  clearTimeout(waiting)
  waiting = setTimeout(closeClipCard, STAY)
}
/** What names a clip now. */
const named = new Map<HTMLElement, NamedClip>()

/** Plays a clip beside what names it; where it was asked for already, the card closes. */
export function toggleClipCard(clipId: number): void {
  const [anchor] = [...named].find(([, clip]) => clip.clipId === clipId) ?? []
  if (anchor !== undefined) {
    toggleBeside(anchor)
  }
}
function toggleBeside(anchor: HTMLElement): void {
  const clip = named.get(anchor)
  if (clip === undefined || (shown.value?.anchor === anchor && shown.value.asked)) {
    closeClipCard()
  } else {
    open({ ...clip, anchor, asked: true })
  }
}

function rest(anchor: HTMLElement): void {
  clearTimeout(waiting)
  waiting = setTimeout(() => {
    const clip = named.get(anchor)
    if (clip !== undefined) {
      open({ ...clip, anchor, asked: false })
    }
  }, REST)
}
function onKey(event: KeyboardEvent): void {
  const anchor = event.currentTarget as HTMLElement
  if (event.key === ' ' && anchor.matches('a')) {
    event.preventDefault()
    event.stopPropagation()
    toggleBeside(anchor)
  } else if (event.key === 'Escape' && shown.value?.anchor === anchor) {
    event.preventDefault()
    event.stopPropagation()
    closeClipCard()
  }
}

/** Has the card play a clip beside the element that names it. */
export const vClipCard: Directive<HTMLElement, NamedClip> = {
  mounted(element, { value }) {
    named.set(element, value)
    element.addEventListener('pointerenter', () => {
      rest(element)
    })
    element.addEventListener('pointerleave', leaveClipCard)
    element.addEventListener('focus', () => {
      if (element.matches(':focus-visible')) {
        rest(element)
      }
    })
    element.addEventListener('blur', leaveClipCard)
    element.addEventListener('keydown', onKey)
  },
  updated(element, { value }) {
    named.set(element, value)
  },
  beforeUnmount(element) {
    named.delete(element)
    if (shown.value?.anchor === element) {
      closeClipCard()
    }
  },
}

/** Room around the card, in CSS pixels. */
const GAP = 8
interface Box {
  left: number
  right: number
  top: number
}
/**
 * Where a card stands beside a box: to the left, where rows of a list have nothing to read, else to the right, else over
 * it where there is most room; always within the window.
 */
export function besideOf(
  anchor: Box,
  card: { width: number; height: number },
  window: { width: number; height: number },
): { left: number; top: number } {
  const within = (place: number, size: number, room: number): number =>
    Math.max(GAP, Math.min(place, room - size - GAP))
  const left = [anchor.left - GAP - card.width, anchor.right + GAP].find(
    (place) => place >= GAP && place + card.width + GAP <= window.width,
  )
  return {
    left: left ?? within(anchor.left, card.width, window.width),
    top: within(anchor.top, card.height, window.height),
  }
}
