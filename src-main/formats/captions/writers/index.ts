/** The formats that captions are written in; each is read back by the format of its name. */
import { captionFormatTitle } from '../index.ts'
import { cocoWriter, karpathyWriter } from './coco.ts'
import { fiftyoneWriter } from './fiftyone.ts'
import { huggingFaceWriter } from './huggingface.ts'
import { labelStudioWriter } from './label-studio.ts'
import { srtWriter, webvttWriter } from './subtitles.ts'
import { csvWriter, jsonLinesWriter } from './tables.ts'
import { activitynetWriter, msrvttWriter, vatexWriter } from './videos.ts'
import type { CaptionWriter } from './written.ts'

export { cocoPieces } from './coco.ts'
export { jsonList } from './written.ts'
export type { CaptionWriter, WrittenCaption, WrittenClip } from './written.ts'

/** By what requests call them. */
export const CAPTION_WRITERS: Readonly<Record<string, CaptionWriter>> = Object.fromEntries(
  [
    jsonLinesWriter,
    csvWriter,
    cocoWriter,
    karpathyWriter,
    msrvttWriter,
    vatexWriter,
    activitynetWriter,
    huggingFaceWriter,
    labelStudioWriter,
    fiftyoneWriter,
    webvttWriter,
    srtWriter,
  ].map((writer) => [writer.format, writer]),
)

/** What people call the format of a writer. */
export const writerTitle = ({ format }: CaptionWriter): string => captionFormatTitle(format)
