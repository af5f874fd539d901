import { AV_LOG_QUIET } from 'node-av/constants'
import { getFFmpegInfo, Log } from 'node-av/lib'
import type { ChildHandlers } from '../child/messages.ts'
import type { MediaMethods, MediaProgress } from '../media/contract.ts'
import { decodeFrames } from './frames.ts'
import { inspect } from './inspect.ts'
import { makeFilmstrip, makeThumbnail } from './pictures.ts'
import { makeProxy } from './proxy.ts'
import { renderTake } from './render.ts'
import { createWatch } from './watch.ts'

export type Handlers = ChildHandlers<MediaMethods, MediaProgress>

// What goes wrong is known by what calls answer; nobody reads FFmpeg's prose.
Log.setLevel(AV_LOG_QUIET)

export const handlers: Handlers = {
  version: () => Promise.resolve(getFFmpegInfo().version),
  inspect: ({ source, limits }, context) =>
    inspect(source, limits, createWatch(source.path, limits, context)),
  decodeFrames: ({ limits, ...request }, context) =>
    decodeFrames(request, limits, createWatch(request.source.path, limits, context)),
  async makeThumbnail({ source, to, limits }, context) {
    await makeThumbnail({ source, to, limits, watch: createWatch(source.path, limits, context) })
    return null
  },
  async makeFilmstrip({ source, indices, to, limits }, context) {
    await makeFilmstrip({ source, indices, to, limits, watch: createWatch(source.path, limits, context) })
    return null
  },
  async makeProxy({ source, to, limits }, context) {
    await makeProxy({ source, to, limits, context })
    return null
  },
  async renderTake({ take, seed, to, limits }, context) {
    await renderTake({ take, seed, to }, createWatch(to, limits, context))
    return null
  },
}
