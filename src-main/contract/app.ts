import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { job } from './jobs.ts'
import { id, path, procedure } from './procedure.ts'

/**
 * A folder as the folder picker shows it: folders first, then files by what they are to Vitrine, `other` where they
 * are nothing to it.
 */
export const folderListing = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  /** What of the path that was asked for is not there as a folder: the name of a file in it, or what is still typed. */
  rest: z.string(),
  entries: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      kind: z.enum([
        'folder',
        'project',
        'captions',
        'vectors',
        'arrays',
        'network',
        'archive',
        'video',
        'picture',
        'other',
      ]),
    }),
  ),
  /** Whether this program may write into the folder. */
  writable: z.boolean(),
  /** Files that are there besides those listed. */
  more: z.number().int(),
})
export type FolderListing = z.infer<typeof folderListing>

export const doctorReport = z.object({
  vitrine: z.string(),
  node: z.string(),
  shell: z.enum(['electron', 'browser', 'command line']),
  ffmpeg: z.object({
    path: z.string().nullable(),
    version: z.string().nullable(),
    source: z.string().nullable(),
  }),
  devices: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      reason: z.string().nullable(),
      stepMs: z.number().nullable(),
    }),
  ),
  /** The device that `auto` means. */
  auto: z.string(),
  electron: z.object({ ok: z.boolean(), reason: z.string().nullable() }),
  browser: z.object({ ok: z.boolean(), path: z.string().nullable() }),
  disk: z.object({ freeBytes: z.number() }),
})
export type DoctorReport = z.infer<typeof doctorReport>

/** What Vitrine is made of, and under which licences. */
export const about = z.object({
  version: z.string(),
  packages: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      /** As SPDX names it. */
      licence: z.string(),
      /** Which of `texts` it is; null: the package carries none. */
      text: z.number().int().nullable(),
    }),
  ),
  texts: z.array(z.string()),
})

/** Everything main tells the window unasked. Progress comes at most ten times a second. */
export const mainEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job }),
  /** Queries whose answers may be others now, as `noun.name`; null: all of them. */
  z.object({ type: z.literal('changed'), queries: z.array(z.string()).nullable() }),
  /** A copy of a clip that browsers play is being made, because somebody asked to see it: frames done, of all. */
  z.object({ type: z.literal('copying'), clipId: id, done: z.number(), total: z.number() }),
])
export type MainEvent = z.infer<typeof mainEvent>

export const appProcedures = {
  doctor: procedure.output(doctorReport),
  about: procedure.output(about),
  /**
   * One folder of the machine that main runs on, for the folder picker; null: the user's home. Of a path that is no
   * folder, the nearest one above it.
   */
  listFolder: procedure.input(z.object({ path: path.nullable() })).output(folderListing),
  /**
   * What lets another window in, once, as `token` of its address; null where the shell has one window only.
   */
  newToken: procedure.output(z.string().nullable()),
  events: procedure.output(eventIterator(mainEvent)),
}
