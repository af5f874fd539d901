/**
 * What a report is made from: what the project has, as the window asks for it. There is no second way to a figure, and
 * nothing is measured for a report: what is not there, it says so.
 */
import type { ModelRow, Split } from '#contract'
import type { ReportSection } from '../../../formats/report/document.ts'
import type { OpenProject } from '../../../store/index.ts'
import type { CallContext, Service } from '../../service.ts'

/** The queries of the rooms below, which answer as they answer the window. */
export interface ReportQueries {
  corpus: Service<'corpus'>
  topics: Service<'topics'>
  training: Service<'training'>
  sweeps: Service<'sweeps'>
  review: Service<'review'>
  neurons: Service<'neurons'>
  corrections: Service<'corrections'>
  actions: Service<'actions'>
}

export interface ReportSource {
  project: OpenProject
  queries: ReportQueries
  call: CallContext
  /** Those that can be used, oldest first. */
  models: readonly ModelRow[]
  /** The version of this program, and those of the packages that compute. */
  versions: readonly (readonly [name: string, version: string])[]
}

/** A part of the report. Another one is a function here, its name in the contract, and a row in report.ts. */
export type WriteSection = (source: ReportSource) => ReportSection | Promise<ReportSection>

export const SPLITS: readonly Split[] = ['train', 'val', 'test']
export const SPLIT_NAMES: Readonly<Record<Split, string>> = {
  train: 'training',
  val: 'validation',
  test: 'test',
}

/** The command that does what nobody has done yet. */
export const command = ({ project }: Pick<ReportSource, 'project'>, words: string): string => {
  const [name = '', ...rest] = words.split(' ')
  return ['vitrine', name, shellWord(`${project.name}.vitrine`), ...rest].join(' ')
}

const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

/** `v7 interpretive`, as the window calls it; the current one is marked. */
export function modelName({ id, kind, origin, external, current }: ModelRow): string {
  const what = external?.name ?? (origin === 'trained' ? kind : origin)
  return `v${id} ${what}${current ? ' *' : ''}`
}
export const CURRENT_NOTE = '* is the current model.'

/** The current model, else the newest of those of which `has` something. */
export const chosenModel = (
  models: readonly ModelRow[],
  has: (model: ModelRow) => boolean = () => true,
): ModelRow | null => models.find((model) => model.current && has(model)) ?? models.findLast(has) ?? null

export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`
export const fixed = (value: number, digits = 3): string => value.toFixed(digits)
/** An ISO time as its day. */
export const day = (iso: string): string => iso.slice(0, 10)
