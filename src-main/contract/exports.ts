import * as z from 'zod'
import { id, path, procedure } from './procedure.ts'
import { jobStarted } from './jobs.ts'

export const exportRequest = z.object({
  what: z.enum(['model', 'captions', 'human-captions', 'annotations', 'topics', 'neurons']),
  modelId: id.nullable().default(null),
  to: path,
  /** Whether an earlier export of the same kind that is there may be replaced. */
  overwrite: z.boolean().default(false),
})
export type ExportRequest = z.input<typeof exportRequest>

export const exportResult = z.object({
  to: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
})
export type ExportResult = z.infer<typeof exportResult>

export const exportsProcedures = {
  run: procedure.input(exportRequest).output(jobStarted),
  last: procedure.output(exportResult.nullable()),
}
