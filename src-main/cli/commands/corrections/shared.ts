/** Versions that learnt corrections: how they are made, and what tables and JSON say of them. */
import type { CaptionChange, CorrectedModel, CorrectionRequest, LearntOutcome } from '#contract'
import { ciderGain } from '../../../common/cider-gain.ts'
import type { CommandContext, Result } from '../../command.ts'
import { finish, resultOf } from '../../jobs.ts'
import { fixed, table } from '../../table.ts'
import type { Cell } from '../../table.ts'

/** Queues a correction, learns it alone and makes it current. */
export async function repair(context: CommandContext, request: CorrectionRequest): Promise<CorrectedModel> {
  const { client } = context
  const { correctionId } = await client.corrections.enqueue(request)
  const version = await learn(context, [correctionId])
  await client.corrections.accept({ modelId: version.modelId })
  return version
}

/** Learns corrections (null: all in the queue) and returns the version with what it changed. */
export async function learn(
  context: CommandContext,
  correctionIds: number[] | null,
): Promise<CorrectedModel> {
  const { client } = context
  const job = await finish(context, client.corrections.learn({ correctionIds }))
  const { modelId } = resultOf(job, 'correct')
  return client.corrections.version({ modelId })
}

/** How well a correction was learnt. */
export const LEARNT: Record<LearntOutcome, string> = {
  lasts: 'as wanted',
  held: 'as wanted, but it breaks with another search or fewer frames',
  missed: 'NOT AS WANTED',
}

export const versionResult = (version: CorrectedModel): Result => ({
  text: versionText(version),
  json: versionJson(version),
})

/**
 * Before, wanted, after; what else changed; the metrics of the other clips with the intervals of their
 * difference.
 */
export function versionText({ modelId, corrections, radius }: CorrectedModel): string {
  const captions = corrections.flatMap(({ clip, before, wanted, after, learnt }): Cell[][] => [
    [clip, 'before', before],
    ['', 'wanted', wanted],
    ['', 'says now', after],
    ['', 'learnt', learnt && LEARNT[learnt]],
  ])
  const captionTable = table(['clip', '', `model ${modelId}`], captions)
  return radius === null || radius.split === null
    ? captionTable
    : [captionTable, ...describeRadius(radius)].join('\n\n')
}

/** What else changed, in blocks. */
function describeRadius({
  clips,
  metrics,
  changed,
  similar,
  shown,
}: NonNullable<CorrectedModel['radius']>): string[] {
  const blocks: string[] = []
  if (metrics.length > 0) {
    blocks.push(metricsTable(clips, metrics))
  }
  if (changed.length > 0) {
    blocks.push(changedTable(changed))
  }
  const better = changed.filter((change) => ciderGain(change) > 0).length
  const worse = changed.filter((change) => ciderGain(change) < 0).length
  const sentences = [
    `Captions of other clips changed: ${changed.length}, of them ${better} nearer to what people say and ${worse} farther.`,
  ]
  if (similar !== null && similar.clips.length > 0) {
    const mended = similar.clips.filter((clip) => clip.mended).length
    sentences.push(
      `Similar clips with the same error: ${similar.clips.length}, of them ${mended} mended too.`,
    )
  }
  const unmended = shown.filter((clip) => !clip.isMended).map(({ clip }) => clip)
  if (unmended.length > 0) {
    sentences.push(`Shown to be touched, but not mended: ${unmended.join(', ')}.`)
  }
  return [...blocks, sentences.join('\n')]
}

const metricsTable = (clips: number, metrics: NonNullable<CorrectedModel['radius']>['metrics']): string =>
  table(
    [`${clips} other clips`, 'before', 'after', 'difference', '95% from', 'to'],
    metrics.map(({ metric, a, b, difference, low, high }) => [
      metric,
      fixed(a),
      fixed(b),
      fixed(difference, 4),
      fixed(low, 4),
      fixed(high, 4),
    ]),
  )

export const changedTable = (changed: readonly CaptionChange[]): string =>
  table(
    ['clip', 'before', 'after', 'CIDEr', 'then'],
    changed.map(({ clip, before, after, ciderBefore, ciderAfter }) => [
      clip,
      before,
      after,
      fixed(ciderBefore, 2),
      fixed(ciderAfter, 2),
    ]),
  )

export const changeJson = ({ clip, before, after }: CaptionChange) => ({ video: clip, before, after })

/** The first correction on top, as if it were the only one; then all, and what else changed. */
export function versionJson({ modelId, corrections, radius }: CorrectedModel) {
  const [first] = corrections
  return {
    model: modelId,
    parent: first?.parent ?? null,
    video: first?.clip ?? null,
    before: first?.before ?? null,
    intervened: first?.wanted ?? null,
    after: first?.after ?? null,
    learnt: first?.learnt ?? null,
    corrections: corrections.map(({ id, clip, before, wanted, after, learnt }) => ({
      id,
      video: clip,
      before,
      intervened: wanted,
      after,
      learnt,
    })),
    changed: radius?.changed.map(changeJson) ?? [],
    metrics: radius?.metrics ?? [],
    topics: radius?.topics ?? [],
    similar: radius?.similar ?? null,
    shown:
      radius?.shown.map(({ clip, before, shown, after, isMended }) => ({
        video: clip,
        before,
        shown,
        after,
        isMended,
      })) ?? [],
  }
}
