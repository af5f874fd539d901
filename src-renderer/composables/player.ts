/**
 * Frame-exact playback of one video element, or of a part of its video: play, shuttle (J K L, also backwards, which
 * browsers can't), single frames. Seeks aim at the middle of a frame, so that rounding never shows its neighbour.
 */
import { computed, onScopeDispose, ref, watch } from 'vue'
import type { Ref } from 'vue'

export interface Player {
  /** seconds */
  time: Readonly<Ref<number>>
  playing: Readonly<Ref<boolean>>
  /** Zero-based number of the frame that is shown. */
  frame: Readonly<Ref<number>>
  toggle(): void
  /** Plays from where it stands. */
  play(): void
  pause(): void
  /** Shuttle: 1 forwards, -1 backwards; asked again in the same direction it doubles, up to 4 times. */
  shuttle(direction: 1 | -1): void
  seek(seconds: number): void
  step(frames: number): void
}

/** What is played, in seconds of the video's time. */
export interface Played {
  /** Frames a second. */
  fps(): number
  /** Where a part begins in the video: times of the player count from there. Null: all of the video is played. */
  start(): number | null
  duration(): number
  /** Whether it begins anew at its end. */
  loops(): boolean
}

/** The second of a video that shows the first frame of a part of it. */
export const firstFrame = (start: number, fps: number): number => (Math.ceil(start * fps - 1e-3) + 0.5) / fps

/** @param speed what "real time" is multiplied by */
export function usePlayer(
  video: Readonly<Ref<HTMLVideoElement | null>>,
  { fps, start, duration, loops }: Played,
  speed: Readonly<Ref<number>>,
): Player {
  const time = ref(0)
  const rate = ref(0)
  let tick = 0
  let last = 0

  // Frames are those of the video: a part need not begin with one.
  const offset = (): number => start() ?? 0
  const frameOf = (seconds: number): number => Math.floor((offset() + seconds) * fps() + 1e-3)
  const frameFrom = (seconds: number): number => Math.ceil((offset() + seconds) * fps() - 1e-3)
  const middleOf = (frame: number): number => (frame + 0.5) / fps() - offset()
  const earliest = (): number => (start() === null ? 0 : firstFrame(offset(), fps()) - offset())
  const latest = (): number =>
    Math.max(start() === null ? duration() - 0.5 / fps() : middleOf(frameFrom(duration()) - 1), earliest())

  const clamp = (seconds: number): number => Math.min(Math.max(seconds, earliest()), latest())
  const show = (seconds: number): void => {
    time.value = clamp(start() === null ? seconds : middleOf(frameOf(seconds)))
    const target = offset() + time.value
    // A seek takes time, also to where it is.
    if (video.value !== null && Math.abs(video.value.currentTime - target) > 1e-4) {
      video.value.currentTime = target
    }
  }
  const stop = (): void => {
    rate.value = 0
    cancelAnimationFrame(tick)
    video.value?.pause()
  }
  const follow = (now: number): void => {
    const element = video.value
    if (element === null || rate.value === 0) {
      return
    }
    if (rate.value > 0) {
      time.value = Math.max(element.currentTime - offset(), 0)
      // What comes after a part is not shown.
      const isOver = element.ended || (start() !== null && time.value >= latest())
      if (isOver && loops()) {
        return run(rate.value, true)
      }
      if (isOver) {
        stop()
        return element.ended ? undefined : show(latest())
      }
    } else {
      show(time.value + (rate.value * speed.value * (now - last)) / 1000)
      if (time.value <= earliest()) {
        return stop()
      }
    }
    last = now
    tick = requestAnimationFrame(follow)
  }
  function run(next: number, anew = false): void {
    const element = video.value
    if (element === null) {
      return
    }
    cancelAnimationFrame(tick)
    rate.value = next
    last = performance.now()
    if (next > 0) {
      if (anew || time.value >= latest() - 1 / fps()) {
        show(0)
      }
      element.playbackRate = Math.min(Math.max(next * speed.value, 0.0625), 16)
      // Play is refused where the file can't be played; the element's error event says so to the person. Where it is
      // only interrupted, something else was asked for since.
      element.play().catch((error: unknown) => {
        if (video.value === element && !(error instanceof DOMException && error.name === 'AbortError')) {
          stop()
        }
      })
    } else {
      element.pause()
    }
    tick = requestAnimationFrame(follow)
  }
  watch(speed, () => {
    if (rate.value > 0) {
      run(rate.value)
    }
  })
  // What was played before in another element stands still.
  watch(video, (_, before) => before?.pause(), { flush: 'sync' })
  onScopeDispose(stop)

  return {
    time,
    playing: computed(() => rate.value !== 0),
    frame: computed(() => frameOf(time.value) - frameFrom(0)),
    toggle: () => {
      if (rate.value === 0) {
        run(1)
      } else {
        stop()
      }
    },
    play: () => {
      run(1)
    },
    pause: stop,
    shuttle(direction) {
      const same = Math.sign(rate.value) === direction
      run(same ? direction * Math.min(Math.abs(rate.value) * 2, 4) : direction)
    },
    seek(seconds) {
      stop()
      show(seconds)
    },
    step(frames) {
      stop()
      show(middleOf(frameOf(time.value) + frames))
    },
  }
}
