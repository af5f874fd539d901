/**
 * Reads a caption file in a thread of its own, so that a large one holds nobody up, and hands its entries over
 * in parts as they are asked for (see read.ts).
 */
import { parentPort, workerData } from 'node:worker_threads'
import { toFailure } from '../../common/to-failure.ts'
import { loadCaptions } from './load.ts'
import type { LoadedCaptions } from './load.ts'
import type { CaptionFile, CaptionPart } from './read.ts'

/** Entries that are handed over at a time: what a turn of the other thread takes a few milliseconds for. */
const PART = 2000

const { path, choice } = workerData as CaptionFile
const port = parentPort!
let reading: Promise<LoadedCaptions> | null = null
let next = 0

const part = async (): Promise<CaptionPart> => {
  try {
    reading ??= loadCaptions(path, choice)
    const { entries: all, ...facts } = await reading
    const entries = all.slice(next, next + PART)
    next += PART
    return { ...facts, entries, isLast: next >= all.length }
  } catch (error) {
    return { failure: toFailure(error) }
  }
}

port.on('message', () => {
  void part().then((answer) => {
    port.postMessage(answer)
  })
})
