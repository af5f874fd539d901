/** What an archive says of the project in it, beside the project's own files: `about.json`. */
import * as z from 'zod'
import { isPortablePath } from '../../../formats/archive/names.ts'

/** The member that says it. */
export const ABOUT = 'about.json'
/** The folder of an archive, and of the project that is made of it, for the videos that came along. */
export const MEDIA = 'media'

/** The file or folder of frames that clips are made of. */
export const archivedSource = z.object({
  /** As the database has it: see store/paths.ts. */
  stored: z.string().max(10_000),
  /** Where it lay: the absolute path on the machine and system of whoever made the archive. */
  original: z.string().max(10_000),
  kind: z.enum(['video', 'picture', 'frames']),
  /** SHA-256 of the file, of a folder over those of its frames; null: not known. */
  fileHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Of the file; null for a folder, and for what was not there. */
  bytes: z.number().int().min(0).nullable(),
  /** What it is called in the archive; null: it is not in it. */
  member: z
    .string()
    .regex(/^media\/[^/]+$/)
    .refine(isPortablePath)
    .nullable(),
})
export type ArchivedSource = z.infer<typeof archivedSource>

export const aboutArchive = z.object({
  /** The project's name, without `.vitrine`. */
  name: z.string().min(1).max(1000),
  /** When the archive was made, ISO 8601 in UTC. */
  at: z.iso.datetime(),
  sources: z.array(archivedSource),
})
export type AboutArchive = z.infer<typeof aboutArchive>
