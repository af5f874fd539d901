/**
 * The time of a clip as all lanes of a player show it, one under the other: all of it, or a part that a person zoomed
 * into. What is playing stays in sight.
 */
import { computed, readonly, ref, watch } from 'vue'
import type { Ref } from 'vue'

export interface TimeAxis {
  /** The first and the last second in sight. */
  from: Readonly<Ref<number>>
  to: Readonly<Ref<number>>
  zoomed: Readonly<Ref<boolean>>
  /** Where a second stands, in percent of a lane's width; below 0 and above 100 it is out of sight. */
  place(seconds: number): number
  /** The second at a share of a lane's width, 0 to 1. */
  secondAt(share: number): number
  /** Shows `factor` times as little of the clip, keeping a second where it stands. */
  zoom(factor: number, around: number): void
  /** Moves what is in sight, by a share of it. */
  pan(share: number): void
  reset(): void
}

/** The least that can be in sight, in seconds. */
const LEAST = 0.1

/**
 * @param duration of the clip, in seconds
 * @param time where the clip stands
 */
export function useTimeAxis(duration: () => number, time: () => number): TimeAxis {
  /** What is in sight; null: all of the clip. */
  const part = ref<{ from: number; to: number } | null>(null)
  const from = computed(() => part.value?.from ?? 0)
  const to = computed(() => part.value?.to ?? duration())

  function show(start: number, length: number): void {
    const all = duration()
    if (length >= all) {
      part.value = null
      return
    }
    const first = Math.min(Math.max(start, 0), all - length)
    part.value = { from: first, to: first + length }
  }
  watch(time, (now) => {
    if (part.value !== null && (now < from.value || now > to.value)) {
      show(now, to.value - from.value)
    }
  })
  const reset = (): void => {
    part.value = null
  }
  watch(duration, reset)

  return {
    from: readonly(from),
    to: readonly(to),
    zoomed: computed(() => part.value !== null),
    place: (seconds) =>
      to.value > from.value ? ((seconds - from.value) / (to.value - from.value)) * 100 : 0,
    secondAt: (share) => from.value + Math.min(Math.max(share, 0), 1) * (to.value - from.value),
    zoom(factor, around) {
      const before = to.value - from.value
      const length = Math.max(before / factor, Math.min(LEAST, duration()))
      show(around - ((around - from.value) * length) / (before || 1), length)
    },
    pan(share) {
      const length = to.value - from.value
      show(from.value + share * length, length)
    },
    reset,
  }
}
