import * as z from 'zod'
import { id, path, procedure } from './procedure.ts'
import { jobStarted } from './jobs.ts'

/** What human captions are written as; an import reads each back. */
export const captionExportFormat = z.enum([
  'jsonl',
  'csv',
  'coco',
  'karpathy',
  'msrvtt',
  'vatex',
  'activitynet',
  'huggingface',
  'label-studio',
  'fiftyone',
  'webvtt',
  'srt',
])
export type CaptionExportFormat = z.infer<typeof captionExportFormat>

/** What a report of the project can have, in its order. */
export const reportSectionName = z.enum([
  'data',
  'topics',
  'models',
  'sweeps',
  'neurons',
  'review',
  'corrections',
  'actions',
  'reproducibility',
])
export type ReportSectionName = z.infer<typeof reportSectionName>

export const exportRequest = z.object({
  what: z.enum(['model', 'captions', 'human-captions', 'annotations', 'topics', 'neurons', 'report']),
  modelId: id.nullable().default(null),
  /** Of human captions. */
  format: captionExportFormat.default('jsonl'),
  /** Of a report. */
  sections: z
    .array(reportSectionName)
    .min(1, 'A report has a section at least')
    .max(100)
    .default([...reportSectionName.options]),
  to: path,
  /** Whether an earlier export of the same kind that is there may be replaced. */
  overwrite: z.boolean().default(false),
})
export type ExportRequest = z.input<typeof exportRequest>

/** Where the shells show the page of an export. */
export const PAGE_ADDRESS = '/media/page'

export const exportResult = z.object({
  to: z.string(),
  /** At most 1,000. */
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
})
export type ExportResult = z.infer<typeof exportResult>

/** A format of captions, as people choose it. */
export const captionExport = z.object({
  format: captionExportFormat,
  title: z.string(),
  /** What it can't carry, or what does not come back, in words that go on `It loses ...`; null: nothing. */
  loses: z.string().nullable(),
})

export const exportsProcedures = {
  captionFormats: procedure.output(z.array(captionExport)),
  run: procedure.input(exportRequest).output(jobStarted),
  /** `page`: whether its `report.html` may be opened from here, as it was written since the program began. */
  last: procedure.output(exportResult.extend({ page: z.boolean() }).nullable()),
}
