/** What was written is on the disk when these return; for where nothing may happen meanwhile. */
import { closeSync, fsyncSync, openSync } from 'node:fs'

export function flushNow(file: string): void {
  flush(file, 'r+')
}

/** Makes renames in a folder durable. Windows can't open a folder, and needs no such flush. */
export function flushFolderNow(folder: string): void {
  if (process.platform !== 'win32') {
    flush(folder, 'r')
  }
}

function flush(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
