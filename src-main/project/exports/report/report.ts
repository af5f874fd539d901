/** The report of a project: one page, and each of its tables as CSV and LaTeX. */
import type { ReportSectionName } from '#contract'
import { CancelledError } from '../../../common/failures.ts'
import { tableCsv } from '../../../formats/report/csv.ts'
import { tablesOf } from '../../../formats/report/document.ts'
import type { Report, ReportSection } from '../../../formats/report/document.ts'
import { reportHtml } from '../../../formats/report/html.ts'
import { tableLatex } from '../../../formats/report/latex.ts'
import type { JobContext } from '../../../jobs/index.ts'
import type { OutFile } from '../files.ts'
import { actionsSection } from './actions.ts'
import { correctionsSection } from './corrections.ts'
import { dataSection } from './data.ts'
import { modelsSection } from './models.ts'
import { neuronsSection } from './neurons.ts'
import { reproducibilitySection } from './reproducibility.ts'
import { reviewSection } from './review.ts'
import { day } from './source.ts'
import type { ReportSource, WriteSection } from './source.ts'
import { sweepsSection } from './sweeps.ts'
import { topicsSection } from './topics.ts'

/** What can be in a report, in its order. */
const SECTIONS: Readonly<Record<ReportSectionName, WriteSection>> = {
  data: dataSection,
  topics: topicsSection,
  models: modelsSection,
  sweeps: sweepsSection,
  neurons: neuronsSection,
  review: reviewSection,
  corrections: correctionsSection,
  actions: actionsSection,
  reproducibility: reproducibilitySection,
}

/** Files of a report that not every one has. */
export const REPORT_FILES = ['report.html', 'tables']

/** The files of a report with some sections, as the project stands. Throws CancelledError. */
export async function reportFiles(
  source: Omit<ReportSource, 'models'>,
  wanted: readonly ReportSectionName[],
  { signal, progress }: Pick<JobContext, 'signal' | 'progress'>,
): Promise<OutFile[]> {
  const all = await source.queries.training.models(undefined, source.call)
  const models = all
    .filter(({ state }) => state === 'ready' || state === 'proposed')
    .sort((a, b) => a.id - b.id)
  const names = (Object.keys(SECTIONS) as ReportSectionName[]).filter((name) => wanted.includes(name))
  const sections: ReportSection[] = []
  for (const name of names) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    progress({ phase: 'gathering', done: sections.length, total: names.length, unit: 'sections' })
    sections.push(await SECTIONS[name]({ ...source, models }))
  }
  return filesOf({ title: `Report of ${source.project.name}`, about: aboutOf(source), sections })
}

function aboutOf({ versions }: Pick<ReportSource, 'versions'>): string[] {
  const [program] = versions
  return [
    'Data, topics, models, what neurons stand for, corrections and transfer of a captioner of videos.',
    `${day(new Date().toISOString())}${program === undefined ? '' : `, ${program.join(' ')}`}. Figures are as the project has them; what is not measured says so. Every table is beside this page as CSV and LaTeX.`,
  ]
}

const filesOf = (report: Report): OutFile[] => [
  { name: 'report.html', pieces: reportHtml(report) },
  ...tablesOf(report).flatMap((table) => [
    { name: `tables/${table.name}.csv`, pieces: tableCsv(table) },
    { name: `tables/${table.name}.tex`, pieces: [tableLatex(table)] },
  ]),
]
