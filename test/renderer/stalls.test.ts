import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import { mendStalls } from '../../src-renderer/composables/stalls.ts'

const NETWORK = { NETWORK_IDLE: 1, NETWORK_LOADING: 2 }
const READY = { HAVE_NOTHING: 0, HAVE_METADATA: 1, HAVE_CURRENT_DATA: 2, HAVE_FUTURE_DATA: 3 }

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('HTMLMediaElement', { ...NETWORK, ...READY })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** The seeks that a video gets in some seconds in which it stays as it is. */
function seeksOf(
  state: {
    paused: boolean
    seeking: boolean
    readyState: number
    networkState: number
    moves?: boolean
  },
  seconds = 3,
): number {
  let seeks = 0
  let at = 1
  const element = {
    ...state,
    get currentTime() {
      at += state.moves === true ? 0.01 : 0
      return at
    },
    set currentTime(value) {
      at = value
      seeks++
    },
  }
  const scope = effectScope()
  scope.run(() => {
    mendStalls(ref(element as unknown as HTMLVideoElement))
  })
  vi.advanceTimersByTime(1000 * seconds)
  scope.stop()
  const before = seeks
  vi.advanceTimersByTime(3000)
  expect(seeks).toBe(before)
  return before
}

const starved = {
  paused: false,
  seeking: false,
  readyState: READY.HAVE_CURRENT_DATA,
  networkState: NETWORK.NETWORK_IDLE,
}

it('a video that stands still though all of it is there is set going', () => {
  expect(seeksOf(starved)).toBeGreaterThan(0)
  expect(
    seeksOf({ ...starved, paused: true, seeking: true, readyState: READY.HAVE_METADATA }),
  ).toBeGreaterThan(0)
})

it('one that moves, waits for what is loading, or stands still as it should is left alone', () => {
  expect(seeksOf({ ...starved, moves: true })).toBe(0)
  expect(seeksOf({ ...starved, networkState: NETWORK.NETWORK_LOADING })).toBe(0)
  expect(seeksOf({ ...starved, paused: true })).toBe(0)
  expect(seeksOf({ ...starved, readyState: READY.HAVE_FUTURE_DATA })).toBe(0)
  expect(seeksOf({ ...starved, seeking: true, readyState: READY.HAVE_NOTHING })).toBe(0)
})

it('what only takes long is left more time with each try', () => {
  const seeks = seeksOf({ ...starved, seeking: true, readyState: READY.HAVE_METADATA }, 60)
  expect(seeks).toBeGreaterThan(3)
  expect(seeks).toBeLessThan(8)
})
