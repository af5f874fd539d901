import { startNodeProcess } from '../child/start.ts'
import type { StartMedia } from './pool.ts'

/** Starts media processes; `entry`: path of media-process/main.ts or of its built form. */
export const mediaStarter =
  (entry: string): StartMedia =>
  ({ memoryBytes, seconds }) =>
    startNodeProcess(entry, { limits: { memoryBytes, seconds } })
