/** Verdicts by one key each, on the caption that the cursor is on; the next one follows at once. */
import { Check, SkipForward, TriangleAlert, X } from '@lucide/vue'
import type { Component, Ref } from 'vue'
import type { Verdict } from '#contract'
import { client } from '../../client.ts'
import type { ChosenClips } from '../../components/corpus/chosen-clips.ts'
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import type { ListCursor } from '../../composables/list-cursor.ts'
import { t } from '../../language/index.ts'
import type { PlainKey } from '../../language/index.ts'
import { useVerdicts } from '../../stores/verdicts.ts'
import type { QueueRow } from './queue.ts'

/** How a verdict looks, and what it is called. */
export const VERDICTS: Record<Verdict, { icon: Component; look: string; word: PlainKey }> = {
  right: { icon: Check, look: 'text-good', word: 'review.right' },
  nearly: { icon: TriangleAlert, look: 'text-muted', word: 'review.nearly' },
  wrong: { icon: X, look: 'text-bad', word: 'review.wrong' },
  skip: { icon: SkipForward, look: 'text-muted', word: 'review.skip' },
}

export interface VerdictCommand {
  verdict: Verdict
  command: Command
}

/**
 * The commands, in the order of their keys. A key that comes before its row is there waits for it, and none waits for
 * main.
 */
export function useJudging({
  modelId,
  selected,
  cursor,
  fixing,
  edit,
}: {
  modelId: () => number | null
  selected: Readonly<Ref<number | null>>
  cursor: ListCursor<QueueRow, number>
  /** Whether a fix is open, which has the digits. */
  fixing: Readonly<Ref<boolean>>
  edit: ChosenClips['edit']
}): VerdictCommand[] {
  const verdicts = useVerdicts()
  /** The same verdict on all that are marked: one edit. */
  const judgeMarked = (verdict: Verdict | null): void => {
    const model = modelId()
    if (model !== null) {
      edit((clipIds) => client.review.judge({ modelId: model, clipIds, verdict }), 'stays')()
    }
  }
  function judge(verdict: Verdict | null, steps: number): void {
    if ((cursor.marked?.value.size ?? 0) > 0) {
      judgeMarked(verdict)
      return
    }
    cursor.whenFilled(() => {
      const model = modelId()
      if (model === null || selected.value === null) {
        return
      }
      const caption = cursor.row.value?.caption ?? null
      verdicts.give({ modelId: model, clipId: selected.value, verdict, caption })
      cursor.move(steps)
      // The next verdict is for the row that this leads to: it waits until the address says so.
      return Promise.resolve()
    })
  }
  const common = { section: 'common.review', list: cursor, once: true } as const
  const blocked = (): string | null => {
    if (fixing.value) {
      return t('review.aFixIsOpenDigits')
    }
    return selected.value === null ? t('common.chooseAClipFirst') : null
  }
  const commands = (['right', 'nearly', 'wrong', 'skip'] as const).map((verdict, i) => ({
    verdict,
    command: useCommand({
      ...common,
      id: `review.judge.${verdict}`,
      title: () =>
        t('review.itIs', {
          verdict: t(verdict === 'skip' ? 'review.skippedInside' : VERDICTS[verdict].word),
        }),
      keys: String(i + 1),
      blocked,
      run: () => {
        judge(verdict, 1)
      },
    }),
  }))
  useCommand({
    ...common,
    id: 'review.judge.none',
    title: 'review.takeTheVerdictBack',
    keys: '0',
    blocked,
    run: () => {
      judge(null, 0)
    },
  })
  return commands
}
