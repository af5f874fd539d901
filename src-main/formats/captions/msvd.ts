/** MSVD's table: a row a description, of a part of a YouTube video that was cut out as `VideoID_Start_End`. */
import { csvRows, headerOf } from './delimited.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat, CaptionSource } from './format.ts'
import { tableEntries } from './table.ts'

const COLUMNS = ['videoid', 'start', 'end', 'language', 'description']

export const msvd: CaptionFormat = {
  name: 'msvd',
  title: 'MSVD, its authors’ table',
  accepts: "MSVD's table VideoID,Start,End,...,Language,Description",
  follows:
    'the MSR Video Description Corpus of Chen and Dolan (video_corpus.csv), as loaders join it: VideoID_Start_End, rows without a description left out',
  extensions: [],
  counts: 'line',
  structure: 'text',
  recognises: (document) => isMsvdHeader(headerOf(document)),
  parse,
}

/** Whether these are the columns of the table, among others. */
function isMsvdHeader(header: readonly string[]): boolean {
  const names = new Set(header.map((name) => name.toLowerCase()))
  return COLUMNS.every((column) => names.has(column))
}

function parse({ file, text }: CaptionDocument, source: CaptionSource): CaptionEntry[] {
  return tableEntries(csvRows(text, file), file, source)
    .filter(({ caption }) => caption.trim() !== '')
    .map(({ clip, start, end, ...entry }) => {
      // The clips are cut by these times, and called by them: within a clip they mean nothing.
      const name = start === undefined || end === undefined ? clip : `${clip}_${start}_${end}`
      return { ...entry, clip: name, video: clip }
    })
}
