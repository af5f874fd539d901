import { computed } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import type { Split } from '#contract'
import { useCommand, useDialog } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import { t } from '../../language/index.ts'
import type { Wording } from '../../language/index.ts'
import { useJobs } from '../../stores/jobs.ts'
import { captionSplit, useDecoding } from './decoding.ts'
import { inWords } from './settings.ts'

interface Captioning {
  /** Captions at once, as captions were decoded last. */
  caption: Command
  /** Asks how they are to be decoded first. */
  captionWith: Command
  /** Whether it asks. */
  asking: Ref<boolean>
  /** How captions are decoded, in words. */
  decoding: ComputedRef<string>
}

/** The commands `id` and `id.options`, which caption a split with a model. */
export function useCaptioning({
  id,
  title,
  section,
  modelId,
  split,
  blocked,
  decodes = () => true,
}: {
  id: string
  title: Wording
  section: Wording
  modelId: () => number | null
  split: () => Split
  /** Why the model can't caption, or null. */
  blocked: () => string | null
  /** Whether the model is run: what another system says is scored as it came in. */
  decodes?: () => boolean
}): Captioning {
  const jobs = useJobs()
  const settings = useDecoding()
  const reason = (): string | null => blocked() ?? jobs.busyReason('caption')
  const caption = useCommand({
    id,
    title,
    section,
    keys: 'c',
    run: () => captionSplit(modelId(), split(), settings.value),
    blocked: reason,
  })
  const { command: captionWith, open: asking } = useDialog({
    id: `${id}.options`,
    title: 'review.captionWithOtherSettings',
    section,
    keys: 'shift+c',
    blocked: () => (decodes() ? reason() : t('review.anotherSystemDecodedItsCaptions')),
  })
  return { caption, captionWith, asking, decoding: computed(() => inWords(settings.value)) }
}
