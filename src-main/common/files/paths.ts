/** Paths as people write them. */
import { homedir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { failures } from './failures.ts'

/**
 * The absolute path of what a person wrote: `~` is their home, `file:///...` is what a browser or a file
 * manager copies, anything else is taken from the working directory on. Throws BAD_INPUT for an address that
 * names no file of this machine, and for a path with a NUL in it.
 */
export function resolvePath(text: string): string {
  if (text.includes('\0')) {
    throw failures.pathWithNul({ path: text.replaceAll('\0', '\\0') })
  }
  if (/^file:/i.test(text)) {
    return pathOfUrl(text)
  }
  return /^~(?=$|[/\\])/.test(text) ? join(homedir(), text.slice(1)) : resolve(text)
}

function pathOfUrl(url: string): string {
  // The parser would take `file:clips/a.mp4` for a path from the root on.
  if (!/^file:\//i.test(url)) {
    throw failures.notALocalFile({ path: url })
  }
  try {
    return fileURLToPath(url)
  } catch (cause) {
    throw failures.notALocalFile({ path: url }, { cause })
  }
}

export const withoutExtension = (file: string): string => file.slice(0, file.length - extname(file).length)
