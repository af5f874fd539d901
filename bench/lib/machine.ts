import { availableParallelism, cpus, totalmem } from 'node:os'

/** Prints what a figure depends on beside the code: processor, cores, memory, Node. */
export function printMachine(): void {
  console.log(
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Node ${process.version}`,
  )
}
