/** Caption files from the disk: small ones at once, large ones by a thread of their own. */
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Failure } from '#contract'
import { toError } from '../../common/failures.ts'
import { resolvePath } from '../../common/files/paths.ts'
import type { CaptionEntry } from './format.ts'
import { loadCaptions } from './load.ts'
import type { LoadedCaptions, LoadingChoice } from './load.ts'

/** Bytes that are read in a few milliseconds. */
const SMALL = 256 * 1024

/** What the thread is told, and what it answers each time that it is asked. */
export interface CaptionFile {
  path: string
  choice: LoadingChoice
}
export type CaptionPart =
  (Omit<LoadedCaptions, 'entries'> & { entries: CaptionEntry[]; isLast: boolean }) | { failure: Failure }

/**
 * The captions of a file, archive or folder, as `loadCaptions` has them. `worker`: the path of worker.ts or of
 * its built form. Throws BAD_INPUT for a file that can't be read, or is wrong; what `signal` aborts with.
 */
export async function readCaptions(
  file: CaptionFile,
  { worker, signal }: { worker: string; signal: AbortSignal },
): Promise<LoadedCaptions> {
  const { size } = await stat(resolvePath(file.path)).catch(() => ({ size: 0 }))
  // A small archive may hold a large file.
  if (size <= SMALL && extname(file.path).toLowerCase() !== '.zip') {
    return loadCaptions(file.path, file.choice)
  }
  const thread = new Worker(worker, { workerData: file, execArgv: [] })
  try {
    return await allParts(thread, signal)
  } finally {
    await thread.terminate()
  }
}

async function allParts(thread: Worker, signal: AbortSignal): Promise<LoadedCaptions> {
  const entries: CaptionEntry[] = []
  for (;;) {
    thread.postMessage('more')
    const [part] = (await once(thread, 'message', { signal })) as [CaptionPart]
    if ('failure' in part) {
      throw toError(part.failure)
    }
    for (const entry of part.entries) {
      entries.push(sharing(entry, entries.at(-1)))
    }
    if (part.isLast) {
      const { format, counts, notices } = part
      return { format, counts, notices, entries }
    }
  }
}

/** One text for all the captions of a clip: copies of what is said of it would take more room than they do. */
function sharing(entry: CaptionEntry, last: CaptionEntry | undefined): CaptionEntry {
  for (const key of ['clip', 'video', 'split', 'category', 'language', 'id', 'file'] as const) {
    if (last !== undefined && entry[key] !== undefined && entry[key] === last[key]) {
      Object.assign(entry, { [key]: last[key] })
    }
  }
  return entry
}
