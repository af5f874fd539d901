/** How far those who judged in a file agree with those who judged the same captions here. */
import type { AnnotationAgreement, Verdict } from '#contract'
import type { Annotation } from '../../../formats/annotations.ts'
import type { OpenProject } from '../../../store/index.ts'
import { cohensKappa } from '../../review/agreement.ts'

/** What a caption can be given to be; skipping it says nothing. */
const CATEGORIES: readonly Verdict[] = ['right', 'nearly', 'wrong']
const MOST_PAIRS = 10

export interface AgreementMeter {
  /** A verdict of the file on a clip that is here. */
  note(line: Extract<Annotation, { kind: 'verdict' }>, clipId: number): void
  /** Of each two people who judged a caption both, those with the most first. */
  figures(): AnnotationAgreement[]
}

export function agreementMeter({ verdicts }: OpenProject['store']): AgreementMeter {
  const pairs = new Map<string, { between: [string, string]; table: number[][] }>()
  return {
    note({ text: caption, verdict, who }, clipId) {
      const row = CATEGORIES.indexOf(verdict)
      // One who judged the same caption of two models counts once.
      const others = new Map(verdicts.onCaption(clipId, caption).map((one) => [one.who, one.verdict]))
      others.delete(who)
      for (const [whoHere, other] of others) {
        const column = CATEGORIES.indexOf(other)
        if (row >= 0 && column >= 0) {
          const name = JSON.stringify([who, whoHere])
          const pair = pairs.get(name) ?? {
            between: [who, whoHere],
            table: CATEGORIES.map(() => CATEGORIES.map(() => 0)),
          }
          pair.table[row]![column]!++
          pairs.set(name, pair)
        }
      }
    },
    figures: () =>
      [...pairs.values()]
        .map(({ between, table }): AnnotationAgreement => {
          const { observed, kappa } = cohensKappa(table)
          return { between, captions: table.flat().reduce((sum, n) => sum + n, 0), observed, kappa }
        })
        .sort((a, b) => b.captions - a.captions)
        .slice(0, MOST_PAIRS),
  }
}
