/** Names of clips as paths of files in a folder: as they are where this system takes them, so that they are found by them again. */
import { portableName } from './archive/names.ts'

/** Bytes of a name, with an extension that is added to it. */
const LONGEST = 240

/**
 * The path, with forward slashes, that a clip's name gives in a folder: it never leads out of it, whatever the name is.
 */
export const fileName = (name: string): string =>
  name
    .split('/')
    .map((part) => (isName(part) ? part : portableName(part)))
    .join('/')

function isName(part: string): boolean {
  const isTaken = process.platform === 'win32' ? part === portableName(part) : !part.includes('\0')
  return isTaken && !['', '.', '..'].includes(part) && Buffer.byteLength(part) <= LONGEST
}
