/** Entry of a media process. Where FFmpeg's libraries do not load, every call says so. */
import { serveParent } from '../child/serve.ts'
import type { ChildHandlers } from '../child/messages.ts'
import type { MediaMethods, MediaProgress } from '../media/contract.ts'
import { failures } from '../media/failures.ts'

type Handlers = ChildHandlers<MediaMethods, MediaProgress>

const loading = import('./handlers.ts').then(
  ({ handlers }) => handlers,
  (error: unknown) => {
    throw failures.librariesMissing({ reason: String(error).split('\n')[0] ?? '' }, { cause: error })
  },
)
// It is heard of by the first call.
loading.catch(() => {})

const handlers: Handlers = {
  version: async (...call) => (await loading).version(...call),
  inspect: async (...call) => (await loading).inspect(...call),
  decodeFrames: async (...call) => (await loading).decodeFrames(...call),
  makeThumbnail: async (...call) => (await loading).makeThumbnail(...call),
  makeFilmstrip: async (...call) => (await loading).makeFilmstrip(...call),
  makeProxy: async (...call) => (await loading).makeProxy(...call),
  renderTake: async (...call) => (await loading).renderTake(...call),
}

serveParent('the media process', handlers)
