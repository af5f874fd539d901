import { afterAll } from 'vitest'
import { createMediaTools } from '../../src-main/media/create.ts'
import type { Limits } from '../../src-main/media/limits.ts'
import { mediaStarter } from '../../src-main/media/process.ts'
import type { MediaTools } from '../../src-main/media/tools.ts'
import { mediaEntry } from '../../src-main/paths.ts'

/** Media tools with processes of their own, for the tests of a file. */
export function openMedia(options: { limits?: Partial<Limits>; atOnce?: number } = {}): MediaTools {
  const media = createMediaTools(mediaStarter(mediaEntry), options)
  afterAll(() => media.close())
  return media
}
