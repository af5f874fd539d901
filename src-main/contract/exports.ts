import * as z from 'zod'

export const exportRequest = z.object({
  what: z.enum(['model', 'captions', 'topics', 'neurons']),
  modelId: z.number().int().nullable().default(null),
  to: z.string(),
})
export type ExportRequest = z.input<typeof exportRequest>

export const exportResult = z.object({
  to: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
})
export type ExportResult = z.infer<typeof exportResult>
