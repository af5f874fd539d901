/**
 * Every operation of the graph, as the function that applies it. Files of `ops/` import one another one way,
 * in the order below; an operation whose gradient is another stands in that one's file, or below it.
 */
export { OPS } from './op.ts'
export * from './ops/layout.ts'
export * from './ops/reductions.ts'
export * from './ops/elementwise.ts'
export * from './ops/products.ts'
export * from './ops/softmax.ts'
export * from './ops/indexing.ts'
