/**
 * A browser on a busy machine now and then stands still in a video that it has all of: it plays on but shows no
 * further frame, or seeks and never arrives (Chromium did, for minutes, once in some fifty plays under load). A seek to
 * where it is sets it going again.
 */
import { onScopeDispose } from 'vue'
import type { Ref } from 'vue'

/** How long a video may stand still, in milliseconds. */
const PATIENCE = 500

/** Looks after a video element: where it stands still without a reason, it is set going again. */
export function mendStalls(video: Readonly<Ref<HTMLVideoElement | null>>): void {
  let seen: number | null = null
  const look = setInterval(() => {
    const element = video.value
    const wanting = element !== null && isWanting(element) ? element.currentTime : null
    if (element !== null && wanting !== null && wanting === seen) {
      element.currentTime = wanting
    }
    seen = wanting
  }, PATIENCE)
  onScopeDispose(() => {
    clearInterval(look)
  })
}

/** Whether it should be about to show another frame, and waits for nothing to be loaded. */
function isWanting(element: HTMLVideoElement): boolean {
  const isLoading = element.networkState === HTMLMediaElement.NETWORK_LOADING
  const isStarved = !element.paused && element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA
  return !isLoading && element.readyState > HTMLMediaElement.HAVE_NOTHING && (element.seeking || isStarved)
}
