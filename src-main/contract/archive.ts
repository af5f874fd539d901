import * as z from 'zod'

/** A project that was made of an archive. */
export const takenArchive = z.object({
  /** The path of its folder. */
  project: z.string(),
  /** The videos, pictures and folders of frames of its clips. */
  media: z.object({
    /** That came along in the archive. */
    inside: z.number().int(),
    /** That were found on this machine. */
    found: z.number().int(),
    missing: z.number().int(),
  }),
})
export type TakenArchive = z.infer<typeof takenArchive>
