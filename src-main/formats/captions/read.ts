/** Caption files from the disk: small ones at once, large ones by a thread of their own. */
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Failure } from '#contract'
import { toError } from '../../common/failures.ts'
import { readText } from '../text/text-file.ts'
import type { CaptionEntry } from './format.ts'
import { parseCaptions } from './index.ts'

/** Bytes that are read in a few milliseconds. */
const SMALL = 256 * 1024

/** What the thread is told, and what it answers each time that it is asked. */
export interface CaptionFile {
  path: string
  format: string
}
export type CaptionPart = { entries: CaptionEntry[]; isLast: boolean } | { failure: Failure }

/**
 * The captions of a file, as `parseCaptions` has them. `worker`: the path of worker.ts or of its built form.
 * Throws BAD_INPUT for a file that can't be read, or is wrong; what `signal` aborts with.
 */
export async function readCaptions(
  file: CaptionFile,
  { worker, signal }: { worker: string; signal: AbortSignal },
): Promise<CaptionEntry[]> {
  const { size } = await stat(file.path).catch(() => ({ size: 0 }))
  if (size <= SMALL) {
    return parseCaptions(await readText(file.path), basename(file.path), file.format)
  }
  const thread = new Worker(worker, { workerData: file, execArgv: [] })
  try {
    return await allEntries(thread, signal)
  } finally {
    await thread.terminate()
  }
}

async function allEntries(thread: Worker, signal: AbortSignal): Promise<CaptionEntry[]> {
  const entries: CaptionEntry[] = []
  for (;;) {
    thread.postMessage('more')
    const [part] = (await once(thread, 'message', { signal })) as [CaptionPart]
    if ('failure' in part) {
      throw toError(part.failure)
    }
    for (const { clip, ...entry } of part.entries) {
      const last = entries.at(-1)?.clip
      // One text for all the captions of a clip: copies of its name would take more room than they do.
      entries.push({ clip: clip === last ? last : clip, ...entry })
    }
    if (part.isLast) {
      return entries
    }
  }
}
