/** The colours of the project's topics as they are now, and colours as canvas takes them; see #chart/colour.ts. */
import { hueColour, usualHue } from '#chart/colour.ts'
import { shallowRef } from 'vue'

const givenHues = shallowRef<ReadonlyMap<number, number>>(new Map())

/** Takes over the hues that people gave, by topic; whatever shows a topic's colour follows. */
export function setTopicHues(topics: readonly { id: number; hue: number | null }[]): void {
  givenHues.value = new Map(topics.flatMap(({ id, hue }) => (hue === null ? [] : [[id, hue] as const])))
}

/** CSS colour of a topic, for both themes. It marks, it never carries text. */
export const topicColour = (topicId: number): string =>
  hueColour(givenHues.value.get(topicId) ?? usualHue(topicId))

/** A CSS colour (a token, light-dark()) as the plain colour it has at `element` now, for canvas. */
export function resolveColour(element: HTMLElement, colour: string): string {
  const before = element.style.color
  element.style.color = colour
  const resolved = getComputedStyle(element).color
  element.style.color = before
  return resolved
}
