import type { ClipRow, Split } from '#contract'
import { client } from '../../client.ts'
import { usePages } from '../../composables/pages.ts'
import type { Pages } from '../../composables/pages.ts'

export type ClipPages = Pages<ClipRow>

/** The corpus in pages: only what is looked at is loaded, however long the list. */
export const useClipPages = (query: () => { search: string; split: Split | null }): ClipPages =>
  usePages(query, (asked, range) => client.corpus.clips({ ...asked, ...range }), ['corpus', 'features'])
