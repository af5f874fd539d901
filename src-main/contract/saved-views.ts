/** Filters of a list that people keep by a name, with the project: each list has views of its own. */
import * as z from 'zod'
import { clipFilter } from './corpus.ts'
import { procedure } from './procedure.ts'
import { captionQuery } from './review.ts'

export const viewName = z
  .string()
  .overwrite((text) => text.replace(/\s+/g, ' ').trim())
  .min(1, 'A view needs a name')
  .max(40, 'The name of a view has at most 40 characters')

/** What a view keeps, by its list. */
export const viewFilters = {
  corpus: clipFilter.pick({
    search: true,
    split: true,
    removed: true,
    where: true,
    verdict: true,
    order: true,
    descending: true,
  }),
  review: captionQuery.pick({
    split: true,
    order: true,
    search: true,
    verdict: true,
    otherModel: true,
    where: true,
  }),
} as const
export type ListWithViews = keyof typeof viewFilters
export type ViewFilter<List extends ListWithViews> = z.output<(typeof viewFilters)[List]>

export const savedView = z.discriminatedUnion('list', [
  z.object({ list: z.literal('corpus'), name: viewName, filter: viewFilters.corpus }),
  z.object({ list: z.literal('review'), name: viewName, filter: viewFilters.review }),
])
export type SavedView = z.infer<typeof savedView>

export const savedViewProcedures = {
  /** All views, by name. */
  savedViews: procedure.output(z.array(savedView)),
  /** Keeps filters by a name, in the place of those that have it. An edit. */
  saveView: procedure.input(savedView).output(z.void()),
  /** An edit. Throws NOT_FOUND. */
  forgetView: procedure
    .input(z.object({ list: z.enum(['corpus', 'review']), name: viewName }))
    .output(z.void()),
}
