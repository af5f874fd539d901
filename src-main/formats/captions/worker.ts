/**
 * Reads a caption file in a thread of its own, so that a large one holds nobody up, and hands its entries over
 * in parts as they are asked for (see read.ts).
 */
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { toFailure } from '../../common/to-failure.ts'
import { readText } from '../text/text-file.ts'
import type { CaptionEntry } from './format.ts'
import { parseCaptions } from './index.ts'
import type { CaptionFile, CaptionPart } from './read.ts'

/** Entries that are handed over at a time: what a turn of the other thread takes a few milliseconds for. */
const PART = 2000

const { path, format } = workerData as CaptionFile
const port = parentPort!
let reading: Promise<CaptionEntry[]> | null = null
let next = 0

const part = async (): Promise<CaptionPart> => {
  try {
    reading ??= readText(path).then((text) => parseCaptions(text, basename(path), format))
    const all = await reading
    const entries = all.slice(next, next + PART)
    next += PART
    return { entries, isLast: next >= all.length }
  } catch (error) {
    return { failure: toFailure(error) }
  }
}

port.on('message', () => {
  void part().then((answer) => {
    port.postMessage(answer)
  })
})
