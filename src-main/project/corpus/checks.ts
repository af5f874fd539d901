/**
 * What may be wrong with captions: looking for it, and what a person decides of it. Every decision is one
 * edit.
 */
import type { Finding, FindingDecision } from '#contract'
import { count } from '../../common/text.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { Caption, OpenProject, PlacedCaption, SingleChange, StoredFinding } from '../../store/index.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import { topicModelIfAny } from '../topics/model.ts'
import { engineOptions, thumbnailUrl } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { rewrittenBy } from './edits.ts'
import { failures } from './failures.ts'

/** Other captions of the clip that a finding shows. */
const OTHERS_SHOWN = 8

type Store = OpenProject['store']

export function createCaptionChecks(workspace: Workspace) {
  return {
    /**
     * Looks for faults in all captions; what it finds takes the place of what is open. Throws NOT_READY
     * without captions.
     */
    checkCaptions() {
      const { store } = workspace.project()
      const jobId = workspace.jobs.start(
        'checks',
        'Check captions',
        { procedure: 'corpus.checkCaptions', input: null },
        (context) => checkCaptions(workspace, store, context),
      )
      return { jobId }
    },

    /** A page of the queue, the likeliest faults first. */
    findings: reads(['caption', 'clip', 'finding', 'setting'], (query) => {
      const { store } = workspace.project()
      const { total, rows } = store.findings.list(query)
      const captions = store.captions.byClip([...new Set(rows.map(({ clipId }) => clipId))])
      return {
        checkedAt: store.settings.get('captionsCheckedAt'),
        total,
        open: store.findings.open(),
        rows: rows.map((row) => toFinding(store, row, captions.get(row.clipId) ?? [])),
      }
    }),

    /**
     * Accepts captions as they are, puts another text in a caption's place, or drops captions with all that
     * was found of them. One edit; durable when it returns. Throws NOT_FOUND, BAD_INPUT, and CONFLICT for
     * what was decided already.
     */
    decide(decision, { who }) {
      workspace.edit(who, (store, make) => {
        const { label, changes } = planDecision(store, who, decision)
        make(label, changes)
      })
    },
  } satisfies Partial<Service<'corpus'>>
}

async function checkCaptions(workspace: Workspace, store: Store, context: JobContext): Promise<JobOutcome> {
  const captions = store.captions.byClip()
  if (captions.size === 0) {
    throw failures.noCaptions()
  }
  const clips = [...captions].map(([id, ofClip]) => ({
    id,
    captions: ofClip.map((caption) => ({ id: caption.id, text: caption.text })),
  }))
  const { findings } = await workspace.engine.call(
    'corpus.check',
    { clips, topics: topicModelIfAny(store) },
    engineOptions(context),
  )
  const texts = new Map([...captions.values()].flat().map(({ id, text }) => [id, text]))
  const open = store.transaction(() => {
    // What was edited meanwhile has not been checked.
    const isAsChecked = ({ captionId }: { captionId: number | null }) =>
      captionId === null || store.captions.find(captionId)?.text === texts.get(captionId)
    store.settings.set('captionsCheckedAt', new Date().toISOString())
    return store.findings.replace(findings.filter(isAsChecked))
  })
  return {
    result: { kind: 'checks', findings: open },
    summary: `${count(texts.size, 'caption')} checked: ${open === 0 ? 'nothing' : count(open, 'finding')} to look at.`,
  }
}

function toFinding(
  store: Store,
  { captionId, ...finding }: StoredFinding,
  captions: readonly Caption[],
): Finding {
  const clip = store.clips.get(finding.clipId)
  const caption = captions.find(({ id }) => id === captionId)
  return {
    ...finding,
    clip: clip.name,
    thumbnailUrl: thumbnailUrl(clip),
    caption: caption ? { id: caption.id, text: caption.text } : null,
    others: captions
      .filter(({ id }) => id !== captionId)
      .slice(0, OTHERS_SHOWN)
      .map(({ text }) => text),
  }
}

type Decision<Kind extends FindingDecision['decision']> = Extract<FindingDecision, { decision: Kind }>

interface PlannedDecision {
  label: string
  changes: SingleChange[]
}

/** The edit that a decision comes to, as things are. */
function planDecision(store: Store, who: string, decision: FindingDecision): PlannedDecision {
  switch (decision.decision) {
    case 'accept':
      return planAccept(store, decision)
    case 'fix':
      return planFix(store, who, decision)
    case 'drop':
      return planDrop(store, decision)
  }
}

function planAccept(store: Store, { findingIds }: Decision<'accept'>): PlannedDecision {
  const findings = findingIds.map((id) => openFinding(store, id))
  const [first] = findings
  const accepted =
    findings.length === 1 && first
      ? `a caption of ${store.clips.get(first.clipId).name}`
      : count(findings.length, 'finding')
  return {
    label: `accept ${accepted}`,
    changes: findings.map(({ id }) => ({ kind: 'finding', findingId: id, state: 'accepted' })),
  }
}

function planFix(store: Store, who: string, decision: Decision<'fix'>): PlannedDecision {
  const finding = openFinding(store, decision.findingId)
  const { captionId, caption } = captionOf(store, finding)
  const text = decision.text.replace(/\s+/g, ' ')
  if (text === caption.text) {
    throw failures.captionUnchanged()
  }
  return {
    label: `fix a caption of ${store.clips.get(finding.clipId).name}`,
    changes: [
      { kind: 'caption', captionId, value: rewrittenBy(who, caption, text) },
      { kind: 'finding', findingId: finding.id, state: 'fixed' },
    ],
  }
}

function planDrop(store: Store, { findingIds }: Decision<'drop'>): PlannedDecision {
  const findings = findingIds.map((id) => openFinding(store, id))
  const captionIds = [...new Set(findings.map((finding) => captionOf(store, finding).captionId))]
  const [first] = findings
  const name = first ? store.clips.get(first.clipId).name : ''
  // All that was found of a caption goes with it.
  const alsoFound = captionIds.flatMap((id) => store.findings.openOfCaption(id))
  const droppedIds = new Set([...findings, ...alsoFound].map(({ id }) => id))
  return {
    label:
      captionIds.length === 1 ? `drop a caption of ${name}` : `drop ${count(captionIds.length, 'caption')}`,
    changes: [
      ...captionIds.map((captionId): SingleChange => ({ kind: 'caption', captionId, value: null })),
      ...[...droppedIds].map((findingId): SingleChange => ({ kind: 'finding', findingId, state: 'dropped' })),
    ],
  }
}

function openFinding(store: Store, findingId: number): StoredFinding {
  const finding = store.findings.get(findingId)
  if (finding.state !== 'open') {
    throw failures.findingDecided({ findingId, decision: finding.state })
  }
  return finding
}

/** The caption that a finding is about. Throws BAD_INPUT for a finding about a whole clip, CONFLICT. */
function captionOf(
  store: Store,
  { clipId, captionId }: StoredFinding,
): { captionId: number; caption: PlacedCaption } {
  const caption = captionId === null ? null : store.captions.find(captionId)
  if (captionId !== null && caption !== null) {
    return { captionId, caption }
  }
  const { name } = store.clips.get(clipId)
  throw captionId === null ? failures.findingOfClip({ clip: name }) : failures.captionGone({ clip: name })
}
