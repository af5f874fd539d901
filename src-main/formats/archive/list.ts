/** What an archive says of the files in it: their sizes and SHA-256, in `contents.json`. */
import * as z from 'zod'

/** The member that lists the others. */
export const LIST = 'contents.json'
/** Raised when an older version could not unpack what is written. */
export const VERSION = 1

export const listedFile = z.object({
  /** Its path in the archive, with forward slashes. */
  name: z.string().min(1),
  bytes: z.number().int().min(0),
  /** 64 hexadecimal digits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** When it was changed last, in milliseconds. */
  modified: z.number().int().min(0).max(8.64e15),
})
export type ListedFile = z.infer<typeof listedFile>

/** What makes the file an archive of ours, whatever comes later. */
export const archiveHead = z.object({ format: z.literal('vitrine-archive'), version: z.number().int() })

export const archiveList = archiveHead.extend({ files: z.array(listedFile) })
export type ArchiveList = z.infer<typeof archiveList>
