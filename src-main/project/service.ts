/**
 * What a noun's service is: its slice of the contract, each procedure as `(input, { signal, who })`. Inputs
 * come parsed; a loop (router.ts) binds services to every way in. A query says beside its code which tables
 * it reads: from that, and from what a commit has written, follows what the window asks for again.
 */
import type { AnySchema, ContractProcedure, InferSchemaInput, InferSchemaOutput } from '@orpc/contract'
import type { Contract } from '#contract'
import type { Table } from '../store/index.ts'

/** What every call comes with. */
export interface CallContext {
  /** Aborts when the one who called has gone away or thought better of it. */
  signal: AbortSignal
  /** The person at that window; edits are signed with the name. */
  who: string
}

type Schemas<Procedure> =
  Procedure extends ContractProcedure<infer Input, infer Output, infer _Errors, infer _Meta>
    ? { input: Input; output: Output }
    : { input: AnySchema; output: AnySchema }

/** A procedure of the contract as a function of main. */
type Implementation<Procedure> = (
  input: InferSchemaOutput<Schemas<Procedure>['input']>,
  context: CallContext,
) => Answer<InferSchemaInput<Schemas<Procedure>['output']>>
type Answer<Output> = Output | Promise<Output>

export type Service<Noun extends keyof Contract> = {
  [Name in keyof Contract[Noun]]: Implementation<Contract[Noun][Name]>
}

/** The parsed input of a procedure. */
export type Input<Noun extends keyof Contract, Name extends keyof Contract[Noun]> = InferSchemaOutput<
  Schemas<Contract[Noun][Name]>['input']
>

/** A query, with the tables that it reads. */
type Reading<Handler> = Handler & { readonly reads: readonly Table[] }

/** Declares what tables a query reads. */
export function reads<Input, Output>(
  tables: readonly Table[],
  query: (input: Input, context: CallContext) => Output,
): Reading<(input: Input, context: CallContext) => Output> {
  return Object.assign(query, { reads: withPresence(tables) })
}

/** Whether clips and captions are there depends on their imports, and on the language that the project works in. */
const withPresence = (tables: readonly Table[]): readonly Table[] => [
  ...tables,
  ...(tables.includes('clip') || tables.includes('caption') ? (['import'] as const) : []),
  ...(tables.includes('caption') ? (['working_language'] as const) : []),
]

/** The tables that a procedure says it reads; none for one that is no query. */
export const readsOf = (procedure: unknown): readonly Table[] =>
  typeof procedure === 'function' && 'reads' in procedure ? (procedure.reads as readonly Table[]) : []
