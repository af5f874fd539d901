/**
 * ONNX Runtime runs what a device has no kernel for on the CPU and says nothing. Here that is an error that
 * names the operation. Whether a device has a kernel depends on the operation and its types, so each kind of
 * node is tried once, in a model of its own that may not use the CPU; that takes a millisecond or so.
 */
import { VitrineError } from '../../common/failures.ts'
import { failures } from './failures.ts'
import type { NodeKind } from './node-kinds.ts'
import { ELEMENT_TYPE } from './onnx-graph.ts'
import { createOrtSession } from './session.ts'
import type { DeviceName } from './session.ts'

/**
 * What may run on the CPU on every device, and does: laying out word ids, which are int64 and come from the
 * CPU, as the places that a gather or scatter addresses. It is one number a word, so it costs next to
 * nothing, and GPUs have no int64.
 */
const runsOnCpu = ({ opType, inputTypes }: NodeKind): boolean =>
  inputTypes[0] === ELEMENT_TYPE.int64 && ['Reshape', 'Concat', 'Cast'].includes(opType)

/** Whether a device has a kernel, by device and kind of node, for what was tried. */
const tried = new Map<string, boolean>()

/** Throws TOOL_MISSING, with the names of the operations, when a device has no kernel for one of `kinds`. */
export async function requireKernels(kinds: readonly NodeKind[], device: DeviceName): Promise<void> {
  if (device === 'cpu') {
    return
  }
  const missing = new Set<string>()
  for (const kind of kinds) {
    if (runsOnCpu(kind)) {
      continue
    }
    const key = `${device} ${kind.key}`
    const isThere = tried.get(key) ?? (await hasKernel(kind, device))
    tried.set(key, isThere)
    if (!isThere) {
      missing.add(kind.opType)
    }
  }
  if (missing.size === 0) {
    return
  }
  const failing = missing.size > 1 ? failures.operationsMissing : failures.operationMissing
  const operations = [...missing].sort().join(', ')
  throw failing({ device, operations })
}

async function hasKernel(kind: NodeKind, device: DeviceName): Promise<boolean> {
  try {
    const session = await createOrtSession(kind.model(), device, { withoutCpu: true })
    await session.release()
    return true
  } catch (error) {
    if (
      error instanceof VitrineError &&
      error.cause instanceof Error &&
      error.cause.message.includes('assigned to the default CPU EP')
    ) {
      return false
    }
    throw error
  }
}
