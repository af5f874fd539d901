/**
 * A browser on a busy machine now and then stands still in a video that it has all of: it plays on but shows no
 * further frame, or seeks and never arrives (Chromium stood for a minute). A seek to where it is sets it going again.
 */
import { onScopeDispose } from 'vue'
import type { Ref } from 'vue'

/** How often a video is looked at, in milliseconds. */
const LOOK = 500

/**
 * Looks after a video element: where it stands still without a reason, it is set going again. Each try waits twice as
 * long as the one before: a seek that only takes long would else begin anew for ever.
 */
export function mendStalls(video: Readonly<Ref<HTMLVideoElement | null>>): void {
  /** Where it stands, and how many looks there are between tries, and until the next one. */
  let at: number | null = null
  let [wait, left] = [1, 1]
  const timer = setInterval(() => {
    const element = video.value
    const standing = element !== null && isWanting(element) ? element.currentTime : null
    if (element === null || standing === null || standing !== at) {
      at = standing
      wait = left = 1
      return
    }
    left--
    if (left === 0) {
      element.currentTime = standing
      wait *= 2
      left = wait
    }
  }, LOOK)
  onScopeDispose(() => {
    clearInterval(timer)
  })
}

/** Whether it should be about to show another frame, and waits for nothing to be loaded. */
function isWanting(element: HTMLVideoElement): boolean {
  const isLoading = element.networkState === HTMLMediaElement.NETWORK_LOADING
  const isStarved = !element.paused && element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA
  return !isLoading && element.readyState > HTMLMediaElement.HAVE_NOTHING && (element.seeking || isStarved)
}
