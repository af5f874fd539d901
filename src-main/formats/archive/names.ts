/**
 * Names that a file can have on every system: an archive is made on one and unpacked on another. Windows refuses some
 * characters, some words, and points and spaces at the end; disks of macOS and Windows take two spellings of a name for one.
 */
import { extname } from 'node:path'
import { withoutExtension } from '../../common/files/paths.ts'

const UNFIT = /[<>:"|?*\\/\p{Cc}]/gu
/** What Windows takes for a device, with whatever extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i
/** Bytes of a name: disks take 255, and a number may be added. */
const LONGEST = 200
/** Characters of a path inside of an archive. */
const LONGEST_PATH = 1000

/** The name that is nearest to one and fits every system. */
export function portableName(name: string): string {
  const fit = name
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(UNFIT, '_')
    .replace(/[. ]+$/, '_')
  const named = DEVICE.test(fit) ? `_${fit}` : fit
  return named === '' ? '_' : shortened(named)
}

function shortened(name: string): string {
  const extension = extname(name).slice(0, 20)
  const letters = [...withoutExtension(name)]
  while (letters.length > 1 && Buffer.byteLength(letters.join('') + extension) > LONGEST) {
    letters.pop()
  }
  return Buffer.byteLength(name) > LONGEST ? letters.join('') + extension : name
}

/** Whether a path, with forward slashes, leads to a place inside of the folder that it is unpacked into, on every system. */
export const isPortablePath = (path: string): boolean =>
  path.length <= LONGEST_PATH && path.split('/').every((name) => name === portableName(name))

/** The same text for all spellings that some disk takes for one name. */
export const spelling = (path: string): string => path.normalize('NFC').toLowerCase()
