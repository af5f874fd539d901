/** What may be wrong with captions of any format; what is wrong in a format's own way stands in its file. */
import { defineFailures } from '../../common/failures.ts'

/** `{place}`: `line 3`, or in files that are no lines, such as `sentence 12`. */
export const failures = defineFailures('captions', {
  noCaptions: {
    code: 'BAD_INPUT',
    message: '{file} holds no captions.',
    remedy: 'Accepted are {accepted}.',
  },
  clipUnnamed: { code: 'BAD_INPUT', message: '{file} {place}: the clip has no name.' },
  captionEmpty: { code: 'BAD_INPUT', message: '{file} {place}: the caption of {clip} is empty.' },
  captionMissing: {
    code: 'BAD_INPUT',
    message: '{file} {place}: {clip} has no caption, or one that is no text.',
  },
  captionIsCode: {
    code: 'BAD_INPUT',
    message: '{file} {place}: the caption of {clip} is no sentence but code ({text}).',
    remedy: 'Write a caption in each row, or a JSON list of captions.',
  },
  timeUnreadable: {
    code: 'BAD_INPUT',
    message: '{file} {place}: {text} is no time.',
    remedy: 'Write seconds, or hours, minutes and seconds with colons.',
  },
  boundsTurned: {
    code: 'BAD_INPUT',
    message: '{file} {place}: the part of {clip} begins at {start} s and ends at {end} s.',
  },
  columnsUnknown: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the header names no clip and caption columns (it reads {header}).',
    remedy:
      'Choose them (--columns clip=NAME,caption=NAME), or name them otherwise. Accepted are {accepted}.',
  },
  cellsTooMany: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the row has {cells} cells, and the first line {columns}.',
    remedy: 'Write a space for a tab inside a cell.',
  },
  columnMissing: {
    code: 'BAD_INPUT',
    message: '{file} {place}: there is no column {column}.',
    remedy: 'Choose one of {columns}.',
  },
  jsonBroken: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the JSON is broken here.',
    remedy: 'Accepted are {accepted}.',
  },
  notThisFormat: {
    code: 'BAD_INPUT',
    message: '{file} is not of the format {format}.',
    remedy: 'Leave the format to be recognised (auto).',
  },
  unrecognised: {
    code: 'BAD_INPUT',
    message: '{file} is JSON of no known kind.',
    remedy: 'Accepted are {accepted}.',
  },
  formatUnknown: {
    code: 'BAD_INPUT',
    message: 'There is no caption format {format}.',
    remedy: 'Use one of {formats}.',
  },
  columnsUnreadable: {
    code: 'BAD_INPUT',
    message: '{part} chooses no column.',
    remedy: 'Write clip=NAME,caption=NAME with the names of the header or numbers from 1; also {roles}.',
  },
})
