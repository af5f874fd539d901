/**
 * The fuzzing of the tests, longer: every parser with 10,000 odd inputs, and every procedure of the contract with
 * as many. The same seed makes the same inputs.
 *
 *   npm run bench -- fuzz        (with CASES=1000 or SEED=2 in the environment: so many of each, others)
 */
import { contract } from '#contract'
import { printMachine } from './lib/machine.ts'
import { printTable } from './lib/table.ts'
import { fuzzParser, PARSERS } from '../test/fuzz/parsers.ts'
import { fuzzProcedures } from '../test/fuzz/procedures.ts'

const CASES = Number(process.env['CASES'] ?? 10_000)
const SEED = Number(process.env['SEED'] ?? 1)

printMachine()
const faults: string[] = []
const rows: string[][] = []
for (const parser of PARSERS) {
  try {
    await fuzzParser(parser, CASES, SEED)
    rows.push([parser.name, String(CASES), '0'])
  } catch (error) {
    faults.push(`${parser.name}: ${String(error)}`)
    rows.push([parser.name, `up to ${CASES}`, '1'])
  }
}
const procedures = Object.values(contract).flatMap((ofNoun) => Object.keys(ofNoun)).length
const report = await fuzzProcedures(CASES * procedures, SEED)
rows.push([`${procedures} procedures`, String(report.calls), String(report.faults.length)])
printTable(['what', 'odd inputs', 'faults'], rows)
console.log(
  `Of the calls ${report.answered} were answered, ${report.misfits} did not fit the contract, ${report.refused} were refused in a sentence; ${report.jobs} started a job.`,
)
;[...faults, ...report.faults].forEach((fault) => {
  console.log(fault)
})
process.exitCode = faults.length + report.faults.length === 0 ? 0 : 1
